"""Grading prepares the data that an assignment names, and no other."""

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

from tests.support.commands import mashq, nbgrader
from tests.support.graded import area_score, sqlite_of
from tests.support.tiny_course import ANSWER, TINY_CHECKS, answered, make_tiny_course

pytestmark = pytest.mark.long

USES_HODA = f"{ANSWER}\n\nfrom mashq import datasets as data\nprint(len(data.load_hoda()[0]), 'digits')"
NEEDS_HODA = TINY_CHECKS + "\npytestmark = pytest.mark.dataset('hoda')\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released tiny course with one submission, whose answer loads Hoda; not to be changed."""
    course = make_tiny_course(tmp_path_factory.mktemp("released") / "course")
    notebook = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    folder = course / "submitted" / "ada" / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(answered(notebook, USES_HODA), folder / "areas.ipynb")
    return course


@pytest.fixture
def course(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, and an empty cache."""
    monkeypatch.setenv("MASHQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    return shutil.copytree(released, tmp_path / "course")


def mashq_grade(course: Path) -> None:
    mashq("grade", "ps1", f"--course={course}", "--workers=1")


def autograde(course: Path) -> None:
    nbgrader(course, "autograde", "ps1", "--force")


def by_hand(course: Path) -> str:
    """`pytest --submission`; returns what it printed."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/ps1",
            "--submission=submitted/ada/ps1",
        ],
        cwd=course,
        env=os.environ | {"PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def prepared(course: Path) -> set[str]:
    """The datasets in the cache."""
    return {path.name.partition("-")[0] for path in (course.parent / "cache").rglob("*.npy")}


def printed(course: Path) -> str:
    """What the graded answer shows, warnings and errors included."""
    path = course / "autograded" / "ada" / "ps1" / "areas.ipynb"
    cells: list[Any] = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(str(o.get("text") or o.get("evalue") or "") for o in outputs)


@pytest.mark.parametrize("grade", [mashq_grade, autograde], ids=["mashq grade", "nbgrader autograde"])
def test_only_data_that_the_assignment_names_is_prepared(
    course: Path, grade: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the cache stays empty, and a submission that loads such data anyway is told so.

    Once the checks name it, one of the two datasets, real or a stand-in, reaches the notebook.
    """
    monkeypatch.setenv("MASHQ_ALLOW_STAND_IN", "1")
    grade(course)
    assert prepared(course) == set()
    assert "this data is not here" in printed(course)
    assert area_score(sqlite_of(course), "ada") == (2.0, False)
    (course / "tests" / "ps1" / "test_areas.py").write_text(NEEDS_HODA)
    grade(course)
    assert prepared(course) == {"hoda"}
    assert "1000 digits" in printed(course)


def test_pytest_by_hand_prepares_by_need_too(course: Path) -> None:
    """Nothing for these checks; Hoda once they name it."""
    assert "2 of 2" in by_hand(course)
    assert prepared(course) == set()
    (course / "tests" / "ps1" / "test_areas.py").write_text(NEEDS_HODA)
    assert "2 of 2" in by_hand(course)
    assert prepared(course) == {"hoda"}


def test_a_release_that_loads_missing_data_is_refused(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no check is marked: it is the notebook that says what it uses."""
    monkeypatch.delenv("MASHQ_DATA", raising=False)
    path = course / "release" / "ps1" / "areas.ipynb"
    released = nbformat.read(path, as_version=4)
    released.cells.insert(1, nbformat.v4.new_code_cell("from mashq.datasets import load_hoda"))
    nbformat.write(released, path)
    told = "".join(mashq("grade", "ps1", f"--course={course}", "--workers=1", code=3))
    assert "the real hoda data is missing" in " ".join(told.split())
    assert area_score(sqlite_of(course), "ada") == (None, True)
