"""A course of plain nbgrader, without check files, gets the points that `nbgrader autograde` gives."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.cells import id_of
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import mashq, nbgrader
from tests.support.graded import sqlite_of

pytestmark = pytest.mark.long

CONFIG = 'c = get_config()\nc.ClearHiddenTests.begin_test_delimeter = "# secret"\n'
CONFIG += 'c.ClearHiddenTests.end_test_delimeter = "# end of secret"\n'


def solution(body: str) -> str:
    """A source cell whose solution leaves nothing but nbgrader's stub."""
    return f"### BEGIN SOLUTION\n{body}\n### END SOLUTION"


def hidden(lines: str) -> str:
    """A part of a test cell that the release lacks, between this course's own marks."""
    return f"# secret\n{lines}\n# end of secret"


# {notebook: [answer cell, test cell, ...]}
NOTEBOOKS = {
    "behind": [
        code_cell(solution("def twice(x):\n    return 2 * x"), "twice"),
        code_cell(
            f"assert twice(2) == 4, 'two'\n{hidden('assert twice(5) == 10, str(7**9)')}", "test_twice", 3
        ),
    ],
    "whole": [
        code_cell(solution("def area(r):\n    return 3 * r * r"), "area"),
        code_cell(hidden("assert area(2) == 12"), "test_area", 5),
    ],
    "first": [
        code_cell(solution("def half(x):\n    return x / 2"), "half"),
        code_cell(f"{hidden('from math import isclose')}\nassert isclose(half(1), .5)", "test_half", 1),
        code_cell("assert isclose(half(3), 1.5)", "test_half_again", 2),
    ],
    "stubs": [
        code_cell(solution("a = 1"), "a"),
        code_cell("assert a == 1", "test_a", 1),
        code_cell(solution("b = 2"), "b"),
        code_cell("assert b == 2", "test_b", 1),
    ],
    "value": [
        code_cell(solution("def mark():\n    return 1"), "mark"),
        code_cell("mark()", "test_mark", 2),
        code_cell("assert mark", "test_name", 1),
    ],
}
RIGHT = {
    "twice": "def twice(x):\n    return x + x",
    "area": "def area(r):\n    return r * r * 3",
    "half": "def half(x):\n    return x * .5",
    "a": "a = 1",
    "b": "b = 2",
    "mark": "def mark():\n    return 1.5",
}
STUDENTS: Mapping[str, Mapping[str, str]] = {
    "right": RIGHT,
    "wrong-where-hidden": RIGHT | {"twice": "def twice(x):\n    return 4"},
    "wrong-where-seen": RIGHT | {"twice": "def twice(x):\n    return 10", "half": "half = None"},
    "fails": RIGHT | {"area": "def area(r):\n    raise StopIteration(r)", "half": "half = int"},
    "stops": RIGHT | {"area": "raise StopIteration('here')"},
    "first-only": {"a": "a = 1"},
    "second-only": {"b": "b = 2"},
    "untouched": {},
}
# what ends in no number between 0 and the cell's points; nbgrader gives up the submission, or all points
ODD_VALUES = {"too-much": "100", "negative": "-3", "no-number": "float('nan')", "infinite": "float('inf')"}


def hand_in(course: Path, student: str, answers: Mapping[str, str]) -> None:
    """The release with some cells answered."""
    folder = course / "submitted" / student / "ps1"
    shutil.copytree(course / "release" / "ps1", folder)
    for path in folder.glob("*.ipynb"):
        path.chmod(0o644)
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(id_of(cell), cell.source)
        nbformat.write(notebook, path)


def scores(course: Path) -> dict[tuple[str, str], Any]:
    """{(student, grade_id): points of the machine}; None waits for a person."""
    with Gradebook(sqlite_of(course)) as gradebook:
        return {
            (submission.student.id, grade.cell.name): None if grade.needs_manual_grade else grade.auto_score
            for submission in gradebook.assignment_submissions("ps1")
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course with everybody's submission."""
    course = tmp_path_factory.mktemp("plain") / "course"
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    for name, cells in NOTEBOOKS.items():
        nbformat.write(notebook_of(*cells), course / "source" / "ps1" / f"{name}.ipynb")
    nbgrader(course, "generate_assignment", "ps1")
    for student, answers in STUDENTS.items():
        hand_in(course, student, answers)
    return course


@pytest.fixture(scope="module")
def graded(released: Path) -> tuple[Path, str]:
    """The course graded by mashq, also those whose values are odd; and what it printed."""
    course = released.parent / "mashq"
    shutil.copytree(released, course)
    for student, value in ODD_VALUES.items():
        hand_in(course, student, RIGHT | {"mark": f"def mark():\n    return {value}"})
    out, err = mashq("grade", "ps1", cwd=course, code=3)
    return course, " ".join((out + err).split())


@pytest.fixture(scope="module")
def stock(released: Path) -> Path:
    """The course graded by nbgrader alone."""
    course = released.parent / "stock"
    shutil.copytree(released, course)
    nbgrader(course, "autograde", "ps1")
    return course


def test_each_cell_has_the_points_of_nbgrader(stock: Path, graded: tuple[Path, str]) -> None:
    """Also where all of a test cell, its beginning or its end is hidden, and where two stubs are alike."""
    expected, ours = scores(stock), scores(graded[0])
    assert expected["wrong-where-hidden", "test_twice"] == 0  # the hidden part decides there
    assert {key: ours[key] for key in expected} == expected


def test_points_of_nbgrader_that_change_are_named(stock: Path) -> None:
    """As those of last term's submissions, which were handed in to another release."""
    course = stock.parent / "last-term"
    shutil.copytree(stock, course)
    with Gradebook(sqlite_of(course)) as gradebook:
        gradebook.find_grade("test_area", "whole", "ps1", "right").auto_score = 2
        gradebook.db.commit()
    out, err = mashq("grade", "ps1", "--student", "right", cwd=course)
    told = " ".join((out + err).split())
    assert "right: whole.ipynb, test_area: nbgrader had given 2 points, and now it has 5" in told
    assert told.count("nbgrader had given") == 1
    out, err = mashq("grade", "ps1", "--student", "right", "--force", cwd=course)
    assert "nbgrader had given" not in out + err


def test_a_value_that_is_no_score_costs_only_its_own_cell(graded: tuple[Path, str]) -> None:
    """A person gives those points, and is told; everything else of the student is graded."""
    course, told = graded
    points: dict[str, dict[str, Any]] = {}
    for (student, cell), value in scores(course).items():
        points.setdefault(student, {})[cell] = value
    for student in ODD_VALUES:
        assert points[student] == points["right"] | {"test_mark": None}
        assert student in told
    assert "its last value, 100, is not between 0 and its 2 points" in told


def test_feedback_has_nothing_that_is_for_graders(graded: tuple[Path, str]) -> None:
    """Also where the course has nbgrader's own settings, which know no such cells."""
    course = graded[0]
    stopped = "Cells that stopped with an error"
    assert stopped in (course / "autograded" / "stops" / "ps1" / "whole.ipynb").read_text()
    mashq("feedback", "ps1", "--student", "stops", cwd=course)
    page = (course / "feedback" / "stops" / "ps1" / "whole.html").read_text()
    assert "StopIteration" in page
    assert stopped not in page


def test_what_is_hidden_stays_hidden(graded: tuple[Path, str]) -> None:
    """The graded notebooks, and so the feedback, have neither the hidden lines nor what they say."""
    course, told = graded
    texts = {path.parts[-3]: path.read_text() for path in course.glob("autograded/*/ps1/behind.ipynb")}
    for text in [*texts.values(), told]:
        assert "twice(5)" not in text
        assert "40353607" not in text  # 7**9, in the message of the hidden assertion
    assert "a hidden test of this cell failed" in texts["wrong-where-hidden"]
    assert "two" in texts["wrong-where-seen"]  # the message of the assertion that students see
