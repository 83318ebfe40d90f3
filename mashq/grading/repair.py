"""Match a submission's cells against the release and put right what is certain.

nbgrader finds cells by the ids in their metadata. Colab, copy and paste, and merging tools lose or double
those, and a lost id is a lost grade. So every cell of the release is looked for by its id, then by its
content, then by its place between neighbours that were found.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any

import nbformat

DEFINED = re.compile(r"^(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


@dataclass
class Repair:
    """What was done to a notebook, in sentences for the grader."""

    notes: list[str] = field(default_factory=list)
    attention: dict[str, str] = field(default_factory=dict)  # grade_id → why a person must look


class WrongNotebookError(ValueError):
    """The file holds another notebook than its name says."""


def repair(notebook: Any, release: Any) -> Repair:
    """Give a submission the nbgrader cells of its release, in place.

    notebook : the student's, as `read_submission` gives it; its nbgrader metadata is not trusted
    release : the released notebook

    Raises WrongNotebookError when no cell belongs to the release though some name other cells.
    """
    done = Repair()
    wanted = [cell for cell in release.cells if _about(cell).get("grade_id")]
    known = {_about(cell)["grade_id"]: cell for cell in wanted}
    claims = _claims(notebook, known, done)
    if not claims and any(_about(cell).get("grade_id") for cell in notebook.cells):
        names = ", ".join(str(_about(c)["grade_id"]) for c in notebook.cells if _about(c).get("grade_id"))
        raise WrongNotebookError(f"holds the cells of another notebook ({names[:120]})")

    found: dict[str, Any] = {}
    for grade_id, cells in claims.items():
        found[grade_id] = _choose(grade_id, cells, known[grade_id], done)
    free = [cell for cell in notebook.cells if not any(cell is other for other in found.values())]
    recognised: list[str] = []
    for grade_id, original in known.items():
        if grade_id not in found:
            match = _by_content(original, free) or _by_place(original, release, notebook, found, free)
            if match is not None:
                found[grade_id] = match
                free = [cell for cell in free if cell is not match]
                recognised.append(grade_id)
    if recognised:
        done.notes.append(
            f"nbgrader's metadata was lost, these cells were recognised: {', '.join(recognised)}"
        )

    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    for grade_id, original in known.items():
        if grade_id in found:
            _restore(found[grade_id], original, done)
    _put_back(notebook, wanted, found, done)
    _move_tests_behind_solutions(notebook, wanted, found, done)
    return done


def _about(cell: Any) -> dict[str, Any]:
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) else {}


def _text(cell: Any) -> str:
    """A cell's source without the white space that editors change."""
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())


def _claims(notebook: Any, known: dict[str, Any], done: Repair) -> dict[str, list[Any]]:
    """Which cells of the submission say that they are which cell of the release."""
    claims: dict[str, list[Any]] = {}
    for cell in notebook.cells:
        grade_id = _about(cell).get("grade_id")
        if isinstance(grade_id, str) and grade_id in known:
            claims.setdefault(grade_id, []).append(cell)
        elif grade_id:
            done.notes.append(f"cell {grade_id!r} is not of this notebook; it is treated as an ordinary cell")
    return claims


def _choose(grade_id: str, cells: list[Any], original: Any, done: Repair) -> Any:
    """One of the cells that carry the same id."""
    if len(cells) == 1:
        return cells[0]
    answered = [cell for cell in cells if _text(cell) != _text(original)]
    different = {_text(cell) for cell in answered}
    done.notes.append(f"cell {grade_id} was there {len(cells)} times")
    if len(different) > 1 and _about(original).get("solution"):
        why = f"{len(different)} different answers carry the id {grade_id}; the last one was taken"
        done.notes.append(why)
        if _about(original).get("grade"):
            done.attention[grade_id] = why
    return answered[-1] if answered and _about(original).get("solution") else cells[0]


def _by_content(original: Any, free: list[Any]) -> Any | None:
    """The only free cell with the released text, or that defines what the released stub defines."""
    same = [cell for cell in free if _text(cell) == _text(original)]
    if same:
        return same[-1]
    if original.cell_type != "code" or not _about(original).get("solution"):
        return None
    names = _defined(original)
    defining = [cell for cell in free if cell.cell_type == "code" and names & _defined(cell)]
    return defining[-1] if defining else None


def _defined(cell: Any) -> set[str]:
    return {first or second for first, second in DEFINED.findall(cell.source)}


def _by_place(
    original: Any, release: Any, notebook: Any, found: dict[str, Any], free: list[Any]
) -> Any | None:
    """The only free cell of the same type between the neighbours of the released cell."""
    here = next(i for i, cell in enumerate(release.cells) if cell is original)

    def position(cell: Any) -> int | None:
        grade_id = _about(cell).get("grade_id")
        for index, other in enumerate(notebook.cells):
            if other is found.get(grade_id) if grade_id else _text(other) == _text(cell):
                return index
        return None

    before = next((p for c in reversed(release.cells[:here]) if (p := position(c)) is not None), None)
    after = next(
        (p for c in release.cells[here + 1 :] if (p := position(c)) is not None), len(notebook.cells)
    )
    if before is None:
        return None
    between = [
        cell
        for cell in notebook.cells[before + 1 : after]
        if any(cell is other for other in free)
        and cell.cell_type == original.cell_type
        and cell.source.strip()
    ]
    return between[0] if len(between) == 1 else None


def _restore(cell: Any, original: Any, done: Repair) -> None:
    """Give a found cell the metadata and the type of its released original, and a locked one its text."""
    about = _about(original)
    cell.metadata["nbgrader"] = copy.deepcopy(about)
    if cell.cell_type != original.cell_type:
        done.notes.append(f"cell {about['grade_id']} had become a {cell.cell_type} cell")
        cell.cell_type = original.cell_type
        if original.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.pop("attachments", None)
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    if not about.get("solution") and about.get("locked") and _text(cell) != _text(original):
        done.notes.append(f"cell {about['grade_id']} was changed; the released text is used")
        cell.source = original.source


def _put_back(notebook: Any, wanted: list[Any], found: dict[str, Any], done: Repair) -> None:
    """Insert released cells that the submission lacks, behind the released cell before them."""
    previous = None
    for original in wanted:
        about = _about(original)
        grade_id = about["grade_id"]
        if grade_id not in found:
            cell = nbformat.from_dict(copy.deepcopy(original))
            index = _index(notebook, previous) + 1 if previous is not None else 0
            notebook.cells.insert(index, cell)
            found[grade_id] = cell
            done.notes.append(f"cell {grade_id} was missing and was put back")
            if about.get("grade") and about.get("solution"):
                done.attention[grade_id] = f"the answer cell {grade_id} was missing; is the answer elsewhere?"
        previous = found[grade_id]
    ids: set[str] = set()
    for cell in notebook.cells:
        if cell.id in ids:
            cell.id = nbformat.v4.new_raw_cell().id
        ids.add(cell.id)


def _move_tests_behind_solutions(
    notebook: Any, wanted: list[Any], found: dict[str, Any], done: Repair
) -> None:
    """A test cell that was dragged above the code it tests goes back behind it."""
    solution = None
    for original in wanted:
        about = _about(original)
        cell = found[about["grade_id"]]
        if about.get("solution"):
            solution = cell
            continue
        is_test = bool(about.get("grade")) and solution is not None
        if is_test and _index(notebook, cell) < _index(notebook, solution):
            del notebook.cells[_index(notebook, cell)]
            notebook.cells.insert(_index(notebook, solution) + 1, cell)
            done.notes.append(f"cell {about['grade_id']} stood before the code that it tests and was moved")


def _index(notebook: Any, cell: Any) -> int:
    return next(i for i, other in enumerate(notebook.cells) if other is cell)
