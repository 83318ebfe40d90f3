"""The `mashq` command: one module a person, importing what a command needs when it runs."""

from __future__ import annotations

import typer

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq.cli import author, instructor, student
from mashq.cli.output import Version, run

STUDENTS, INSTRUCTORS, AUTHORS = "Students", "Instructors", "Authors and operators"
EPILOG = (
    "Exit codes: 0 done; 1 not done, the message says what to do next, or something was found; 2 wrong use; "
    "3 done, and something needs attention; 70 a fault of mashq's; 130 stopped with Ctrl-C. "
    "`mashq COMMAND --help` has examples; docs/commands.md has it all on one page."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Autograded homework for a neural-networks course, on nbgrader.",
    epilog=EPILOG,
)
app.command(rich_help_panel=STUDENTS)(student.validate)
app.add_typer(student.data, name="data", rich_help_panel=STUDENTS)
app.command(rich_help_panel=INSTRUCTORS)(instructor.release)
app.command(rich_help_panel=AUTHORS)(author.translations)
app.command(rich_help_panel=AUTHORS)(author.draft_checks)
app.command(rich_help_panel=INSTRUCTORS)(instructor.bundle)
app.command(rich_help_panel=INSTRUCTORS)(instructor.collect)
app.command(rich_help_panel=INSTRUCTORS)(instructor.grade)
app.command(rich_help_panel=INSTRUCTORS)(instructor.feedback)
app.command(rich_help_panel=AUTHORS)(author.doctor)
app.command(rich_help_panel=AUTHORS)(author.init)
app.command(rich_help_panel=INSTRUCTORS)(instructor.scores)
app.command(rich_help_panel=INSTRUCTORS)(instructor.report)
app.command(rich_help_panel=INSTRUCTORS)(instructor.export)
app.command(rich_help_panel=AUTHORS)(author.audit)
app.command(rich_help_panel=AUTHORS)(author.demo)


def main() -> None:
    """Entry point."""
    run(app)


@app.callback()
def common(version: Version = False) -> None:
    """Autograded homework for a neural-networks course, on nbgrader."""
