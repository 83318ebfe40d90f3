"""The `mashq` command: a thin layer over the library, importing what a command needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mashq import __version__
from mashq.errors import MashqError

if TYPE_CHECKING:
    from mashq.datasets import Status

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Autograded homework for a neural-networks course, on nbgrader.",
)
data = typer.Typer(no_args_is_help=True, help="The datasets: where they are, and fetching them.")
app.add_typer(data, name="data")

Course = Annotated[Path, typer.Option("--course", help="The course folder, with nbgrader_config.py in it.")]


def main() -> None:
    """Entry point; an error that mashq raises on purpose is one line and exit code 1."""
    try:
        app()
    except MashqError as error:
        typer.secho(f"mashq: {error}", fg="red", err=True)
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mashq {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Autograded homework for a neural-networks course, on nbgrader."""


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


def _print_status(rows: list[Status]) -> None:
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
def release(assignment: Annotated[str, typer.Argument()], course: Course = Path()) -> None:
    """Make release/ASSIGNMENT for students and the executed solutions/ASSIGNMENT from source/ASSIGNMENT.

    Example: mashq release hw2
    """
    from mashq.release import release_assignment

    for path in release_assignment(course, assignment):
        typer.echo(path)


@app.command()
def scores(assignment: Annotated[str, typer.Argument()], course: Course = Path()) -> None:
    """Print the scores of an assignment, students by questions, from the gradebook.

    Example: mashq scores hw2
    """
    from rich.console import Console

    from mashq.grading.scores import read_scores, score_table

    Console().print(score_table(read_scores(course, assignment)))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo's course folder is made.")] = Path("demo"),
    workers: Annotated[int, typer.Option(min=1, help="How many submissions are graded at once.")] = 2,
) -> None:
    """Release hw2, grade a small class of varied submissions, print the grades, write the feedback.

    Everything happens in a folder of its own; your gradebook and submissions are not touched.

    Example: mashq demo --workers 4
    """
    from mashq.demo import run_demo

    run_demo(Path(), folder, workers)


if __name__ == "__main__":
    main()
