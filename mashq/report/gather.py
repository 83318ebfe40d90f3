"""Everything that the report is made from: the gradebook, the store of results, the course folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import BaseCell, Grade, SubmittedAssignment

from mashq.cells import id_of, person_grades
from mashq.course.assignment import Assignment as Released
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import grades_of, open_gradebook
from mashq.course.gradebook.scores import Scores, require_scores
from mashq.grading.gradebook.settled import Open, open_cells, unsettled
from mashq.language import ENGLISH
from mashq.problems import Problem
from mashq.report.results import Answer, GradedNotebook, read_results, text_of
from mashq.report.thresholds import Threshold, read_thresholds
from mashq.zoo.answers import without_markers


@dataclass(frozen=True)
class Cell:
    """A cell that gives points."""

    question: str
    grade_id: str
    points: float
    by_person: bool  # an essay or a task; not a test cell


@dataclass(frozen=True)
class ReportData:
    """An assignment as its class did it; students are in an order that may be shown."""

    scores: Scores
    cells: Sequence[Cell]
    grades: Mapping[tuple[str, str], float | None]  # {(student, grade_id): points}; None: waits for a person
    notebooks: Sequence[GradedNotebook]
    places: Mapping[str, str]  # see `CourseFolder.places`
    # {(student, question): what somebody must act on}
    problems: Mapping[tuple[str, str], Sequence[Problem]] = field(default_factory=dict)
    # {question: {check: its threshold}}
    thresholds: Mapping[str, Mapping[str, Threshold]] = field(default_factory=dict)
    given: Mapping[str, Sequence[Answer]] = field(default_factory=dict)  # release and reference, by question
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # {student: how else they are called}
    anonymous: bool = False
    language: str = ENGLISH  # of the released assignment

    @property
    def assignment(self) -> str:
        return self.scores.assignment


def gather(folder: CourseFolder, assignment: str) -> ReportData:
    """Read a graded assignment; nothing is changed.

    Raises CourseError when the assignment was not released, or nobody has a grade;
    RecordError when the store of results cannot be read.
    """
    given = Released(folder, assignment)
    scores = require_scores(folder, assignment)
    released = [cell for data in given.release.values() for cell in json.loads(data)["cells"]]
    cells, grades, names, waiting = _read_gradebook(folder, assignment, released)
    notebooks, problems = read_results(folder.store(assignment), scores.students)
    return ReportData(
        scores=scores,
        cells=cells,
        grades=grades,
        notebooks=notebooks,
        places=folder.places(assignment),
        problems=unsettled(problems, waiting, scores.questions),
        thresholds={name: read_thresholds(data.decode()) for name, data in given.checks.items()},
        given={name: _given(given, name) for name in given.release},
        names=names,
        language=given.language,
    )


def _read_gradebook(
    folder: CourseFolder, assignment: str, released: Sequence[Mapping[str, Any]]
) -> tuple[list[Cell], dict[tuple[str, str], float | None], dict[str, list[str]], list[Open]]:
    """Cells as they stand in the notebooks, points by student and cell, what else students are called.

    And the cells that have no points of the machine, or wait for a person.
    """
    places = {id_of(cell): place for place, cell in enumerate(released)}
    people = {id_of(cell) for cell in released if person_grades(cell)}
    with open_gradebook(folder, assignment) as gradebook:
        cells = [
            Cell(notebook.name, cell.name, cell.max_score, cell.name in people)
            for notebook in gradebook.find_assignment(assignment).notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        ]
        rows = gradebook.db.execute(
            grades_of(
                assignment,
                SubmittedAssignment.student_id,
                BaseCell.name,
                Grade.score,
                Grade.needs_manual_grade,
            )
        )
        grades = {(student, name): None if waits else score for student, name, score, waits in rows}
        names = {
            who.id: list(filter(None, (who.email, who.lms_user_id, who.first_name, who.last_name)))
            for who in gradebook.students
        }
        waiting = open_cells(gradebook.db, assignment)
    cells.sort(key=lambda cell: (cell.question, places.get(cell.grade_id, 0)))
    return cells, grades, names, waiting


def _given(given: Released, name: str) -> list[Answer]:
    """The cells of the released notebook and of the reference, all of them: nobody has those of their own."""
    path = given.source(name)
    texts = [given.release[name], path.read_bytes() if path.is_file() else b'{"cells": []}']
    return [
        Answer("", cell["cell_type"] == "code", without_markers(text_of(cell)))
        for text in texts
        for cell in json.loads(text)["cells"]
    ]
