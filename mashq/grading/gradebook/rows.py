"""The gradebook's rows of one submitted notebook, and nbgrader's steps that fill them in.

nbgrader's steps open the gradebook themselves and ask it for one row after another. Here they are given rows
that are at hand, and their commits are left to whoever fetched those, so that a notebook is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, load_only

from mashq.course.results import Graded
from mashq.grading.nbgrader_steps import SaveJudgedGrades


class Rows:
    """The rows of one submitted notebook, where nbgrader's code expects a gradebook."""

    def __init__(self, submitted: Any, grades: dict[str, Any], comments: dict[str, Any]) -> None:
        self.submitted = submitted
        self.grades = grades
        self._comments = comments
        self.db = self

    def commit(self) -> None:
        """Nothing: the caller commits, once a notebook."""

    def find_grade(self, grade_id: str, *_: str) -> Any:
        return self._find(self.grades, grade_id)

    def find_comment(self, grade_id: str, *_: str) -> Any:
        return self._find(self._comments, grade_id)

    @staticmethod
    def _find(rows: dict[str, Any], grade_id: str) -> Any:
        if grade_id not in rows:
            raise MissingEntry(f"cell {grade_id} of this submission")
        return rows[grade_id]

    def reviews(self) -> dict[str, tuple[float | None, bool]]:
        """What a person has graded: {grade_id: (auto_score, needs_manual_grade)}."""
        return {
            grade_id: (grade.auto_score, grade.needs_manual_grade)
            for grade_id, grade in self.grades.items()
            if grade.manual_score is not None
        }

    def auto_scores(self) -> dict[str, float | None]:
        """The points of each cell that no person gave; None where it waits for one."""
        return {grade_id: grade.auto_score for grade_id, grade in self.grades.items()}

    def bring_back(self, waited: Mapping[str, bool]) -> None:
        """Do not ask people to look again at a notebook that was missing, and is back as it was.

        waited : whether a cell waited for another look before it was missing
        """
        for grade_id, grade in self.grades.items():
            if grade.needs_manual_grade and grade_id in waited:
                grade.needs_manual_grade = waited[grade_id]

    def keep(self, reviews: dict[str, tuple[float | None, bool]]) -> None:
        """Do not ask people to look again at what they have graded just so."""
        for grade_id, (auto_score, needs_manual_grade) in reviews.items():
            if self.grades[grade_id].auto_score == auto_score:
                self.grades[grade_id].needs_manual_grade = needs_manual_grade


def find_rows(db: Any, assignment: str, student: str, notebook: str) -> Rows:
    """All rows of one submitted notebook, in three queries that find them by index.

    db : a session of nbgrader's gradebook

    Raises MissingEntry when there is no such submission.
    """
    submitted = db.scalar(
        select(SubmittedNotebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedNotebook.notebook)
        .join(SubmittedAssignment.assignment)
        .where(
            Assignment.name == assignment,
            SubmittedAssignment.student_id == student,
            Notebook.name == notebook,
        )
        # only what is needed: nbgrader's classes carry sums over cells, each of them a query of its own
        .options(
            load_only(SubmittedNotebook.notebook_id, SubmittedNotebook.late_submission_penalty),
            contains_eager(SubmittedNotebook.assignment)
            .load_only(SubmittedAssignment.timestamp, SubmittedAssignment.extension)
            .contains_eager(SubmittedAssignment.assignment)
            .load_only(Assignment.duedate),
        )
    )
    if submitted is None:
        raise MissingEntry(f"notebook {notebook} of this submission")
    grade_columns = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    return Rows(
        submitted,
        _by_cell(db, submitted, Grade, *grade_columns),
        _by_cell(db, submitted, Comment, Comment.auto_comment),
    )


def has_points_of_people(grade: Any) -> bool:
    """Whether a person gave points for a cell, be it 0."""
    return grade.manual_score is not None or bool(grade.extra_credit)


def points_of_people(grade: Any) -> float:
    """The points that a person gave for a cell."""
    return float(grade.manual_score or 0) + float(grade.extra_credit or 0)


def _by_cell(db: Any, submitted: Any, kind: Any, *columns: Any) -> dict[str, Any]:
    """{grade_id: its Grade, or Comment}. Of two with one id, a task cell's gives way, as in nbgrader."""
    found = db.execute(
        select(BaseCell.name, kind)
        .join(kind, kind.cell_id == BaseCell.id)
        .where(BaseCell.notebook_id == submitted.notebook_id, kind.notebook_id == submitted.id)
        .order_by(BaseCell.type.desc())
        .options(load_only(*columns))
    )
    return dict(found.all())


class OnePassGrades(SaveJudgedGrades):
    """`SaveJudgedGrades` on rows that are at hand."""

    def save(self, nb: Any, resources: dict[str, Any], rows: Rows, graded: Graded) -> None:
        """Fill in auto_score, needs_manual_grade and auto_comment; nothing when the course has that off."""
        self.gradebook = rows
        self._problems = graded.problems
        self(nb, resources)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        self.student_id, self.assignment_id = about["student"], about["assignment"]
        self.notebook_id = about["notebook"]
        # past SaveAutoGrades.preprocess, which would open the gradebook anew, to the loop over the cells
        return Preprocessor.preprocess(self, nb, resources)  # type: ignore[no-any-return]


class OnePassPenalties(AssignLatePenalties):
    """`AssignLatePenalties` on rows that are at hand."""

    def save(self, nb: Any, resources: dict[str, Any], rows: Rows) -> None:
        """Fill in late_submission_penalty; the session writes the new scores before their sum is read."""
        self._submitted = rows.submitted
        self(nb, resources)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """What nbgrader's does between opening and closing the gradebook."""
        notebook, submission = self._submitted, self._submitted.assignment
        due = submission.assignment.duedate  # without one, nbgrader cannot add an extension
        seconds_late = 0 if due is None else submission.total_seconds_late
        notebook.late_submission_penalty = None
        if seconds_late > 0:
            self.init_plugin()
            about = resources["nbgrader"]
            self.assignment_id = about["assignment"]  # as in nbgrader's step: plugins ask their parent for it
            penalty = self.plugin_inst.late_submission_penalty(about["student"], notebook.score, seconds_late)
            if penalty is not None:
                notebook.late_submission_penalty = self._check_late_penalty(notebook, penalty)
        return nb, resources
