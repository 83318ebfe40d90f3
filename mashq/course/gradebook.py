"""Opening nbgrader's gradebook of a course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import Assignment, Gradebook
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
    # not by nbgrader's object: it would make the tables of an empty gradebook, with alembic from the PATH
    url = make_url(folder.gradebook[0])
    engine = create_engine(url)
    known: list[str] = []
    try:
        if inspect(engine).has_table(Assignment.__tablename__):
            with engine.connect() as connection:
                known = [*connection.scalars(select(Assignment.name).order_by(Assignment.name))]
    finally:
        engine.dispose()
    if assignment not in known:
        command = f"`nbgrader generate_assignment {assignment} --force`"
        first = f"It comes there with the release: run {command} first."
        where = f"the gradebook {url.render_as_string(hide_password=True)}"
        raise unknown(where, "assignment", assignment, known, first)
