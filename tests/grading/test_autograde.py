"""`nbgrader autograde`, `generate_feedback` and `export` with the judge, on a class of good and bad files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from tests.support.commands import nbgrader
from tests.support.students import CLASS
from tests.support.tiny_course import TINY_CHECKS, answered, make_tiny_course

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The tiny course with the class above, graded by nbgrader; and what nbgrader logged."""
    course = make_tiny_course(tmp_path_factory.mktemp("tiny") / "course")
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    for student, (make, _) in CLASS.items():
        path = course / "submitted" / student / "ps1" / "areas.ipynb"
        path.parent.mkdir(parents=True)
        data = make(nbformat.from_dict(json.loads(json.dumps(release))))
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    before = snapshot(course / "submitted")
    log = nbgrader(course, "autograde", "ps1")
    assert snapshot(course / "submitted") == before, "grading changed what was handed in"
    nbgrader(course, "generate_feedback", "ps1")
    nbgrader(course, "export", "--to", "grades.csv")
    return course, log


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("student", CLASS)
def test_everybody_gets_the_grade_of_their_code(student: str, graded: tuple[Path, str]) -> None:
    """Right code its points, wrong code none, an unreadable file a person and never a zero."""
    course, _ = graded
    with Gradebook(f"sqlite:///{course}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade("test_area", "areas", "ps1", student)
        essay = gradebook.find_grade("why", "areas", "ps1", student)
        assert grade.auto_score == CLASS[student][1]
        assert grade.needs_manual_grade == (CLASS[student][1] is None)
        assert essay.auto_score == (0 if student == "blank" else None)
        assert essay.needs_manual_grade == (student != "blank")


@pytest.mark.parametrize("student", [s for s, (_, score) in CLASS.items() if score is None])
def test_an_unreadable_file_is_named_with_its_student(student: str, graded: tuple[Path, str]) -> None:
    """In the log for the instructor, and at the top of the graded notebook for the grader."""
    course, log = graded
    lines = [line for line in log.splitlines() if f"student {student}, areas.ipynb: the file" in line]
    assert len(lines) >= 1
    assert "its cells wait for a person" in lines[0]
    notebook = nbformat.read(course / "autograded" / student / "ps1" / "areas.ipynb", as_version=4)
    assert "mashq could not grade this notebook" in notebook.cells[0].source


def test_repairs_are_shown_to_the_grader(graded: tuple[Path, str]) -> None:
    """What was put right stands at the top of the graded notebook and in the log."""
    course, log = graded
    notebook = nbformat.read(course / "autograded" / "no-test-cell" / "ps1" / "areas.ipynb", as_version=4)
    assert "cell test_area was missing and was put back" in notebook.cells[0].source
    assert "student no-test-cell, areas.ipynb: cell test_area was missing" in log


def test_feedback_shows_the_sentence_but_neither_check_nor_mark_scheme(graded: tuple[Path, str]) -> None:
    """The student reads why a point was lost; what is for graders stays out."""
    course, _ = graded
    html = (course / "feedback" / "half" / "ps1" / "areas.html").read_text(encoding="utf-8")
    assert "Hidden checks: 1 of 2 points" in html
    assert "area(2, 5): wrong value, off by 6; both sides count" in html
    assert "expect.close" not in html
    assert "3 points for the word product" not in html
    autograded = (course / "autograded" / "half" / "ps1" / "areas.ipynb").read_text(encoding="utf-8")
    assert "3 points for the word product" in autograded


def test_the_scores_are_exported(graded: tuple[Path, str]) -> None:
    """nbgrader's own CSV, and our table, agree with the gradebook."""
    course, _ = graded
    with (course / "grades.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {student: score or 0 for student, (_, score) in CLASS.items()}
    table = read_scores(CourseFolder(course), "ps1")
    assert {s: q["areas"].score for s, q in table.students.items()} == exported
    assert table.students["cut-off"]["areas"].needs_person


def test_a_manual_grade_survives_grading_again(graded: tuple[Path, str]) -> None:
    """Points and comments that a person gave are not lost."""
    course, _ = graded
    with Gradebook(f"sqlite:///{course}/gradebook.db", "neural-networks") as gradebook:
        gradebook.find_grade("why", "areas", "ps1", "right").manual_score = 2.5
        gradebook.find_comment("why", "areas", "ps1", "right").manual_comment = "Well put."
        gradebook.db.commit()
    nbgrader(course, "autograde", "ps1", "--student=right", "--force")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade("why", "areas", "ps1", "right")
        assert (grade.score, grade.needs_manual_grade) == (2.5, True)
        assert gradebook.find_comment("why", "areas", "ps1", "right").comment == "Well put."


def test_a_broken_check_leaves_everybody_ungraded(tiny_course: Path, hand_in: Callable[..., Path]) -> None:
    """The instructor reads which check is wrong; no student gets a zero for it."""
    (tiny_course / "tests" / "ps1" / "test_areas.py").write_text(
        TINY_CHECKS.replace("expect.close", "expect.clos")
    )
    release = nbformat.read(tiny_course / "release" / "ps1" / "areas.ipynb", as_version=4)
    hand_in("right", answered(release))
    log = nbgrader(tiny_course, "autograde", "ps1")
    assert "student right, areas.ipynb: not graded: test_area: check error in test_area_of_a_square" in log
    with Gradebook(f"sqlite:///{tiny_course}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade("test_area", "areas", "ps1", "right")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)


def test_a_notebook_without_checks_is_graded_by_nbgrader_alone(
    tiny_course: Path, hand_in: Callable[..., Path]
) -> None:
    """A course may have assignments that do not use the judge."""
    (tiny_course / "tests" / "ps1" / "test_areas.py").unlink()
    release = nbformat.read(tiny_course / "release" / "ps1" / "areas.ipynb", as_version=4)
    hand_in("right", answered(release))
    nbgrader(tiny_course, "autograde", "ps1")
    assert read_scores(CourseFolder(tiny_course), "ps1").students["right"]["areas"].score == 2
