"""What is too much for a submission, and times that cannot be: all the way, and nobody is held up."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from nbgrader.api import Gradebook

from mashq.cli import app as cli
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.feedback.generate import generate_feedback
from mashq.grading.gradebook.penalties import refresh_penalties
from tests.support.commands import nbgrader
from tests.support.graded import sqlite_of
from tests.support.grading import invoke
from tests.support.tiny_course import HALF, answered, released_notebook

pytestmark = pytest.mark.long

POLICY = """
c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
c.JudgeExecute.isolation = "none"  # these submissions are ours, and not what is tested here
"""
TIMES = [b"0001-01-01 00:00:00 UTC", b"9999-12-31 23:59:59.999999 +23:59:59", b"Inf", b"9" * 190, b"-1"]
TIMES += [b"2026-11-20 10:00:00 +23:59:59", b"\xff\xfe\x00\xd8\x00", os.urandom(4000), b"", b"1e400 UTC"]
TIMES += [b"2026-11-20 10:00:00 Inf", b"0000-00-00 00:00:00", b"2026-11-20 10:00:00 \x1b[2J"]


def room(folder: Path) -> int:
    """The bytes that the files of a folder take on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def nothing(path: Path, size_mb: int) -> None:
    """A file of nothing."""
    with path.open("wb") as file:
        file.truncate(size_mb * 2**20)


def code_of(*arguments: str) -> int:
    """The exit code of a mashq command."""
    with mock.patch.object(sys, "argv", ["mashq", *arguments]), pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_quota_holds_and_is_told(tiny_course: Path, hand_in: Callable[..., Path], tmp_path: Path) -> None:
    """700 MB of nothing are not copied; the grader has them on the list, and the student reads it."""
    right = answered(released_notebook(tiny_course))
    nothing(hand_in("sparse", right).with_name("nothing.bin"), 700)
    nothing(hand_in("fits", right).with_name("zeros.bin"), 90)
    many = hand_in("many", right).parent
    for number in range(5003):
        (many / f"{number:04}.txt").touch()
    of_git = hand_in("programs", right).parent / ".git"
    of_git.mkdir()
    nothing(of_git / "pack", 200)
    report = tmp_path / "report.json"
    done = invoke(tiny_course, f"--json={report}")
    assert done.code == 3, done.told
    attention = json.loads(report.read_text())["attention"]
    assert {(one["student"], one["kind"]) for one in attention} == {
        ("sparse", "left_out"),
        ("many", "left_out"),
    }
    assert any("more than 100 MB lie beside the notebook" in one["reason"] for one in attention)
    assert "'nothing.bin'" in done.told
    generate_feedback(tiny_course, "ps1")
    for step in ("autograded", "feedback"):
        names = {path.name for path in (tiny_course / step / "sparse" / "ps1").iterdir()}
        assert "nothing.bin" not in names
        assert (tiny_course / step / "fits" / "ps1" / "zeros.bin").stat().st_size == 90 * 2**20
        assert room(tiny_course / step) < 40 * 2**20
    page = (tiny_course / "feedback" / "sparse" / "ps1" / "areas.html").read_text()
    assert "nothing.bin" in page
    assert "was not there while the notebook ran" in page
    points = {s: q["areas"].score for s, q in read_scores(CourseFolder(tiny_course), "ps1").students.items()}
    assert points == {"sparse": 2, "fits": 2, "many": 2, "programs": 2}
    again = invoke(tiny_course)
    assert again.code == 3
    (tiny_course / "submitted" / "sparse" / "ps1" / "nothing.bin").unlink()
    shutil.rmtree(many)
    assert invoke(tiny_course).code == 0


def test_impossible_times_stop_nothing(tiny_course: Path, hand_in: Callable[..., Path]) -> None:
    """Of hand-in, in whatever form, and of files: each is for a person or counts as not late."""
    with (tiny_course / "nbgrader_config.py").open("a") as config:
        config.write(POLICY)
    with Gradebook(sqlite_of(tiny_course), "neural-networks") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate="2026-11-20 12:00:00 UTC")
    right = answered(released_notebook(tiny_course))
    for number, time in enumerate(TIMES):
        path = hand_in(f"t{number:02}", right)
        path.with_name("timestamp.txt").write_bytes(time)
    path = hand_in("ancient", right)
    other = hand_in("ancient", answered(released_notebook(tiny_course), HALF), "areas (1)")
    os.utime(path, (-(2**40), -(2**40)))
    os.utime(other, (2**50, 2**50))
    done = invoke(tiny_course)
    assert done.code == 3, done.told
    students = read_scores(CourseFolder(tiny_course), "ps1").students
    assert {s: q["areas"].score for s, q in students.items() if s != "ancient"} == {
        f"t{number:02}": 2.0 for number in range(len(TIMES))
    }
    with Gradebook(sqlite_of(tiny_course), "neural-networks") as gradebook:  # as nbgrader may have left it
        for student, year in (("t00", 1), ("t01", 9999)):
            submission = gradebook.find_submission("ps1", student)
            submission.timestamp = submission.assignment.duedate.replace(year=year)
        gradebook.db.commit()
    assert refresh_penalties(CourseFolder(tiny_course), "ps1") == ["t01"]
    generate_feedback(tiny_course, "ps1")
    assert len([*(tiny_course / "feedback").rglob("areas.html")]) == len(TIMES) + 1
    for command in (["report", "ps1"], ["export", "ps1", "--format=canvas"], ["scores", "ps1"]):
        assert code_of(*command, f"--course={tiny_course}") in (0, 3)
    nbgrader(tiny_course, "autograde", "ps1", "--force", "--student=t0[269]")
    nbgrader(tiny_course, "generate_feedback", "ps1", "--force", "--student=t0[269]")
