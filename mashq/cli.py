"""The `mashq` command: a thin layer over the library, importing what a command needs when it runs."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq.arguments import Assignment, Course, Notebooks, Students
from mashq.errors import did_you_mean
from mashq.student.command import (
    STDOUT,
    JsonFile,
    console_beside,
    data,
    run,
    show_version,
    validate,
    write_json,
)

WALLS = ("auto", "full", "bubblewrap", "none")
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:\d{1,5}")  # of a Dask scheduler
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
app.command(rich_help_panel=STUDENTS)(validate)
app.add_typer(data, name="data", rich_help_panel=STUDENTS)


def main() -> None:
    """Entry point."""
    run(app)


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Autograded homework for a neural-networks course, on nbgrader."""


@app.command(rich_help_panel=INSTRUCTORS)
def release(
    assignment: Assignment,
    language: Annotated[
        str | None, typer.Option(help="Translate with this language's catalogue in locale/, such as fa.")
    ] = None,
    course: Course = Path(),
) -> None:
    """Make release/ASSIGNMENT for students and the executed solutions/ASSIGNMENT from source/ASSIGNMENT.

    Example: mashq release hw2 --language fa
    """
    from mashq.release import release_assignment

    for path in release_assignment(course, assignment, language):
        typer.echo(path)


@app.command(rich_help_panel=AUTHORS)
def translations(
    assignment: Assignment,
    language: Annotated[str, typer.Option(help="The language's code, such as fa.")],
    course: Course = Path(),
) -> None:
    """Bring locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po up to date, and say what is left to translate.

    New texts are added empty, changed ones are marked fuzzy, and what the assignment no longer has moves to
    the end of the file.

    Exit code 0: complete. 3: something is left, see the list. 1: it could not be done, see the message.

    Example: mashq translations hw2 --language fa
    """
    from mashq.language import catalogue_path
    from mashq.translate.catalogue import update_catalogue
    from mashq.translate.checking import STATES, problems

    catalog = update_catalogue(course, assignment, language)
    left = problems(course, assignment, language, catalog)
    for problem in left:
        if problem.state != "missing":
            typer.echo(problem)
    counts = ", ".join(f"{sum(p.state == state for p in left)} {state}" for state in STATES)
    typer.echo(f"{catalogue_path(course, assignment, language)}: {len(catalog)} texts, {counts}")
    raise typer.Exit(3 if left else 0)


@app.command(rich_help_panel=INSTRUCTORS)
def bundle(
    assignment: Assignment,
    output: Annotated[Path | None, typer.Option(help="The file; ASSIGNMENT.zip by default.")] = None,
    course: Course = Path(),
) -> None:
    """Write one zip to hand out: released notebooks, the student's part of mashq, and how to work with it.

    Example: mashq bundle hw2

    Example: mashq bundle hw2 --output handout/hw2.zip
    """
    from mashq.bundle import make_bundle

    typer.echo(f"written: {make_bundle(course, assignment, output)}")


@app.command(rich_help_panel=INSTRUCTORS)
def grade(
    assignment: Assignment,
    student: Students = None,
    notebook: Notebooks = None,
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
    json_file: JsonFile = None,
    course: Course = Path(),
) -> None:
    """Grade what was handed in, in parallel and behind walls: submitted/ to autograded/ and the gradebook.

    Only what is new or changed is run; after Ctrl-C or a crash, the same command goes on where it stopped.
    Points and comments that a person gave stay.

    Exit code 0: everything is graded (essays wait for a person as always). 3: something needs attention, see
    the list. 1: nothing could be graded, see the message. 130: stopped with Ctrl-C.

    Example: mashq grade hw2 --workers 4

    Example: mashq grade hw2 --student ada --notebook q5_xnor --force

    Example: mashq grade hw2 --watch --json grade.json
    """
    from mashq.grading.course import Choices
    from mashq.grading.run import Interrupted, Options, grade_assignment
    from mashq.grading.summary import as_json, print_summary

    if isolation not in (None, *WALLS):
        near = did_you_mean(isolation or "", WALLS)
        raise typer.BadParameter(f"--isolation {isolation}: write {', '.join(WALLS)}.{near}")
    if scheduler is not None and not ADDRESS.fullmatch(scheduler):
        raise typer.BadParameter(f"--scheduler {scheduler}: write it as tcp://HOST:PORT, as tcp://node1:8786")
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
    print_summary(summary, console_beside(json_file))
    write_json(json_file, lambda: as_json(summary))
    if stopped:
        typer.echo(f"Stopped; `mashq grade {assignment}` goes on where this ended.", err=True)
        raise typer.Exit(130)
    raise typer.Exit(3 if summary.attention else 0)


@app.command(rich_help_panel=INSTRUCTORS)
def feedback(
    assignment: Assignment,
    student: Students = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Students at a time; one a core.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make again what is up to date, too.")] = False,
    course: Course = Path(),
) -> None:
    """Write the students' feedback in parallel: the pages that `nbgrader generate_feedback` writes.

    Exit code 0: made, or up to date. 1: not for everybody, see the message.

    Example: mashq feedback hw2

    Example: mashq feedback hw2 --student ada --force
    """
    from mashq.grading.feedback import generate_feedback

    made = generate_feedback(course, assignment, student or (), workers, force)
    typer.echo(f"feedback for {made} students in {course / 'feedback'}")


@app.command(rich_help_panel=AUTHORS)
def doctor(json_file: JsonFile = None) -> None:
    """Show which walls, packages and data this machine has, try the walls, and say what to install.

    Exit code 0: student code can be graded here. 1: it cannot, see the lines marked "fault".

    Example: mashq doctor

    Example: mashq doctor --json doctor.json
    """
    from rich.markup import escape
    from rich.table import Table

    from mashq.doctor import examine

    table = Table("", "what", "found", show_lines=False)
    colours = {"good": "green", "missing": "yellow", "fault": "red"}
    findings = list(examine())
    for finding in findings:
        table.add_row(
            f"[{colours[finding.state]}]{finding.state}[/]", escape(finding.what), escape(finding.says)
        )
    write_json(json_file, lambda: json.dumps([asdict(finding) for finding in findings], indent=2))
    console_beside(json_file).print(table)
    raise typer.Exit(1 if any(finding.state == "fault" for finding in findings) else 0)


@app.command(rich_help_panel=INSTRUCTORS)
def scores(assignment: Assignment, json_file: JsonFile = None, course: Course = Path()) -> None:
    """Print the scores of an assignment, students by questions, from the gradebook.

    Example: mashq scores hw2

    Example: mashq scores hw2 --json -
    """
    from mashq.grading.scores import read_scores, score_table
    from mashq.grading.summary import question_statistics

    found = read_scores(course, assignment)
    questions = {name: asdict(statistics) for name, statistics in question_statistics(found).items()}
    everything = asdict(found) | {"questions": questions}
    write_json(json_file, lambda: json.dumps(everything, indent=2, ensure_ascii=False))
    console_beside(json_file).print(score_table(found))


@app.command(rich_help_panel=INSTRUCTORS)
def report(
    assignment: Assignment,
    output: Annotated[Path | None, typer.Option(help="The file; ASSIGNMENT-report.html by default.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Numbers in place of students' names.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Of the page, such as fa; that of the released assignment by default.")
    ] = None,
    course: Course = Path(),
) -> None:
    """Write the instructor's report: one HTML page that works offline.

    Grades, checks and their commonest failures, item analysis, accuracies of students' models, time and
    memory, what needs attention, and submissions that are alike. See docs/instructor.md on reading it.

    Example: mashq report hw2

    Example: mashq report hw2 --anonymous --output hw2.html
    """
    from mashq.report import write_report

    typer.echo(f"written: {write_report(course, assignment, output, anonymous, language)}")


@app.command(rich_help_panel=INSTRUCTORS)
def export(
    assignment: Assignment,
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
    json_file: JsonFile = None,
    course: Course = Path(),
) -> None:
    """Write the grades for a learning platform: nbgrader's CSV, Canvas, Moodle or Gradescope.

    Late penalties are brought up to date in the gradebook first. See docs/instructor.md on importing.

    Example: mashq export hw2

    Example: mashq export hw2 --format canvas --roster canvas.csv

    Example: mashq export hw2 --format moodle --identify idnumber --output moodle.csv
    """
    from rich.console import Console

    from mashq.export import FORMATS, IDENTITIES, Wanted, export_grades

    if format_name not in FORMATS:
        near = did_you_mean(format_name, FORMATS)
        raise typer.BadParameter(f"--format {format_name}: write {', '.join(FORMATS)}.{near}")
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
    write_json(json_file, lambda: json.dumps(asdict(written), indent=2, ensure_ascii=False, default=str))
    typer.echo(f"written: {written.path} ({written.students} students)", err=json_file == STDOUT)


@app.command(rich_help_panel=AUTHORS)
def audit(
    assignment: Assignment,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only these answers: wrong, odd, hostile, files; no rates then.")
    ] = None,
    notebook: Notebooks = None,
    seeds: Annotated[
        int, typer.Option(min=0, help="Runs of each check that chance has a part in; 0 for none.")
    ] = 200,
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; one a core.")] = None,
    json_file: JsonFile = None,
    write: Annotated[bool, typer.Option("--write", help="Put the tables into docs/trust.md.")] = False,
    course: Course = Path(),
) -> None:
    """Grade known right, wrong and hostile answers, tests/ASSIGNMENT/zoo, and compare with what must come.

    Everything happens in a temporary course; your gradebook and submissions are not touched.

    Exit code 0: no miss. 1: a miss, see the list, or the audit could not be made.

    Example: mashq audit hw2 --notebook q5_xnor

    Example: mashq audit hw2 --kind wrong --seeds 0 --json audit.json
    """
    from mashq.audit.cases import KINDS
    from mashq.audit.report import as_json, print_audit, write_page
    from mashq.audit.run import Wanted
    from mashq.audit.run import audit as audit_assignment

    for name in kind or ():
        if name not in KINDS:
            raise typer.BadParameter(f"--kind {name}: write {', '.join(KINDS)}")
    if write and (kind or notebook or not seeds):
        raise typer.BadParameter("--write is for a whole audit, without --kind, --notebook and --seeds 0")
    console = console_beside(json_file)
    wanted = Wanted(assignment, course, kind or KINDS, notebook or (), seeds, workers)
    found = audit_assignment(wanted, console)
    print_audit(found, console)
    write_json(json_file, lambda: as_json(found))
    if write:
        typer.echo(f"written: {write_page(found, course)}")
    raise typer.Exit(1 if found.misses else 0)


@app.command(rich_help_panel=AUTHORS)
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo's course folder is made.")] = Path("demo"),
    workers: Annotated[int, typer.Option(min=1, help="How many submissions are graded at once.")] = 2,
) -> None:
    """Release hw2, grade a small class of varied submissions; leave a course to look around in.

    Formgrader, report and feedback work in it at once, and the last lines say how to open them. Everything
    happens in a folder of its own; your gradebook and submissions are not touched. An earlier demo in that
    folder is made anew.

    Example: mashq demo

    Example: mashq demo /tmp/demo --workers 4
    """
    from mashq.demo import run_demo

    run_demo(Path(), folder, workers)


if __name__ == "__main__":
    main()
