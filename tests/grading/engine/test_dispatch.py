"""What becomes of a notebook on which the machine fails."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mashq.course.store import Store
from mashq.grading.engine import dispatch
from mashq.grading.engine.dispatch import TRIES
from mashq.grading.engine.run import Options, grade_assignment
from mashq.problems import Kind, Problem, Sentence
from tests.support.clusters import small_cluster
from tests.support.graded import area_score, graded_notebook, sqlite_of
from tests.support.late_course import hand_in, released_late_course
from tests.support.tiny_course import answered, released_notebook

calls: list[str] = []
course_of_calls: list[Path] = []
failing = Problem(Kind.MACHINE, Sentence.plain("the disk is full"))


def fails_behind_the_last_check(task: Any, _: Any) -> Any:
    """All checks passed, then the machine failed."""
    calls.append(task.student)
    graded = graded_notebook(course_of_calls[-1])
    return dataclasses.replace(graded, judgement=dataclasses.replace(graded.judgement, problems=[failing]))


def works(task: Any, _: Any) -> Any:
    """The same without the failure."""
    calls.append(task.student)
    return graded_notebook(course_of_calls[-1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of one worker, a thread of this process."""
    with small_cluster(1, processes=False) as address:
        yield address


@pytest.mark.long
def test_a_failure_of_the_machine_behind_the_last_check_is_not_final(
    address: str,
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is tried again, then listed, neither stored nor marked as done; the next run tries again."""
    course = shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")
    hand_in(course, "amy", answered(released_notebook(course)))
    course_of_calls.append(course)
    options = Options("ps1", course, scheduler=address)
    for _ in range(2):
        calls.clear()
        monkeypatch.setattr(dispatch, "grade", fails_behind_the_last_check)
        summary = grade_assignment(options)
        assert calls == ["amy"] * TRIES
        assert [(s, n) for s, n, _ in summary.attention] == [("amy", "areas")]
        assert "the disk is full" in str(summary.attention[0][2])
        with Store(course / ".mashq" / "ps1.sqlite") as store:
            assert store.all_done()["amy", "areas"].key == ""
    monkeypatch.setattr(dispatch, "grade", works)
    assert grade_assignment(options).attention == []
    assert area_score(sqlite_of(course), "amy") == (2, False)
