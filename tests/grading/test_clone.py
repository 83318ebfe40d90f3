"""A clone of mashq as course folder, while another mashq is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from tests.support.cells import code_cell
from tests.support.commands import ROOT
from tests.support.tiny_course import answered, make_tiny_course

pytestmark = pytest.mark.long

SAY = "import mashq\nprint('this is', mashq.__version__)"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course in a folder with a mashq of its own, and a right submission."""
    course = make_tiny_course(tmp_path_factory.mktemp("clone") / "course")
    shutil.copytree(ROOT / "mashq", course / "mashq", ignore=shutil.ignore_patterns("__pycache__"))
    (course / "mashq" / "__init__.py").write_text('__version__ = "the copy"\n')
    notebook = answered(nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4))
    notebook.cells.insert(0, code_cell(SAY))
    path = course / "submitted" / "right" / "ps1" / "areas.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return course


def graded(course: Path, command: str, *arguments: str) -> Any:
    """Grade with a command as it is installed, which is found on the PATH; the notebook that comes out."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [command, *arguments], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(course / "autograded" / "right" / "ps1" / "areas.ipynb", as_version=4)


@pytest.mark.parametrize("isolation", ["full", pytest.param("bubblewrap", marks=pytest.mark.long), "none"])
def test_the_mashq_that_grades_is_the_one_that_students_import(isolation: str, clone: Path) -> None:
    """nbgrader puts the course folder first on Python's path, the command does not; both give all points."""
    notebook = graded(
        clone, "nbgrader", "autograde", "ps1", "--force", f"--JudgeExecute.isolation={isolation}"
    )
    assert "this is the copy" in json.dumps(notebook)
    assert read_scores(CourseFolder(clone), "ps1").students["right"]["areas"].score == 2
    notebook = graded(clone, "mashq", "grade", "ps1", "--force", f"--isolation={isolation}")
    assert "this is the copy" not in json.dumps(notebook)
    assert "this is " in json.dumps(notebook)
    assert read_scores(CourseFolder(clone), "ps1").students["right"]["areas"].score == 2
