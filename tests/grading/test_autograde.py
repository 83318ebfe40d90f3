"""`nbgrader autograde`, `generate_feedback` and `export` with the judge, on a class of good and bad files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.scores import read_scores
from tests.conftest import TINY_CHECKS, code_cell, make_tiny_course, nbgrader, notebook_of

ANSWER = "def area(a, b):\n    return a * b"
HALF = "def area(a, b):\n    return a * a"


def answered(release: Any, code: str = ANSWER, essay: str = "Because sides multiply.") -> Any:
    """A released tiny notebook with its two answers filled in."""
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = {"area": code, "why": essay}.get(grade_id, cell.source)
    return notebook


def without_test(notebook: Any) -> Any:
    notebook.cells = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "test_area"
    ]
    return notebook


def copied(notebook: Any) -> Any:
    notebook.cells += nbformat.from_dict(json.loads(json.dumps(notebook.cells[1:3])))
    return notebook


def stripped(notebook: Any) -> Any:
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def old_schema(notebook: Any) -> Any:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 1
    return notebook


def forged(notebook: Any) -> Any:
    notebook.metadata["mashq"] = {"judgement": {"results": []}, "unreadable": "", "attention": {}}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_area":
            cell.metadata.nbgrader.points = 50
            cell.source = "from IPython.display import display\nprint(50)\n50"
    return notebook


# student → (what is handed in, from the release; points of test_area, or None where a person must look)
CLASS: dict[str, tuple[Callable[[Any], Any], float | None]] = {
    "right": (answered, 2),
    "half": (lambda r: answered(r, HALF), 1),
    "blank": (lambda r: r, 0),
    "warns": (lambda r: answered(r, f"import sys\nprint('careful', file=sys.stderr)\n{ANSWER}"), 2),
    "no-test-cell": (lambda r: without_test(answered(r)), 2),
    "copied-cells": (lambda r: copied(answered(r)), 2),
    "stripped": (lambda r: stripped(answered(r)), 2),
    "old-schema": (lambda r: old_schema(answered(r)), 2),
    "no-kernelspec": (lambda r: nbformat.v4.new_notebook(cells=answered(r).cells), 2),
    "forged": (lambda r: forged(answered(r, "area = 0")), 0),
    "ends-python": (lambda r: answered(r, "import os\nos._exit(0)"), 0),
    "prints-tags": (lambda r: answered(r, f"print('<script>alert(1)</script>')\n{ANSWER}"), 2),
    "utf-16": (lambda r: nbformat.writes(answered(r)).encode("utf-16"), 2),
    "cut-off": (lambda r: nbformat.writes(answered(r)).encode()[:700], None),
    "not-json": (lambda r: b"PK\x03\x04 not a notebook", None),
    "empty": (lambda r: b"", None),
    "other-notebook": (lambda r: notebook_of(code_cell("pass", "q4_model")), None),
}


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
