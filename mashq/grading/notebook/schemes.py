"""What only graders see in a graded notebook: mark schemes behind the answers, and links to scans."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mashq.cells import BEGIN_SCHEME, END_SCHEME, id_of, is_solution, is_task
from mashq.grading.notebook.result_cell import markdown_cell
from mashq.handed_in.expected import is_scan
from mashq.judge.wire import writable
from mashq.language import direction, language_of, speaking
from mashq.language import gettext as _
from mashq.sandbox import Files
from mashq.translate import markdown

GRADERS_ONLY = "graders-only"  # tag of cells that a course's settings keep out of feedback


def show_to_graders(
    notebook: Any, schemes: Mapping[str, str], files: Files, sheets: Mapping[str, str] | None = None
) -> None:
    """Put what only graders see into a graded notebook: schemes and links behind answers and in tasks.

    schemes : mark schemes, {grade_id: text}, in the language of the notebook
    files : beside the notebook; scans and photographs among them are linked behind each task
    sheets : the right numbers of this student's own, {grade_id: Markdown}, see `mashq.judge.OwnNumbers`
    """
    with speaking(language_of(notebook)):
        cells = []
        for cell in notebook.cells:
            cells.append(cell)
            scheme = schemes.get(id_of(cell))
            if is_task(cell):
                if scheme and BEGIN_SCHEME not in cell.source:  # nbgrader has it back from the gradebook
                    cell.source = _with_scheme(cell.source, scheme)
                cells.append(for_graders(_handed_in(files)))
            sheet = (sheets or {}).get(id_of(cell))
            if sheet:
                cells.append(for_graders(_("**The numbers of this student's own** (graders only)"), sheet))
            if scheme and is_solution(cell):
                cells.append(for_graders(_("**Mark scheme** (graders only)"), scheme.strip()))
        notebook.cells = cells


def for_graders(sentence: str, then: str = "") -> Any:
    """A Markdown cell that stays out of feedback."""
    cell = markdown_cell(sentence, then=then)
    cell.metadata["tags"] = [GRADERS_ONLY]
    return cell


def _with_scheme(source: str, scheme: str) -> str:
    """A task cell as its source has it: with the scheme at its end, within the frame of its direction."""
    end = markdown.FRAME_END if source.endswith(markdown.FRAME_END) else ""
    return f"{source.removesuffix(end)}\n{BEGIN_SCHEME}\n{scheme}\n{END_SCHEME}{end}"


def _handed_in(files: Files) -> str:
    """Links to what a person looks at; formgrader serves a submission's files beside its notebook."""
    names = sorted(name for name in files if is_scan(name))
    shown = {name: re.sub(r"[`\r\n]", " ", writable(name)) for name in names}
    # a name that is no UTF-8, as old archives have, stays the name of its file
    links = [f"[`{text}`](./{quote(os.fsencode(name))})" for name, text in shown.items()]
    if not links:
        return _("**Handed in** (graders only): no PDF and no photograph lies beside the notebook")
    return _("**Handed in** (graders only): {links}").format(links=", ".join(links))


def mark_schemes(source: Any, translated: Callable[[str], str] = str) -> dict[str, str]:
    """The mark schemes of a source notebook: {grade_id: text}.

    translated : a cell's Markdown in the language of the release, see `translation`
    """
    schemes = {}
    for cell in source.cells:
        if BEGIN_SCHEME in cell.source:
            text = translated(cell.source) if cell.cell_type == "markdown" else cell.source
            scheme = text.partition(BEGIN_SCHEME)[2].partition(END_SCHEME)[0]
            schemes[id_of(cell)] = scheme.removeprefix("\n").removesuffix("\n")
    return schemes


def translation(language: str, words: bytes) -> Callable[[str], str]:
    """What puts a cell's Markdown into a language, as a release in it has it.

    words : the course's catalogue, a .po file; empty where there is none, and for English
    """
    if not words:
        return str
    from babel.messages.pofile import read_po

    from mashq.translate.catalogue import lookup_in

    lookup = lookup_in(read_po(io.BytesIO(words), locale=language))
    way = direction(language)
    return lambda source: markdown.translate(source, lambda piece: lookup(piece.text), way)
