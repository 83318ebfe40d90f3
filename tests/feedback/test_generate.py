"""`mashq feedback` against `nbgrader generate_feedback`, on a small class graded by nbgrader."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from mashq.errors import CourseError
from mashq.feedback.generate import generate_feedback
from mashq.feedback.places import FeedbackError
from tests.support.commands import nbgrader
from tests.support.tiny_course import make_tiny_course

pytestmark = pytest.mark.long

ANSWERS = {
    "Ada L": "def area(a, b):\n    return a * b",
    "half": "def area(a, b):\n    return a * a",
    "blank": "",
    "late": "def area(a, b):\n    return b * a",
    "tags": "print('<script>alert(1)</script>')\ndef area(a, b):\n    return a * b",
    "بهار": "# مساحت\ndef area(a, b):\n    return a * b",
}


def answered(release: Any, code: str) -> Any:
    """A released tiny notebook, with code in place of the stub unless that is empty."""
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        if code and cell.metadata.get("nbgrader", {}).get("grade_id") == "area":
            cell.source = code
    return notebook


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded by nbgrader, with the feedback that nbgrader wrote."""
    course = make_tiny_course(tmp_path_factory.mktemp("feedback") / "course")
    for student, code in ANSWERS.items():
        release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(answered(release, code), folder / "areas.ipynb")
    (course / "submitted" / "late" / "ps1" / "timestamp.txt").write_text("2024-05-01 10:00:00 UTC")
    (course / "submitted" / "half" / "ps1" / "figures").mkdir()
    (course / "submitted" / "half" / "ps1" / "figures" / "plan.csv").write_text("a,b\n2,5\n")
    nbgrader(course, "autograde", "ps1")
    nbgrader(course, "generate_feedback", "ps1")
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder below a folder, with its permissions and bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def test_it_is_what_nbgrader_writes(course: Path) -> None:
    """The same files, bytes and permissions, made by two processes, with nothing beside them."""
    expected = snapshot(course / "feedback")
    assert sum(name.endswith("areas.html") for name in expected) == len(ANSWERS)
    assert "half/ps1/figures/plan.csv" in {name.replace("\\", "/") for name in expected}
    shutil.rmtree(course / "feedback")
    assert generate_feedback(course, "ps1", workers=2) == len(ANSWERS)
    assert snapshot(course / "feedback") == expected


def test_one_failure_stops_nobody_else(course: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is named with its reason, at once and at the end; that student has no feedback, as in nbgrader."""
    expected = snapshot(course / "feedback")
    broken = course / "autograded" / "half" / "ps1" / "areas.ipynb"
    broken.chmod(0o644)
    broken.write_text('{"cells": [')
    with pytest.raises(FeedbackError, match=r"no feedback for 1 of 3 students:\n  half: areas.ipynb: .*JSON"):
        generate_feedback(course, "ps1", ["half", "late", "Ada L"], workers=2, force=True)
    assert "needs attention: half ps1: areas.ipynb: " in capfd.readouterr().err
    kept = {name: value for name, value in expected.items() if not name.startswith(f"half{os.sep}")}
    assert snapshot(course / "feedback") == kept | {"half": expected["half"]}


# -- inside a process -------------------------------------------------------------------------------------


@pytest.fixture
def in_course(course: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The copy as a process of the pool sees it."""
    monkeypatch.chdir(course)
    return course


def test_what_is_up_to_date_is_skipped_as_in_nbgrader(in_course: Path) -> None:
    """Only a newer time stamp, a missing folder or `force` make it again; what is skipped is untouched."""
    from mashq.feedback.worker import find_places, make_feedback

    late, half = find_places(in_course, "ps1", ("late", "half"))
    before = snapshot(in_course / "feedback")
    html = late.folder / "areas.html"
    html.chmod(0o600)
    assert not make_feedback(in_course, "ps1", late, force=False)
    assert html.stat().st_mode & 0o777 == 0o600
    stamp = Path(late.graded) / "timestamp.txt"
    stamp.chmod(0o644)
    stamp.write_text("2024-05-02 10:00:00 UTC")
    assert make_feedback(in_course, "ps1", late, force=False)
    assert (late.folder / "timestamp.txt").read_text() == "2024-05-02 10:00:00 UTC"
    assert not make_feedback(in_course, "ps1", late, force=False)
    assert not make_feedback(in_course, "ps1", half, force=False)
    shutil.rmtree(half.folder)
    assert make_feedback(in_course, "ps1", half, force=False)
    assert make_feedback(in_course, "ps1", half, force=True)
    assert set(snapshot(in_course / "feedback")) == set(before)


def test_earlier_feedback_stays_until_the_new_one_is_complete(
    in_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student who looks while it is made again finds one or the other, whole; so does one after a stop."""
    from mashq.feedback.worker import PlacedFeedback, find_places, make_feedback

    (half,) = find_places(in_course, "ps1", ("half",))
    before = snapshot(half.folder)
    (half.unfinished / "left").mkdir(parents=True)  # by a run that was killed
    seen = []

    def watch(self: PlacedFeedback, assignment_id: str, student_id: str) -> None:
        seen.append((snapshot(half.folder), set(snapshot(half.unfinished))))
        original(self, assignment_id, student_id)

    original = PlacedFeedback.set_permissions
    monkeypatch.setattr(PlacedFeedback, "set_permissions", watch)
    assert make_feedback(in_course, "ps1", half, force=True)
    assert seen == [(before, set(before))]
    assert snapshot(half.folder) == before
    assert [path.name for path in half.folder.parent.iterdir()] == ["ps1"]


@pytest.mark.parametrize("odd", ["two\nlines", "tab\there", "\x1b[31mred\r", ".hidden", "a[b]{c}*?"])
def test_every_id_that_can_be_graded_gets_feedback(odd: str, in_course: Path) -> None:
    """Folders may have such names; nbgrader's patterns know no line breaks."""
    (in_course / "autograded" / "late").rename(in_course / "autograded" / odd)
    with contextlib.closing(sqlite3.connect(in_course / "gradebook.db")) as gradebook:
        gradebook.execute("UPDATE submitted_assignment SET student_id = ? WHERE student_id = 'late'", [odd])
        gradebook.execute("UPDATE student SET id = ? WHERE id = 'late'", [odd])
        gradebook.commit()
    assert generate_feedback(in_course, "ps1", [odd], workers=1) == 1
    page = (in_course / "feedback" / odd / "ps1" / "areas.html").read_text(encoding="utf-8")
    assert "2 of 2" in page


def test_a_student_without_a_grade_in_the_gradebook_is_a_reason(in_course: Path) -> None:
    """nbgrader's own words, not `see the traceback above`."""
    from mashq.feedback.worker import find_places, make_feedback

    (in_course / "autograded" / "late").rename(in_course / "autograded" / "stranger")
    (stranger,) = find_places(in_course, "ps1", ("stranger",))
    with pytest.raises(FeedbackError, match=r"^areas.ipynb: MissingEntry: .*stranger"):
        make_feedback(in_course, "ps1", stranger, force=False)


def test_a_student_who_is_not_graded_is_said_before_anything_is_made(in_course: Path) -> None:
    """With the command that comes first; the same for an assignment that nobody has."""
    from mashq.feedback.worker import find_places

    with pytest.raises(CourseError, match=r"no graded submission of nobody in .*run `mashq grade ps1` first"):
        find_places(in_course, "ps1", ("late", "nobody"))
    with pytest.raises(CourseError, match="has no assignment 'ps2'; it has: ps1"):
        find_places(in_course, "ps2", ())
    (in_course / "source" / "ps2").mkdir()
    with pytest.raises(CourseError, match="no graded submission at all"):
        find_places(in_course, "ps2", ())


def test_a_configuration_that_cannot_be_read_makes_nothing(in_course: Path) -> None:
    """nbgrader would go on without it, and give out mark schemes."""
    from mashq.feedback.worker import converter

    with (in_course / "nbgrader_config.py").open("a") as config:
        config.write("\nc.GenerateFeedback.preprocesors = undefined\n")
    with pytest.raises(CourseError, match=r"nbgrader_config.py cannot be read: .*undefined"):
        converter(in_course)


def test_a_folder_that_is_no_course_is_said(tmp_path: Path) -> None:
    """Before any process is started."""
    with pytest.raises(CourseError, match=r"has no nbgrader_config.py; name the course folder with --course"):
        generate_feedback(tmp_path, "ps1")


# -- processes that end -----------------------------------------------------------------------------------

# Put behind the course's configuration: a step that, for one student, hangs or dies.
STEP = """
import os, time
from pathlib import Path
from nbgrader.preprocessors import NbGraderPreprocessor

class Step(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if resources["nbgrader"]["student"] == "half":
            {what}
        return nb, resources

c.GenerateFeedback.preprocessors.append(Step)
"""


def add_step(course: Path, what: str) -> None:
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(STEP.format(what=what))


def group(leader: int) -> list[str]:
    """The command lines of a group's processes; those that ended but were not yet fetched do not count."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C to a group of processes")
def test_ctrl_c_ends_everything_within_two_seconds(course: Path) -> None:
    """No process is left, and no half of a student's feedback; what was there before is still there."""
    before = snapshot(course / "feedback" / "half")
    add_step(course, 'Path("hangs").touch(); time.sleep(600)')
    script = (
        "from pathlib import Path\n"
        "from mashq.feedback.generate import generate_feedback\n"
        'if __name__ == "__main__":\n'
        '    generate_feedback(Path(), "ps1", ["half", "late"], workers=2, force=True)\n'
    )
    (course / "run.py").write_text(script)
    process = subprocess.Popen([sys.executable, "run.py"], cwd=course, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not (course / "hangs").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (course / "feedback" / "half" / ".ps1.unfinished" / "figures" / "plan.csv").exists()
        started = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(10)
        assert time.monotonic() - started < 2
        while left := group(process.pid):  # multiprocessing's own helper ends when it sees its parent gone
            assert time.monotonic() - started < 2, left
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert snapshot(course / "feedback" / "half") == before


@pytest.mark.slow
def test_a_process_that_dies_costs_only_the_student_in_its_hands(course: Path) -> None:
    """Linux ends processes without a word where memory is short; everybody else has feedback."""
    expected = snapshot(course / "feedback")
    shutil.rmtree(course / "feedback")
    add_step(course, "os._exit(1)")
    with pytest.raises(FeedbackError, match=r"no feedback for 1 of 6 students:\n  half: the process .* died"):
        generate_feedback(course, "ps1", workers=2)
    made = {name: value for name, value in snapshot(course / "feedback").items() if "half" not in name}
    assert made == {name: value for name, value in expected.items() if "half" not in name}
    assert not (course / "feedback" / "half" / "ps1").exists()


@pytest.mark.long
def test_pages_that_take_too_long_cost_only_their_student(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are ended after minutes, and the sentence names the student and the command that helps."""
    expected = snapshot(course / "feedback")
    shutil.rmtree(course / "feedback")
    add_step(course, "time.sleep(600)")
    monkeypatch.setattr("mashq.feedback.generate.MOST_S", 20.0)
    with pytest.raises(
        FeedbackError, match=r"for 1 of 6 students:\n  half: it was not made after 20 s"
    ) as caught:
        generate_feedback(course, "ps1", workers=2)
    assert "mashq grade ps1 --student half --force" in str(caught.value)
    made = {name: value for name, value in snapshot(course / "feedback").items() if "half" not in name}
    assert made == {name: value for name, value in expected.items() if "half" not in name}
