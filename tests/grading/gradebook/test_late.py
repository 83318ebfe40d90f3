"""The late policy: what it costs, in `nbgrader autograde`, `mashq grade` and afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import TraitError
from traitlets.config import Config

from mashq.course.folder import CourseFolder
from mashq.errors import RecordError
from mashq.feedback.generate import generate_feedback
from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.gradebook.late_policy import DAY_S, LatePolicy
from mashq.grading.gradebook.penalties import refresh_penalties
from mashq.grading.gradebook.record import Recorder
from tests.support.commands import nbgrader
from tests.support.graded import graded_notebook, rows_of, sqlite_of
from tests.support.grading import invoke
from tests.support.tiny_course import HALF, answered, hand_in, make_tiny_course

pytestmark = pytest.mark.quick

POLICY = """
c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
c.LatePolicy.grace_minutes = 10
c.LatePolicy.percent_per_day = 25
c.LatePolicy.at_most_percent = 50
c.LatePolicy.zero_after_days = 5
c.LatePolicy.extensions = {"all": 1, "this": {"ps1": 1}, "other": {"ps2": 1}}
c.JudgeExecute.isolation = "none"  # these submissions are ours, and not what is tested here
"""
DUE = "2026-01-10 12:00:00 UTC"

# {student: (time of submission, points taken off the two of the right answer)}
TIMES: dict[str, tuple[str, float | None]] = {
    "early": ("2026-01-09 12:00:00 UTC", None),
    "tehran": ("2026-01-10 15:30:00 Asia/Tehran", None),  # the due date to the second
    "grace": ("2026-01-10 12:10:00 UTC", None),
    "second": ("2026-01-10 12:10:01 UTC", 0.5),
    "three": ("2026-01-12 12:30:00 UTC", 1.0),  # three days begun, but half of the points at most
    "zero": ("2026-01-15 12:10:01 UTC", 2.0),
    "all": ("2026-01-11 12:10:00 UTC", None),
    "this": ("2026-01-11 12:10:00 UTC", None),
    "other": ("2026-01-11 12:10:00 UTC", 0.5),  # one day to the second
    "half": ("2026-01-10 18:00:00 UTC", 0.25),  # of the one point reached
    "untimed": ("", None),
}


def policy(assignment: str = "hw2", **settings: Any) -> LatePolicy:
    """The plugin as nbgrader's step makes it."""
    step = AssignLatePenalties(config=Config(LatePolicy=settings))
    step.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
    step.assignment_id = assignment
    step.init_plugin()
    assert isinstance(step.plugin_inst, LatePolicy)
    return step.plugin_inst


@pytest.mark.parametrize(
    ("late_s", "points"),
    [
        (1e-6, 1),
        (DAY_S, 1),
        (DAY_S + 1e-6, 2),
        (2 * DAY_S, 2),
        (9.5 * DAY_S, 10),
        (400 * DAY_S, 10),
    ],
)
def test_each_day_begun_costs_a_share_of_the_points_reached(late_s: float, points: float) -> None:
    """With the settings as they come: ten percent a day, and never more than there is."""
    assert policy().late_submission_penalty("ada", 10, late_s) == points
    assert policy().late_submission_penalty("ada", 5, late_s) == points / 2
    assert policy().late_submission_penalty("ada", 0, late_s) == 0
    assert policy().late_submission_penalty("ada", -1, late_s) == 0


@pytest.mark.parametrize(("late_s", "points"), [(599.9, None), (600, None), (600.1, 1), (DAY_S + 600, 1)])
def test_the_grace_moves_the_deadline(late_s: float, points: float | None) -> None:
    """Days are counted from its end."""
    assert policy(grace_minutes=10).late_submission_penalty("ada", 10, late_s) == points


@pytest.mark.parametrize(
    ("settings", "days", "points"),
    [
        ({"at_most_percent": 25}, 2, 2),
        ({"at_most_percent": 25}, 3, 2.5),
        ({"zero_after_days": 3}, 3, 3),
        ({"zero_after_days": 3}, 3.01, 10),
        ({"zero_after_days": 3, "at_most_percent": 25}, 4, 10),
        ({"zero_after_days": 0}, 0.01, 10),
        ({"percent_per_day": 0}, 3, 0),
        ({"percent_per_day": 12.5}, 1, 1.25),
        ({"penalty_method": "zero"}, 0.01, 10),
        ({"penalty_method": "zero", "extensions": {"ada": 1}}, 1, None),
        ({"extensions": {"ada": 0.5}}, 1.5, 1),
        ({"extensions": {"eve": 5}}, 1, 1),
        ({"extensions": {"ada": {"hw2": 2}}}, 2, None),
        ({"extensions": {"ada": {"hw1": 2}}}, 2, 2),
    ],
)
def test_the_limits(settings: dict[str, Any], days: float, points: float | None) -> None:
    """Each alone, and together."""
    assert policy(**settings).late_submission_penalty("ada", 10, days * DAY_S) == points


def test_a_students_id_may_be_a_number() -> None:
    """As people write those of Moodle."""
    assert policy(extensions={1234567: 1}).late_submission_penalty("1234567", 10, DAY_S) is None


@pytest.mark.parametrize("days", ["2", -1, True, None, float("nan"), float("inf"), {"hw2": "2"}])
def test_a_wrong_extension_is_named(days: Any) -> None:
    """With the student and how to write it."""
    with pytest.raises(TraitError, match=r"of student 'ada' has .*; write days, 0 or more, as in"):
        policy(extensions={"ada": days})


@pytest.mark.parametrize("name", ["percent_per_day", "at_most_percent", "grace_minutes", "zero_after_days"])
def test_settings_out_of_range_are_refused(name: str) -> None:
    """A negative penalty would be a gift."""
    settings: dict[str, Any] = {name: -1}
    with pytest.raises(TraitError):
        policy(**settings)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course with the policy and a due date; to be copied, not changed."""
    course = make_tiny_course(tmp_path_factory.mktemp("late") / "course")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(POLICY)
    set_due(course, DUE)
    return course


def set_due(course: Path, when: str | None) -> None:
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=when, course_id="neural-networks")


def hand_in_all(course: Path) -> None:
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    for student, (time, _) in TIMES.items():
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        notebook = answered(release, HALF) if student == "half" else answered(release)
        nbformat.write(notebook, folder / "areas.ipynb")
        if time:
            (folder / "timestamp.txt").write_text(time)


def penalties(course: Path) -> dict[str, float | None]:
    return {row[0]: row[3] for row in rows_of(sqlite_of(course))["notebook"]}


@pytest.mark.long
@pytest.mark.process
@pytest.mark.slow
def test_both_commands_take_the_same_off(released: Path, tmp_path: Path) -> None:
    """`nbgrader autograde` and `mashq grade`, and once more after an extension: nothing of the old stays."""
    theirs, ours = (Path(shutil.copytree(released, tmp_path / name)) for name in ("theirs", "ours"))
    expected = {student: points for student, (_, points) in TIMES.items()}
    for course in (theirs, ours):
        hand_in_all(course)
    nbgrader(theirs, "autograde", "ps1")
    grade_assignment(Options("ps1", ours, workers=1))
    assert penalties(theirs) == expected
    assert penalties(ours) == expected
    for course in (theirs, ours):
        with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
            gradebook.grant_extension("ps1", "second", days=1)
    nbgrader(theirs, "autograde", "ps1", "--student=second", "--force")
    grade_assignment(Options("ps1", ours, students=["second"], workers=1, force=True))
    assert penalties(theirs) == penalties(ours) == expected | {"second": None}


@pytest.fixture
def recorded(released: Path, tmp_path: Path) -> Path:
    """A copy in which everybody's right answer is recorded, without running it."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    hand_in_all(course)
    with Recorder(CourseFolder(course), "ps1") as recorder:
        for student in TIMES:
            recorder.prepare(student, course / "submitted" / student / "ps1")
            points = 1.0 if student == "half" else 2.0
            recorder.record(student, "areas", graded_notebook(course, points))
    return course


@pytest.mark.long
@pytest.mark.process
def test_the_recorder_takes_off_what_the_policy_says(recorded: Path) -> None:
    """Time zones, limits and extensions of all kinds; up to date at once."""
    assert penalties(recorded) == {student: points for student, (_, points) in TIMES.items()}
    before = (recorded / "gradebook.db").read_bytes()
    assert refresh_penalties(CourseFolder(recorded), "ps1") == []
    assert (recorded / "gradebook.db").read_bytes() == before


@pytest.mark.long
@pytest.mark.process
def test_what_changes_later_counts(recorded: Path) -> None:
    """nbgrader's extension, points that a person gives, the due date itself: each alone changes few rows."""
    expected = penalties(recorded)
    with Gradebook(sqlite_of(recorded), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "second", days=1)
        gradebook.grant_extension("ps1", "three", days=1)
        essay = gradebook.find_grade("why", "areas", "ps1", "other")
        essay.manual_score, essay.needs_manual_grade = 3, False
        gradebook.db.commit()
    assert refresh_penalties(CourseFolder(recorded), "ps1") == ["other", "second"]
    assert penalties(recorded) == expected | {"second": None, "other": 1.25}
    with Gradebook(sqlite_of(recorded), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "three", days=2)  # beside the config's none
        gradebook.grant_extension("ps1", "all", hours=-1)
    assert refresh_penalties(CourseFolder(recorded), "ps1") == ["all", "three"]
    assert penalties(recorded)["three"] == 0.5
    assert penalties(recorded)["all"] == 0.5  # and beside the config's own


@pytest.mark.long
@pytest.mark.process
def test_without_a_due_date_nobody_is_late(recorded: Path) -> None:
    """Also with an extension of nothing."""
    with Gradebook(sqlite_of(recorded), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "second", days=1)
    set_due(recorded, None)
    assert refresh_penalties(CourseFolder(recorded), "ps1") == ["half", "other", "second", "three", "zero"]
    assert set(penalties(recorded).values()) == {None}


@pytest.mark.long
@pytest.mark.process
def test_a_gradebook_that_cannot_be_written_is_named(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that says what to do; nothing is changed."""
    with Gradebook(sqlite_of(recorded), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "second", days=1)
        expected = penalties(recorded)
        connection = gradebook.engine.raw_connection()
        connection.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(CourseFolder, "gradebook", (sqlite_of(recorded) + "?timeout=0", "x"))
        with pytest.raises(RecordError, match=r"ps1 could not be brought .*program has locked .* then run"):
            refresh_penalties(CourseFolder(recorded), "ps1")
        connection.rollback()
        connection.close()
    assert penalties(recorded) == expected


@pytest.mark.long
@pytest.mark.process
@pytest.mark.slow
def test_a_time_that_is_not_certain_costs_nothing_and_is_listed(released: Path, tmp_path: Path) -> None:
    """By grade, exit code 3, until a person writes it down; feedback is made meanwhile, and made again."""
    course = Path(shutil.copytree(released, tmp_path / "course"))
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    late = "2026-01-12 12:00:00"
    said = {
        "zone": f"{late} IRST",
        "year": "1404-10-22 12:00:00",
        "two": f"{late}\n{late}",
        "none": "",
        "mark": late,
    }
    for student, text in said.items():
        path = hand_in(course, student, answered(release)).parent / "timestamp.txt"
        path.write_text(text, encoding="utf-8-sig" if student == "mark" else "utf-8")
    done = invoke(course, "--workers=1")
    assert done.code == 3
    assert "4 notebooks need attention" in done.told
    assert "says '2026-01-12 12:00:00 IRST', but which zone IRST is cannot be said" in done.told
    assert "when it was handed in is not known: timestamp.txt is missing or empty none -" in done.told
    assert "Write the time into submitted/STUDENT/ps1/timestamp.txt, as 2026-11-20" in done.told
    assert penalties(course) == {"zone": None, "year": None, "two": None, "none": None, "mark": 1.0}
    for _ in range(2):
        generate_feedback(course, "ps1", workers=1)
    assert all((course / "feedback" / student / "ps1" / "areas.html").is_file() for student in said)
    (course / "submitted" / "zone" / "ps1" / "timestamp.txt").write_text(f"{late} Asia/Tehran")
    assert invoke(course, "--workers=1").code == 3
    assert penalties(course)["zone"] == 1.0
    set_due(course, None)
    done = invoke(course, "--workers=1", "--student=none", "--student=zone", "--student=mark")
    assert (done.code, penalties(course)["zone"]) == (0, None)
