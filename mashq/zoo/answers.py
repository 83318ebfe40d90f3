"""Submissions made from the reference and from small answer files, for tests, the audit and the demo.

An answer file is Python text: a docstring that says what is special and what must come of it, then cells.

    \"\"\"The hidden layer's delta lacks the derivative of the ReLU.

    Loses: test_q5_backprop, test_q5_train
    Says: units that are on
    \"\"\"
    # %% q5_backprop
    def backprop(...): ...

`Loses` names the test cells that must lose points; all others must keep theirs. `Says` is a regular
expression that the sentences of the first one's failed checks must match. `Earns: test_q5_backprop 0` bounds
what a cell may earn; all its points where luck decides. `Kind: ...` says what sort of attack a hostile answer
is. A cell stands below a line `# %% GRADE_ID` and takes the place of the reference's solution; further ones
of the same id stand behind it. `# %% before GRADE_ID` and `# %% after GRADE_ID` are extra cells, and
`# %% file NAME` a file beside the notebook.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import BEGIN_SCHEME, id_of, is_solution, known_cells

CELL = re.compile(r"^# %% *(?:(before|after|file) +)?(\S+)\s*$", re.MULTILINE)
MARKER = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
FACT = re.compile(r"^(Loses|Says|Earns|Kind): *(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One answer of the zoo."""

    name: str
    title: str  # what is special about it
    cells: dict[str, str] = field(default_factory=dict)  # {grade_id: source}
    extra: tuple[tuple[str, str, str], ...] = ()  # (before or after, grade_id, source)
    files: dict[str, bytes] = field(default_factory=dict)  # {name: content} beside the notebook
    loses: tuple[str, ...] = ()  # test cells that must lose points
    says: str = ""  # what the sentences of the first of them must match
    earns: dict[str, float] = field(default_factory=dict)  # {test cell: what it may earn at most}
    kind: str = ""  # what sort of attack it is, where it is one

    @property
    def grade_ids(self) -> list[str]:
        """The cells that the answer is about."""
        return [*self.cells, *(grade_id for _, grade_id, _ in self.extra)]


def read_answer(path: Path) -> Answer:
    """Read an answer file; ValueError when it has no docstring or no cell."""
    text = path.read_text(encoding="utf-8")
    head, *parts = CELL.split(text)
    described = ast.get_docstring(ast.parse(head))
    if not described or not parts:
        raise ValueError(
            f'{path}: an answer file needs a docstring and a "# %% grade_id" line with a cell below'
        )
    cells: dict[str, str] = {}
    extra: list[tuple[str, str, str]] = []
    files: dict[str, bytes] = {}
    for where, name, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        source = source.strip("\n")
        if where == "file":
            files[name] = source.encode()
        elif where or name in cells:
            extra.append((where or "after", name, source))
        else:
            cells[name] = source
    facts = {key: value.strip() for key, value in FACT.findall(described)}
    earns = (part.split() for part in facts.get("Earns", "").split(",") if part.strip())
    return Answer(
        path.stem,
        " ".join(described.split("\n\n")[0].split()),
        cells,
        tuple(extra),
        files,
        tuple(part.strip() for part in facts.get("Loses", "").split(",") if part.strip()),
        facts.get("Says", ""),
        {grade_id: float(points) for grade_id, points in earns},
        facts.get("Kind", ""),
    )


def fill_in(release: Any, source: Any, answers: Mapping[str, str] | None = None) -> Any:
    """A submission: the released notebook with its solution cells filled in.

    release, source : the released and the instructor's notebook of the same name
    answers : {grade_id: source} instead of the reference's solutions; those cells that are not named get
        the reference's
    """
    solutions = {id_of(cell): without_markers(cell.source) for cell in source.cells if is_solution(cell)}
    solutions.update({grade_id: text for grade_id, text in (answers or {}).items() if grade_id in solutions})
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = solutions[id_of(cell)]
    return notebook


def answered(release: Any, source: Any, answer: Answer) -> Any:
    """The submission of whoever answers so, and like the reference elsewhere.

    Raises ValueError when the answer names a cell that the notebook does not have.
    """
    notebook = fill_in(release, source, answer.cells)
    places = known_cells(notebook)
    missing = set(answer.grade_ids) - places.keys()
    if missing:
        raise ValueError(f"{answer.name}: the notebook has no cell {', '.join(sorted(missing))}")
    behind = dict(places)  # where the next cell goes that stands after it
    for where, grade_id, text in answer.extra:
        cell = nbformat.v4.new_code_cell(text)
        neighbour = places[grade_id] if where == "before" else behind[grade_id]
        index = next(i for i, other in enumerate(notebook.cells) if other is neighbour)
        notebook.cells.insert(index if where == "before" else index + 1, cell)
        if where == "after":
            behind[grade_id] = cell
    return notebook


def without_markers(source: str) -> str:
    """A reference solution without the lines that mark where students write, and without a mark scheme."""
    return MARKER.sub("", source.partition(BEGIN_SCHEME)[0]).rstrip()
