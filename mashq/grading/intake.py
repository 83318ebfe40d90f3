"""From the bytes of a handed-in file to a notebook, whatever editors, mail and people did to it.

Nothing here runs code or writes a file. What can be put right is, with a note; what cannot is a
SubmissionError that says why.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.errors import SubmissionError

MAX_FILE_MB = 300
MANY_OUTPUTS_MB = 10  # worth a note when they are dropped
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as the notebook format's schema has it


@dataclass
class Intake:
    """A notebook that was read, and what had to be put right on the way."""

    notebook: Any
    notes: list[str] = field(default_factory=list)


def read_bytes(path: Path) -> bytes:
    """The content of a handed-in file, to a little over MAX_FILE_MB, which is refused later."""
    with path.open("rb") as file:
        return file.read(int(MAX_FILE_MB * 2**20) + 1)


def read_submission(path: Path, data: bytes | None = None) -> Intake:
    """Read a handed-in notebook; its outputs are dropped.

    path : the file, and how to name it
    data : its content where that was read already, as `read_bytes` gives it

    Raises SubmissionError, naming the file, when it is no notebook that can be read.
    """
    data = read_bytes(path) if data is None else data
    size_mb = len(data) / 2**20
    if size_mb > MAX_FILE_MB:
        raise SubmissionError(path, f"is more than {MAX_FILE_MB} MB large; clear its outputs")
    notes: list[str] = []
    tree = _parse(path, _decode(data, notes))
    if tree.get("nbformat") in (1, 2, 3) or "worksheets" in tree:
        tree = _upgrade(path, tree)
    notebook = _rebuild(path, tree, notes)
    if size_mb > MANY_OUTPUTS_MB:
        notes.append(f"the file is {size_mb:.0f} MB large; the outputs in it were dropped")
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise SubmissionError(path, f"is not a valid notebook: {error.message[:200]}") from None
    return Intake(notebook, notes)


def _decode(data: bytes, notes: list[str]) -> str:
    for mark, encoding in ENCODINGS.items():
        if data.startswith(mark):
            notes.append(f"the file was in {encoding.upper()} with a byte-order mark")
            return data.decode(encoding, errors="replace")
    for encoding in ("utf-16-le", "utf-16-be"):  # without a mark: every other byte of ASCII text is zero
        if data[:64].decode(encoding, errors="ignore").lstrip().startswith("{"):
            notes.append(f"the file was in {encoding.upper()}")
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        notes.append("the file is not in UTF-8; letters that could not be read were replaced")
        return data.decode("utf-8", errors="replace")


def _parse(path: Path, text: str) -> dict[str, Any]:
    if not text.strip():
        raise SubmissionError(path, "is empty; ask for the file again")
    try:
        tree = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
            raise SubmissionError(path, f"is cut off{where}; ask for the file again") from None
        kind = "a web page" if text.lstrip().startswith("<") else "not JSON"
        raise SubmissionError(path, f"is {kind}, not a notebook{where}; ask for the .ipynb file") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("cells", tree.get("worksheets")), list):
        raise SubmissionError(path, "is JSON but not a notebook: it has no cells; ask for the .ipynb file")
    return tree


def _upgrade(path: Path, tree: dict[str, Any]) -> dict[str, Any]:
    """Old notebook formats, by nbformat."""
    try:
        return dict(nbformat.reads(json.dumps(tree), as_version=4))
    except Exception as error:
        raise SubmissionError(
            path, f"is in an old notebook format that cannot be converted: {error}"
        ) from None


def _rebuild(path: Path, tree: dict[str, Any], notes: list[str]) -> Any:
    """A clean notebook of the current format from the parts of one that may lack or twist anything."""
    cells, seen = [], set()
    for number, raw in enumerate(tree["cells"], start=1):
        if not isinstance(raw, dict):
            notes.append(f"cell {number} was not a cell and was dropped")
            continue
        source = raw.get("source", raw.get("input", ""))
        if isinstance(source, list):
            source = "".join(map(str, source))
        kind = raw.get("cell_type")
        if kind not in ("code", "markdown", "raw"):
            notes.append(f"cell {number} was of the unknown type {kind!r} and became markdown")
            kind = "markdown"
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(str(source))
        if isinstance(raw.get("metadata"), dict):
            cell.metadata = nbformat.from_dict(raw["metadata"])
        if kind != "code":
            cell.attachments = nbformat.from_dict(_attachments(raw.get("attachments")))
        if isinstance(raw.get("id"), str) and CELL_ID.fullmatch(raw["id"]) and raw["id"] not in seen:
            cell.id = raw["id"]
        seen.add(cell.id)
        cells.append(cell)
    if not cells:
        raise SubmissionError(path, "has no cells; ask for the file again")
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    metadata = tree.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if isinstance(spec, dict) and {"name", "display_name"} <= spec.keys():
        notebook.metadata.kernelspec = nbformat.from_dict(spec)
    else:
        notes.append("the notebook named no kernel; the assignment's own is used")
    return notebook


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures in a markdown cell that have the form of the notebook format: {name: {type: data}}."""
    if not isinstance(value, dict):
        return {}
    return {
        name: bundle
        for name, bundle in value.items()
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }
