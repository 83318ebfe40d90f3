"""The tiny course: one assignment `ps1`, of one notebook with a graded function and an essay."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from tests.support.cells import code_cell, essay_cell, notebook_of
from tests.support.commands import ROOT, nbgrader
from tests.support.copies import copy_of

ANSWER = "def area(a, b):\n    return a * b"
HALF = "def area(a, b):\n    return a * a"
TINY_CHECKS = '''
"""Hidden checks of the tiny course."""
import pytest
from mashq.judge import expect

@pytest.mark.grade("test_area", points=1)
def test_area_of_a_square(student):
    """The area of a square is its side squared."""
    expect.close(student.call("area", 3, 3), 9, "area(3, 3)")

@pytest.mark.grade("test_area", points=1)
def test_area_of_a_rectangle(student):
    """The area of a rectangle is the product of its sides."""
    expect.close(student.call("area", 2, 5), 10, "area(2, 5)", hint="both sides count")
'''


def tiny_notebook() -> Any:
    """The source notebook of the tiny course: one graded function (2 points) and one essay (3 points)."""
    solution = "def area(a, b):\n    ### BEGIN SOLUTION\n    return a * b\n    ### END SOLUTION"
    essay = "Sides multiply.\n\n### BEGIN MARK SCHEME\n3 points for the word product.\n### END MARK SCHEME"
    return notebook_of(
        nbformat.v4.new_markdown_cell("# Areas"),
        code_cell(solution, "area"),
        code_cell("assert area(1, 1) == 1, 'a unit square has area 1'", "test_area", 2),
        nbformat.v4.new_markdown_cell("Why is the area of a rectangle a product?"),
        essay_cell(essay, "why", 3),
        nbformat.v4.new_markdown_cell("That was all."),
    )


def make_course(
    course: Path, notebooks: Mapping[str, Any], settings: str = "", files: Sequence[str] = ()
) -> Path:
    """A course folder with the assignment `ps1`, released; the hidden checks are those of `areas`.

    notebooks : {name: source notebook}
    settings : what is added to nbgrader_config.py
    files : names of other files of the instructor, beside the notebooks
    """

    def make(course: Path) -> Path:
        return _make(course, notebooks, settings, files)

    if settings:  # which may name places outside the course
        return make(course)
    without_ids = [
        (name, [(cell.cell_type, cell.source, str(cell.metadata)) for cell in notebook.cells])
        for name, notebook in sorted(notebooks.items())
    ]
    return copy_of(repr((without_ids, files)), make, course)


def _make(course: Path, notebooks: Mapping[str, Any], settings: str, files: Sequence[str]) -> Path:
    source, checks = (course / part / "ps1" for part in ("source", "tests"))
    source.mkdir(parents=True)
    checks.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text() + settings)
    for name, notebook in notebooks.items():
        nbformat.write(notebook, source / f"{name}.ipynb")
    (checks / "test_areas.py").write_text(TINY_CHECKS)
    for name in files:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(f"# {name} of the instructor\n")
    nbgrader(course, "generate_assignment", "ps1")
    return course


def make_tiny_course(course: Path) -> Path:
    """A course folder with the assignment `ps1`, of one notebook `areas`, released."""
    return make_course(course, {"areas": tiny_notebook()})


def answered(release: Any, code: str = ANSWER, essay: str = "Because sides multiply.") -> Any:
    """A released tiny notebook with its two answers filled in."""
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = {"area": code, "why": essay}.get(grade_id, cell.source)
    return notebook


def tiny_release() -> Any:
    """The tiny notebook as students get it, made without nbgrader."""
    notebook = tiny_notebook()
    notebook.cells[1].source = "def area(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    notebook.cells[4].source = "YOUR ANSWER HERE"
    return notebook


def tiny_submission() -> Any:
    """The same, answered."""
    return answered(tiny_release())


def released_notebook(course: Path, name: str = "areas") -> Any:
    """What students get of a notebook."""
    return nbformat.read(course / "release" / "ps1" / f"{name}.ipynb", as_version=4)


def hand_in(course: Path, student: str, data: Any, name: str = "areas") -> Path:
    """Put a notebook, or bytes, into `submitted/`."""
    path = course / "submitted" / student / "ps1" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    draft = path.with_suffix(".draft")
    draft.write_bytes(text)
    draft.replace(path)
    return path
