"""hw2 with nbgrader's own commands: the reference earns all that machines give, the empty release nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.zoo.answers import fill_in
from tests.support.commands import ROOT, nbgrader
from tests.support.hw2 import NOTEBOOKS, POINTS

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with two students, the reference and the unchanged release, graded by nbgrader."""
    course = tmp_path_factory.mktemp("course")
    for part in ("source", "tests/hw2"):
        shutil.copytree(ROOT / part, course / part)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbgrader(course, "generate_assignment", "hw2")
    for student in ("reference", "blank"):
        folder = course / "submitted" / student / "hw2"
        folder.mkdir(parents=True)
        for name in NOTEBOOKS:
            released = nbformat.read(course / "release" / "hw2" / f"{name}.ipynb", as_version=4)
            source = nbformat.read(course / "source" / "hw2" / f"{name}.ipynb", as_version=4)
            nbformat.write(
                released if student == "blank" else fill_in(released, source), folder / f"{name}.ipynb"
            )
    nbgrader(course, "autograde", "hw2", MASHQ_ALLOW_STAND_IN="1")
    return course


def test_the_reference_earns_every_automatic_point(graded: Path) -> None:
    """Cell by cell; essays and the scan wait for a person."""
    with Gradebook(f"sqlite:///{graded}/gradebook.db", "neural-networks") as gradebook:
        submission = gradebook.find_submission("hw2", "reference")
        scores = {g.name: g.auto_score for notebook in submission.notebooks for g in notebook.grades}
        waiting = {
            g.name for notebook in submission.notebooks for g in notebook.grades if g.needs_manual_grade
        }
    assert {i: s for i, s in scores.items() if i.startswith("test_")} == {
        i: p for i, p in POINTS.items() if i.startswith("test_")
    }
    assert waiting == {i for i in POINTS if not i.startswith("test_")}


def test_the_unchanged_release_earns_nothing(graded: Path) -> None:
    """Not a point from any stub."""
    blank = read_scores(CourseFolder(graded), "hw2").students["blank"]
    assert {name: question.score for name, question in blank.items()} == dict.fromkeys(NOTEBOOKS, 0)
