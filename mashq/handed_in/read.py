"""From the bytes of a handed-in file to a notebook, whatever editors, mail and people did to it.

Nothing here runs code or writes a file. What can be put right is, with a note; what cannot is a
SubmissionError that says why.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.errors import MashqError
from mashq.handed_in.decimals import decimal_points
from mashq.language import marked as N_
from mashq.problems import Sentence, writable

MAX_FILE_MB = 300
MANY_OUTPUTS_MB = 10  # worth a note when they are dropped
# How far signs are put right in a cell: letters, tries, and lines of IPython's, which are slow to read.
MAX_CODE, MAX_SIGNS, MAX_MAGICS = 20_000, 100, 50
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as the notebook format's schema has it
# What word processors, chats and Persian keyboards put into code, and what was meant.
MEANT = {
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    **dict.fromkeys("−–—", "-"),
    **{"٫": ".", "،": ",", "؛": ";", "×": "*", "÷": "/", "\u00a0": " ", "\u202f": " "},
}


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


def read_submission(path: Path, data: bytes | None = None) -> Intake:
    """Read a handed-in notebook; its outputs are dropped.

    path : the file, and how to name it
    data : its content where that was read already, as `read_bytes` gives it

    Raises SubmissionError, naming the file, when it is no notebook that can be read.
    """
    data = read_bytes(path) if data is None else data
    size_mb = len(data) / 2**20
    if size_mb > MAX_FILE_MB:
        large = N_("is more than {size} MB large; clear its outputs")
        raise SubmissionError(path, Sentence.of(large, size=MAX_FILE_MB))
    notes: list[Sentence] = []
    tree = _parse(path, decode(data, notes))
    if "cells" not in tree:
        tree = _upgrade(path, tree)
    notebook = _rebuild(path, tree, notes)
    if size_mb > MANY_OUTPUTS_MB:
        dropped = N_("the file is {size:.0f} MB large; the outputs in it were dropped")
        notes.append(Sentence.of(dropped, size=size_mb))
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        invalid = N_("is not a valid notebook: {error}")
        raise SubmissionError(path, Sentence.of(invalid, error=error.message[:200])) from None
    return Intake(notebook, notes)


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


def _parse(path: Path, text: str) -> dict[str, Any]:
    text = text.strip().strip("\0")  # a disk that failed leaves zeros
    if not text.strip():
        raise SubmissionError(path, Sentence.of(N_("is empty; ask for the file again")))
    try:
        tree = json.loads(text, strict=False)  # line ends and tabs in strings, as by hand or a bad merge
    except (ValueError, RecursionError) as error:
        raise SubmissionError(path, _why_no_json(text, error)) from None
    if not isinstance(tree, dict) or not isinstance(tree.get("cells", tree.get("worksheets")), list):
        no_cells = N_("is JSON but not a notebook: it has no cells; ask for the .ipynb file")
        raise SubmissionError(path, Sentence.of(no_cells))
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


def _upgrade(path: Path, tree: dict[str, Any]) -> dict[str, Any]:
    """Old notebook formats, by nbformat."""
    try:
        return dict(nbformat.reads(json.dumps(tree), as_version=4))
    except Exception as error:
        old = N_("is in an old notebook format that cannot be converted: {error}")
        raise SubmissionError(path, Sentence.of(old, error=str(error))) from None


def _rebuild(path: Path, tree: dict[str, Any], notes: list[Sentence]) -> Any:
    """A clean notebook of the current format from the parts of one that may lack or twist anything."""
    cells, seen = [], set()
    for number, raw in enumerate(tree["cells"], start=1):
        if not isinstance(raw, dict):
            notes.append(Sentence.of(N_("cell {number} was not a cell and was dropped"), number=number))
            continue
        kind = raw.get("cell_type")
        if kind not in ("code", "markdown", "raw"):
            note = N_("cell {number} was of the unknown type {type!r} and became markdown")
            notes.append(Sentence.of(note, number=number, type=str(kind)[:20]))
            kind = "markdown"
        text = _source(raw)
        source = writable(text).replace("\0", "")
        if source != text:
            note = N_("cell {number}: signs that are no letters were taken out")
            notes.append(Sentence.of(note, number=number))
        if kind == "code":
            source = _readable_code(source, number, notes)
            pointed = decimal_points(source)
            if pointed != source:
                note = N_("cell {number}: decimal commas were read as points")
                notes.append(Sentence.of(note, number=number))
                source = pointed
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(source)
        cell.metadata = nbformat.from_dict(_metadata(raw.get("metadata")))
        if kind != "code":
            cell.attachments = nbformat.from_dict(_attachments(raw.get("attachments")))
        if isinstance(raw.get("id"), str) and CELL_ID.fullmatch(raw["id"]) and raw["id"] not in seen:
            cell.id = raw["id"]
        seen.add(cell.id)
        cells.append(cell)
    if not cells:
        raise SubmissionError(path, Sentence.of(N_("has no cells; ask for the file again")))
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    metadata = tree.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if isinstance(spec, dict) and isinstance(spec.get("name"), str):
        notebook.metadata.kernelspec = {"name": spec["name"], "display_name": str(spec.get("display_name"))}
    else:
        notes.append(Sentence.of(N_("the notebook named no kernel; the assignment's own is used")))
    return notebook


def _source(raw: dict[str, Any]) -> str:
    """A cell's text, which may be a list of lines; what is no text is left out."""
    source = raw.get("source", raw.get("input", ""))
    parts = source if isinstance(source, list) else [source]
    return "".join(part for part in parts if isinstance(part, str))


def _metadata(value: Any) -> dict[str, Any]:
    """Of a cell's metadata, the id by which `repair` finds it; all else is the release's to say."""
    about = value.get("nbgrader") if isinstance(value, dict) else None
    grade_id = about.get("grade_id") if isinstance(about, dict) else None
    return {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures in a markdown cell that have the form of the notebook format: {name: {type: data}}."""
    if not isinstance(value, dict):
        return {}
    return {
        writable(name): {writable(kind): writable(data) for kind, data in bundle.items()}
        for name, bundle in value.items()
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }


def _readable_code(source: str, number: int, notes: list[Sentence]) -> str:
    """Code as it was meant, where signs that Python cannot read are all that is wrong with it."""
    suspect = not source.isascii() or "\t" in source
    if not suspect or len(source) > MAX_CODE or (error := _error(source)) is None:
        return source
    code, signs = source, 0
    while error is not None and signs < MAX_SIGNS:
        if (mended := _without_bad_sign(code, error)) is None:
            break
        code, signs = mended, signs + 1
        error = _error(code)
    if isinstance(error, TabError):
        readings = {text for width in (4, 8) if _error(text := code.expandtabs(width)) is None}
        if len({ast.dump(ast.parse(_python(text))) for text in readings}) == 1:
            note = N_("cell {number}: tabs among the spaces were replaced")
            notes.append(Sentence.of(note, number=number))
            code, error = readings.pop(), None
    if error is not None:
        return source
    if signs:
        note = N_("cell {number}: signs that Python cannot read were replaced (quotes, digits, marks)")
        notes.append(Sentence.of(note, number=number))
    return code


def _without_bad_sign(code: str, error: SyntaxError) -> str | None:
    """The code with the sign replaced that Python complains of; None when it is another complaint."""
    named = re.search(r"invalid (?:non-printable )?character .*\(?U\+([0-9A-F]+)", str(error.msg))
    if named is None:
        return None
    sign = chr(int(named[1], 16))
    meant = MEANT.get(sign)
    if meant is None and unicodedata.category(sign) == "Cf":  # invisible: marks of direction, joiners
        meant = ""
    if meant is None and unicodedata.category(sign) == "Nd":
        meant = str(unicodedata.decimal(sign))
    if meant is None:
        return None
    if meant in ("'", '"'):  # the other end of the string may be lines away
        pairs = {ord(other): meant for other in MEANT if MEANT[other] == meant}
        return code.translate(pairs)
    lines, number = code.split("\n"), (error.lineno or 0) - 1
    if not 0 <= number < len(lines) or sign not in lines[number]:
        return None
    lines[number] = lines[number].replace(sign, meant)
    return "\n".join(lines)


def _error(code: str) -> SyntaxError | None:
    """Why a cell's code cannot be read; None when it can."""
    try:
        ast.parse(_python(code))
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None  # not for signs
    return None


def _python(code: str) -> str:
    """A cell's code with IPython's magics and shell lines made into Python, line by line."""
    if not 0 < len(re.findall(r"^[ \t]*[%!?]|\?[ \t]*$", code, re.MULTILINE)) <= MAX_MAGICS:
        return code
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import, seldom needed

    try:
        return str(TransformerManager().transform_cell(code))
    except (SyntaxError, RuntimeError):
        return code
