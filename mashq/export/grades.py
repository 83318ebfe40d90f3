"""What every format is made from: students with their points, what waits for a person, check results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import func, select

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import grades_of, open_gradebook
from mashq.course.gradebook.scores import QuestionScore, require_scores
from mashq.course.store import Store
from mashq.judge import Judgement


@dataclass(frozen=True)
class Part:
    """One cell that gives points."""

    question: str
    grade_id: str
    score: float
    max_score: float
    waits: bool  # for a person


@dataclass(frozen=True)
class Student:
    """One student and the grade of one assignment."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""  # the learning platform's id of the student, where the gradebook has it
    questions: Mapping[str, QuestionScore] = field(default_factory=dict)
    parts: Sequence[Part] = ()
    penalty: float = 0.0  # points taken off because the submission was late

    @property
    def score(self) -> float:
        """Points, the late penalty taken off, never below 0; as nbgrader's export has it."""
        return max(0.0, sum(question.score for question in self.questions.values()) - self.penalty)

    @property
    def waiting(self) -> int:
        """Cells that wait for a person; what they give is not in the score."""
        return sum(part.waits for part in self.parts)

    @property
    def sorting_name(self) -> str:
        """`Last, First`; the id where the gradebook has no name."""
        return ", ".join(name for name in (self.last_name, self.first_name) if name) or self.id


@dataclass(frozen=True)
class Grades:
    """The grades of one assignment; of those who handed in something."""

    course: Path
    assignment: str
    max_score: float
    students: Sequence[Student]
    judgements: Mapping[tuple[str, str], Judgement] = field(default_factory=dict)  # by student and question
    left_out: Sequence[str] = ()  # students who wait for a person

    def names(self) -> dict[str, tuple[str, str, str]]:
        """What a roster may call each student, by id: the id, the platform's id, the email address."""
        return {student.id: (student.id, student.lms_user_id, student.email) for student in self.students}

    def complete_only(self) -> Grades:
        """Without the students of whom something waits for a person."""
        return replace(
            self,
            students=[student for student in self.students if not student.waiting],
            left_out=[student.id for student in self.students if student.waiting],
        )


def read_grades(course: Path, assignment: str) -> Grades:
    """Read the gradebook and the store of results; nothing is changed.

    Raises CourseError when the gradebook has no such assignment, or no submission of it; RecordError when the
    store of results cannot be read.
    """
    folder = CourseFolder(course)
    scores = require_scores(folder, assignment)
    with open_gradebook(folder, assignment) as gradebook:
        found = gradebook.find_assignment(assignment)
        points = {
            (notebook.name, cell.name): float(cell.max_score)
            for notebook in found.notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        }
        parts, penalties = _read_parts(gradebook, assignment, points), _read_penalties(gradebook, assignment)
        students = [
            Student(
                id=student.id,
                first_name=student.first_name or "",
                last_name=student.last_name or "",
                email=student.email or "",
                lms_user_id=student.lms_user_id or "",
                questions=scores.students[student.id],
                parts=parts[student.id],
                penalty=penalties.get(student.id, 0.0),
            )
            for student in sorted(gradebook.students, key=lambda student: str(student.id))
            if student.id in scores.students
        ]
        max_score = float(found.max_score)
    return Grades(course, assignment, max_score, students, _read_judgements(folder.store(assignment)))


def _read_parts(
    gradebook: Gradebook, assignment: str, points: Mapping[tuple[str, str], float]
) -> dict[str, list[Part]]:
    """The cells of each student, in the order of their names."""
    rows = gradebook.db.execute(
        grades_of(
            assignment,
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.needs_manual_grade,
        ).order_by(Notebook.name, BaseCell.name)
    )
    parts = defaultdict(list)
    for student, question, grade_id, score, waits in rows:
        max_score = points.get((question, grade_id), 0.0)
        parts[student].append(Part(question, grade_id, float(score or 0.0), max_score, bool(waits)))
    return parts


def _read_penalties(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    rows = gradebook.db.execute(
        select(SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty))
        .select_from(SubmittedNotebook)
        .join(SubmittedNotebook.assignment)
        .join(SubmittedAssignment.assignment)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    return {student: float(penalty or 0.0) for student, penalty in rows}


def _read_judgements(path: Path) -> dict[tuple[str, str], Judgement]:
    """The last check results; none when `mashq grade` never ran, as after `nbgrader autograde` alone."""
    if not path.is_file():
        return {}
    with Store(path) as store:
        return {(student, question): graded.judgement for student, question, graded in store.results()}
