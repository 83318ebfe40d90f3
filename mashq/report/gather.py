"""Everything that the report is made from: the gradebook, the store of results, the course folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select

from mashq.errors import CourseError
from mashq.grading.course import Course
from mashq.grading.run import STORE
from mashq.grading.scores import Scores, gradebook_of, read_scores
from mashq.language import ENGLISH
from mashq.report.bars import Bar, read_bars
from mashq.report.results import Answer, Handed, read_results, text_of
from mashq.zoo import without_markers


@dataclass(frozen=True)
class Cell:
    """A cell that gives points."""

    question: str
    grade_id: str
    points: float
    by_person: bool  # an essay or a task; not a test cell


@dataclass(frozen=True)
class Class:
    """An assignment as its class did it; students are in an order that may be shown."""

    scores: Scores
    cells: Sequence[Cell]
    grades: Mapping[tuple[str, str], float | None]  # {(student, grade_id): points}; None: waits for a person
    handed: Sequence[Handed]
    bars: Mapping[str, Mapping[str, Bar]] = field(default_factory=dict)  # {question: {check: its bar}}
    given: Mapping[str, Sequence[Answer]] = field(default_factory=dict)  # release and reference, by question
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # {student: how else they are called}
    anonymous: bool = False
    language: str = ENGLISH  # of the released assignment

    @property
    def assignment(self) -> str:
        """The assignment's name."""
        return self.scores.assignment


def gather(folder: Path, assignment: str) -> Class:
    """Read a graded assignment; nothing is changed.

    Raises CourseError when the folder is no course, the assignment was not released, or nobody has a grade;
    RecordError when the store of results cannot be read.
    """
    course = Course(folder, assignment)
    scores = read_scores(folder, assignment)
    if not scores.students:
        raise CourseError(f"nobody has a grade in {assignment} yet; run `mashq grade {assignment}` first")
    released = [cell for data in course.release.values() for cell in json.loads(data)["cells"]]
    cells, grades, names = _read_gradebook(folder, assignment, released)
    pairs = {(student, name) for student, questions in scores.students.items() for name in questions}
    return Class(
        scores=scores,
        cells=cells,
        grades=grades,
        handed=read_results(course.root / STORE / f"{assignment}.sqlite", pairs),
        bars={name: read_bars(data.decode()) for name, data in course.checks.items()},
        given={name: _given(course, name) for name in course.release},
        names=names,
        language=course.language,
    )


def _read_gradebook(
    folder: Path, assignment: str, released: Sequence[Mapping[str, Any]]
) -> tuple[list[Cell], dict[tuple[str, str], float | None], dict[str, list[str]]]:
    """Cells as they stand in the notebooks, points by student and cell, what else students are called."""
    marks = [cell["metadata"].get("nbgrader", {}) for cell in released]
    places = {mark["grade_id"]: place for place, mark in enumerate(marks) if mark}
    people = {m["grade_id"] for m in marks if m.get("task") or (m.get("grade") and m.get("solution"))}
    url, course_id = gradebook_of(folder)
    with Gradebook(url, course_id) as gradebook:
        cells = [
            Cell(notebook.name, cell.name, cell.max_score, cell.name in people)
            for notebook in gradebook.find_assignment(assignment).notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        ]
        rows = gradebook.db.execute(
            select(SubmittedAssignment.student_id, BaseCell.name, Grade.score, Grade.needs_manual_grade)
            .select_from(Grade)
            .join(Grade.cell)
            .join(Grade.notebook)
            .join(SubmittedNotebook.assignment)
            .join(SubmittedAssignment.assignment)
            .where(Assignment.name == assignment)
        )
        grades = {(student, name): None if waits else score for student, name, score, waits in rows}
        names = {
            student.id: [
                name
                for name in (student.email, student.lms_user_id, student.first_name, student.last_name)
                if name
            ]
            for student in gradebook.students
        }
    return sorted(cells, key=lambda cell: (cell.question, places.get(cell.grade_id, 0))), grades, names


def _given(course: Course, name: str) -> list[Answer]:
    """The cells of the released notebook and of the reference, all of them: nobody has those of their own."""
    directory = CourseDirectory(config=course.config, root=str(course.root))
    source = directory.format_path(directory.source_directory, ".", course.assignment)
    path = Path(source, f"{name}.ipynb")
    texts = [course.release[name], path.read_bytes() if path.is_file() else b'{"cells": []}']
    return [
        Answer("", cell["cell_type"] == "code", without_markers(text_of(cell)))
        for text in texts
        for cell in json.loads(text)["cells"]
    ]
