"""The texts of a notebook, and the notebook in another language.

Cell ids, metadata, points and the code itself stay as they are. What the rules of `mashq.translate.python`
miss, or take wrongly, a cell's own metadata says: `"mashq": {"translate": ["stuck"], "keep": ["left half"]}`.
Releases, English ones too, are made without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mashq.errors import CourseError
from mashq.translate import bidi, markdown, python
from mashq.translate.literals import PlaceholderError
from mashq.translate.prose import Piece, replace

SETTINGS = "mashq"  # metadata of a source cell: what to translate; of a release: its language


@dataclass(frozen=True)
class Unit:
    """A text to translate, and where it stands."""

    text: str
    kind: str  # "markdown", "comment", "docstring", "string" or "check"
    file: str
    cell: str  # the cell's id, or the check's name
    plural: str = ""  # of a check's message that has one


def units(notebook: Any, file: str, read_by_checks: Iterable[str] = ()) -> Iterator[Unit]:
    """The texts of a source notebook, in their order.

    read_by_checks : strings that hidden checks compare with; they are translated only where they are certain
        to be shown and nothing else
    """
    for cell, pieces in _cells(notebook, read_by_checks):
        for piece in pieces:
            yield Unit(piece.text, piece.kind, file, cell.get("id", ""))


def translate(
    notebook: Any,
    lookup: Callable[[str], str | None],
    direction: str,
    read_by_checks: Iterable[str] = (),
) -> None:
    """Put translations into a source notebook, in place; a text without one stays.

    Raises CourseError for a translation that would change what the code does.
    """

    def found(piece: Piece) -> str | None:
        translation = lookup(piece.text)
        if translation is None or direction == "ltr" or piece.kind != "string":
            return translation
        return bidi.marked(translation, piece.printed, piece.followed)

    for cell, pieces in list(_cells(notebook, read_by_checks)):
        try:
            if cell.cell_type == "markdown":
                cell.source = markdown.translate(cell.source, found, direction)
            else:
                cell.source = replace(cell.source, pieces, found)
        except PlaceholderError as error:
            raise CourseError(f"cell {cell.get('id', '')}: a translation cannot be used: {error}") from None


def clear_settings(notebook: Any) -> None:
    """Take the marks for translation out of the cells; what else stands beside them is for students."""
    for cell in notebook.cells:
        others = {k: v for k, v in cell.metadata.pop(SETTINGS, {}).items() if k not in ("keep", "translate")}
        if others:
            cell.metadata[SETTINGS] = others


def _cells(notebook: Any, read_by_checks: Iterable[str]) -> Iterator[tuple[Any, list[Piece]]]:
    code = {number: _read(cell) for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    keep = {*read_by_checks}.union(*(read.machine_read() for read in code.values()))
    for cell in notebook.cells:
        keep |= set(cell.metadata.get(SETTINGS, {}).get("keep", []))
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield cell, markdown.pieces(cell.source)
        elif cell.cell_type == "code":
            more = cell.metadata.get(SETTINGS, {}).get("translate", [])
            yield cell, python.pieces(code[number], keep, more)


def _read(cell: Any) -> python.Code:
    try:
        return python.read(cell.source)
    except SyntaxError as error:
        raise CourseError(
            f"cell {cell.get('id', '')} cannot be translated, it is no Python: {error}"
        ) from None
