"""From the bytes of a file to the cells in it, as JSON has them: what is not needed for grading is left out.

A large file is read in a process of its own, which can be ended; see `apart`.
"""

from __future__ import annotations

import codecs
import gc
import json
from dataclasses import dataclass, field
from typing import Any

import nbformat

from mashq.handed_in import apart
from mashq.handed_in.limits import (
    LARGE_MB,
    NotReadError,
    attached_letters,
    require_few_cells,
    require_file_size,
    require_within_limits,
)
from mashq.language import marked as N_
from mashq.problems import Sentence

SECONDS = 60.0  # that a large file may take
WHOLE_MB = 1  # files up to this size are searched for names as they are, outputs and all
LONGEST_NAME = 200  # letters of an id, a type or a kernel's name
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass
class Parsed:
    """What a file holds, of whatever version of the notebook format."""

    cells: list[Any]  # see `_needed`; None for what is no cell
    kernel: tuple[str, str] | None  # name and shown name, as the notebook says
    notes: list[Sentence] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The texts of all cells, in which code names files and modules."""
        return "\n".join(cell["source"] for cell in self.cells if cell is not None)


def parse(data: bytes) -> Parsed:
    """Read a file. Raises NotReadError with the reason where it is no notebook within the limits."""
    require_file_size(len(data))
    if len(data) <= LARGE_MB * 2**20:
        return _parse(data)
    try:
        read = apart.ask(f"{__name__}:as_json", data, seconds=SECONDS)
    except apart.TooMuchError:
        much = N_("takes too long, or too much memory, to be read; clear its outputs, or ask for it again")
        raise NotReadError(Sentence.of(much)) from None
    if "reason" in read:
        raise NotReadError(Sentence.from_json(read["reason"]))
    kernel = tuple(read["kernel"]) if read["kernel"] else None
    return Parsed(read["cells"], kernel, [Sentence.from_json(note) for note in read["notes"]])


def as_json(data: bytes) -> dict[str, Any]:
    """What `parse` gives, or raises, in a form that another process can be sent."""
    try:
        read = _parse(data)
    except NotReadError as error:
        return {"reason": error.reason.as_json()}
    return {"cells": read.cells, "kernel": read.kernel, "notes": [note.as_json() for note in read.notes]}


def text_of(data: bytes) -> str:
    """The text in which names are looked for: all of a small file, of a larger one that of its cells."""
    if len(data) <= WHOLE_MB * 2**20:
        return decode(data, [])
    try:
        return parse(data).text
    except NotReadError:
        return ""


def _parse(data: bytes) -> Parsed:
    notes: list[Sentence] = []
    tree = _tree(decode(data, notes))
    if "cells" not in tree:
        tree = _upgrade(tree)
    require_few_cells(len(tree["cells"]))
    cells = [_needed(raw) if isinstance(raw, dict) else None for raw in tree["cells"]]
    there = [cell for cell in cells if cell is not None]
    require_within_limits([cell["source"] for cell in there], sum(map(attached_letters, there)))
    metadata = tree.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    kernel = None
    if isinstance(spec, dict) and isinstance(spec.get("name"), str):
        shown = spec.get("display_name")
        name = spec["name"][:LONGEST_NAME]
        kernel = name, shown[:LONGEST_NAME] if isinstance(shown, str) else name
    return Parsed(cells, kernel, notes)


def _needed(raw: dict[str, Any]) -> dict[str, Any]:
    """Of a cell what is needed for grading, with parts that may lack or be anything."""
    about = raw["metadata"].get("nbgrader") if isinstance(raw.get("metadata"), dict) else None
    kind = raw.get("cell_type")
    return {
        "type": kind[:LONGEST_NAME] if isinstance(kind, str) else type(kind).__name__,
        "source": _source(raw),
        "id": _name(raw.get("id")),
        "grade_id": _name(about.get("grade_id")) if isinstance(about, dict) else None,
        "attachments": _attachments(raw.get("attachments")),
    }


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= LONGEST_NAME else None


def _source(raw: dict[str, Any]) -> str:
    """A cell's text, which may be a list of lines; what is no text is left out."""
    source = raw.get("source", raw.get("input", ""))
    parts = source if isinstance(source, list) else [source]
    return "".join(part for part in parts if isinstance(part, str))


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures in a Markdown cell that have the form of the notebook format: {name: {type: data}}."""
    if not isinstance(value, dict):
        return {}
    return {
        name: bundle
        for name, bundle in value.items()
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }


def decode(data: bytes, notes: list[Sentence]) -> str:
    """The text of a file in any encoding, with notes on what is odd about that."""
    for mark, encoding in ENCODINGS.items():
        if data.startswith(mark):
            note = N_("the file was in {encoding} with a byte-order mark")
            notes.append(Sentence.of(note, encoding=encoding.upper()))
            return data.decode(encoding, errors="replace")
    for encoding in ("utf-16-le", "utf-16-be"):  # without a mark: every other byte of ASCII text is zero
        if data[:64].decode(encoding, errors="ignore").lstrip().startswith("{"):
            notes.append(Sentence.of(N_("the file was in {encoding}"), encoding=encoding.upper()))
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        replaced = N_("the file is not in UTF-8; letters that could not be read were replaced")
        notes.append(Sentence.of(replaced))
        return data.decode("utf-8", errors="replace")


def _tree(text: str) -> dict[str, Any]:
    text = text.strip().strip("\0")  # a disk that failed leaves zeros
    if not text.strip():
        raise NotReadError(Sentence.of(N_("is empty; ask for the file again")))
    collects = gc.isenabled()
    gc.disable()  # it would look through all that was read, again and again, and there is no garbage
    try:
        tree = json.loads(text, strict=False)  # line ends and tabs in strings, as by hand or a bad merge
    except (ValueError, RecursionError) as error:
        raise NotReadError(_why_no_json(text, error)) from None
    finally:
        if collects:
            gc.enable()
    if not isinstance(tree, dict) or not isinstance(tree.get("cells", tree.get("worksheets")), list):
        no_cells = N_("is JSON but not a notebook: it has no cells; ask for the .ipynb file")
        raise NotReadError(Sentence.of(no_cells))
    return tree


def _why_no_json(text: str, error: Exception) -> Sentence:
    """What a file is that cannot be read as JSON."""
    cut_off = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
    if not isinstance(error, json.JSONDecodeError):  # too deep, or a number of thousands of digits
        if cut_off:
            return Sentence.of(N_("is cut off; ask for the file again"))
        return Sentence.of(N_("is not JSON, not a notebook; ask for the .ipynb file"))
    if cut_off:
        message = N_("is cut off (line {line}: {why}); ask for the file again")
    elif text.lstrip().startswith("<"):
        message = N_("is a web page, not a notebook (line {line}: {why}); ask for the .ipynb file")
    else:
        message = N_("is not JSON, not a notebook (line {line}: {why}); ask for the .ipynb file")
    return Sentence.of(message, line=error.lineno, why=error.msg)


def _upgrade(tree: dict[str, Any]) -> dict[str, Any]:
    """Old notebook formats, by nbformat; without the outputs, which would take it longest."""
    sheets = [sheet for sheet in tree["worksheets"] if isinstance(sheet, dict)]
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
    require_few_cells(sum(map(len, lists)))
    for cell in (cell for cells in lists for cell in cells if isinstance(cell, dict)):
        cell.pop("outputs", None)
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
    require_within_limits([_source(cell) for cells in lists for cell in cells if isinstance(cell, dict)])
    try:
        return dict(nbformat.reads(json.dumps(tree), as_version=4))
    except Exception as error:
        old = N_("is in an old notebook format that cannot be converted: {error}")
        raise NotReadError(Sentence.of(old, error=str(error)[:LONGEST_NAME])) from None
