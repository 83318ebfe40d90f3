"""What must come of a damaged file: see `mashq.zoo.files.handed_in`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from mashq.audit.cases import Notebook
from mashq.cells import id_of
from mashq.course.results import Graded
from mashq.handed_in.beside import is_inside
from mashq.zoo.files import HandedIn

FORGED = "FORGED"  # what a hostile file wants to see in its graded notebook
CLOSE = 1e-9  # points


def misses_of_cells(
    file: HandedIn, notebook: Notebook, scores: Mapping[str, float | None], waits: bool
) -> dict[str, str]:
    """{test cell: what is wrong with its score}, of those where something is.

    scores : in the gradebook; None waits for a person
    waits : whether `mashq grade` lists the notebook among those that need a person
    """
    misses = {}
    for cell, worth in notebook.points.items():
        want, got = file.keeps.get(cell, worth), scores.get(cell)
        if got is None and file.attention and waits:
            continue
        if got is None or abs(got - want) > CLOSE:
            shown = "no score" if got is None else f"{got:g}"
            misses[cell] = f"{cell} has {shown} of {worth:g}, and {want:g} is right"
    return misses


def other_misses(
    file: HandedIn, notebook: Notebook, scores: Mapping[str, float | None], graded: Graded | None, waits: bool
) -> list[str]:
    """What else is wrong: whether a person is asked, and sees what the student wrote."""
    misses = []
    if waits != file.attention:
        misses.append(
            "it needs a person, and nothing says so"
            if file.attention
            else "a person is asked, and need not be"
        )
    read: Any = nbformat.reads(graded.notebook.decode(), as_version=4) if graded else None
    cells = read.cells if read else []
    shown = {id_of(cell): cell.source for cell in cells}
    for cell, text in notebook.by_hand.items():
        if scores.get(cell) is not None:
            misses.append(f"{cell} has a score, and must wait for a person")
        if not (file.attention or file.keeps) and _words(text) not in _words(shown.get(cell, "")):
            misses.append(f"{cell} does not show what the student wrote")
    if file.hostile and read and FORGED in _outputs_and_metadata(read):
        misses.append(f"{FORGED} is in an output or in the metadata of the graded notebook")
    return misses


def strange_files(submitted: Path, autograded: Path, source: Path) -> list[str]:
    """A sentence for each graded file that is neither the submission's own nor the instructor's."""
    names = [path.relative_to(autograded) for path in autograded.rglob("*") if not path.is_dir()]
    return [
        f"{name} in its graded folder was taken from outside the submission"
        for name in sorted(names)
        if not (source / name).exists()
        and not ((submitted / name).is_file() and is_inside(submitted / name, submitted))
    ]


def _words(text: str) -> str:
    return " ".join(text.split())


def _outputs_and_metadata(notebook: Any) -> str:
    parts = [notebook.metadata] + [cell.metadata for cell in notebook.cells]
    parts += [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return json.dumps(parts)
