"""Opening nbgrader's gradebook of a course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import Assignment, Gradebook, Notebook, SourceCell
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.engine import make_url

from mashq.course.folder import CourseFolder, unknown


@contextmanager
def open_gradebook(folder: CourseFolder, assignment: str) -> Iterator[Any]:
    """nbgrader's own object for the gradebook, in which the assignment is; CourseError where it is not.

    A gradebook that is not there yet is not made.
    """
    require_in_gradebook(folder, assignment)
    with Gradebook(*folder.gradebook) as gradebook:
        yield gradebook


def require_in_gradebook(folder: CourseFolder, assignment: str) -> None:
    """Raises CourseError, with the command that comes first, when the gradebook lacks the assignment."""
    url = make_url(folder.gradebook[0])
    known = [name for (name,) in _rows(folder, select(Assignment.name).order_by(Assignment.name))]
    if assignment not in known:
        command = f"`nbgrader generate_assignment {assignment} --force`"
        first = f"It comes there with the release: run {command} first."
        where = f"the gradebook {url.render_as_string(hide_password=True)}"
        raise unknown(where, "assignment", assignment, known, first)


def locked_texts(folder: CourseFolder, assignment: str) -> dict[tuple[str, str], str]:
    """The whole text of each locked code cell, {(notebook, grade_id): text}, as nbgrader recorded it.

    The release lacks what is between the marks of hidden tests. Empty where the gradebook lacks the
    assignment.
    """
    cells = (
        select(Notebook.name, SourceCell.name, SourceCell.source)
        .join(SourceCell.notebook)
        .join(Notebook.assignment)
        .where(Assignment.name == assignment, SourceCell.locked, SourceCell.cell_type == "code")
    )
    return {(notebook, grade_id): text or "" for notebook, grade_id, text in _rows(folder, cells)}


def _rows(folder: CourseFolder, query: Any) -> list[Any]:
    """What a query finds; nothing in a gradebook that is not there, or empty, which stays so."""
    # not by nbgrader's object: it would make the tables of an empty gradebook, with alembic from the PATH
    engine = create_engine(folder.gradebook[0])
    try:
        if not inspect(engine).has_table(Assignment.__tablename__):
            return []
        with engine.connect() as connection:
            return list(connection.execute(query))
    finally:
        engine.dispose()
