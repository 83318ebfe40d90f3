"""What of that which needed attention a person has settled since, by giving the points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader.api import BaseCell, Grade, Notebook, SubmittedAssignment
from sqlalchemy import or_

from mashq.course.gradebook.access import grades_of
from mashq.problems import Kind, Problem

Pair = tuple[str, str]  # student, notebook; for a submission without any, the notebook is none of them
OF_OTHERS = (Kind.CHECK, Kind.DATA)  # nobody's points wait for a person until a check or data is put right


@dataclass(frozen=True)
class Open:
    """A cell that has no points of the machine, or waits for a person."""

    student: str
    notebook: str
    cell: str
    waits: bool
    by_machine: bool  # whether it has points of the machine


def open_cells(db: Any, assignment: str) -> list[Open]:
    """Those of an assignment.

    db : a session of nbgrader's gradebook
    """
    by_machine = Grade.auto_score.is_not(None)
    rows = grades_of(
        assignment,
        *(SubmittedAssignment.student_id, Notebook.name, BaseCell.name),
        *(Grade.needs_manual_grade, by_machine),
    ).where(or_(Grade.needs_manual_grade, ~by_machine))
    return [
        Open(student, notebook, cell, bool(waits), bool(has))
        for student, notebook, cell, waits, has in db.execute(rows)
    ]


def unsettled(
    problems: Mapping[Pair, Sequence[Problem]], cells: Iterable[Open], notebooks: Iterable[str]
) -> dict[Pair, list[Problem]]:
    """Of what needed attention, what a person has not settled by giving points for every cell concerned.

    problems : of what is recorded
    cells : those that are open, see `open_cells`
    notebooks : the names of the assignment's; a problem of another name concerns the whole submission

    A fault of the machine, a time of hand-in and files that were left out are nothing that points settle.
    """
    known = set(notebooks)
    by_student: dict[str, list[Open]] = {}
    for cell in cells:
        by_student.setdefault(cell.student, []).append(cell)

    def is_settled(pair: Pair, problem: Problem) -> bool:
        student, notebook = pair
        concerned = [
            cell
            for cell in by_student.get(student, [])
            if (notebook not in known or cell.notebook == notebook) and problem.cell in ("", cell.cell)
        ]
        if problem.kind in OF_OTHERS and all(cell.by_machine for cell in concerned):
            return False  # there is none of which a person could have given the points
        points_settle = problem.kind not in (Kind.MACHINE, Kind.TIME, Kind.LEFT_OUT)
        return points_settle and not any(cell.waits for cell in concerned)

    left = {
        pair: [problem for problem in found if not is_settled(pair, problem)]
        for pair, found in problems.items()
    }
    return {pair: found for pair, found in left.items() if found}
