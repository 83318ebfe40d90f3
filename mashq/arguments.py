"""What the commands for instructors share: the course folder, and names of assignments, students, notebooks.

A name that is close to one that is there, and a folder that is no course, are told before anything else is
imported. Every other name goes on to the command, which knows the gradebook and the course's settings.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mashq.errors import CONFIG, CourseError, did_you_mean

LOOK_INTO = 200  # folders below a wrong one that are looked at for a course


def course_folder(context: typer.Context, folder: Path) -> Path:
    """The folder that --course names.

    Raises CourseError when it is no course folder, with the nearest one above or below.
    """
    if context.resilient_parsing or (folder / CONFIG).is_file():
        return folder
    if not folder.is_dir():
        beside = [path.name for path in folder.parent.iterdir()] if folder.parent.is_dir() else []
        raise CourseError(f"there is no folder {folder}.{did_you_mean(folder.name, beside)}")
    here = folder.resolve()
    near = [path for path in here.parents if (path / CONFIG).is_file()]
    near = near or [path.parent for path in sorted(here.glob(f"*/{CONFIG}"))[:LOOK_INTO]]
    advice = (
        f"name the course folder with --course, for instance --course {near[0]}"
        if near
        else "name the course folder with --course, or change to it with cd; it is the one with that file"
    )
    raise CourseError(f"{here} has no {CONFIG}; {advice}")


def known_assignments(course: Path) -> list[str]:
    """What has a folder in source/ or release/, or was handed in or graded."""
    patterns = ("source/*/", "release/*/", "submitted/*/*/", "autograded/*/*/")
    return _names(course, *patterns)


def known_students(course: Path, assignment: str) -> list[str]:
    """Who handed in something."""
    return sorted(path.parent.name for path in course.glob(f"submitted/*/{assignment}/"))


def known_notebooks(course: Path, assignment: str) -> list[str]:
    """The notebooks of an assignment, as released or as written."""
    return _names(course, f"release/{assignment}/*.ipynb", f"source/{assignment}/*.ipynb")


def _names(course: Path, *patterns: str) -> list[str]:
    found = {path.name.removesuffix(".ipynb") for pattern in patterns for path in course.glob(pattern)}
    return sorted(name for name in found if not name.startswith((".", "_")))


# -- checks, before a command runs ------------------------------------------------------------------------


def _check_assignment(context: typer.Context, name: str) -> str:
    if not context.resilient_parsing:
        if not name or "/" in name or name in (".", ".."):
            raise typer.BadParameter(f"{name!r} is no name of an assignment; it is a folder of source/")
        _check(name, "assignment", known_assignments(_course(context)), str(_course(context).resolve()), True)
    return name


def _check(name: str, what: str, known: list[str], where: str, all_are_known: bool = False) -> None:
    """Raises CourseError for a name that is close to a known one, or not known where all are."""
    near = did_you_mean(name, known)
    if known and name not in known and (near or all_are_known):
        some = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        raise CourseError(f"{where} has no {what} {name!r}; it has: {some}.{near}")


def _course(context: typer.Context) -> Path:
    return Path(context.params.get("course") or ".")


def _assignment(context: typer.Context) -> str:
    return str(context.params.get("assignment") or "*")


# -- the Tab key ------------------------------------------------------------------------------------------


def _complete_assignments(context: typer.Context, incomplete: str) -> list[str]:
    return [name for name in known_assignments(_course(context)) if name.startswith(incomplete)]


# -- the arguments ----------------------------------------------------------------------------------------


def _only(what: str, called: str, known: Callable[[Path, str], list[str]]) -> Any:
    """An option `--WHAT` that can be given again, for names that an assignment knows.

    called : what a name is in a message
    """

    def check(context: typer.Context, names: list[str] | None) -> list[str] | None:
        assignment = _assignment(context)
        for name in names or ():
            _check(name, called, known(_course(context), assignment), assignment)
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
        help="The name of a folder in source/, as hw2.",
    ),
]
Students = Annotated[list[str] | None, _only("student", "submission of student", known_students)]
Notebooks = Annotated[list[str] | None, _only("notebook", "notebook", known_notebooks)]
