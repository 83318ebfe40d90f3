"""Take out of a graded notebook what would run, or load, in the browser of who opens it.

Graders and students see a graded notebook as a page of formgrader's or of the feedback. What a student wrote
as HTML, SVG, Markdown or JavaScript would run there with the reader's rights, and some texts would keep the
page's program busy for hours. The handed-in file in `submitted/` stays as it was.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import nbformat
from nbconvert.preprocessors import HighlightMagicsPreprocessor
from nbgrader.utils import compute_checksum
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from mashq.grading.notebook.allowance import Allowance
from mashq.grading.notebook.markup import plain
from mashq.grading.notebook.pictures import attach_pasted, is_base64, kept_attachments
from mashq.grading.notebook.result_cell import markdown_cell
from mashq.language import FROM_THE_RIGHT
from mashq.language import gettext as _
from mashq.problems import writable

PYTHON = "ipython3"  # what pages take where a notebook names no language
FORMULAS = 20_000  # letters of one output of formulas
LINES = 1000  # of an error's trace
_magics = HighlightMagicsPreprocessor()


def sanitize(notebook: Any) -> None:
    """Clean the outputs and the Markdown cells of a graded notebook, in place; raw cells become text.

    Pages of nbconvert's show a raw cell as the HTML that it is. Cells with the released text, by nbgrader's
    checksum, keep it. To be called before mashq's own results are
    written, which are trusted. Every output has the form that the notebook format asks for afterwards.
    """
    allowance = Allowance()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = _count(cell.get("execution_count"))
            cell.outputs = _clean_outputs(cell.outputs, allowance)
        elif cell.cell_type == "markdown":
            cell.attachments = kept_attachments(cell.get("attachments", {}))
            if not has_released_text(cell):
                source = attach_pasted(_text(cell.source), cell.attachments)
                cell.source = allowance.markdown(source, cell.attachments)
        elif not has_released_text(cell):
            cell.cell_type, cell.attachments = "markdown", nbformat.from_dict({})
            cell.source = plain(_text(cell.source))
    _set_lexer(notebook, allowance)


def _set_lexer(notebook: Any, allowance: Allowance) -> None:
    """Name the language by which pages colour the code: none where a cell of the student's takes too long."""
    about = notebook.metadata.pop("language_info", None)
    known = about if isinstance(about, Mapping) else {}
    name, lexer = (known.get(key) for key in ("name", "pygments_lexer"))
    lexer = _known(lexer if isinstance(lexer, str) else name if isinstance(name, str) else PYTHON)
    for cell in notebook.cells:
        if cell.cell_type == "code" and not has_released_text(cell):
            magic = _magics.which_magic_language(cell.source) if lexer.startswith("ipython") else None
            # a page may take the language of a magic, or that of the notebook
            if not all(allowance.may_be_coloured(cell.source, one) for one in {lexer, magic or lexer}):
                lexer = "text"
                why = _("*The code is shown without colours: one of the cells would take too long.*")
                notebook.cells.insert(0, markdown_cell(why))
                break
    if lexer != PYTHON:
        notebook.metadata["language_info"] = nbformat.from_dict(
            {"name": name or "python", "pygments_lexer": lexer}
        )


def _known(lexer: str) -> str:
    """The name of a language that can be coloured; a kernel may say anything."""
    if not lexer.startswith("ipython"):
        try:
            get_lexer_by_name(lexer)
        except ClassNotFound:
            return "text"
    return lexer


def has_released_text(cell: Any) -> bool:
    """Whether a cell is as the instructor wrote it, by nbgrader's checksum."""
    checksum = cell.metadata.get("nbgrader", {}).get("checksum")
    return checksum is not None and bool(checksum == compute_checksum(cell))


# -- outputs ----------------------------------------------------------------------------------------------


def _clean_outputs(outputs: list[Any], allowance: Allowance) -> list[Any]:
    """The outputs of a cell, as many as are shown, and a note on the others."""
    shown = allowance.outputs(len(outputs))
    clean = [clean_output(output, allowance) for output in outputs[:shown]]
    kept = [output for output in clean if output is not None]
    if len(outputs) > shown:
        more = _("... {count} more outputs are not shown ...").format(count=len(outputs) - shown)
        kept.append(nbformat.v4.new_output("stream", name="stdout", text=f"{more}\n"))
    return kept


def clean_output(output: Any, allowance: Allowance) -> Any | None:
    """An output with nothing but text, pictures and clean HTML; None when it is no output."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=allowance.text(_text(output.get("text"))))
    if kind == "error":
        lines = output.get("traceback")
        trace = lines[:LINES] if isinstance(lines, list) else []
        return nbformat.v4.new_output(
            "error",
            ename=allowance.text(_text(output.get("ename"))),
            evalue=allowance.text(_text(output.get("evalue"))),
            traceback=[allowance.text(_text(line)) for line in trace],
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data, metadata = output.get("data"), output.get("metadata")
    clean = _bundle(data if isinstance(data, dict) else {}, allowance)
    sizes = _sizes(metadata if isinstance(metadata, dict) else {}, clean)
    if kind == "display_data":
        return nbformat.v4.new_output(kind, data=clean, metadata=sizes)
    count = _count(output.get("execution_count"))
    return nbformat.v4.new_output(kind, data=clean, metadata=sizes, execution_count=count)


def _count(count: Any) -> int | None:
    return count if type(count) is int and count >= 0 else None


def _text(value: Any) -> str:
    """Text that a file can hold; a list of lines is joined."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return writable(value) if isinstance(value, str) else ""


def _bundle(data: dict[str, Any], allowance: Allowance) -> dict[str, str]:
    """The forms of one output, {MIME type: text}, that are harmless or can be made so."""
    texts = {kind: _text(value) for kind, value in data.items() if _text(value)}
    clean: dict[str, str] = {}
    if "text/plain" in texts:
        clean["text/plain"] = allowance.text(texts["text/plain"])
    if len(texts.get("text/latex", "")) > FORMULAS:
        clean.setdefault("text/plain", allowance.text(texts["text/latex"]))
    elif "text/latex" in texts:
        clean["text/latex"] = texts["text/latex"]
    if "text/html" in texts and (html := allowance.html(texts["text/html"])).strip():
        clean["text/html"] = html
    if "text/markdown" in texts:
        clean["text/markdown"] = allowance.markdown(texts["text/markdown"], {})
    for kind in ("image/png", "image/jpeg", "image/gif"):
        if kind in texts and is_base64(texts[kind]):
            clean[kind] = "".join(texts[kind].split())
    if "image/svg+xml" in texts and not {"image/png", "text/html"} & clean.keys():
        clean["text/html"] = _as_picture(texts["image/svg+xml"])
    if not clean and data and texts.get("text/html") != FROM_THE_RIGHT:
        kinds = ", ".join(sorted(_text(kind)[:60] for kind in data))
        hidden = _("(an output of the type {kinds} is not shown in a graded notebook)")
        clean["text/plain"] = hidden.format(kinds=kinds)
    return clean


def _as_picture(svg: str) -> str:
    """SVG as an image of an HTML page, where browsers run no script in it and load nothing."""
    return f'<img alt="SVG" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def _sizes(metadata: dict[str, Any], data: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The sizes of pictures, {MIME type: {width, height}}, in pixels; all else of the metadata goes."""
    sizes = {}
    for kind in data:
        about = metadata.get(kind)
        about = about if isinstance(about, dict) else metadata
        size = {side: about.get(side) for side in ("width", "height")}
        whole = {side: int(n) for side, n in size.items() if isinstance(n, (int, float)) and 0 < n < 10_000}
        if kind.startswith("image/") and whole:
            sizes[kind] = whole
    return sizes
