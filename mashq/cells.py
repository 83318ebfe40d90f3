"""What a cell of an nbgrader notebook is, read from its metadata; one vocabulary for everybody.

A cell is what nbformat reads, or the same as JSON. Metadata may be anything that a file can hold: a student's
notebook is not trusted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_SCHEME, END_SCHEME = "### BEGIN MARK SCHEME", "### END MARK SCHEME"
# What must not stand in a release, however it is marked there: nothing behind it is for students.
PRIVATE_MARKERS = ("BEGIN SOLUTION", "BEGIN MARK SCHEME", "BEGIN HIDDEN TESTS")


def about(cell: Any) -> Mapping[str, Any]:
    """A cell's nbgrader metadata; empty for an ordinary cell, and for one whose id is no text."""
    value = cell["metadata"].get("nbgrader")
    return value if isinstance(value, Mapping) and isinstance(value.get("grade_id"), str) else {}


def id_of(cell: Any) -> str:
    """A cell's id in nbgrader; empty for an ordinary cell."""
    return str(about(cell).get("grade_id", ""))


def is_solution(cell: Any) -> bool:
    """Whether students write in it."""
    return bool(about(cell).get("solution"))


def is_test(cell: Any) -> bool:
    """Whether checks, and not a person, give its points: it holds the visible ones."""
    return cell["cell_type"] == "code" and bool(about(cell).get("grade")) and not is_solution(cell)


def is_locked(cell: Any) -> bool:
    """Whether students may not change it; a test cell always, as in nbgrader, whatever it says of itself."""
    return not is_solution(cell) and bool(about(cell).get("grade") or about(cell).get("locked"))


def released_code(cell: Any) -> str:
    """What a given cell that a student changed was as released; empty for all others."""
    value = cell["metadata"].get("mashq")
    return str(value.get("released", "")) if isinstance(value, Mapping) else ""


def is_task(cell: Any) -> bool:
    """Whether it describes something that a person grades and that is not written in the notebook."""
    return bool(about(cell).get("task"))


def person_grades(cell: Any) -> bool:
    """Whether a person gives its points: a task, or an answer without checks, such as an essay."""
    return is_task(cell) or (bool(about(cell).get("grade")) and is_solution(cell))


def gives_points(cell: Any) -> bool:
    """Whether it has points, whoever gives them."""
    return bool(about(cell).get("grade")) or is_task(cell)


def known_cells(notebook: Any) -> dict[str, Any]:
    """The cells with an id in nbgrader, by it; the first where several have the same."""
    cells: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if id_of(cell):
            cells.setdefault(id_of(cell), cell)
    return cells


class OfTexts(Generic[T]):
    """A function of texts that remembers what it gave lately: repairing asks for the same again and again."""

    MOST = 8_000_000  # letters of the texts that are remembered

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make
        self._made: dict[str, T] = {}
        self._letters = 0

    def __call__(self, source: str) -> T:
        made = self._made.get(source)
        if made is None:
            made, self._letters = self._make(source), self._letters + len(source)
            if self._letters > self.MOST:
                self._made, self._letters = {}, len(source)
            self._made[source] = made
        return made


@OfTexts
def _stripped(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def doubled_ids(notebook: Any) -> dict[str, list[int]]:
    """The ids that several cells have, of those that mean something to nbgrader, with the cells' numbers."""
    places: dict[str, list[int]] = {}
    for number, cell in enumerate(notebook["cells"], start=1):
        if is_solution(cell) or is_locked(cell) or gives_points(cell):
            places.setdefault(id_of(cell), []).append(number)
    return {grade_id: numbers for grade_id, numbers in places.items() if len(numbers) > 1}


def text(cell: Any) -> str:
    """A cell's source without the white space that editors change."""
    return _stripped(cell["source"])


def conflicted(cell: Any) -> bool:
    """Whether git left the three marks of a merge in it, each at the beginning of a line."""
    source = f"\n{cell['source']}\n"
    return all(mark in source for mark in ("\n<<<<<<< ", "\n=======\n", "\n>>>>>>> "))


def imported(statement: ast.AST) -> list[str]:
    """The modules that a statement of code imports."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        return [statement.module]
    return []


def imported_packages(tree: ast.AST) -> set[str]:
    """Top-level names of the packages that code imports, wherever in it."""
    return {name.partition(".")[0] for node in ast.walk(tree) for name in imported(node)}


def likeness(notebook: Any, release: Any) -> float:
    """The share of a release's cells that a notebook holds, by their ids or their text; 0 to 1."""
    ids = {id_of(cell) for cell in notebook["cells"]} - {""}
    texts = {text(cell) for cell in notebook["cells"]}
    held = [id_of(cell) in ids or text(cell) in texts for cell in release["cells"]]
    return sum(held) / max(1, len(held))
