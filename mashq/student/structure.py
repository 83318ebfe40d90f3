"""Compare a notebook with its release, cell by cell; nothing is run here.

The grader finds cells by nbgrader's ids in their metadata. It puts right most of what is named here, but a
student who mends it is sure of the grade.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mashq.cells import about, conflicted, id_of, is_locked, is_solution, known_cells, text
from mashq.exercises import TEXT_STUB, CellNames, listed
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.student.findings import Finding

EMPTY = re.compile(r"^\s*raise NotImplementedError\b.*$", re.MULTILINE)  # what a release leaves to be written
ESSAYS = ("YOUR ANSWER HERE", TEXT_STUB)  # nbgrader's and that of hw2
FRAME = re.compile(r'^<div dir="rtl">\s*|\s*</div>$')  # of an essay in a language from right to left
FIXED = ("grade", "solution", "locked", "task", "points", "schema_version")  # of a cell, by the release
AFRESH = N_("Take a fresh copy of the released notebook and paste your answers into it.")


def check_structure(notebook: Any, release: Any | None, names: CellNames) -> Iterator[Finding]:
    """All findings about a notebook's cells; without a release, those that need none."""
    found = [*_shared_ids(notebook), *_doubled(notebook, names), *_conflicts(notebook, names)]
    found += _alone(notebook) if release is None else _against(notebook, release, names)
    yield from found
    if not found:
        there = (
            _("{count} cells of the assignment are there, as the release has them")
            if release is not None
            else _("{count} cells of the assignment are there, with their ids, each once")
        )
        yield Finding("ok", "cells", there.format(count=len(known_cells(notebook))))
    yield from _answers(notebook, release, names)


def _shared_ids(notebook: Any) -> Iterator[Finding]:
    ids = Counter(cell.get("id") for cell in notebook.cells if cell.get("id"))
    if any(count > 1 for count in ids.values()):
        says = _("some cells share an id of the notebook format")
        yield Finding("note", "cells", says, _("Save the notebook in JupyterLab."))


def _doubled(notebook: Any, names: CellNames) -> Iterator[Finding]:
    counts = Counter(id_of(cell) for cell in notebook.cells if about(cell))
    doubled = [grade_id for grade_id, count in counts.items() if count > 1]
    if doubled:
        says = _("there more than once: {names}").format(names=names.cells(doubled))
        yield Finding("to do", "cells", says, _("Delete the copies; keep your answer."))


def _conflicts(notebook: Any, names: CellNames) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells, start=1):
        if conflicted(cell):
            says = _("{name} holds both sides of a git merge").format(name=names.cell(cell, number))
            advice = _("Keep one side; delete the lines <<<<<<<, ======= and >>>>>>>.")
            yield Finding("to do", "cells", says, advice)


def _alone(notebook: Any) -> Iterator[Finding]:
    """What can be told without the release."""
    if not known_cells(notebook):
        says = _("no cell has nbgrader's metadata: it is no assignment, or another program took it out")
        yield Finding("to do", "cells", says, _(AFRESH))


def _against(notebook: Any, release: Any, names: CellNames) -> Iterator[Finding]:
    cells, known = known_cells(notebook), known_cells(release)
    missing = [grade_id for grade_id in known if grade_id not in cells]
    if missing:
        says = _("missing, or their metadata was lost: {names}").format(names=names.cells(missing))
        yield Finding("to do", "cells", says, _(AFRESH))
    here = [(grade_id, cells[grade_id], known[grade_id]) for grade_id in known if grade_id in cells]
    other = [
        grade_id
        for grade_id, cell, original in here
        if cell.cell_type != original.cell_type
        or any(about(cell).get(key) != about(original).get(key) for key in FIXED)
    ]
    if other:
        says = _("of another kind than released: {names}").format(names=names.cells(other))
        yield Finding("to do", "cells", says, _(AFRESH))
    locked = [
        grade_id for grade_id, cell, original in here if is_locked(original) and text(cell) != text(original)
    ]
    if locked:
        says = _("locked cells that were changed: {names}").format(names=names.cells(locked))
        advice = _("Undo it; the grader uses the released text, so your notebook must run with it.")
        yield Finding("to do", "cells", says, advice)
    order = [grade_id for grade_id in cells if grade_id in known]
    if order != [grade_id for grade_id in known if grade_id in cells]:
        says = _("cells of the assignment stand in another order than released")
        advice = _("Move them back; answers come before the cells that check them.")
        yield Finding("to do", "cells", says, advice)
    strange = [grade_id for grade_id in cells if grade_id not in known]
    if strange:
        says = _("ids that the assignment does not know: {names}; they count as ordinary cells")
        yield Finding("note", "cells", says.format(names=listed(strange)))


def unwritten(notebook: Any, release: Any | None) -> list[str]:
    """The ids of the cells for an answer that hold none yet."""
    cells = known_cells(notebook)
    original = known_cells(release) if release is not None else {}
    return [name for name in _asked(notebook, release) if _is_empty(cells[name], original.get(name))]


def _asked(notebook: Any, release: Any | None) -> list[str]:
    """The ids of a notebook's cells that are for an answer."""
    cells = known_cells(notebook)
    known = cells if release is None else known_cells(release)
    return [name for name, cell in known.items() if is_solution(cell) and name in cells]


def _answers(notebook: Any, release: Any | None, names: CellNames) -> Iterator[Finding]:
    asked, empty = _asked(notebook, release), unwritten(notebook, release)
    if empty:
        says = _("{count} of {total} not written yet: {names}")
        says = says.format(count=len(empty), total=len(asked), names=names.exercises(empty))
        cells = known_cells(notebook)
        stub = any(EMPTY.search(cells[name].source) for name in empty)
        essay = any(cells[name].cell_type == "markdown" for name in empty)
        advice = [_("Delete the line `raise NotImplementedError` when its code is written.")] if stub else []
        advice += [_("Double-click the cell of a text and write over what stands in it.")] if essay else []
        advice.append(_("What stays empty earns nothing."))
        yield Finding("to do", "answers", says, " ".join(advice))
    elif asked:
        written = _("{count} of {total} are written").format(count=len(asked), total=len(asked))
        yield Finding("ok", "answers", written)


def _is_empty(cell: Any, original: Any | None) -> bool:
    """Whether an answer was left as released, or still has the line that stands for what is to be written."""
    answer, released = (FRAME.sub("", text(c)) if c is not None else None for c in (cell, original))
    if not answer or answer in (*ESSAYS, _(TEXT_STUB), released):
        return True
    left = {line.strip() for line in EMPTY.findall(answer)}
    if original is not None:
        left &= {line.strip() for line in EMPTY.findall(original.source)}
    return cell.cell_type == "code" and bool(left)
