"""The commands for students: all of `mashq` where only the student's part is installed."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq import __version__
from mashq.errors import MashqError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from mashq.datasets import Status as DataStatus
    from mashq.student.validate import Report

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Homework in notebooks.")
data = typer.Typer(no_args_is_help=True, help="The datasets: where they are, and fetching them.")
app.add_typer(data, name="data")


def main() -> None:
    """Entry point; an error that mashq raises on purpose is one line and exit code 1."""
    run(app)


def run(commands: typer.Typer) -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console may lack letters of a student's message
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        commands()
    except MashqError as error:
        typer.secho(f"mashq: {error}", fg="red", err=True)
        sys.exit(1)


def show_version(wanted: bool) -> None:
    """Print the version and end, for the option --version."""
    if wanted:
        typer.echo(f"mashq {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Check your homework before handing it in, and fetch the datasets."""


@data.command("status")
def data_status() -> None:
    """Show which datasets are real, which are stand-ins, and where they lie.

    Example: mashq data status
    """
    from mashq import datasets

    _print_status(datasets.status())


@data.command("fetch")
def data_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="hoda, mnist; both when none is named.")] = None,
) -> None:
    """Download the datasets into the cache, or go on with a download that was cut off.

    Example: mashq data fetch hoda
    """
    from mashq import datasets

    try:
        _print_status(datasets.fetch(names))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _print_status(rows: list[DataStatus]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("dataset", "in use", "MB", "decoded", "checksum")
    table.add_column("raw files", overflow="fold")
    for row in rows:
        checksum = {True: "right", False: "WRONG", None: "-"}[row.checksum_ok]
        where, megabytes = str(row.folder or "-"), f"{row.size / 2**20:.1f}" if row.size else "-"
        table.add_row(row.name, row.source, megabytes, ", ".join(row.cached) or "-", checksum, where)
    console = Console()
    console.print(table)
    for row in rows:
        if row.problem:
            console.print(f"[bold]{row.name}[/]: {row.problem}", highlight=False)


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="The notebooks that you will hand in.")
    ],
    release: Annotated[
        Path | None,
        typer.Option(exists=True, help="The released notebook, its folder, or the zip that you were given."),
    ] = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Check without running the notebook.")] = False,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that a cell may take.")] = 120,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings for programs.")] = False,
) -> None:
    """Check notebooks before you hand them in: will they be graded?

    Compares with the released notebook, looks for answers that are left empty,
    and runs the notebook from top to bottom in a fresh kernel, with the checks
    that you see in it. The file itself is not changed. What it says is no grade:
    the hidden checks are not here.

    Exit code 0: ready to hand in. 1: something is left to do, see the list.
    2: wrong use of the command.

    Example: mashq validate q5_xnor.ipynb
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
    if as_json:
        typer.echo(to_json(reports))
    else:
        for report in reports:
            _print_report(report, Console())
    raise typer.Exit(0 if all(report.ready for report in reports) else 1)


def _show_cell(status: Status, file: str, number: int, total: int, name: str) -> None:
    status.update(f"{file}: running cell {number} of {total} ({name})")


def _print_report(report: Report, console: Console) -> None:
    from rich.text import Text

    styles = {"ok": "green", "note": "yellow", "to do": "bold red"}
    console.print(Text(str(report.path), "bold"))
    for finding in report.findings:
        line = Text(f"  {finding.state.upper():6}", styles[finding.state])
        console.print(line.append(f"{finding.what}: {finding.says}", "default not bold"), soft_wrap=True)
        if finding.advice:
            console.print(Text(f"          {finding.advice}"), soft_wrap=True)
    left = sum(finding.state == "to do" for finding in report.findings)
    verdict = f"{left} to do before you hand it in." if left else "Ready to hand in."
    console.print(Text(f"  {verdict}", "red" if left else "green"))
