"""Folders of submissions whose files come and go while they are read, as with rsync and editors."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.submissions import Submissions
from mashq.grading.engine.tasks import Tasks
from mashq.handed_in.beside import Beside
from tests.support.tiny_course import answered, make_tiny_course

ROUNDS = 300


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course with one submission, of amy, with many files."""
    course = make_tiny_course(tmp_path_factory.mktemp("churned") / "course")
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    folder = course / "submitted" / "amy" / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(answered(release), folder / "areas.ipynb")
    return course


@contextmanager
def churned(folder: Path) -> Iterator[None]:
    """Files and folders appear in a folder and go away, all the time while the block runs."""
    over = threading.Event()

    def churn() -> None:
        while not over.is_set():
            for number in range(8):
                deep = folder / f"part{number}" / "deep"
                deep.mkdir(parents=True, exist_ok=True)
                (deep / "scan.pdf").write_bytes(b"%PDF")
                (folder / f"{number}.ipynb").write_text('{"cells": []}')
                (folder / "timestamp.txt").write_text("2026-01-10 12:00:00 UTC")
            for number in range(8):
                shutil.rmtree(folder / f"part{number}")
                (folder / f"{number}.ipynb").unlink()
            (folder / "timestamp.txt").unlink()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_files_that_vanish_while_a_submission_is_read_are_passed_over(course: Path) -> None:
    """Its stamp, its key, the search for its notebooks and the task: none of them fails."""
    folder = course / "submitted" / "amy" / "ps1"
    tasks = Tasks(course, "ps1")
    with churned(folder):
        for _ in range(ROUNDS):
            tasks.submissions.stamp("amy")
            tasks.submissions.key("amy")
            (work,) = tasks.found("amy")
            assert tasks.task(work).data == (folder / "areas.ipynb").read_bytes()
            Beside(folder)


def test_a_submission_that_is_gone_is_empty(course: Path) -> None:
    """As it is for a moment while a folder is being replaced."""
    submissions, tasks = Submissions(CourseFolder(course), "ps1"), Tasks(course, "ps1")
    assert submissions.stamp("ben") == ()
    assert submissions.key("ben") == submissions.key("eve")
    assert tasks.found("ben") == []
