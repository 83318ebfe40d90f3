"""The scores of an assignment, students by questions, out of nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nbgrader.api import Assignment, Grade, Notebook, SubmittedAssignment, SubmittedNotebook
from rich.table import Table
from rich.text import Text
from sqlalchemy import func, select

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import PATIENCE_S, open_gradebook
from mashq.errors import CourseError
from mashq.language import one_line


@dataclass(frozen=True)
class QuestionScore:
    """One notebook of one student."""

    score: float
    max_score: float
    needs_person: bool  # something in it waits to be graded by a person
    waiting_of: float = 0.0  # points that can be had in the cells that wait
    waiting_score: float = 0.0  # of the score, what stands there meanwhile

    @property
    def graded_share(self) -> float | None:
        """Of the points that can be had in what is graded, the share reached; None where nothing is."""
        of = self.max_score - self.waiting_of
        return (self.score - self.waiting_score) / of if of > 0 else None


def total_of(questions: Iterable[QuestionScore]) -> QuestionScore:
    """All questions of a student as one."""
    rows = list(questions)
    return QuestionScore(
        score=sum(row.score for row in rows),
        max_score=sum(row.max_score for row in rows),
        needs_person=any(row.needs_person for row in rows),
        waiting_of=sum(row.waiting_of for row in rows),
        waiting_score=sum(row.waiting_score for row in rows),
    )


@dataclass(frozen=True)
class Scores:
    """Scores of one assignment."""

    assignment: str
    questions: list[str]
    students: dict[str, dict[str, QuestionScore]]


def require_scores(folder: CourseFolder, assignment: str) -> Scores:
    """The scores of an assignment that somebody has a grade in; CourseError where nobody has one."""
    scores = read_scores(folder, assignment)
    if not scores.students:
        raise CourseError(f"nobody has a grade in {assignment} yet; run `mashq grade {assignment}` first")
    return scores


def read_scores(folder: CourseFolder, assignment: str, patience_s: float = PATIENCE_S) -> Scores:
    """Read the scores of all submissions.

    Raises CourseError when the gradebook has no such assignment, RecordError when it cannot be read; one that
    is locked is waited for.
    """
    with open_gradebook(folder, assignment, patience_s) as gradebook:
        questions = sorted(notebook.name for notebook in gradebook.find_assignment(assignment).notebooks)
        waiting = {
            notebook: (float(of), float(score))
            for notebook, of, score in gradebook.db.execute(
                select(Grade.notebook_id, func.sum(Grade.max_score), func.sum(Grade.score))
                .where(Grade.needs_manual_grade)
                .group_by(Grade.notebook_id)
            )
        }
        # one query for the class: by nbgrader's objects it is five for each notebook
        students: dict[str, dict[str, QuestionScore]] = {}
        for student, name, notebook, *score in gradebook.db.execute(
            select(
                SubmittedAssignment.student_id,
                Notebook.name,
                SubmittedNotebook.id,
                SubmittedNotebook.score,
                SubmittedNotebook.max_score,
                SubmittedNotebook.needs_manual_grade,
            )
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .outerjoin(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .where(Assignment.name == assignment)
        ):
            own = students.setdefault(student, {})
            if name is not None:
                own[name] = QuestionScore(*score, *waiting.get(notebook, ()))
    return Scores(assignment, questions, dict(sorted(students.items())))


def score_table(scores: Scores) -> Table:
    """A table for the terminal; `*` marks what a person still has to grade."""
    table = Table(title=Text(f"{scores.assignment}: points by question (* waits for a person)"))
    table.add_column("student", overflow="fold")  # the one that gives way, or a long id would hide the scores
    for heading in _headings(scores.questions):
        table.add_column(Text(heading), justify="right", no_wrap=True)
    table.add_column("total", justify="right", style="bold", no_wrap=True)
    for student, questions in scores.students.items():
        cells = [_cell(questions[name]) for name in scores.questions]
        total = sum(question.score for question in questions.values())
        table.add_row(Text(one_line(student)), *cells, f"{total:g}")
    best = (
        [next(iter(scores.students.values()))[name].max_score for name in scores.questions]
        if scores.students
        else []
    )
    if best:
        table.add_section()
        table.add_row("of", *(f"{value:g}" for value in best), f"{sum(best):g}")
    return table


def _headings(questions: list[str]) -> list[str]:
    """`q5_xnor` → `q5` where that tells the questions apart, so that a table fits a terminal."""
    short = [question.partition("_")[0] for question in questions]
    return short if len(set(short)) == len(short) else questions


def _cell(question: QuestionScore) -> str:
    return f"{question.score:g}{'*' if question.needs_person else ''}"
