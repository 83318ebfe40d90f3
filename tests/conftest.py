"""Fixtures for all tests: cells, notebooks and a tiny course of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]


def code_cell(source: str, grade_id: str = "", points: float | None = None) -> Any:
    """A code cell: ordinary, a solution cell (with an id), or a test cell (with an id and points)."""
    cell = nbformat.v4.new_code_cell(source)
    if grade_id:
        about = {"grade_id": grade_id, "schema_version": 3, "task": False}
        test = points is not None
        cell.metadata["nbgrader"] = about | {"grade": test, "solution": not test, "locked": test}
        if test:
            cell.metadata.nbgrader["points"] = points
    return cell


def essay_cell(source: str, grade_id: str, points: float) -> Any:
    """A markdown cell that a person grades."""
    cell = nbformat.v4.new_markdown_cell(source)
    cell.metadata["nbgrader"] = {
        "grade_id": grade_id,
        "points": points,
        "grade": True,
        "solution": True,
        "locked": False,
        "task": False,
        "schema_version": 3,
    }
    return cell


def notebook_of(*cells: Any) -> Any:
    """A notebook with the Python kernel."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def nbgrader(course: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run an nbgrader command in a course folder; returns what it logged."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr


def mashq(
    *arguments: str, cwd: Path = ROOT, code: int = 0, columns: int = 100, **environment: str
) -> tuple[str, str]:
    """Run a mashq command; returns what it wrote to stdout and to stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "mashq.cli", *arguments],
        cwd=cwd,
        env=os.environ | {"COLUMNS": str(columns)} | environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


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


def make_tiny_course(course: Path) -> Path:
    """A course folder with the assignment `ps1`, of one notebook `areas`, released."""
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "tests" / "ps1").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbformat.write(tiny_notebook(), course / "source" / "ps1" / "areas.ipynb")
    (course / "tests" / "ps1" / "test_areas.py").write_text(TINY_CHECKS)
    nbgrader(course, "generate_assignment", "ps1")
    return course


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """The tiny course, in a folder of this test's own."""
    return make_tiny_course(tmp_path / "course")


@pytest.fixture
def hand_in(tiny_course: Path) -> Callable[..., Path]:
    """`hand_in(student, data)`: put a notebook, or bytes, into the tiny course's `submitted/`."""

    def write(student: str, data: Any, name: str = "areas.ipynb") -> Path:
        path = tiny_course / "submitted" / student / "ps1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            nbformat.write(data, path)
        return path

    return write
