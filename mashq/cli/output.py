"""What all commands share: ending with a message and an exit code, and JSON beside tables."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mashq import __version__
from mashq.cli.explain import explain
from mashq.errors import CourseError, MashqError, saved_log

if TYPE_CHECKING:
    from rich.console import Console

STDOUT = Path("-")
FAULT = 70  # exit code: mashq itself failed


def _no_notebook(path: Path | None) -> Path | None:
    if path is not None and path.suffix == ".ipynb":  # as in `validate --json q1.ipynb q2.ipynb`
        raise typer.BadParameter(
            f"{path} is a notebook and would be lost: name a .json file, or - for stdout"
        )
    return path


JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        callback=_no_notebook,
        help="Write JSON for programs there; - is stdout, and tables go to stderr.",
    ),
]


def run(commands: typer.Typer) -> None:
    """Run the command that was typed.

    An error with a cause that people can mend is a message and exit code 1. Any other is a fault of mashq's:
    a message that says where the traceback is, and exit code 70.
    """
    for stream in (sys.stdout, sys.stderr):  # a Windows console may lack letters of a student's message
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        commands()
    except MashqError as error:
        _fail(str(error), 1)
    except BrokenPipeError:  # as in `mashq scores hw2 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if says := explain(error):
            _fail(says, 1)
        log = f"mashq {__version__}, {sys.version}\n{sys.argv}\n{traceback.format_exc()}"
        _fail(
            f"this should not happen, {type(error).__name__}: {str(error)[:300]}\n"
            f"The whole traceback is in {saved_log(log)}: report it with the command that you typed.",
            FAULT,
        )


def _fail(message: str, code: int) -> NoReturn:
    typer.secho(f"mashq: {message}", fg="red", err=True)
    sys.exit(code)


def write_json(path: Path | None, text: Callable[[], str]) -> None:
    """Write what `--json` asks for: to a file, to stdout for "-", to nowhere for None."""
    if path is None:
        return
    written = text().rstrip("\n") + "\n"
    if path == STDOUT:
        typer.echo(written, nl=False)
        return
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}); name another file after --json"
        ) from error


def console_beside(path: Path | None) -> Console:
    """Where tables go: stdout, or stderr when JSON takes stdout."""
    from rich.console import Console

    return Console(stderr=path == STDOUT)


def show_version(wanted: bool) -> None:
    """Print the version and end, for the option --version."""
    if wanted:
        typer.echo(f"mashq {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
]
