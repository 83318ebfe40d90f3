"""How many words the essays of a notebook have, for the student who writes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import BEGIN_SCHEME, is_solution, known_cells
from mashq.exercises import CellNames
from mashq.language import gettext as _
from mashq.student.structure import unwritten

# What is no prose: formulas, code, tags, addresses. A formula counts as one word, as it is read as one.
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
NO_PROSE = re.compile(r"```.*?```|<[^>\n]*>|https?://\S+", re.DOTALL)
WORD = re.compile(
    r"[^\W_]+(?:[-'’\u200c.][^\W_]+)*"
)  # with hyphens, and as Persian joins the parts of a word


def words_in(text: str) -> int:
    """The words of a text in Markdown; a formula counts as one."""
    return len(WORD.findall(NO_PROSE.sub(" ", FORMULA.sub(" formula ", text))))


def count_words(notebook: str | Path) -> None:
    """Print the number of words of each essay in a notebook, as it was saved last.

    notebook : its file, such as "q2_theory.ipynb"; the cell that asks for 150 to 250 words says so in its
        metadata, `"mashq": {"words": [150, 250]}`
    """
    path = Path(notebook)
    try:
        read = nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        print(
            _("{file} cannot be read here: save the notebook under that name, beside the others.").format(
                file=path
            )
        )
        return
    names, empty = CellNames(read), unwritten(read, None)
    for name, cell in known_cells(read).items():
        if cell.cell_type == "markdown" and is_solution(cell):
            essay = cell.source.partition(BEGIN_SCHEME)[0]  # in a source notebook, graders' words follow it
            count = 0 if name in empty else words_in(essay)
            print(_said(names.exercise(name), count, cell.metadata.get("mashq")))


def _said(exercise: str, count: int, about: Any) -> str:
    asked = about.get("words") if isinstance(about, dict) else None
    if not isinstance(asked, list) or len(asked) != 2:
        return _("{exercise}: {count} words").format(exercise=exercise, count=count)
    line = _("{exercise}: {count} words; {least} to {most} are asked for")
    return line.format(exercise=exercise, count=count, least=asked[0], most=asked[1])
