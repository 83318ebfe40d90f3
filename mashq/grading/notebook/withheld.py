"""Hidden parts of test cells, which nbgrader cuts out of the release: run with their cell, shown to nobody.

They run in the student's process, as in plain nbgrader, so a student's code can read them there. What is kept
of them afterwards is whether one failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import nbformat

from mashq.cells import id_of
from mashq.judge.session.output import OWN_ERRORS
from mashq.judge.session.stops import places_in
from mashq.language import gettext as _

Hidden = Mapping[str, tuple[str, str]]  # {grade_id: (text in the release, whole text)}


def put_in(notebook: Any, hidden: Hidden) -> None:
    """Give test cells their whole text, in place."""
    for cell in notebook.cells:
        if id_of(cell) in hidden:
            cell.source = hidden[id_of(cell)][1]


def take_out(notebook: Any, hidden: Hidden) -> None:
    """Give test cells their released text again, in place, and errors that quote the hidden part no text."""
    for cell in notebook.cells:
        if id_of(cell) in hidden:
            cell.source, whole = hidden[id_of(cell)]
            if cell.cell_type == "code":
                cell.outputs = [
                    _told(output, cell.source, whole) if output.output_type == "error" else output
                    for output in cell.outputs
                ]


def _told(error: Any, released: str, whole: str) -> Any:
    """An error of a cell, told without the lines that are hidden; its name stays."""
    if error.ename in OWN_ERRORS:
        return error
    places = places_in(error.get("traceback", []))
    line = places[0][1] - 1 if places else -1
    if line in _visible_lines(released, whole):
        message = error.evalue
        trace = [f"----> {whole.splitlines()[line].strip()}", f"{error.ename}: {message}"]
    else:
        message = _("a hidden test of this cell failed")
        trace = [f"{error.ename}: {message}"]
    return nbformat.v4.new_output("error", ename=error.ename, evalue=message, traceback=trace)


def _visible_lines(released: str, whole: str) -> set[int]:
    """Which lines of the whole text, from 0, are in the release."""
    matcher = SequenceMatcher(None, released.splitlines(), whole.splitlines(), autojunk=False)
    return {line for block in matcher.get_matching_blocks() for line in range(block.b, block.b + block.size)}
