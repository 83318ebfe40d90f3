"""From the bytes of a handed-in file to a notebook, whatever editors, mail and people did to it.

Nothing here runs code or writes a file. What can be put right is, with a note; what cannot is a
SubmissionError that says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4.nbbase import random_cell_id

from mashq.errors import MashqError
from mashq.handed_in.decimals import decimal_points
from mashq.handed_in.limits import MAX_FILE_MB, NotReadError
from mashq.handed_in.parse import Parsed, parse
from mashq.handed_in.signs import Signs
from mashq.language import marked as N_
from mashq.problems import Sentence, writable

MANY_OUTPUTS_MB = 10  # worth a note when they are dropped
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as the notebook format's schema has it


class SubmissionError(MashqError):
    """A handed-in file cannot be graded as it is; the message names the file and what to do."""

    def __init__(self, path: Path, reason: Sentence) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass
class Intake:
    """A notebook that was read, and what had to be put right on the way."""

    notebook: Any
    notes: list[Sentence] = field(default_factory=list)


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """The first bytes of a handed-in file: by default a little over MAX_FILE_MB, which is refused later."""
    with path.open("rb") as file:
        return file.read(int(MAX_FILE_MB * 2**20) + 1 if most is None else most)


def read_submission(path: Path, data: bytes | None = None, is_python: bool = True) -> Intake:
    """Read a handed-in notebook; its outputs are dropped.

    path : the file, and how to name it
    data : its content where that was read already, as `read_bytes` gives it
    is_python : whether its code is Python, in which signs that Python cannot read are put right

    Raises SubmissionError, naming the file, when it is no notebook that can be read, or beyond the limits.
    """
    data = read_bytes(path) if data is None else data
    try:
        read = parse(data)
    except NotReadError as error:
        raise SubmissionError(path, error.reason) from None
    notebook = _rebuild(path, read, is_python)
    size_mb = len(data) / 2**20
    if size_mb > MANY_OUTPUTS_MB:
        dropped = N_("the file is {size:.0f} MB large; the outputs in it were dropped")
        read.notes.append(Sentence.of(dropped, size=size_mb))
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        invalid = N_("is not a valid notebook: {error}")
        raise SubmissionError(path, Sentence.of(invalid, error=error.message[:200])) from None
    return Intake(notebook, read.notes)


def _rebuild(path: Path, read: Parsed, is_python: bool) -> Any:
    """A clean notebook of the current format from the parts of one that may lack or twist anything."""
    cells: list[dict[str, Any]] = []
    seen: set[str] = set()
    notes, signs = read.notes, Signs()
    for number, raw in enumerate(read.cells, start=1):
        if raw is None:
            notes.append(Sentence.of(N_("cell {number} was not a cell and was dropped"), number=number))
            continue
        kind = raw["type"]
        if kind not in ("code", "markdown", "raw"):
            note = N_("cell {number} was of the unknown type {type!r} and became markdown")
            notes.append(Sentence.of(note, number=number, type=kind[:20]))
            kind = "markdown"
        source = writable(raw["source"]).replace("\0", "")
        if source != raw["source"]:
            note = N_("cell {number}: signs that are no letters were taken out")
            notes.append(Sentence.of(note, number=number))
        if kind == "code" and is_python:
            source = signs.put_right(source, number, notes)
            pointed = decimal_points(source)
            if pointed != source:
                note = N_("cell {number}: decimal commas were read as points")
                notes.append(Sentence.of(note, number=number))
                source = pointed
        usable = raw["id"] is not None and CELL_ID.fullmatch(raw["id"]) and raw["id"] not in seen
        cell_id = raw["id"] if usable else random_cell_id()
        seen.add(cell_id)
        # by the id `repair` finds it; all else is the release's to say
        about = {} if raw["grade_id"] is None else {"nbgrader": {"grade_id": raw["grade_id"]}}
        parts: dict[str, Any] = {"id": cell_id, "cell_type": kind, "metadata": about, "source": source}
        if kind == "code":
            parts |= {"outputs": [], "execution_count": None}
        else:
            parts["attachments"] = _writable(raw["attachments"])
        cells.append(parts)  # nbformat's `new_code_cell` would validate each alone, which is slow
    if not cells:
        raise SubmissionError(path, Sentence.of(N_("has no cells; ask for the file again")))
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    if read.kernel is not None:
        name, shown = read.kernel
        notebook.metadata.kernelspec = {"name": name, "display_name": shown}
    else:
        notes.append(Sentence.of(N_("the notebook named no kernel; the assignment's own is used")))
    return notebook


def _writable(attachments: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {
        writable(name): {writable(kind): writable(data) for kind, data in bundle.items()}
        for name, bundle in attachments.items()
    }
