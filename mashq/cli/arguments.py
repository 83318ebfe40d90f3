"""What the commands for instructors share: the course folder, and names of assignments, students, notebooks.

A name that is close to one that is there, and a folder that is no course, are told before anything slow is
imported. Every other name goes on to the command, which knows the gradebook and the course's settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mashq.course.config import named_course, require_config
from mashq.course.folder import ANY, CourseFolder, unknown
from mashq.course.permissions import keep_private
from mashq.errors import CONFIG, did_you_mean


def course_folder(context: typer.Context, folder: Path) -> Path:
    """The folder that --course names, else the one that nbgrader uses here; what is made is private to it.

    Raises CourseError when it is no course folder.
    """
    if context.resilient_parsing:
        return folder
    source = context.get_parameter_source("course")
    if source is not None and source.name == "DEFAULT":
        named = named_course(folder)
        if named is not None and named.resolve() != folder.resolve():
            told = f"The course folder is {named}: Jupyter's settings name it. For this folder add --course ."
            typer.echo(told, err=True)
            folder = named
    require_config(folder)
    before = keep_private(CourseFolder(folder))
    context.call_on_close(lambda: os.umask(before))
    return folder


def _check_assignment(context: typer.Context, name: str) -> str:
    if not context.resilient_parsing:
        if not name or "/" in name or name in (".", ".."):
            raise typer.BadParameter(f"{name!r} is no name of an assignment; write it as hw2")
        _course(context).require_assignment(name)
    return name


def _course(context: typer.Context) -> CourseFolder:
    return CourseFolder(Path(context.params.get("course") or "."))


def _assignment(context: typer.Context) -> str:
    return str(context.params.get("assignment") or ANY)


def _complete_assignments(context: typer.Context, incomplete: str) -> list[str]:
    return [name for name in _course(context).assignments() if name.startswith(incomplete)]


def _only(what: str, called: str, known: Callable[[CourseFolder, str], list[str]]) -> Any:
    """An option `--WHAT` that can be given again, for names that an assignment knows.

    called : what a name is in a message
    """

    def check(context: typer.Context, names: list[str] | None) -> list[str] | None:
        assignment = _assignment(context)
        there = known(_course(context), assignment) if names else []
        for name in names or ():
            if name not in there and did_you_mean(name, there):
                raise unknown(assignment.replace(ANY, "the course"), called, name, there)
        return names

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        names = known(_course(context), _assignment(context))
        return [name for name in names if name.startswith(incomplete)]

    return typer.Option(
        f"--{what}", callback=check, autocompletion=complete, help=f"Only this {what}; can be given again."
    )


Course = Annotated[
    Path,
    typer.Option(
        "--course",
        is_eager=True,  # names are looked up in it
        callback=course_folder,
        help=f"The course folder, with {CONFIG} in it.",
    ),
]
Assignment = Annotated[
    str,
    typer.Argument(
        callback=_check_assignment,
        autocompletion=_complete_assignments,
        help="The assignment's name, as hw2.",
    ),
]
Students = Annotated[list[str] | None, _only("student", "submission of student", CourseFolder.students)]
Notebooks = Annotated[list[str] | None, _only("notebook", "notebook", CourseFolder.notebooks)]
