"""The `mashq` command: a thin layer over the library, importing what a command needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq.student.command import data, run, show_version, validate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Autograded homework for a neural-networks course, on nbgrader.",
)
app.add_typer(data, name="data")
app.command()(validate)

Course = Annotated[Path, typer.Option("--course", help="The course folder, with nbgrader_config.py in it.")]


def main() -> None:
    """Entry point; an error that mashq raises on purpose is one line and exit code 1."""
    run(app)


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Autograded homework for a neural-networks course, on nbgrader."""


@app.command()
def release(assignment: Annotated[str, typer.Argument()], course: Course = Path()) -> None:
    """Make release/ASSIGNMENT for students and the executed solutions/ASSIGNMENT from source/ASSIGNMENT.

    Example: mashq release hw2
    """
    from mashq.release import release_assignment

    for path in release_assignment(course, assignment):
        typer.echo(path)


@app.command()
def bundle(
    assignment: Annotated[str, typer.Argument()],
    output: Annotated[Path | None, typer.Option(help="The file; ASSIGNMENT.zip by default.")] = None,
    course: Course = Path(),
) -> None:
    """Write one zip to hand out: released notebooks, the student's part of mashq, and how to work with it.

    Example: mashq bundle hw2
    """
    from mashq.bundle import make_bundle

    typer.echo(f"written: {make_bundle(course, assignment, output)}")


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument()],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given again.")] = None,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook; can be given again.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; one a core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A running Dask scheduler, tcp://HOST:8786.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run again what has not changed, too.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and grade what arrives.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Run and draw what no grade depends on, too.")
    ] = False,
    allow_stand_in: Annotated[
        bool, typer.Option("--allow-stand-in", help="Grade on stand-ins where real data is missing.")
    ] = False,
    isolation: Annotated[
        str | None, typer.Option(help="Walls around student code: auto, full, bubblewrap or none.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the summary there, too.")] = None,
    course: Course = Path(),
) -> None:
    """Grade what was handed in, in parallel and behind walls: submitted/ to autograded/ and the gradebook.

    Only what is new or changed is run; after Ctrl-C or a crash, the same command goes on where it stopped.
    Points and comments that a person gave stay.

    Exit code 0: everything is graded (essays wait for a person as always). 3: something needs attention, see
    the list. 1: nothing could be graded, see the message. 130: stopped with Ctrl-C.

    Example: mashq grade hw2 --workers 4
    """
    from rich.console import Console

    from mashq.grading.course import Choices
    from mashq.grading.run import Interrupted, Options, grade_assignment
    from mashq.grading.summary import as_json, print_summary

    if isolation not in (None, "auto", "full", "bubblewrap", "none"):
        raise typer.BadParameter(f"--isolation {isolation}: write auto, full, bubblewrap or none")
    options = Options(
        assignment=assignment,
        course=course,
        students=student or (),
        notebooks=notebook or (),
        workers=workers,
        scheduler=scheduler,
        force=force,
        watch=watch,
        choices=Choices(isolation, allow_stand_in, whole or None),
    )
    stopped = False
    try:
        summary = grade_assignment(options)
    except Interrupted as interrupted:
        summary, stopped = interrupted.summary, True
    print_summary(summary, Console())
    if json_file is not None:
        json_file.write_text(as_json(summary), encoding="utf-8")
    if stopped:
        typer.echo(f"Stopped; `mashq grade {assignment}` goes on where this ended.", err=True)
        raise typer.Exit(130)
    raise typer.Exit(3 if summary.attention else 0)


@app.command()
def feedback(
    assignment: Annotated[str, typer.Argument()],
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given again.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Students at a time; one a core.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make again what is up to date, too.")] = False,
    course: Course = Path(),
) -> None:
    """Write the students' feedback in parallel: the pages that `nbgrader generate_feedback` writes.

    Example: mashq feedback hw2
    """
    from mashq.grading.feedback import generate_feedback

    made = generate_feedback(course, assignment, student or (), workers, force)
    typer.echo(f"feedback for {made} students in {course / 'feedback'}")


@app.command()
def doctor() -> None:
    """Show which walls, packages and data this machine has, try the walls, and say what to install.

    Exit code 0: student code can be graded here. 1: it cannot, see the lines marked "fault".

    Example: mashq doctor
    """
    from rich.console import Console
    from rich.table import Table

    from mashq.doctor import examine

    table = Table("", "what", "found", show_lines=False)
    colours = {"good": "green", "missing": "yellow", "fault": "red"}
    findings = list(examine())
    for finding in findings:
        table.add_row(f"[{colours[finding.state]}]{finding.state}[/]", finding.what, finding.says)
    Console().print(table)
    raise typer.Exit(1 if any(finding.state == "fault" for finding in findings) else 0)


@app.command()
def scores(assignment: Annotated[str, typer.Argument()], course: Course = Path()) -> None:
    """Print the scores of an assignment, students by questions, from the gradebook.

    Example: mashq scores hw2
    """
    from rich.console import Console

    from mashq.grading.scores import read_scores, score_table

    Console().print(score_table(read_scores(course, assignment)))


@app.command()
def report(
    assignment: Annotated[str, typer.Argument()],
    output: Annotated[Path | None, typer.Option(help="The file; ASSIGNMENT-report.html by default.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Numbers in place of students' names.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Write the instructor's report: one HTML page that works offline.

    Grades, checks and their commonest failures, item analysis, accuracies of students' models, time and
    memory, what needs attention, and submissions that are alike. See docs/instructor.md on reading it.

    Example: mashq report hw2 --anonymous
    """
    from mashq.report import write_report

    typer.echo(f"written: {write_report(course, assignment, output, anonymous)}")


@app.command()
def export(
    assignment: Annotated[str, typer.Argument()],
    format_name: Annotated[str, typer.Option("--format", help="csv, canvas, moodle or gradescope.")] = "csv",
    output: Annotated[
        Path | None, typer.Option(help="The file; named by assignment and format by default.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="What Canvas or Moodle exports: who is who there.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Canvas: the assignment in the roster; heading, title or number.")
    ] = None,
    identify: Annotated[
        str, typer.Option(help="Moodle finds students by: email, idnumber or username.")
    ] = "email",
    complete_only: Annotated[
        bool, typer.Option("--complete-only", help="Leave out students who wait for a person.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Write the grades for a learning platform: nbgrader's CSV, Canvas, Moodle or Gradescope.

    Late penalties are brought up to date in the gradebook first. See docs/instructor.md on importing.

    Example: mashq export hw2 --format canvas --roster canvas.csv
    """
    from rich.console import Console

    from mashq.export import FORMATS, IDENTITIES, Wanted, export_grades

    if format_name not in FORMATS:
        raise typer.BadParameter(f"--format {format_name}: write {', '.join(FORMATS)}")
    if identify not in IDENTITIES:
        raise typer.BadParameter(f"--identify {identify}: write {', '.join(IDENTITIES)}")
    if roster is not None and format_name not in ("canvas", "moodle"):
        raise typer.BadParameter("--roster is for canvas and moodle")
    wanted = Wanted(assignment, format_name, course, output, roster, column, identify, complete_only)
    written = export_grades(wanted)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for note in written.notes:
        console.print(note, markup=False)
    for warning in written.warnings:
        console.print(f"WARNING: {warning}", style="bold red", markup=False)
    typer.echo(f"written: {written.path} ({written.students} students)")


@app.command()
def audit(
    assignment: Annotated[str, typer.Argument()],
    kind: Annotated[
        list[str] | None, typer.Option(help="Only these answers: wrong, odd, hostile, files; no rates then.")
    ] = None,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook; can be given again.")
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=0, help="Runs of each check that chance has a part in; 0 for none.")
    ] = 200,
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; one a core.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all that was found there.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the tables into docs/trust.md.")] = False,
    course: Course = Path(),
) -> None:
    """Grade known right, wrong and hostile answers, tests/ASSIGNMENT/zoo, and compare with what must come.

    Everything happens in a temporary course; your gradebook and submissions are not touched.

    Exit code 0: no miss. 1: a miss, see the list, or the audit could not be made.

    Example: mashq audit hw2 --notebook q5_xnor
    """
    from rich.console import Console

    from mashq.audit.cases import KINDS
    from mashq.audit.report import as_json, print_audit, write_page
    from mashq.audit.run import Wanted
    from mashq.audit.run import audit as audit_assignment

    for name in kind or ():
        if name not in KINDS:
            raise typer.BadParameter(f"--kind {name}: write {', '.join(KINDS)}")
    if write and (kind or notebook or not seeds):
        raise typer.BadParameter("--write is for a whole audit, without --kind, --notebook and --seeds 0")
    console = Console()
    wanted = Wanted(assignment, course, kind or KINDS, notebook or (), seeds, workers)
    found = audit_assignment(wanted, console)
    print_audit(found, console)
    if json_file is not None:
        json_file.write_text(as_json(found), encoding="utf-8")
    if write:
        typer.echo(f"written: {write_page(found, course)}")
    raise typer.Exit(1 if found.misses else 0)


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
