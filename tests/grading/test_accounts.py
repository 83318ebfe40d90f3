"""Several accounts of one machine: who grades a course together, and who must not read it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import Account
from tests.support.small_disk import fill, small_disk
from tests.support.tiny_course import ANSWER, HALF, answered, hand_in, make_tiny_course, tiny_release

pytestmark = [pytest.mark.process, pytest.mark.long]

GROUP = 6200
TEACHER, GRADER = (Account(uid, GROUP) for uid in (6201, 6202))
STRANGER = Account(6299)
MASHQ = ("python", "-m", "mashq.cli")
READABLE = "find . -type f -readable -not -name nbgrader_config.py 2>/dev/null || true"


@pytest.fixture
def course() -> Iterator[Path]:
    """The tiny course of the teacher, with two submissions, where all accounts come to."""
    with tempfile.TemporaryDirectory(prefix="accounts-") as name:
        Path(name).chmod(0o755)
        course = Path(name, "course")
        make_tiny_course(course)
        for student, answer in (("amy", ANSWER), ("bob", HALF)):
            hand_in(course, student, answered(tiny_release(), answer))
        for rest in ("gradebook.db", "release"):
            path = course / rest
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        _give(course, TEACHER.uid, TEACHER.uid, 0o755, 0o644)
        yield course


def _give(course: Path, uid: int, gid: int, of_folders: int, of_files: int) -> None:
    """Make all of a course an account's."""
    for path in (course, *course.rglob("*")):
        os.chown(path, uid, gid)
        path.chmod(of_folders if path.is_dir() else of_files)


def _share(course: Path) -> None:
    """What an administrator does for a course of several graders."""
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write("\nc.CourseDirectory.groupshared = True\n")
    _give(course, TEACHER.uid, GROUP, 0o2770, 0o660)


def _points(course: Path) -> list[tuple[str, float]]:
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        return gradebook.execute(
            "SELECT student_id, sum(auto_score) FROM grade JOIN submitted_notebook ON grade.notebook_id = "
            "submitted_notebook.id JOIN submitted_assignment ON submitted_notebook.assignment_id = "
            "submitted_assignment.id "
            "GROUP BY student_id ORDER BY student_id"
        ).fetchall()


def test_two_accounts_grade_one_course(course: Path) -> None:
    """In turn and at once, whatever their umask; each goes on with what the other has made."""
    _share(course)
    TEACHER.run(*MASHQ, "release", "ps1", cwd=course)
    for account in (TEACHER, GRADER):
        account.run(*MASHQ, "grade", "ps1", "--force", cwd=course)
        account.run(*MASHQ, "feedback", "ps1", "--force", cwd=course)
        account.run(*MASHQ, "report", "ps1", cwd=course)
        assert _points(course) == [("amy", 2.0), ("bob", 1.0)]
    both = [account.start(*MASHQ, "grade", "ps1", "--force", cwd=course) for account in (TEACHER, GRADER)]
    assert [(process.communicate(timeout=300), process.returncode)[1] for process in both] == [0, 0]
    assert _points(course) == [("amy", 2.0), ("bob", 1.0)]
    left = [path.name for path in course.rglob(".*") if path.name != ".mashq"]
    assert left == []
    closed = [path for path in course.rglob("*") if path.is_dir() and not path.stat().st_mode & 0o020]
    assert closed == []
    assert STRANGER.run("sh", "-c", READABLE, cwd=course.parent) == ""


def test_what_another_account_has_closed_is_said_before_anything_is_graded(course: Path) -> None:
    """With who can open it, and how; that account's own next run opens it by itself."""
    _share(course)
    TEACHER.run(*MASHQ, "release", "ps1", cwd=course)
    (course / "gradebook.db").chmod(0o640)
    os.chown(course / "gradebook.db", TEACHER.uid, TEACHER.uid)
    said = GRADER.fails(*MASHQ, "grade", "ps1", cwd=course)
    assert "nothing was graded" in said
    assert (
        f"let account {TEACHER.uid}, who owns that, run: chgrp {GROUP} {course}/gradebook.db && chmod" in said
    )
    TEACHER.run(*MASHQ, "grade", "ps1", cwd=course)
    GRADER.run(*MASHQ, "grade", "ps1", "--force", cwd=course)
    (course / "autograded" / "amy" / "ps1").chmod(0o550)
    said = GRADER.fails(*MASHQ, "grade", "ps1", "--force", cwd=course)
    assert "nothing was graded" in said
    assert "autograded/amy/ps1 cannot be written" in said


def test_what_is_made_is_for_its_owner_alone(course: Path) -> None:
    """Though the account's umask lets all read; of the rest, the command that closes it is told."""
    said = TEACHER.run(*MASHQ, "release", "ps1", cwd=course)
    assert "Other accounts of this machine can read source, submitted, tests." in said
    for command in ("grade", "feedback", "report"):
        TEACHER.run(*MASHQ, command, "ps1", cwd=course)
    seen = STRANGER.run("sh", "-c", READABLE, cwd=course).split()
    assert {Path(name).parts[0] for name in seen} == {"source", "submitted", "tests"}
    command = said.partition("To close it to them: ")[2].splitlines()[0]
    TEACHER.run("sh", "-c", command, cwd=course)
    assert STRANGER.run("sh", "-c", READABLE, cwd=course.parent) == ""
    assert "no other account can read it" in " ".join(TEACHER.run(*MASHQ, "doctor", cwd=course).split())


@pytest.mark.parametrize("words", [(), ("--force",)], ids=["first", "again"])
def test_a_home_that_cannot_be_written_stops_it_at_the_start(course: Path, words: tuple[str, ...]) -> None:
    """The setting that helps is named, and grades stay."""
    TEACHER.run(*MASHQ, "release", "ps1", cwd=course)
    if words:
        TEACHER.run(*MASHQ, "grade", "ps1", cwd=course)
        before = _points(course)
    homeless = Account(TEACHER.uid, home="/nonexistent")
    said = homeless.fails(*MASHQ, "grade", "ps1", *words, cwd=course)
    assert "set MASHQ_CACHE" in said
    assert "bwrap" not in said
    if words:
        assert _points(course) == before
    with tempfile.TemporaryDirectory() as cache:
        os.chown(cache, TEACHER.uid, TEACHER.uid)
        homeless.run(*MASHQ, "grade", "ps1", cwd=course, MASHQ_CACHE=cache)
    assert _points(course) == [("amy", 2.0), ("bob", 1.0)]


def test_a_disk_without_room_stops_it_at_the_start(tmp_path: Path) -> None:
    """Before a kernel starts: which disk, and what to do."""
    with small_disk(tmp_path / "disk", 12) as disk:
        course = make_tiny_course(disk / "course")
        hand_in(course, "amy", answered(tiny_release(), ANSWER))
        fill(disk / "full")
        said = Account(0).fails(*MASHQ, "grade", "ps1", cwd=course)
        assert "nothing was graded" in said
        assert "No space left on device" in said
        assert str(disk) in said
