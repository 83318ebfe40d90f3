"""Match a submission's cells against the release and put right what is certain.

nbgrader finds cells by the ids in their metadata. Colab, copy and paste, and merging tools lose or double
those, and a lost id is a lost grade. So every cell of the release is looked for by its id, then by its
content, then by its place between neighbours that were found.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import nbformat

from mashq.cells import (
    OfTexts,
    about,
    conflicted,
    gives_points,
    id_of,
    is_locked,
    is_solution,
    known_cells,
    released_code,
    text,
)
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence

DEFINED = re.compile(r"^(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
SAME_CELL = 0.5  # of a given cell's lines: what a student made of it


@dataclass
class Repair:
    """What was done to a notebook, and the cells that a person must look at."""

    notes: list[Sentence] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, template: str, **arguments: str | int) -> None:
        self.notes.append(Sentence.of(template, **arguments))

    def ask(self, cell: str, sentence: Sentence) -> None:
        """Leave the points of a cell to a person, and say why."""
        self.problems.append(Problem(Kind.PERSON, sentence, cell))


class WrongNotebookError(ValueError):
    """The file holds another notebook than its name says."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


def repair(notebook: Any, release: Any) -> Repair:
    """Give a submission the nbgrader cells of its release, in place.

    notebook : the student's, as `read_submission` gives it; its nbgrader metadata is not trusted
    release : the released notebook

    Raises WrongNotebookError when no cell belongs to the release though some name other cells.
    """
    done = Repair()
    known = known_cells(release)
    claims = _claims(notebook, known, done)
    if not claims and any(id_of(cell) for cell in notebook.cells):
        names = ", ".join(id_of(c) for c in notebook.cells if id_of(c))
        another = N_("holds the cells of another notebook ({names})")
        raise WrongNotebookError(Sentence.of(another, names=names[:120]))

    found = {grade_id: _choose(grade_id, cells, known[grade_id], done) for grade_id, cells in claims.items()}
    _find_lost(notebook, release, known, found, done)
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    for grade_id, original in known.items():
        if grade_id in found:
            _restore(found[grade_id], original, done)
    _restore_given(notebook, release, found, done)
    _drop_untouched_copies(notebook, known, found, done)
    _look_beside_unanswered_essays(notebook, release, found, done)
    _put_back(notebook, release, found, done)
    _move_tests_behind_solutions(notebook, known, found, done)
    _find_conflicts(known, found, done)
    return done


def is_answered(notebook: Any, release: Any) -> bool:
    """Whether a notebook holds anything but the released text, in some order."""
    released = {text(cell) for cell in release.cells}
    return any(text(cell) and text(cell) not in released for cell in notebook.cells)


def _is_one_of(cell: Any, cells: Iterable[Any]) -> bool:
    """Whether it is this very cell; equal ones are others."""
    return any(cell is other for other in cells)


def _index(notebook: Any, cell: Any) -> int:
    return next(i for i, other in enumerate(notebook.cells) if other is cell)


@OfTexts
def defined(source: str) -> set[str]:
    """The names that code defines at its outermost level."""
    return {first or second for first, second in DEFINED.findall(source)}


# -- finding ----------------------------------------------------------------------------------------------


def _claims(notebook: Any, known: dict[str, Any], done: Repair) -> dict[str, list[Any]]:
    """Which cells of the submission say that they are which cell of the release."""
    claims: dict[str, list[Any]] = {}
    for cell in notebook.cells:
        grade_id = id_of(cell)
        if grade_id in known:
            claims.setdefault(grade_id, []).append(cell)
        elif grade_id:
            note = N_("cell {name!r} is not of this notebook; it is treated as an ordinary cell")
            done.note(note, name=grade_id[:60])
    return claims


def _choose(grade_id: str, cells: list[Any], original: Any, done: Repair) -> Any:
    """One of the cells that carry the same id."""
    if len(cells) == 1:
        return cells[0]
    answered = [cell for cell in cells if text(cell) != text(original)]
    different = {text(cell) for cell in answered}
    done.note(N_("cell {name} was there {count} times"), name=grade_id, count=len(cells))
    if len(different) > 1 and is_solution(original):
        many = N_("{count} different answers carry the id {name}; the last one was taken")
        sentence = Sentence.of(many, count=len(different), name=grade_id)
        done.notes.append(sentence)
        if gives_points(original):
            done.ask(grade_id, sentence)
    return answered[-1] if answered and is_solution(original) else cells[0]


def _find_lost(
    notebook: Any, release: Any, known: dict[str, Any], found: dict[str, Any], done: Repair
) -> None:
    """Find cells that lost their id, and answers beside a cell that was left as it was released."""
    recognised = []
    released = {text(cell) for cell in release.cells}
    for grade_id, original in known.items():
        free = [cell for cell in notebook.cells if not _is_one_of(cell, found.values())]
        new = [cell for cell in free if text(cell) not in released]
        if grade_id not in found:
            same = [cell for cell in free if text(cell) == text(original)]
            match = _defining(original, new) or (same[-1] if same else None)
            if match is None:
                match = _by_place(original, release, notebook, found, free)
            if match is not None:
                found[grade_id] = match
                recognised.append(grade_id)
        elif text(found[grade_id]) == text(original):
            match = _defining(original, new)
            if match is not None:
                found[grade_id] = match
                note = N_("the answer of cell {name} was written in another cell")
                done.note(note, name=grade_id)
    if recognised:
        note = N_("nbgrader's metadata was lost, these cells were recognised: {names}")
        done.note(note, names=", ".join(recognised))


def _defining(original: Any, cells: list[Any]) -> Any | None:
    """The last of the cells that defines what the released stub of a code cell defines."""
    if original.cell_type != "code" or not is_solution(original):
        return None
    names = defined(original.source)
    defining = [cell for cell in cells if cell.cell_type == "code" and names & defined(cell.source)]
    return defining[-1] if defining else None


def _counterparts(release: Any, notebook: Any, found: dict[str, Any]) -> list[Any | None]:
    """For each cell of the release, the submission's; None where there is none."""
    by_text: dict[str, Any] = {}
    for cell in notebook.cells:
        by_text.setdefault(text(cell), cell)
    return [found.get(id_of(cell)) if id_of(cell) else by_text.get(text(cell)) for cell in release.cells]


def _gap(original: Any, release: Any, notebook: Any, found: dict[str, Any]) -> tuple[int, int]:
    """Where a released cell belongs in a submission: behind the neighbour before it, up to the one behind."""
    here, others = _index(release, original), _counterparts(release, notebook, found)
    before = next((_index(notebook, cell) for cell in reversed(others[:here]) if cell is not None), -1)
    after = (_index(notebook, cell) for cell in others[here + 1 :] if cell is not None)
    return before + 1, next(after, len(notebook.cells))


def _between(original: Any, release: Any, notebook: Any, found: dict[str, Any]) -> list[Any]:
    """The submission's cells between the nearest neighbours of a released cell that it has."""
    start, end = _gap(original, release, notebook, found)
    return list(notebook.cells[start:end]) if start else []


def _by_place(
    original: Any, release: Any, notebook: Any, found: dict[str, Any], free: list[Any]
) -> Any | None:
    """The only free cell of the same type between the neighbours of the released cell."""
    fitting = [
        cell
        for cell in _between(original, release, notebook, found)
        if _is_one_of(cell, free) and cell.cell_type == original.cell_type and cell.source.strip()
    ]
    return fitting[0] if len(fitting) == 1 else None


# -- putting right ----------------------------------------------------------------------------------------


def _restore(cell: Any, original: Any, done: Repair) -> None:
    """Give a found cell the metadata and the type of its released original, and a locked one its text."""
    cell.metadata["nbgrader"] = copy.deepcopy(original.metadata["nbgrader"])
    if cell.cell_type != original.cell_type:
        note = N_("cell {name} had become a {type} cell")
        done.note(note, name=id_of(original), type=cell.cell_type)
        _retype(cell, original.cell_type)
    if is_locked(original) and text(cell) != text(original):
        note = N_("cell {name} was changed; the released text is used")
        done.note(note, name=id_of(original))
        cell.source = original.source


def _retype(cell: Any, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _restore_given(notebook: Any, release: Any, found: dict[str, Any], done: Repair) -> None:
    """Make given code code again, and put back given imports: nothing is graded in them, all needs them."""
    lines = {line.strip() for c in notebook.cells if c.cell_type == "code" for line in c.source.splitlines()}
    for original in release.cells:
        if original.cell_type != "code" or about(original):
            continue
        others = _counterparts(release, notebook, found)
        cell = others[_index(release, original)]
        first_line = original.source.partition("\n")[0][:60]
        if cell is not None and cell.cell_type != "code":
            note = N_('the given cell "{line}" had become a {type} cell')
            done.note(note, line=first_line, type=cell.cell_type)
            _retype(cell, "code")
        elif cell is None and _is_imports(original) and not set(original.source.splitlines()) <= lines:
            note = N_('the given imports "{line}" were missing and were put back')
            done.note(note, line=first_line)
            start, _ = _gap(original, release, notebook, found)
            notebook.cells.insert(start, nbformat.from_dict(copy.deepcopy(original)))
        elif cell is None:
            _keep_released(original, release, notebook, found)


def _keep_released(original: Any, release: Any, notebook: Any, found: dict[str, Any]) -> None:
    """Keep the code of a given cell with the cell that a student made of it, for when that one stops."""
    start, end = _gap(original, release, notebook, found)
    changed = [
        cell
        for cell in notebook.cells[start:end]
        if cell.cell_type == "code" and not about(cell) and not released_code(cell)
    ]
    lines = set(text(original).splitlines()) - {""}
    shares = [len(lines.intersection(text(cell).splitlines())) / max(1, len(lines)) for cell in changed]
    best = max(shares, default=0)
    if best >= SAME_CELL or len(changed) == 1:
        changed[shares.index(best)].metadata["mashq"] = {"released": original.source}


def _is_imports(cell: Any) -> bool:
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:
        return False
    return bool(body) and all(isinstance(part, ast.Import | ast.ImportFrom) for part in body)


def _drop_untouched_copies(notebook: Any, known: dict[str, Any], found: dict[str, Any], done: Repair) -> None:
    """Take out copies of a released stub beside its answer: run behind it, they would undo it."""
    for grade_id, original in known.items():
        answer = found.get(grade_id)
        if answer is None or original.cell_type != "code" or not is_solution(original):
            continue
        if text(answer) == text(original):
            continue
        # the cell of another exercise may have the same stub, and nothing else
        kept = [c for c in notebook.cells if text(c) != text(original) or _is_one_of(c, found.values())]
        if len(kept) < len(notebook.cells):
            done.note(N_("an untouched copy of cell {name} was left out"), name=grade_id)
            notebook.cells = kept


def _look_beside_unanswered_essays(notebook: Any, release: Any, found: dict[str, Any], done: Repair) -> None:
    """An answer that was written below its cell is for a person: nbgrader would give the cell a zero."""
    released = {text(cell) for cell in release.cells}
    for original in release.cells:
        grade_id = id_of(original)
        is_answer = is_solution(original) and gives_points(original) and grade_id in found
        if is_answer and text(found[grade_id]) == text(original):
            beside = _between(original, release, notebook, found)
            if any(text(cell) and text(cell) not in released for cell in beside):
                beside_it = N_(
                    "the answer cell {name} is as it was released, but a new cell stands beside it; "
                    "is the answer there?"
                )
                done.ask(grade_id, Sentence.of(beside_it, name=grade_id))


def _put_back(notebook: Any, release: Any, found: dict[str, Any], done: Repair) -> None:
    """Insert released cells that the submission lacks."""
    answers = [cell for cell in found.values() if is_solution(cell)]
    for original in release.cells:
        grade_id = id_of(original)
        if not grade_id or grade_id in found:
            continue
        cell = nbformat.from_dict(copy.deepcopy(original))
        merged = _defining(original, answers)
        if merged is not None:  # the stub would undo it, and it may stand behind the test cell
            cell.source = merged.source
            note = N_("the answer of cell {name} stood in cell {other} and is run in both")
            done.note(note, name=grade_id, other=id_of(merged))
        else:
            done.note(N_("cell {name} was missing and was put back"), name=grade_id)
        notebook.cells.insert(_gap(original, release, notebook, found)[0], cell)
        found[grade_id] = cell
        if is_solution(original) and gives_points(original):
            missing = N_("the answer cell {name} was missing; is the answer elsewhere?")
            done.ask(grade_id, Sentence.of(missing, name=grade_id))
    ids: set[str] = set()
    for cell in notebook.cells:
        if cell.get("id") is None or cell.id in ids:  # a release of format 4.4 or older has none
            cell.id = nbformat.v4.new_raw_cell().id
        ids.add(cell.id)


def _move_tests_behind_solutions(
    notebook: Any, known: dict[str, Any], found: dict[str, Any], done: Repair
) -> None:
    """A test cell that stands above code that it tests goes behind the last of it."""
    last: Any = None  # of the answers so far, and of the tests moved behind them
    for grade_id, original in known.items():
        cell = found[grade_id]
        if is_solution(original):
            if last is None or _index(notebook, cell) > _index(notebook, last):
                last = cell
            continue
        if (
            last is not None
            and about(original).get("grade")
            and _index(notebook, cell) < _index(notebook, last)
        ):
            notebook.cells = [other for other in notebook.cells if other is not cell]
            notebook.cells.insert(_index(notebook, last) + 1, cell)
            note = N_("cell {name} stood before the code that it tests and was moved")
            done.note(note, name=grade_id)
            last = cell


def _find_conflicts(known: dict[str, Any], found: dict[str, Any], done: Repair) -> None:
    """An answer with both sides of a git merge in it is for a person, and so is all that may need it."""
    why: Sentence | None = None
    for grade_id, original in known.items():
        if why is None and is_solution(original) and conflicted(found[grade_id]):
            both = N_("the answer cell {name} holds both sides of a git merge conflict")
            why = Sentence.of(both, name=grade_id)
        if why is not None and gives_points(original):
            done.ask(grade_id, why)
