"""How a new version of an assignment differs from the gradebook, and rows there for what is new in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    GradeCell,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

# the rows that nbgrader's release makes for a cell, by what the cell is
ROWS: dict[Any, Callable[[Any], bool]] = {
    GradeCell: is_grade,
    SolutionCell: is_solution,
    TaskCell: is_task,
    SourceCell: lambda cell: is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell),
}
Key = tuple[Any, str]  # class of a row, id of the cell


@dataclass(frozen=True)
class Changes:
    """How the cells of an assignment that was handed in differ from those in the gradebook."""

    students: list[str] = field(default_factory=list)  # who has rows there
    new: dict[str, set[Key]] = field(default_factory=dict)  # by notebook; also one without such cells
    gone: dict[str, set[Key]] = field(default_factory=dict)


def changes(gradebook: Any, assignment: str, notebooks: Mapping[str, Any]) -> Changes:
    """Compare notebooks, as they are released, with the gradebook.

    Nothing counts as changed until somebody has handed in: nbgrader then makes all rows anew.
    """
    found = gradebook.find_assignment(assignment)
    students = sorted(str(submission.student_id) for submission in found.submissions)
    if not students:
        return Changes()
    released = {name: set(_cells(notebook)) for name, notebook in notebooks.items()}
    kept = {notebook.name: _kept(notebook) for notebook in found.notebooks}
    return Changes(students, _more(released, kept), _more(kept, released))


def add_new(gradebook: Any, assignment: str, notebooks: Mapping[str, Any], found: Changes) -> None:
    """Make the rows of what is new, in each submission, too, where it waits until it is graded.

    Nothing of before is changed, and all is one transaction. nbgrader's release then fills in texts.
    """
    db, parent = gradebook.db, gradebook.find_assignment(assignment)
    rows = {notebook.name: notebook for notebook in parent.notebooks}
    for name, keys in found.new.items():
        if name not in rows:
            rows[name] = gradebook.add_notebook(name, assignment)
            for submission in parent.submissions:
                db.add(SubmittedNotebook(notebook_id=rows[name].id, assignment_id=submission.id))
            db.flush()
        cells = _cells(notebooks[name])
        for kind, grade_id in keys:
            cell = cells[kind, grade_id]
            graded = {"max_score": float(cell.metadata.nbgrader.get("points", 0))}
            about = {} if kind is SolutionCell else {"cell_type": cell.cell_type}
            about |= graded if kind in (GradeCell, TaskCell) else {}
            row = kind(name=grade_id, notebook_id=rows[name].id, **about)
            db.add(row)
            db.flush()
            for submitted in rows[name].submissions:
                if kind in (GradeCell, TaskCell):
                    db.add(Grade(cell_id=row.id, notebook_id=submitted.id))
                if kind in (SolutionCell, TaskCell):
                    db.add(Comment(cell_id=row.id, notebook_id=submitted.id))
    db.commit()


def _cells(notebook: Any) -> dict[Key, Any]:
    """The cells of a notebook by the rows that they have in a gradebook."""
    return {
        (kind, cell.metadata.nbgrader["grade_id"]): cell
        for cell in notebook.cells
        for kind, fits in ROWS.items()
        if fits(cell)
    }


def _kept(notebook: Any) -> set[Key]:
    """The rows of a notebook in the gradebook."""
    rows = [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells, *notebook.source_cells]
    return {(type(row), row.name) for row in rows}


def _more(these: Mapping[str, set[Key]], those: Mapping[str, set[Key]]) -> dict[str, set[Key]]:
    """What these notebooks have, and those have not."""
    differ = {name: keys - those.get(name, set()) for name, keys in sorted(these.items())}
    return {name: keys for name, keys in differ.items() if keys or name not in those}
