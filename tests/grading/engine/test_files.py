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
from mashq.course.gradebook.scores import read_scores
from mashq.feedback.generate import generate_feedback
from mashq.report.failures import concerns
from mashq.report.gather import gather
from tests.support.cells import notebook_of
from tests.support.commands import nbgrader
from tests.support.graded import area_score, rows_of, sqlite_of
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

pytestmark = pytest.mark.long

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


def lacks_package(folder: Path, released: Any) -> Any:
    """Right, where the package is installed."""
    return answered(released, f"import no_such_package\n{ANSWER}")


KINDS: list[Callable[[Path, Any], Any]] = [
    *(helper_notebook, large_file, many_files, odd_names),
    *(too_large, too_large_unused, two_versions, lacks_package),
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
    """Listed, with exit code 3; a file that the code does not name is listed, too, and costs no points."""
    course, done, summary = graded
    assert done.code == 3
    assert area_score(sqlite_of(course), "too_large") == (None, True)
    assert "'weights.npz' was not there while the notebook ran" in attention(summary)["too_large"]
    assert area_score(sqlite_of(course), "too_large_unused") == (1, False)
    assert "'film.mp4' was not there while the notebook ran" in attention(summary)["too_large_unused"]
    generate_feedback(course, "ps1", ["too_large", "too_large_unused", "two_versions"], workers=1)
    for student, said in (
        ("too_large", "'weights.npz' was not there while the notebook ran, and the code names it"),
        ("too_large_unused", "'film.mp4' was not there while the notebook ran"),
        ("two_versions", "This notebook has no points yet: there are 2 answered versions"),
    ):
        html = (course / "feedback" / student / "ps1" / "areas.html").read_text(encoding="utf-8")
        assert said in html, student


def test_points_lost_by_a_package_that_grading_has_not_wait(
    graded: tuple[Path, Done, dict[str, Any]],
) -> None:
    """They stay listed while nobody has given them."""
    course, _done, summary = graded
    assert area_score(sqlite_of(course), "lacks_package") == (None, True)
    assert "No module named 'no_such_package'; points were lost by it" in attention(summary)["lacks_package"]
    assert "lacks_package" in listed(course)
    assert invoke(course, "--workers=1", "--student=lacks_package").code == 3


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


def give(course: Path, student: str, notebook: str, **points: float) -> None:
    """What formgrader saves when a person gives points, {cell: points}."""
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for cell, given in points.items():
            grade = gradebook.find_grade(cell, notebook, "ps1", student)
            grade.manual_score, grade.needs_manual_grade = given, False
        gradebook.db.commit()


def listed(course: Path) -> set[str]:
    """The students whom the report lists under what needs attention."""
    return {who[0] for concern in concerns(gather(CourseFolder(course), "ps1")) for who in concern.who}


def scores_of(course: Path, student: str, notebook: str) -> tuple[float, bool]:
    """(points, whether something waits for a person)."""
    found = read_scores(CourseFolder(course), "ps1").students[student][notebook]
    return found.score, found.needs_person


def test_points_that_a_person_gave_settle_it(
    graded: tuple[Path, Done, dict[str, Any]], tmp_path: Path
) -> None:
    """What was asked is answered in formgrader: nobody asks it again, and nobody else's is forgotten."""
    course = Path(shutil.copytree(graded[0], tmp_path / "course"))
    too_much = {"too_large", "too_large_unused"}  # files, which no points make smaller
    assert listed(course) == too_much | {"two_versions", "lacks_package"}
    give(course, "too_large", "areas", test_area=1.5)
    give(course, "two_versions", "areas", test_area=1.5, why=1)
    assert listed(course) == too_much | {"lacks_package"}
    for again in ((), ("--force",)):
        done = invoke(course, "--workers=1", "--student=two_versions", *again)
        assert done.code == 0, done.told
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.find_grade("why", "areas", "ps1", "two_versions").needs_manual_grade = True
        gradebook.db.commit()
    assert listed(course) == too_much | {"two_versions", "lacks_package"}
    done = invoke(course, "--workers=1")
    assert (done.code, "two_versions areas" in done.told, "too_large areas" in done.told) == (3, True, False)


def test_points_settle_a_submission_without_a_notebook_until_it_changes(
    released: Path, tmp_path: Path
) -> None:
    """All of its points must be given; what is handed in afterwards is looked at anew, and keeps them."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    folder = course / "submitted" / "photo" / "ps1"
    folder.mkdir(parents=True)
    (folder / "page.jpg").write_bytes(b"1")
    assert (invoke(course).code, listed(course)) == (3, {"photo"})
    give(course, "photo", "areas", test_area=1, why=2)
    assert (invoke(course).code, listed(course)) == (3, {"photo"})
    give(course, "photo", "more", draw=2, test_side=1)
    for _ in range(2):
        assert (invoke(course).code, listed(course)) == (0, set())
    (folder / "page2.jpg").write_bytes(b"1")
    for _ in range(2):
        assert (invoke(course).code, listed(course)) == (3, {"photo"})
    assert scores_of(course, "photo", "more") == (3, True)


@pytest.mark.slow
def test_nbgrader_autograde_gives_the_same(graded: tuple[Path, Done, dict[str, Any]], tmp_path: Path) -> None:
    """A helper notebook is there, and versions wait."""
    course = Path(shutil.copytree(graded[0], tmp_path / "course"))
    for student in ("helper_notebook", "two_versions"):
        nbgrader(course, "autograde", "ps1", f"--student={student}", "--force")
        assert area_score(sqlite_of(course), student) == area_score(sqlite_of(graded[0]), student)


def test_what_lies_there_now_counts(released: Path, tmp_path: Path) -> None:
    """A second attempt without a notebook of the first has no points for it."""
    course = two_notebooks(released, tmp_path, "ada", "ben")
    (course / "submitted" / "ada" / "ps1" / "more.ipynb").unlink()
    for path in (course / "submitted" / "ben" / "ps1").iterdir():
        path.unlink()
    done = invoke(course, "--workers=1", f"--json={course / 'report.json'}")
    assert done.code == 3
    assert "ada: graded before and not in what lies there now, so it counts no more: more" in done.told
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
    assert sorted(path.name for path in (course / "feedback").rglob("*.html")) == ["areas.html", "index.html"]


def two_notebooks(released: Path, tmp_path: Path, *students: str) -> Path:
    """A course in which these have handed in both notebooks, graded."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    for student in students:
        hand_in(course, student, answered(released_notebook(course)))
        more = released_notebook(course, "more")
        more.cells[0].source = "side = 3"
        hand_in(course, student, more, "more")
    assert invoke(course, "--workers=2").code == 0
    return course


def test_a_task_of_a_notebook_that_came_later_waits_for_a_person(released: Path, tmp_path: Path) -> None:
    """It had a zero, since the notebook was not there; nbgrader would leave that."""
    course = two_notebooks(released, tmp_path, "ada")
    path = course / "submitted" / "ada" / "ps1" / "more.ipynb"
    text = path.read_bytes()
    path.unlink()
    assert invoke(course, "--workers=1").code == 0
    assert scores_of(course, "ada", "more") == (0, False)
    path.write_bytes(text)
    assert invoke(course, "--workers=1").code == 0
    assert scores_of(course, "ada", "more") == (1, True)


@pytest.mark.parametrize("all_gone", [False, True])
def test_points_of_a_person_outlive_a_notebook_that_is_missing(
    all_gone: bool, released: Path, tmp_path: Path
) -> None:
    """Half of a folder was copied when it was read: a person sees it, and then all is as it was."""
    course = two_notebooks(released, tmp_path, "ada")
    folder = course / "submitted" / "ada" / "ps1"
    give(course, "ada", "more", draw=2)
    give(course, "ada", "areas", test_area=1.5, why=3)
    before = rows_of(sqlite_of(course))
    gone = ["areas", "more"] if all_gone else ["more"]
    texts = {name: (folder / f"{name}.ipynb").read_bytes() for name in gone}
    for name in gone:
        (folder / f"{name}.ipynb").unlink()
    (folder / "timestamp.txt").write_text("2026-11-20 21:00:00 UTC")
    for _ in range(2):
        done = invoke(course, "--workers=1", f"--json={course / 'report.json'}")
        assert done.code == 3, done.told
        assert (
            "the version of 2026-11-20 21:00 UTC lacks this notebook, which had 2 points from a" in done.told
        )
        report = json.loads((course / "report.json").read_text(encoding="utf-8"))
        rows = [(row["student"], row["notebook"]) for row in report["attention"]]
        assert rows == [("ada", name) for name in (["-"] if all_gone else []) + gone]
        assert report["students"]["ada"]["more"] == {"score": 2, "max_score": 3, "needs_person": True}
        assert listed(course) == {"ada"}
    generate_feedback(course, "ps1", workers=1)
    page = (course / "feedback" / "ada" / "ps1" / "more.html").read_text(encoding="utf-8")
    assert "This notebook is not in what you handed in last" in page
    for name, text in texts.items():
        hand_in(course, "ada", text, name)
    (folder / "timestamp.txt").unlink()
    assert invoke(course, "--workers=1").code == 0
    assert rows_of(sqlite_of(course)) == before
    generate_feedback(course, "ps1", workers=1, force=True)
    page = (course / "feedback" / "ada" / "ps1" / "more.html").read_text(encoding="utf-8")
    assert "This notebook is not in" not in page


def test_a_person_decides_about_a_notebook_that_is_missing(released: Path, tmp_path: Path) -> None:
    """Points given again settle it, until the next version lacks it, too."""
    course = two_notebooks(released, tmp_path, "ada")
    give(course, "ada", "more", draw=2)
    (course / "submitted" / "ada" / "ps1" / "more.ipynb").unlink()
    assert (invoke(course, "--workers=1").code, listed(course)) == (3, {"ada"})
    give(course, "ada", "more", draw=1)
    for again in ((), ("--force",)):
        assert (invoke(course, "--workers=1", *again).code, listed(course)) == (0, set())
    (course / "submitted" / "ada" / "ps1" / "timestamp.txt").write_text("2026-11-20 21:00:00 UTC")
    assert (invoke(course, "--workers=1").code, listed(course)) == (3, {"ada"})
