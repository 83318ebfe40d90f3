"""Opening nbgrader's gradebook of a course, which is waited for; it says what is wrong with one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    Notebook,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Connection, column, create_engine, inspect, select, table, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from mashq.course.folder import CourseFolder, unknown
from mashq.course.gradebook.faults import NEWER, OLDER, Fault, fault_of, sentence, shown
from mashq.course.gradebook.schema import versions
from mashq.errors import CONFIG, CourseError, RecordError

PATIENCE_S = 30.0  # for a gradebook that another program has locked
TRY_S = 1.0  # of it SQLite waits at a time, in which no Ctrl-C is heard
VERSION = table("alembic_version", column("version_num"))  # of nbgrader's tables

T = TypeVar("T")


@contextmanager
def open_gradebook(folder: CourseFolder, assignment: str, patience_s: float = PATIENCE_S) -> Iterator[Any]:
    """nbgrader's own object for the gradebook, in which the assignment is; CourseError where it is not.

    A gradebook that is not there yet is not made. RecordError, with what to do, when it cannot be used, in
    the `with` block, too; one that is locked is waited for.
    """
    require_in_gradebook(folder, assignment, patience_s=patience_s)
    url, course_id = folder.gradebook
    try:
        with Gradebook(_waiting(url, patience_s), course_id) as gradebook:
            yield gradebook
    except DBAPIError as error:
        raise _failure(fault_of(error), url, error) from error


def require_in_gradebook(
    folder: CourseFolder, assignment: str, write: bool = False, patience_s: float = PATIENCE_S
) -> None:
    """Raises CourseError, with the command that comes first, when the gradebook lacks the assignment.

    write : also RecordError when it cannot be written
    """
    url = folder.gradebook[0]
    known = known_assignments(url, write, patience_s)
    if assignment not in known:
        command = f"`nbgrader generate_assignment {assignment} --force`"
        first = f"It comes there with the release: run {command} first."
        raise unknown(f"the gradebook {shown(url)}", "assignment", assignment, known, first)


def known_assignments(url: str, write: bool = False, patience_s: float = PATIENCE_S) -> list[str]:
    """The assignments in a gradebook, sorted; none where it is not there, which makes none.

    Raises RecordError when it cannot be read, or written where that is asked for, or is of another version.
    """
    return _ask(url, lambda connection: _assignments(connection, url, write), [], patience_s)


def _ask(url: str, question: Callable[[Connection], T], nothing: T, patience_s: float = PATIENCE_S) -> T:
    """What a gradebook answers; `nothing` where it is not there, which makes none. Errors as above.

    Not by nbgrader's object, which would make the tables of an empty gradebook, with alembic from the PATH.
    """
    try:
        engine = create_engine(_waiting(url, min(TRY_S, patience_s)))
    except (ArgumentError, ImportError) as error:
        raise CourseError(
            f"no gradebook can be opened at {url.partition('://')[0]!r} ({error}); mend c.CourseDirectory."
            f"db_url in {CONFIG}, as sqlite:///FOLDER/gradebook.db, or install what it needs"
        ) from error
    file = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not file.startswith("file:") and not Path(file).exists():
        return nothing  # SQLite would make an empty file
    give_up = time.monotonic() + patience_s
    try:
        while True:
            try:
                with engine.connect() as connection:
                    return question(connection)
            except DBAPIError as error:
                fault = fault_of(error)
                if not fault.passes or time.monotonic() >= give_up:
                    raise _failure(fault, url, error) from error
                time.sleep(min(TRY_S, patience_s))
    finally:
        engine.dispose()


def grades_of(assignment: str, *columns: Any) -> Any:
    """A query for columns of each grade of an assignment: of the grade, its cell, notebook, student."""
    return (
        select(*columns)
        .select_from(Grade)
        .join(Grade.cell)
        .join(Grade.notebook)
        .join(SubmittedNotebook.notebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .where(Assignment.name == assignment)
    )


def locked_texts(folder: CourseFolder, assignment: str) -> dict[tuple[str, str], str]:
    """The whole text of each locked code cell, {(notebook, grade_id): text}, as nbgrader recorded it.

    The release lacks what is between the marks of hidden tests. Empty where the gradebook lacks the
    assignment.
    """
    url = folder.gradebook[0]
    cells = (
        select(Notebook.name, SourceCell.name, SourceCell.source)
        .join(SourceCell.notebook)
        .join(Notebook.assignment)
        .where(Assignment.name == assignment, SourceCell.locked, SourceCell.cell_type == "code")
    )
    nothing: list[Any] = []
    rows = _ask(
        url, lambda db: [*db.execute(cells)] if assignment in _assignments(db, url) else nothing, nothing
    )
    return {(notebook, grade_id): text or "" for notebook, grade_id, text in rows}


def _assignments(connection: Connection, url: str, write: bool = False) -> list[str]:
    tables = inspect(connection).get_table_names()
    if Assignment.__tablename__ not in tables:
        return []
    made_by = connection.scalar(select(VERSION.c.version_num)) if VERSION.name in tables else None
    if made_by != versions()[0]:
        raise _failure(OLDER if made_by is None or made_by in versions() else NEWER, url)
    if write:  # something that changes nothing, and is refused where nothing can be written
        connection.execute(update(VERSION).values(version_num=VERSION.c.version_num))
        connection.rollback()
    return [*connection.scalars(select(Assignment.name).order_by(Assignment.name))]


def _waiting(url: str, seconds: float) -> str:
    """The URL of a gradebook whose locks SQLite waits for, unless the course says how long."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or "timeout" in parsed.query:
        return url
    return parsed.update_query_dict({"timeout": f"{seconds:g}"}).render_as_string(hide_password=False)


def _failure(fault: Fault, url: str, error: BaseException | None = None) -> RecordError:
    return RecordError(f"{sentence(fault, url, error)}, then run the command again")
