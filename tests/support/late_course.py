"""A course of two notebooks and other files, with a due date and a penalty for late work; and its class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from tests.support import tiny_course
from tests.support.cells import code_cell, notebook_of, task_cell
from tests.support.graded import sqlite_of
from tests.support.students import CLASS
from tests.support.tiny_course import make_course, released_notebook, tiny_notebook

# half a point off for each hour: more than a poor score is worth, and less than a good one
LATE = """
from nbgrader.plugins import BasePlugin

class HalfAPointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None if student_id == "blank" else total_seconds_late / 7200

c.AssignLatePenalties.plugin_class = HalfAPointAnHour
c.Autograde.exclude_overwriting = {"ps1": ["yours.py"]}
c.CourseDirectory.ignore = ["*.tmp", ".ipynb_checkpoints"]
c.JudgeExecute.isolation = "none"  # these submissions are ours, and not what is tested here
"""
DUE, LATE_TIME = "2026-01-10 12:00:00 UTC", "2026-01-10 15:00:00 UTC"
OTHER_FILES = ("ours.py", "yours.py", "data/numbers.csv", "scratch.tmp")
FEW = ["right", "half", "blank", "no-test-cell", "cut-off"]  # students of whom each is of another kind


def more_notebook() -> Any:
    """A second notebook, without hidden checks: nbgrader alone grades its test cell; and a task."""
    return notebook_of(
        code_cell("### BEGIN SOLUTION\nside = 3\n### END SOLUTION", "side"),
        code_cell("assert side == 3", "test_side", 1),
        task_cell("Draw a square.\n\n### BEGIN MARK SCHEME\nfour sides\n### END MARK SCHEME", "draw", 2),
    )


def make_late_course(course: Path, settings: str = "") -> Path:
    """A course of two notebooks and other files of the instructor, released."""
    notebooks = {"areas": tiny_notebook(), "more": more_notebook()}
    return make_course(course, notebooks, LATE + settings, OTHER_FILES)


def released_late_course(factory: pytest.TempPathFactory) -> Path:
    """The course with a due date, and with the isolation that this machine has.

    Made once for all tests; to be copied, not changed.
    """
    course = factory.getbasetemp() / "course-to-grade"
    if not course.exists():
        make_late_course(course, '\nc.JudgeExecute.isolation = "auto"\n')
        with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
            gradebook.update_or_create_assignment("ps1", duedate=DUE, course_id="neural-networks")
    return course


def hand_in(course: Path, student: str, data: Any, name: str = "areas") -> Path:
    """Put a notebook, or bytes, into `submitted/`; in time, unless the submission says another time."""
    stamp = course / "submitted" / student / "ps1" / "timestamp.txt"
    stamp.parent.mkdir(parents=True, exist_ok=True)
    if not stamp.exists():
        stamp.write_text(DUE)
    return tiny_course.hand_in(course, student, data, name)


def hand_in_class(course: Path, students: Sequence[str]) -> None:
    """These students hand in, some of them late; `right` and `half` a second notebook, too."""
    for student in students:
        path = hand_in(course, student, CLASS[student][0](released_notebook(course)))
        (path.parent / "timestamp.txt").write_text(DUE if student == "right" else LATE_TIME)
    solved = released_notebook(course, "more")
    hand_in(course, "half", solved, "more")
    solved.cells[0].source = "side = 3"
    hand_in(course, "right", solved, "more")
