"""How much a handed-in notebook may hold; one set of limits, for grading and for `mashq validate`.

A file beyond them is not graded: a person is told, and the student is told by `mashq validate`. All that is
done with a notebook within them takes a time that grows with its size, and not with the square of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mashq.language import marked as N_
from mashq.problems import Sentence

MAX_FILE_MB = 300
MAX_CELLS = 2000
MAX_CELL = 1_000_000  # letters of one cell, pictures in it not counted
MAX_TEXT = 2_000_000  # letters of all cells, pictures in them not counted
MAX_PICTURES_MB = 100  # of the pictures in Markdown cells, as base64
MAX_NOTES = 40  # on what was put right in a file
# From here on a file is read in a process of its own: one of this size, made for it, takes 100 MB to read.
LARGE_MB = 4

PASTED = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")  # a picture in a text


class NotReadError(ValueError):
    """A file that cannot be graded as it is; `reason` goes on after the file's name."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


def require_file_size(size: int) -> None:
    """Raises NotReadError for a file of more bytes than are read."""
    if size > MAX_FILE_MB * 2**20:
        large = N_("is more than {size} MB large; clear its outputs")
        raise NotReadError(Sentence.of(large, size=MAX_FILE_MB))


def require_few_cells(count: int) -> None:
    """Raises NotReadError for more cells than are read."""
    if count > MAX_CELLS:
        many = N_("has {count} cells, and more than {most} are not read; delete what is not needed")
        raise NotReadError(Sentence.of(many, count=count, most=MAX_CELLS))


def require_within_limits(sources: Sequence[str], attached: int = 0) -> None:
    """Raises NotReadError for a notebook that holds more than is read.

    sources : the texts of its cells
    attached : letters of its attachments
    """
    require_few_cells(len(sources))
    texts, pictures = 0, attached
    for number, source in enumerate(sources, start=1):
        letters = letters_of(source)
        if letters > MAX_CELL:
            long = N_(
                "has {count} letters in cell {number}, and more than {most} in a cell are not read; put data "
                "into a file beside the notebook"
            )
            raise NotReadError(Sentence.of(long, count=letters, number=number, most=MAX_CELL))
        texts, pictures = texts + letters, pictures + len(source) - letters
    if texts > MAX_TEXT:
        long = N_(
            "has {count} letters in its cells, and more than {most} are not read; put data into a file "
            "beside the notebook"
        )
        raise NotReadError(Sentence.of(long, count=texts, most=MAX_TEXT))
    if pictures > MAX_PICTURES_MB * 2**20:
        large = N_(
            "has pictures of {size} MB in its cells, and more than {most} MB are not read; make them smaller"
        )
        raise NotReadError(Sentence.of(large, size=pictures // 2**20, most=MAX_PICTURES_MB))


def letters_of(text: str) -> int:
    """The letters of a text, pictures in it not counted."""
    return len(PASTED.sub("", text)) if ";base64," in text else len(text)


def attached_letters(cell: Any) -> int:
    """The letters of a cell's attachments, which may be anything that JSON can hold."""
    attachments = cell.get("attachments")
    bundles = attachments.values() if isinstance(attachments, dict) else ()
    return sum(
        len(data)
        for bundle in bundles
        if isinstance(bundle, dict)
        for data in bundle.values()
        if isinstance(data, str)
    )
