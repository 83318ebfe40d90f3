"""Broken files: what editors, mail and people do to a notebook, as functions that do it to a file.

A zoo's module groups them by cause:

    @handed_in("q5_xnor", keeps="all")
    def test_cell_deleted(notebook: Path) -> None:
        \"\"\"The cell with the visible checks was deleted.\"\"\"
        with edited(notebook) as tree:
            tree["cells"].remove(cell_of(tree, "test_q5_forward"))

`notebook` is `.../submitted/STUDENT/hw2/q5_xnor.ipynb`, a file with full marks, with q1_paper.ipynb and its
scan beside it. The function may change all that is below `submitted/STUDENT`, in any way. In the same course
a student `control` hands in the same files as they were, and `release/` is beside `submitted/`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from mashq.cells import known_cells

Damage = Callable[[Path], None]
CONTROL = "control"  # the student whose files are whole


@dataclass(frozen=True)
class HandedIn:
    """One broken file, and what must come of it; see `handed_in`."""

    name: str  # of the function, and of the student who hands it in
    title: str  # its docstring's first line
    notebook: str
    keeps: Mapping[str, float]  # {test cell: score} of those that have not all their points
    attention: bool
    hostile: bool
    damage: Damage

    def __call__(self, notebook: Path) -> None:
        """Do it to a file."""
        self.damage(notebook)


def handed_in(
    notebook: str,
    keeps: str | Mapping[str, float] = "all",
    attention: bool = False,
    hostile: bool = False,
) -> Callable[[Damage], HandedIn]:
    """Say what must come of a function's file.

    notebook : which good file it is done to: q1_paper (an upload beside it), q2_theory (essays), q5_xnor
    keeps : "all": every test cell has all its points, and every essay and upload waits for a person, who
        sees the student's text in its cell. A dict: these test cells have exactly these scores, and the
        others all points.
    attention : whether `mashq grade` must list the notebook among those that need a person. False: it must
        not, because nothing is left to decide. True: it must, and a test cell may wait for a person instead
        of having what `keeps` says; none may have fewer points and not wait. An essay, too, waits.
    hostile : whether somebody wants points or harm by it. Then, besides, nothing with the word FORGED in it
        may get into an output or the metadata of the graded notebook, and no file from outside the
        submission may get into its graded folder.
    """
    if keeps != "all" and isinstance(keeps, str):
        raise ValueError(f'keeps is "all" or a dict of scores, not {keeps!r}')

    def declare(damage: Damage) -> HandedIn:
        scores = {} if isinstance(keeps, str) else dict(keeps)
        title = (damage.__doc__ or "").strip().partition("\n")[0]
        if not title:
            raise ValueError(f"{damage.__name__}: a broken file needs a docstring that says what happened")
        return HandedIn(damage.__name__, title, notebook, scores, attention, hostile, damage)

    return declare


def load_module(path: Path) -> ModuleType:
    """A Python file as a module of its own, read anew each time."""
    name = f"mashq_loaded_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a file that ends in .py"
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses in it look for their module there
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


def load_files(folder: Path) -> list[HandedIn]:
    """All broken files that the modules of a folder declare; ValueError when two have one name."""
    files: dict[str, HandedIn] = {}
    for path in sorted(folder.glob("*.py")):
        for file in vars(load_module(path)).values():
            if isinstance(file, HandedIn):
                if file.name in files:
                    raise ValueError(f"{path}: there are two broken files with the name {file.name}")
                files[file.name] = file
    return list(files.values())


# -- what the functions are made of -----------------------------------------------------------------------


@contextmanager
def edited(notebook: Path) -> Iterator[Any]:
    """The file's JSON, to be changed; written back as Jupyter would."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    yield tree
    notebook.write_text(json.dumps(tree, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def cell_of(tree: Any, grade_id: str) -> Any:
    """The cell with this id of nbgrader's."""
    return known_cells(tree)[grade_id]


def source_of(cell: Any) -> str:
    """A cell's text, which a file has as a list of lines."""
    return "".join(cell["source"])


def code(text: str) -> Any:
    """A new code cell, without nbgrader's metadata."""
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}


def markdown(text: str) -> Any:
    """A new markdown cell, without nbgrader's metadata."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def course_of(notebook: Path) -> Path:
    """The course folder that a handed-in file is in."""
    return notebook.parents[3]


def released(notebook: Path) -> Any:
    """The JSON of the notebook as students get it."""
    path = course_of(notebook) / "release" / notebook.parent.name / notebook.name
    return json.loads(path.read_text(encoding="utf-8"))
