"""What is handed in beside a notebook is there when it runs; what is not, or is there twice, is said."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.feedback.generate import generate_feedback
from mashq.report.gather import gather
from tests.support.cells import notebook_of
from tests.support.commands import nbgrader
from tests.support.graded import area_score, sqlite_of
from tests.support.grading import Done, invoke
from tests.support.late_course import more_notebook
from tests.support.tiny_course import (
    ANSWER,
    HALF,
    answered,
    hand_in,
    make_course,
    released_notebook,
    tiny_notebook,
)

USES = "def area(a, b):\n    return times(a, b)"
TIMES_K = "def area(a, b):\n    return a * b * k"
HELPER = "def times(a, b):\n    return a * b"
MORE_THAN_FITS = 150 * 2**20


def code(source: str) -> Any:
    """A cell of the student's own."""
    return nbformat.v4.new_code_cell(source)


def using(released: Any, above: str, answer: str) -> Any:
    """The answered notebook with a cell of the student's own above the answer."""
    notebook = answered(released, answer)
    notebook.cells.insert(1, code(above))
    return notebook


def helper_notebook(folder: Path, released: Any) -> Any:
    """A notebook that the other runs, in a folder, which runs another."""
    (folder / "lib").mkdir()
    nbformat.write(notebook_of(code("%run lib/times.ipynb")), folder / "helpers.ipynb")
    nbformat.write(notebook_of(code(HELPER)), folder / "lib" / "times.ipynb")
    return using(released, "%run helpers.ipynb", USES)


def large_file(folder: Path, released: Any) -> Any:
    """25 MB."""
    (folder / "large.bin").write_bytes(b"1" * 25 * 2**20)
    return using(released, "k = open('large.bin').read().count('1') // (25 * 2**20)", TIMES_K)


def many_files(folder: Path, released: Any) -> Any:
    """Two thousand, in a sub-folder; and one in a hidden folder."""
    (folder / "parts").mkdir()
    (folder / ".settings").mkdir()
    (folder / ".settings" / "k.txt").write_text("1")
    for number in range(2000):
        (folder / "parts" / f"{number}.txt").write_text("1")
    above = (
        "import glob\nassert len(glob.glob('parts/*.txt')) == 2000\nk = int(open('.settings/k.txt').read())"
    )
    return using(released, above, TIMES_K)


def odd_names(folder: Path, released: Any) -> Any:
    """A name that is no UTF-8, one that is Persian, and a folder in the place of the instructor's file."""
    (folder / "داده.txt").write_text("1")
    (folder / "numbers.csv" / "x").mkdir(parents=True)
    (folder / "numbers.csv" / "x" / "mine.txt").write_text("1")
    with open(os.fsencode(folder) + b"/\xff\xfe.txt", "wb") as file:
        file.write(b"1")
    return using(released, "k = int(open('داده.txt').read())\nopen('numbers.csv').read()", TIMES_K)


def too_large(folder: Path, released: Any) -> Any:
    """More than is carried; points hang on it."""
    with (folder / "weights.npz").open("wb") as file:
        file.truncate(MORE_THAN_FITS)
    return using(released, "k = len(open('weights.npz', 'rb').read(1))", TIMES_K)


def too_large_unused(folder: Path, released: Any) -> Any:
    """More than is carried; the lost point has nothing to do with it."""
    with (folder / "film.mp4").open("wb") as file:
        file.truncate(MORE_THAN_FITS)
    return answered(released, HALF)


def two_versions(folder: Path, released: Any) -> Any:
    """The better one has a number."""
    nbformat.write(answered(released, ANSWER), folder / "areas-1.ipynb")
    return answered(released, HALF)


KINDS: list[Callable[[Path, Any], Any]] = [
    *(helper_notebook, large_file, many_files, odd_names),
    *(too_large, too_large_unused, two_versions),
]
FULL = ["helper_notebook", "large_file", "many_files", "odd_names", "in_a_folder"]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks and a file of the instructor's; to be copied, not changed."""
    course = tmp_path_factory.mktemp("released") / "course"
    return make_course(course, {"areas": tiny_notebook(), "more": more_notebook()}, files=["numbers.csv"])


@pytest.fixture(scope="module")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done, dict[str, Any]]:
    """Each kind handed in by a student of its name; what the command said, and its summary."""
    course = Path(shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course"))
    release = released_notebook(course)
    for kind in KINDS:
        folder = course / "submitted" / kind.__name__ / "ps1"
        folder.mkdir(parents=True)
        hand_in(course, kind.__name__, kind(folder, release))
    inner = using(release, "k = int(open('k.txt').read())\nopen('numbers.csv').read()", TIMES_K)
    folder = hand_in(course, "in_a_folder", inner, "hw/areas").parent
    (folder / "k.txt").write_text("1")
    done = invoke(course, "--workers=2", f"--json={course / 'report.json'}")
    return course, done, json.loads((course / "report.json").read_text(encoding="utf-8"))


def attention(summary: dict[str, Any]) -> dict[str, str]:
    """{student: why somebody must act}."""
    return {row["student"]: row["reason"] for row in summary["attention"]}


@pytest.mark.parametrize("student", FULL)
def test_what_was_handed_in_is_there(student: str, graded: tuple[Path, Done, dict[str, Any]]) -> None:
    """The right work has its points, and the notebook that was not handed in is in no doubt."""
    course, _done, summary = graded
    assert area_score(sqlite_of(course), student) == (2, False)
    assert student not in attention(summary)


def test_points_lost_by_a_file_that_was_not_there_wait(graded: tuple[Path, Done, dict[str, Any]]) -> None:
    """Listed, with exit code 3; a file that the code does not name is a note and no more."""
    course, done, summary = graded
    assert done.code == 3
    assert area_score(sqlite_of(course), "too_large") == (None, True)
    assert "'weights.npz' was not there while the notebook ran" in attention(summary)["too_large"]
    assert area_score(sqlite_of(course), "too_large_unused") == (1, False)
    assert "too_large_unused" not in attention(summary)
    generate_feedback(course, "ps1", ["too_large", "too_large_unused", "two_versions"], workers=1)
    for student, said in (
        ("too_large", "'weights.npz' was not there while the notebook ran, and the code names it"),
        ("too_large_unused", "'film.mp4' was not there while the notebook ran"),
        ("two_versions", "This notebook has no points yet: there are 2 answered versions"),
    ):
        html = (course / "feedback" / student / "ps1" / "areas.html").read_text(encoding="utf-8")
        assert said in html, student


def test_a_person_chooses_among_versions_and_that_is_final(
    graded: tuple[Path, Done, dict[str, Any]], tmp_path: Path
) -> None:
    """None of them has points before; the run says what to do, and the next run holds to it."""
    course = Path(shutil.copytree(graded[0], tmp_path / "course"))
    assert area_score(sqlite_of(course), "two_versions") == (None, True)
    assert attention(graded[2])["two_versions"].startswith("there are 2 answered versions, and one must be")
    assert "they differ in area." in attention(graded[2])["two_versions"]
    assert "Keep the version that counts as submitted/STUDENT/ps1/NOTEBOOK.ipynb" in graded[1].told
    folder = course / "submitted" / "two_versions" / "ps1"
    (folder / "areas-1.ipynb").replace(folder / "areas.ipynb")
    for _ in range(2):
        done = invoke(course, "--workers=1", "--student=two_versions")
        assert done.code == 0, done.told
        assert area_score(sqlite_of(course), "two_versions") == (2, False)


def test_points_that_a_person_gave_settle_it(
    graded: tuple[Path, Done, dict[str, Any]], tmp_path: Path
) -> None:
    """What was asked is answered in formgrader: it is not asked again, and nobody else's is forgotten."""
    course = Path(shutil.copytree(graded[0], tmp_path / "course"))
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for student, cells in (("too_large", ["test_area"]), ("two_versions", ["test_area", "why"])):
            for cell in cells:
                grade = gradebook.find_grade(cell, "areas", "ps1", student)
                grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert invoke(course, "--workers=1", "--student=too_large", "--student=two_versions").code == 0
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.find_grade("why", "areas", "ps1", "two_versions").needs_manual_grade = True
        gradebook.db.commit()
    done = invoke(course, "--workers=1")
    assert (done.code, "two_versions areas" in done.told, "too_large areas" in done.told) == (3, True, False)


@pytest.mark.slow
def test_nbgrader_autograde_gives_the_same(graded: tuple[Path, Done, dict[str, Any]], tmp_path: Path) -> None:
    """A helper notebook is there, and versions wait."""
    course = Path(shutil.copytree(graded[0], tmp_path / "course"))
    for student in ("helper_notebook", "two_versions"):
        nbgrader(course, "autograde", "ps1", f"--student={student}", "--force")
        assert area_score(sqlite_of(course), student) == area_score(sqlite_of(graded[0]), student)


def test_what_lies_there_now_counts(released: Path, tmp_path: Path) -> None:
    """A second attempt without a notebook of the first has no points for it, whoever gave them."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    for student in ("ada", "ben"):
        hand_in(course, student, answered(released_notebook(course)))
        more = released_notebook(course, "more")
        more.cells[0].source = "side = 3"
        hand_in(course, student, more, "more")
    assert invoke(course, "--workers=2").code == 0
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for student in ("ada", "ben"):
            grade = gradebook.find_grade("draw", "more", "ps1", student)
            grade.manual_score, grade.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    (course / "submitted" / "ada" / "ps1" / "more.ipynb").unlink()
    for path in (course / "submitted" / "ben" / "ps1").iterdir():
        path.unlink()
    done = invoke(course, "--workers=1", f"--json={course / 'report.json'}")
    assert done.code == 3
    assert "ada: graded before and not in what lies there now, so it counts no more: more" in done.told
    assert "with it go the points that a person gave: draw 2" in done.told
    for _ in range(2):
        report = json.loads((course / "report.json").read_text(encoding="utf-8"))
        assert [row["student"] for row in report["attention"]] == ["ben"]
        ada, ben = (report["students"][student] for student in ("ada", "ben"))
        assert ada["areas"] == {"score": 2, "max_score": 5, "needs_person": True}
        assert ada["more"] == {"score": 0, "max_score": 3, "needs_person": False}
        assert ben["areas"] == {"score": 0, "max_score": 5, "needs_person": True}
        assert ben["more"] == {"score": 0, "max_score": 3, "needs_person": True}
        data = gather(CourseFolder(course), "ps1")
        assert [(of.student, of.question) for of in data.notebooks] == [("ada", "areas")]
        assert {path.name for path in (course / "autograded").rglob("*.ipynb")} == {"areas.ipynb"}
        invoke(course, "--workers=1", f"--json={course / 'report.json'}")
    generate_feedback(course, "ps1", workers=1)
    assert [path.name for path in (course / "feedback").rglob("*.html")] == ["areas.html"]
