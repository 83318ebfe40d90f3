"""The commands of authors and operators: translations, drafts, the audit, the demo, what this machine has."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mashq.cli.arguments import Assignment, Course, Notebooks
from mashq.cli.output import JsonFile, console_beside, write_json


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
    from mashq.course.folder import CourseFolder
    from mashq.translate.catalogue import update_catalogue
    from mashq.translate.checking import STATES, problems

    folder = CourseFolder(course)
    catalog = update_catalogue(folder, assignment, language)
    left = problems(folder, assignment, language, catalog)
    for problem in left:
        if problem.state != "missing":
            typer.echo(problem)
    counts = ", ".join(f"{sum(p.state == state for p in left)} {state}" for state in STATES)
    typer.echo(f"{folder.catalogue(assignment, language)}: {len(catalog)} texts, {counts}")
    raise typer.Exit(3 if left else 0)


def draft_checks(assignment: Assignment, notebook: Notebooks = None, course: Course = Path()) -> None:
    """Write a first draft of check files, tests/ASSIGNMENT/test_NOTEBOOK.py, from test cells.

    For each notebook of source/ASSIGNMENT with hidden tests, or for those that are named. Each test cell
    becomes one check, with the tests that students see. What cannot be translated with certainty is a comment
    in it; such a check gives nobody a grade until you have written it. A check file that is there stays as it
    is. See docs/from-nbgrader.md.

    Exit code 0: written, to be read. 3: written, and parts are left for you to write. 1: nothing was written,
    see the message.

    Example: mashq draft-checks ps1

    Example: mashq draft-checks ps1 --notebook averages
    """
    from mashq.release.draft import draft_checks as draft

    drafts = draft(course, assignment, notebook or ())
    for drafted in drafts:
        checks = "1 check" if drafted.checks == 1 else f"{drafted.checks} checks"
        left = sum(drafted.left.values())
        said = f", {left} {'part' if left == 1 else 'parts'} left to write" if left else ""
        typer.echo(f"written: {drafted.path} ({checks}{said})")
        for cell, count in drafted.left.items():
            typer.echo(f"  left to write in {cell}: {count}")
    raise typer.Exit(3 if any(drafted.left for drafted in drafts) else 0)


def doctor(json_file: JsonFile = None) -> None:
    """Show which walls, packages and data this machine has, try the walls, and say what to install.

    Exit code 0: student code can be graded here. 1: it cannot, see the lines marked "fault".

    Example: mashq doctor

    Example: mashq doctor --json doctor.json
    """
    from rich.markup import escape
    from rich.table import Table

    from mashq.cli.doctor import examine

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
    force: Annotated[
        bool, typer.Option("--force", help="Run also the answers that have not changed since the last audit.")
    ] = False,
    part: Annotated[
        str, typer.Option(help="Which part of the answers, as 2/3, where time is short; no rates then.")
    ] = "1/1",
    json_file: JsonFile = None,
    write: Annotated[
        bool, typer.Option("--write", help="Run all, and put the tables into docs/trust.md.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Grade known right, wrong and hostile answers, tests/ASSIGNMENT/zoo, and compare with what must come.

    Everything happens in a temporary course; your gradebook and submissions are not touched. Results of right
    and wrong answers are kept in .mashq/audit, so that an audit that was stopped goes on; attacks, damaged
    files and rates are run each time.

    Exit code 0: no miss. 1: a miss, see the list, or the audit could not be made.

    Example: mashq audit hw2 --notebook q5_xnor

    Example: mashq audit hw2 --kind wrong --seeds 0 --json audit.json
    """
    from mashq.audit.cases import KINDS
    from mashq.audit.report import as_json, print_audit, write_page
    from mashq.audit.run import AuditOptions
    from mashq.audit.run import audit as audit_assignment

    for name in kind or ():
        if name not in KINDS:
            raise typer.BadParameter(f"--kind {name}: write {', '.join(KINDS)}")
    number, of = _part(part)
    if write and (kind or notebook or not seeds or of > 1):
        raise typer.BadParameter(
            "--write is for a whole audit, without --kind, --notebook, --part and --seeds 0"
        )
    console = console_beside(json_file)
    options = AuditOptions(
        assignment,
        course,
        kind or KINDS,
        notebook or (),
        seeds if of == 1 else 0,
        workers,
        force or write,
        (number, of),
    )
    found = audit_assignment(options, console)
    print_audit(found, console)
    write_json(json_file, lambda: as_json(found))
    if write:
        typer.echo(f"written: {write_page(found, course)}")
    raise typer.Exit(1 if found.misses else 0)


def _part(text: str) -> tuple[int, int]:
    """What `--part 2/3` means: (2, 3)."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise typer.BadParameter(f"--part {text}: write two numbers, as 2/3 for the second of three parts")
    return int(number), int(of)


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


def init(
    hub: Annotated[
        Path,
        typer.Option("--hub", metavar="FOLDER", help="The folder to make, with a Hub and a course in it."),
    ],
    course_id: Annotated[
        str, typer.Option(help="The course's name; an account and a group are called after it.")
    ] = "neural-networks",
    grader: Annotated[
        list[str] | None, typer.Option(help="An account that grades; can be given again.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(help="An account that hands in; can be given again.")
    ] = None,
) -> None:
    """Write the settings of a JupyterHub for one course into a new folder, and the course folder.

    The folder gets jupyterhub_config.py, with formgrader as a service of the Hub, nbgrader's settings for all
    accounts, the exchange, and a course folder with nbgrader_config.py. Nothing that is there is changed, no
    account is made, and the last lines say what to do next. Accounts can be added to that file later. See
    docs/jupyterhub.md.

    Exit code 0: written. 1: nothing was written, see the message.

    Example: mashq init --hub /srv/hub --course-id nn --grader ada --grader ben

    Example: mashq init --hub /srv/hub --course-id nn --grader ada --student eve --student mia
    """
    from mashq.setup.hub import Hub, make_hub, next_commands, out_of_reach

    made = Hub(hub, course_id, grader or (), student or ())
    make_hub(made)
    for path in made.files():
        typer.echo(f"written: {hub / path}")
    for problem in out_of_reach(made):
        typer.echo(f"{problem}; put it elsewhere, or open that folder (chmod o+x)", err=True)
    for what, lines in next_commands(made):
        typer.echo(f"\n{what}:")
        for line in lines:
            typer.echo(f"    {line}")
