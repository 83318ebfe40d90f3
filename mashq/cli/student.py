"""The commands for students: all of `mashq` where only the student's part is installed."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq.cli.output import JsonFile, Version, console_beside, run, write_json
from mashq.errors import did_you_mean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from mashq.datasets import Status as DataStatus
    from mashq.student.validate import Report

DATASETS = ("hoda", "mnist")  # a list of our own, since importing the datasets takes too long for a Tab key
EPILOG = "Exit codes: 0 done; 1 not done, or something is left to do; 2 wrong use; 70 a fault of mashq's."


app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Homework in notebooks.", epilog=EPILOG
)
data = typer.Typer(no_args_is_help=True, help="The datasets: where they are, and fetching them.")
app.add_typer(data, name="data")


def main() -> None:
    """Entry point."""
    run(app)


@app.callback()
def common(version: Version = False) -> None:
    """Check your homework before handing it in, and fetch the datasets."""


@data.command("status")
def data_status(json_file: JsonFile = None) -> None:
    """Show which datasets are real, which are stand-ins, and where they lie.

    Exit code 0, also where stand-ins are in use.

    Example: mashq data status

    Example: mashq data status --json -
    """
    from mashq import datasets

    _print_status(datasets.status(), json_file)


@data.command("fetch")
def data_fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="hoda, mnist; both when none is named.",
            autocompletion=lambda incomplete: [name for name in DATASETS if name.startswith(incomplete)],
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Download the datasets into the cache, or go on with a download that was cut off.

    Exit code 0: the real files are there. 1: a download failed, see the message.

    Example: mashq data fetch

    Example: mashq data fetch hoda
    """
    from mashq import datasets

    try:
        _print_status(datasets.fetch(names), json_file)
    except ValueError as error:
        near = "".join(did_you_mean(name, DATASETS) for name in names or () if name not in DATASETS)
        raise typer.BadParameter(f"{error}.{near}") from None


def _print_status(rows: list[DataStatus], json_file: Path | None) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("dataset", "in use", "MB", "decoded", "checksum")
    table.add_column("raw files", overflow="fold")
    for row in rows:
        checksum = {True: "right", False: "WRONG", None: "-"}[row.checksum_ok]
        where, megabytes = Text(str(row.folder or "-")), f"{row.size / 2**20:.1f}" if row.size else "-"
        table.add_row(row.name, row.source, megabytes, ", ".join(row.cached) or "-", checksum, where)
    write_json(json_file, lambda: json.dumps([asdict(row) for row in rows], indent=2, default=str))
    console = console_beside(json_file)
    console.print(table)
    for row in rows:
        if row.problem:
            console.print(Text(row.name, "bold").append(f": {row.problem}", "not bold"))


def _existing(files: list[Path]) -> list[Path]:
    for path in files:
        if not path.is_file():
            beside = path.parent.glob("*.ipynb") if path.parent.is_dir() else ()
            near = did_you_mean(path.name, [other.name for other in beside])
            raise typer.BadParameter(f"there is no file {str(path)!r}; you are in {Path.cwd()}.{near}")
    return files


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(callback=_existing, help="The notebooks that you will hand in.")
    ],
    release: Annotated[
        Path | None,
        typer.Option(exists=True, help="The released notebook, its folder, or the zip that you were given."),
    ] = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Check without running the notebook.")] = False,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that a cell may take.")] = 120,
    json_file: JsonFile = None,
) -> None:
    """Check notebooks before you hand them in: will they be graded?

    Compares with the released notebook, looks for answers that are left empty,
    and runs the notebook from top to bottom in a fresh kernel, with the checks
    that you see in it. The file itself is not changed. What it says is no grade:
    the hidden checks are not here.

    Exit code 0: ready to hand in. 1: something is left to do, see the list.
    2: wrong use of the command.

    Example: mashq validate q5_xnor.ipynb

    Example: mashq validate *.ipynb --release hw2.zip --no-run
    """
    from rich.console import Console

    from mashq.student.released import NoReleaseError
    from mashq.student.validate import Options
    from mashq.student.validate import as_json as to_json
    from mashq.student.validate import validate as check

    options = Options(release, not no_run, timeout)
    reports: list[Report] = []
    for path in files:
        with Console(stderr=True).status(f"{path.name}: reading") as status:
            show = partial(_show_cell, status, path.name)
            try:
                reports.append(check(path, options, show))
            except NoReleaseError as error:
                raise typer.BadParameter(str(error), param_hint="--release") from None
    write_json(json_file, lambda: to_json(reports))
    for report in reports:
        _print_report(report, console_beside(json_file))
    raise typer.Exit(0 if all(report.ready for report in reports) else 1)


def _show_cell(status: Status, file: str, number: int, total: int, name: str) -> None:
    status.update(f"{file}: running cell {number} of {total} ({name})")


def _print_report(report: Report, console: Console) -> None:
    """One notebook's findings, in its language; the names of states and of what was looked at, too."""
    from rich.text import Text

    from mashq.language import gettext as _
    from mashq.language import ngettext, speaking, visible
    from mashq.student.findings import LOOKED_AT, STATES

    styles = {"ok": "green", "note": "yellow", "to do": "bold red"}
    with speaking(report.language):
        width = max(len(_(state)) for state in STATES.values())
        console.print(Text(visible(str(report.path)), "bold"))
        for finding in report.findings:
            line = Text(f"  {_(STATES[finding.state]):{width}} ", styles[finding.state])
            says = f"{_(LOOKED_AT[finding.what])}: {finding.says}"
            console.print(line.append(visible(says), "default not bold"), soft_wrap=True)
            if finding.advice:
                console.print(Text(f"  {'':{width}}   {visible(finding.advice)}"), soft_wrap=True)
        left = sum(finding.state == "to do" for finding in report.findings)
        some = ngettext("{count} to do before you hand it in.", "{count} to do before you hand it in.", left)
        verdict = some.format(count=left) if left else _("Ready to hand in.")
        console.print(Text(f"  {verdict}", "red" if left else "green"))
