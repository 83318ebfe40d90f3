"""Submissions made from the reference and from small answer files, for tests and the demo.

An answer file is Python text: a docstring that says what is special, then one or more cells, each below a
line `# %% grade_id`, that take the place of the reference's solution in that cell.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CELL = re.compile(r"^# %% (\w+)\s*$", re.MULTILINE)
MARKER = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One answer of the zoo."""

    name: str
    title: str  # what is special about it
    cells: dict[str, str] = field(default_factory=dict)  # {grade_id: source}


def read_answer(path: Path) -> Answer:
    """Read an answer file; ValueError when it has no docstring or no cell."""
    text = path.read_text(encoding="utf-8")
    head, *parts = CELL.split(text)
    title = ast.get_docstring(ast.parse(head))
    if not title or not parts:
        raise ValueError(
            f'{path}: an answer file needs a docstring and a "# %% grade_id" line with a cell below'
        )
    cells = {grade_id: source.strip("\n") for grade_id, source in zip(parts[::2], parts[1::2], strict=True)}
    return Answer(path.stem, " ".join(title.split("\n\n")[0].split()), cells)


def fill_in(release: Any, source: Any, answers: Mapping[str, str] | None = None) -> Any:
    """A submission: the released notebook with its solution cells filled in.

    release, source : the released and the instructor's notebook of the same name
    answers : {grade_id: source} instead of the reference's solutions; those cells that are not named get
        the reference's
    """
    solutions = {
        cell.metadata.nbgrader.grade_id: without_markers(cell.source)
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    solutions.update({grade_id: text for grade_id, text in (answers or {}).items() if grade_id in solutions})
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("solution"):
            cell.source = solutions[about["grade_id"]]
    return notebook


def without_markers(source: str) -> str:
    """A reference solution without the lines that mark where students write, and without a mark scheme."""
    return MARKER.sub("", source.partition("### BEGIN MARK SCHEME")[0]).rstrip()
