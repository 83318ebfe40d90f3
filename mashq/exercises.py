"""How people name the cells of a notebook: by the exercise, that is the heading, that a cell stands below.

nbgrader's ids are for programs; no notebook shows them to a student.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mashq.cells import gives_points, id_of, is_solution, is_test, known_cells
from mashq.language import gettext as _
from mashq.language import marked as N_

# What `hw2` has in place of an essay; in nbgrader_config.py, `c.ClearSolutions.text_stub = TEXT_STUB`.
TEXT_STUB = N_(
    "**Your answer.** Double-click here, write in place of these words, and press Shift+Enter to see it set."
)
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")  # "Exercise 1: the whole step (10 points, about 45 min)"
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
BEGINS = N_('the cell that begins with "{line}"')
LONGEST_LINE = 60  # letters of a line that stands for its cell


def title_of(notebook: Any) -> str:
    """The first heading of the first level; empty where there is none."""
    first = (text for cell in notebook["cells"] for level, text in _headings(cell) if level == 1)
    return next(first, "")


def minutes_of(notebook: Any) -> int:
    """How long a notebook takes a student, as its author says in `metadata.mashq.minutes`; 0 without it."""
    said = notebook["metadata"].get("mashq")
    minutes = said.get("minutes") if isinstance(said, dict) else None
    return minutes if isinstance(minutes, int) and minutes > 0 else 0


def exercises(notebook: Any) -> dict[str, str]:
    """{grade id: the exercise that the cell belongs to}, for the cells that stand below a heading.

    An exercise is the outermost heading that no other graded cell stands below, so that sub-headings do not
    take its place. Graded cells that share even the nearest heading have their id behind it.
    """
    title, path = title_of(notebook), [""] * 6
    paths: dict[str, list[str]] = {}
    for cell in notebook["cells"]:
        for level, text in _headings(cell):
            path[level - 1 :] = [text, *[""] * (6 - level)]
        if id_of(cell):
            paths.setdefault(id_of(cell), [text for text in path if text and text != title])
    graded = {id_of(cell) for cell in notebook["cells"] if gives_points(cell)}
    of_graded = [heading for name in graded for heading in paths.get(name, [])]
    chosen = {
        name: next((heading for heading in headings if of_graded.count(heading) == 1), headings[-1])
        for name, headings in paths.items()
        if headings
    }
    return {
        name: heading if of_graded.count(heading) < 2 else f"{heading}: {in_words(name)}"
        for name, heading in chosen.items()
    }


def in_words(grade_id: str) -> str:
    """`test_q5_forward` → `q5 forward`."""
    return grade_id.removeprefix("test_").replace("_", " ").strip() or grade_id


class CellNames:
    """What to call the cells of a notebook in sentences for its student, in the language of the moment.

    known : the released notebook, else the student's own
    """

    def __init__(self, known: Any) -> None:
        self._cells = known_cells(known)
        self._exercises = {
            name: exercise
            for name, exercise in exercises(known).items()
            if gives_points(self._cells[name]) or is_solution(self._cells[name])
        }

    def exercise(self, grade_id: str) -> str:
        """`Exercise 2`; for a cell that belongs to none, as `cell_of_id`."""
        if grade_id in self._exercises:
            return self._short(self._exercises[grade_id])
        return self.cell_of_id(grade_id)

    def exercises(self, grade_ids: Iterable[str]) -> str:
        """Those of several cells, each once, as a list in one line."""
        return listed(list(dict.fromkeys(map(self.exercise, grade_ids))))

    def cell(self, cell: Any, number: int) -> str:
        """Any cell of the student's notebook; `number`, from 1, is for one without text."""
        if id_of(cell) in self._exercises:
            return self.cell_of_id(id_of(cell))
        return first_line(cell) or _("cell {number}").format(number=number)

    def cell_of_id(self, grade_id: str) -> str:
        """`the answer of Exercise 2`, `the visible checks of Exercise 2`; else how the cell begins."""
        cell, exercise = self._cells.get(grade_id), self._exercises.get(grade_id)
        if cell is None:
            return grade_id
        if exercise is None:
            return first_line(cell) or grade_id
        of = _("the visible checks of {exercise}") if is_test(cell) else _("the answer of {exercise}")
        return of.format(exercise=self._short(exercise))

    def cells(self, grade_ids: Iterable[str]) -> str:
        """Several cells, as a list in one line."""
        return listed(list(map(self.cell_of_id, grade_ids)))

    def _short(self, exercise: str) -> str:
        """`Exercise 2` for `Exercise 2: the forward pass`, where that means no other exercise."""
        short = exercise.partition(":")[0].strip()
        same = {other for other in self._exercises.values() if other.partition(":")[0].strip() == short}
        return short if short and len(same) == 1 else exercise


def first_line(cell: Any) -> str:
    """`the cell that begins with "SEED = 20"`; empty for a cell without text."""
    line = next((line.strip() for line in cell["source"].splitlines() if line.strip()), "")
    return _(BEGINS).format(line=line[:LONGEST_LINE]) if line else ""


def listed(names: list[str], most: int = 8) -> str:
    """Names after each other, the first `most` of them."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)


def _headings(cell: Any) -> Iterator[tuple[int, str]]:
    """The headings of a cell: level and text, without what stands in brackets at its end."""
    if cell["cell_type"] == "markdown":
        for marks, text in HEADING.findall(FENCED.sub("", cell["source"])):
            yield len(marks), IN_BRACKETS.sub("", text)
