"""What needs attention: the same at the end of each run, in the report and in the feedback; never silence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.feedback.generate import generate_feedback
from mashq.report.failures import causes, concerns
from mashq.report.gather import gather
from tests.support.commands import ROOT, nbgrader
from tests.support.grading import Done, invoke
from tests.support.tiny_course import TINY_CHECKS, answered, hand_in, released_notebook, tiny_notebook

pytestmark = pytest.mark.long

STUDENTS = ["ada", "ben", "cy"]
WRONG_CHECKS = {
    "import_fails": f"import nothing_of_that_name\n{TINY_CHECKS}",
    "is_empty": "",
    "no_marks": TINY_CHECKS.replace("@pytest.mark.grade", "# @pytest.mark.grade"),
    "other_cells": TINY_CHECKS.replace('grade("test_area"', 'grade("test_volume"'),
    "two_lines": TINY_CHECKS.replace(
        'expect.close(student.call("area", 3, 3), 9, "area(3, 3)")', 'raise KeyError("one line\\nanother")'
    ),
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a notebook for each way in which a check file can be wrong."""
    course = tmp_path_factory.mktemp("released") / "course"
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "tests" / "ps1").mkdir(parents=True)
    settings = '\nc.JudgeExecute.isolation = "auto"\n'
    (course / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text() + settings)
    for name, checks in WRONG_CHECKS.items():
        nbformat.write(tiny_notebook(), course / "source" / "ps1" / f"{name}.ipynb")
        (course / "tests" / "ps1" / f"test_{name}.py").write_text(checks)
    nbgrader(course, "generate_assignment", "ps1")
    for student in STUDENTS:
        for name in WRONG_CHECKS:
            hand_in(course, student, answered(released_notebook(course, name)), name)
    return course


def graded(course: Path, *arguments: str) -> tuple[Done, dict[str, Any]]:
    """A run of `mashq grade`, and its summary."""
    report = course / "report.json"
    done = invoke(course, f"--json={report}", *arguments)
    return done, json.loads(report.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def course(
    request: pytest.FixtureRequest, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """The course graded with its wrong checks, and the summary."""
    course = shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course")
    done, summary = graded(course, f"--workers={request.param}")
    assert done.code == 3, done.told
    return course, summary


def listed(summary: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What needs attention, without where a program was at the time."""
    return {(row["student"], row["notebook"], row["kind"]) for row in summary["attention"]}


def reasons(summary: dict[str, Any], notebook: str) -> list[str]:
    """Why a notebook needs attention, a reason for each student."""
    return [row["reason"] for row in summary["attention"] if row["notebook"] == notebook]


def test_a_wrong_check_file_grades_nobody_in_silence(course: tuple[Path, dict[str, Any]]) -> None:
    """Each notebook of each student is listed, whichever the worker had before; nobody has a zero."""
    folder, summary = course
    assert listed(summary) == {(student, name, "check") for student in STUDENTS for name in WRONG_CHECKS}
    scores = read_scores(CourseFolder(folder), "ps1").students
    assert {score.needs_person for student in STUDENTS for score in scores[student].values()} == {True}
    assert {score.score for student in STUDENTS for score in scores[student].values()} == {0}


def test_the_report_lists_what_the_run_listed(course: tuple[Path, dict[str, Any]]) -> None:
    """Reason by reason, whether or not the result was kept; counted by cause."""
    folder, summary = course
    found = concerns(gather(CourseFolder(folder), "ps1"))
    assert {(who[0], who[1], str(concern.kind)) for concern in found for who in concern.who} == listed(
        summary
    )
    short = {reason for reason in (row["reason"] for row in summary["attention"]) if len(reason) < 400}
    assert short <= {concern.reason for concern in found}
    assert causes(found) == [("wrong checks", len(STUDENTS) * len(WRONG_CHECKS))]


def test_the_feedback_says_whose_mistake_it_is_and_no_more(course: tuple[Path, dict[str, Any]]) -> None:
    """Not the student's; what exactly is wrong with a hidden check stays hidden."""
    folder, _summary = course
    generate_feedback(folder, "ps1", ["ada"], workers=1)
    for name in WRONG_CHECKS:
        html = (folder / "feedback" / "ada" / "ps1" / f"{name}.html").read_text(encoding="utf-8")
        assert "A hidden check is wrong here: that is not your mistake." in html, name
        assert "not graded automatically" in html
        assert "nothing_of_that_name" not in html
        assert "KeyError" not in html


def test_a_mended_check_file_grades_everybody(course: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """A second run lists the same, a third with right checks is complete."""
    folder, before = shutil.copytree(course[0], tmp_path / "course"), course[1]
    done, again = graded(folder, "--workers=1")
    assert done.code == 3
    assert listed(again) == listed(before)
    assert len(again["attention"]) == len(before["attention"])
    assert reasons(again, "two_lines") == reasons(before, "two_lines")
    assert len(reasons(again, "two_lines")) == len(STUDENTS)
    for name in WRONG_CHECKS:
        (folder / "tests" / "ps1" / f"test_{name}.py").write_text(TINY_CHECKS)
    done, after = graded(folder, "--workers=2")
    assert (done.code, after["attention"]) == (0, []), done.told
    assert {row["score"] for rows in after["students"].values() for row in rows.values()} == {2}
    assert concerns(gather(CourseFolder(folder), "ps1")) == []


def test_a_misnamed_check_file_grades_nobody(released: Path, tmp_path: Path) -> None:
    """By `mashq grade` and by `nbgrader autograde`: the visible checks alone would give full points."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    checks = course / "tests" / "ps1"
    (checks / "test_is_empty.py").rename(checks / "test_isempty.py")
    done = invoke(course)
    assert done.code == 1
    assert "test_isempty.py holds the checks of no notebook" in " ".join(done.err.split())
    assert "Did you mean 'is_empty'?" in " ".join(done.err.split())
    assert not (course / "autograded").exists()
    said = nbgrader(course, "autograde", "ps1", "--student=ada", code=1)
    assert "holds the checks of no notebook" in said
    assert not list((course / "autograded").rglob("*.ipynb"))


def test_a_notebook_without_checks_among_others_is_named(released: Path, tmp_path: Path) -> None:
    """Its visible checks decide, as in a plain course, and the run says so."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    (course / "tests" / "ps1" / "test_is_empty.py").unlink()
    done = invoke(course, "--student=ada", "--notebook=is_empty")
    assert "is_empty has no check file" in " ".join(done.err.split())
