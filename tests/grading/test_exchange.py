"""An assignment goes round: released, fetched, handed in, collected, graded, and back as feedback."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import get_username

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from tests.support.commands import mashq, nbgrader
from tests.support.downloads import download, named
from tests.support.tiny_course import answered

pytestmark = pytest.mark.long

COURSE_ID = "neural-networks"


def test_the_exchange_from_release_to_feedback(tiny_course: Path, tmp_path: Path) -> None:
    """Every step of the instructor's and the student's day, with the score at its end."""
    exchange, home = tmp_path / "exchange", tmp_path / "home"
    for folder in (exchange, home):
        folder.mkdir()
    exchange.chmod(0o777)
    root = (f"--Exchange.root={exchange}", f"--Exchange.cache={tmp_path / 'cache'}")
    student = get_username()

    nbgrader(tiny_course, "release_assignment", "ps1", *root)
    nbgrader(home, "fetch_assignment", "ps1", f"--course={COURSE_ID}", *root)
    path = home / "ps1" / "areas.ipynb"
    assert "BEGIN SOLUTION" not in path.read_text(encoding="utf-8")
    nbformat.write(answered(nbformat.read(path, as_version=4)), path)
    nbgrader(home, "submit", "ps1", f"--course={COURSE_ID}", *root)

    nbgrader(tiny_course, "collect", "ps1", *root)
    assert (tiny_course / "submitted" / student / "ps1" / "areas.ipynb").exists()
    nbgrader(tiny_course, "autograde", "ps1")
    nbgrader(tiny_course, "generate_feedback", "ps1")
    nbgrader(tiny_course, "release_feedback", "ps1", *root)
    nbgrader(home, "fetch_feedback", "ps1", f"--course={COURSE_ID}", *root)
    (feedback,) = (home / "ps1" / "feedback").rglob("areas.html")
    assert "Hidden checks: 2 of 2 points" in feedback.read_text(encoding="utf-8")

    nbgrader(tiny_course, "export", "--to", "grades.csv")
    with (tiny_course / "grades.csv").open(encoding="utf-8") as file:
        assert [(row["student_id"], row["score"]) for row in csv.DictReader(file)] == [(student, "2.0")]


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "flat"])
def test_a_zip_from_moodle_is_collected_and_graded(
    folders: bool, tiny_course: Path, tmp_path: Path, hand_in: Callable[..., Path]
) -> None:
    """Notebooks, a zip within the zip, a scan beside them; Persian names; macOS's hidden files."""
    release = nbformat.read(tiny_course / "release" / "ps1" / "areas.ipynb", as_version=4)
    notebook = nbformat.writes(answered(release))
    inner = tmp_path / "ps1.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("ps1/areas.ipynb", notebook)
        archive.writestr("__MACOSX/ps1/._areas.ipynb", b"\x00\x05\x16\x07")
    archive_folder = tiny_course / "downloaded" / "ps1" / "archive"
    archive_folder.mkdir(parents=True)
    slash = "/" if folders else ""
    with zipfile.ZipFile(archive_folder / "NN-ps1-123.zip", "w") as archive:
        archive.writestr(f"Maryam M_1001_assignsubmission_file_{slash}areas.ipynb", notebook)
        archive.writestr(f"Maryam M_1001_assignsubmission_file_{slash}q1.pdf", b"%PDF-1.4 scan")
        archive.writestr(f"دانشجو_1002_assignsubmission_file_{slash}areas.ipynb", nbformat.writes(release))
        if folders:
            archive.write(inner, "Abu R_1003_assignsubmission_file_/ps1.zip")
    nbgrader(tiny_course, "zip_collect", "ps1")
    assert (tiny_course / "submitted" / "1001" / "ps1" / "q1.pdf").read_bytes().startswith(b"%PDF")
    nbgrader(tiny_course, "autograde", "ps1")
    scores = {s: q["areas"].score for s, q in read_scores(CourseFolder(tiny_course), "ps1").students.items()}
    assert scores == {"1001": 2, "1002": 0} | ({"1003": 2} if folders else {})
    assert (tiny_course / "autograded" / "1001" / "ps1" / "q1.pdf").exists()


@pytest.mark.parametrize(
    ("platform", "called"),
    [("canvas", "Canvas"), ("blackboard", "Blackboard"), ("brightspace", "Brightspace")],
)
def test_zip_collect_says_whose_names_it_does_not_know(platform: str, called: str, tiny_course: Path) -> None:
    """Once, with the command that knows them; it is no success with 0 files."""
    files = {named(platform, number, "areas.ipynb"): b"{}" for number in (1001, 1002)}
    download(tiny_course / "downloaded" / "ps1" / "archive" / "class.zip", files)
    log = nbgrader(tiny_course, "zip_collect", "ps1", code=1)
    said = f"these names are {called}'s, which the rule of zip_collect for names does not know: nothing was"
    assert log.count(said) == 1
    assert "run `mashq collect ps1 downloaded/ps1/archive/*`" in log
    mashq("collect", "ps1", "downloaded/ps1/archive/class.zip", cwd=tiny_course, code=0)
    assert (tiny_course / "submitted" / "1001" / "ps1" / "areas.ipynb").exists()


def test_zip_collect_says_what_it_leaves_out_of_moodles(tiny_course: Path) -> None:
    """It collects what it did before."""
    files = {named("moodle", 1001, name): b"{}" for name in ("areas.ipynb", "helpers.py", "data.csv")}
    download(tiny_course / "downloaded" / "ps1" / "archive" / "class.zip", files)
    log = nbgrader(tiny_course, "zip_collect", "ps1")
    assert log.count("zip_collect takes only files that end with .ipynb, .pdf; run `mashq collect ps1") == 1
    folder = tiny_course / "submitted" / "1001" / "ps1"
    assert [path.name for path in folder.iterdir()] == ["areas.ipynb"]
