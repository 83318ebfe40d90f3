"""The commands of instructors: release, hand out, grade, look at, report and export an assignment."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mashq.cli.arguments import Assignment, Course, Notebooks, Students
from mashq.cli.output import STDOUT, JsonFile, console_beside, write_json
from mashq.errors import did_you_mean
from mashq.language import one_line

ISOLATIONS = ("auto", "full", "bubblewrap", "none")
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:\d{1,5}")  # of a Dask scheduler


def release(
    assignment: Assignment,
    language: Annotated[
        str | None, typer.Option(help="Translate with this language's catalogue in locale/, such as fa.")
    ] = None,
    add_cells: Annotated[
        bool, typer.Option("--add-cells", help="Add new cells to what was handed in and graded already, too.")
    ] = False,
    force_release: Annotated[
        bool,
        typer.Option(
            "--force-release",
            help="Release it although the reference loses points, or an untouched notebook earns some.",
        ),
    ] = False,
    course: Course = Path(),
) -> None:
    """Make release/ASSIGNMENT for students and the executed solutions/ASSIGNMENT from source/ASSIGNMENT.

    Before anything is put there, the reference and the untouched notebooks are graded as the class will be:
    the one must get all points of the machine, the other none. When something fails, the former release and
    the gradebook stay as they were. Where nothing has changed since the last release, nothing is done.

    Example: mashq release hw2 --language fa
    """
    from mashq.course.folder import CourseFolder
    from mashq.course.permissions import in_words, share_databases
    from mashq.release.unchanged import remember, unchanged

    folder = CourseFolder(course)
    paths = [] if add_cells or force_release else unchanged(folder, assignment, language)
    if paths:
        typer.echo(f"{assignment}: nothing has changed since the last release, so nothing was done", err=True)
    else:
        from mashq.release.release import release_assignment
        from mashq.release.trial import require_sound

        sound = False

        def say(line: str) -> None:
            typer.echo(line, err=True)

        def trial(course: CourseFolder, name: str, release: Path, gradebook: Path) -> None:
            nonlocal sound
            say("The reference and the untouched notebooks are graded ...")
            sound = require_sound(course, name, release, gradebook, say, force_release)

        paths = release_assignment(course, assignment, language, add_cells, trial)
        share_databases(folder, assignment)
        if sound:
            remember(folder, assignment, language)
        if others := in_words(folder):
            say(others)
    for path in paths:
        typer.echo(path)


def bundle(
    assignment: Assignment,
    output: Annotated[Path | None, typer.Option(help="The file; ASSIGNMENT.zip by default.")] = None,
    course: Course = Path(),
) -> None:
    """Write one zip to hand out: released notebooks, the student's part of mashq, and how to work with it.

    Example: mashq bundle hw2

    Example: mashq bundle hw2 --output handout/hw2.zip
    """
    from mashq.release.bundle import make_bundle

    typer.echo(f"written: {make_bundle(course, assignment, output)}")


def collect(
    assignment: Assignment,
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, metavar="FILE...", help="Zips, folders or files as the platform has named them."
        ),
    ],
    roster: Annotated[
        Path | None,
        typer.Option(help="A CSV file that says who is who: the platform's list, or one of your own."),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help="The platform's, as Asia/Tehran; c.Exchange.timezone or this machine's by default."
        ),
    ] = None,
    json_file: JsonFile = None,
    course: Course = Path(),
) -> None:
    """Put what Moodle, Canvas, Blackboard or Brightspace gives for download into submitted/.

    Each student by itself: what is wrong with one costs nobody else. Every file is kept, a later attempt
    replaces an earlier one, and running it again changes nothing. See docs/collect.md.

    Exit code 0: everything was collected, or was there. 3: something was not understood, see the list; the
    rest is collected. 1: nothing could be collected, see the message. 130: stopped with Ctrl-C.

    Example: mashq collect hw2 downloads/submissions.zip

    Example: mashq collect hw2 moodle.zip --roster worksheet.csv --timezone Asia/Tehran
    """
    from mashq.cli.collected import as_json, print_table
    from mashq.collect.run import CollectOptions, collect_assignment

    try:
        collected = collect_assignment(CollectOptions(assignment, files, course, roster, timezone))
    except KeyboardInterrupt:
        typer.echo("Stopped; the same command goes on where this ended.", err=True)
        raise typer.Exit(130) from None
    print_table(collected, console_beside(json_file))
    write_json(json_file, lambda: as_json(collected))
    raise typer.Exit(3 if collected.needs_attention else 0)


def grade(
    assignment: Assignment,
    student: Students = None,
    notebook: Notebooks = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; one a core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A running Dask scheduler, tls://HOST:8786.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run again what has not changed, too.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and grade what arrives.")] = False,
    run_all: Annotated[
        bool, typer.Option("--run-all", help="Run and draw what no grade depends on, too.")
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
    the list. 1: it could not begin, or had to end early, see the message; what was graded before stays. 70: a
    fault of mashq's, see the message. 130: stopped with Ctrl-C; 143: with SIGTERM.

    Example: mashq grade hw2 --workers 4

    Example: mashq grade hw2 --student ada --notebook q5_xnor --force

    Example: mashq grade hw2 --watch --json grade.json
    """
    from mashq.course.folder import CourseFolder
    from mashq.course.submissions import Submissions
    from mashq.grading.engine.run import Interrupted, Options, grade_assignment
    from mashq.grading.engine.summary import as_json, print_summary
    from mashq.grading.engine.tasks import Overrides

    if isolation not in (None, *ISOLATIONS):
        near = did_you_mean(isolation or "", ISOLATIONS)
        raise typer.BadParameter(f"--isolation {isolation}: write {', '.join(ISOLATIONS)}.{near}")
    if scheduler is not None and not ADDRESS.fullmatch(scheduler):
        raise typer.BadParameter(f"--scheduler {scheduler}: write it as tls://HOST:PORT or tcp://HOST:PORT")
    options = Options(
        assignment=assignment,
        course=course,
        students=student or (),
        notebooks=notebook or (),
        workers=workers,
        scheduler=scheduler,
        force=force,
        watch=watch,
        overrides=Overrides(isolation, allow_stand_in, run_all or None),
    )
    if not watch:
        Submissions(CourseFolder(course), assignment).require_collected()
    stopped = 0
    try:
        summary = grade_assignment(options)
    except Interrupted as interrupted:
        summary, stopped = interrupted.summary, interrupted.code
    print_summary(summary, console_beside(json_file))
    write_json(json_file, lambda: as_json(summary))
    if stopped:
        typer.echo(f"Stopped; `mashq grade {assignment}` goes on where this ended.", err=True)
        raise typer.Exit(stopped)
    raise typer.Exit(3 if summary.attention else 0)


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
    from mashq.course.folder import CourseFolder
    from mashq.feedback.generate import generate_feedback

    made = generate_feedback(course, assignment, student or (), workers, force)
    typer.echo(f"feedback for {made} students in {CourseFolder(course).feedback(assignment, 'STUDENT')}")


def scores(assignment: Assignment, json_file: JsonFile = None, course: Course = Path()) -> None:
    """Print the scores of an assignment, students by questions, from the gradebook.

    Example: mashq scores hw2

    Example: mashq scores hw2 --json -
    """
    from mashq.course.folder import CourseFolder
    from mashq.course.gradebook.scores import read_scores, score_table
    from mashq.grading.engine.summary import question_statistics

    found = read_scores(CourseFolder(course), assignment)
    questions = {name: asdict(statistics) for name, statistics in question_statistics(found).items()}
    everything = asdict(found) | {"questions": questions}
    write_json(json_file, lambda: json.dumps(everything, indent=2, ensure_ascii=False))
    console_beside(json_file).print(score_table(found))


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
    memory, what needs attention, and submissions that are alike. See docs/report.md on reading it.

    Example: mashq report hw2

    Example: mashq report hw2 --anonymous --output hw2.html
    """
    from mashq.report.page import write_report

    typer.echo(f"written: {write_report(course, assignment, output, anonymous, language)}")


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

    Late penalties are brought up to date in the gradebook first. See docs/export.md on importing.

    Example: mashq export hw2

    Example: mashq export hw2 --format canvas --roster canvas.csv

    Example: mashq export hw2 --format moodle --identify idnumber --output moodle.csv
    """
    from rich.console import Console

    from mashq.export.moodle import IDENTITIES
    from mashq.export.write import FORMATS, ExportOptions, export_grades

    if format_name not in FORMATS:
        near = did_you_mean(format_name, FORMATS)
        raise typer.BadParameter(f"--format {format_name}: write {', '.join(FORMATS)}.{near}")
    if identify not in IDENTITIES:
        raise typer.BadParameter(f"--identify {identify}: write {', '.join(IDENTITIES)}")
    if roster is not None and format_name not in ("canvas", "moodle"):
        raise typer.BadParameter("--roster is for canvas and moodle")
    options = ExportOptions(assignment, format_name, course, output, roster, column, identify, complete_only)
    written = export_grades(options)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for note in written.notes:
        console.print(one_line(note), markup=False)
    for warning in written.warnings:
        console.print(f"WARNING: {one_line(warning)}", style="bold red", markup=False)
    write_json(json_file, lambda: json.dumps(asdict(written), indent=2, ensure_ascii=False, default=str))
    typer.echo(f"written: {written.path} ({written.students} students)", err=json_file == STDOUT)
