"""What becomes of a notebook on which the machine fails."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import LocalCluster

from mashq.course.store import Store
from mashq.errors import MachineError
from mashq.grading.engine import dispatch
from mashq.grading.engine.cluster import LOCAL, SETTINGS
from mashq.grading.engine.dispatch import TRIES
from mashq.grading.engine.run import Options, grade_assignment
from mashq.problems import Kind, Problem, Sentence
from tests.support.graded import area_score, graded_notebook, sqlite_of
from tests.support.late_course import hand_in, released_late_course
from tests.support.tiny_course import answered, released_notebook

pytestmark = pytest.mark.long

IN_THREADS = LOCAL | {"processes": False, "protocol": "tcp://", "security": None}
over = threading.Event()
calls: list[str] = []
course_of_calls: list[Path] = []
failing = Problem(Kind.MACHINE, Sentence.plain("the disk is full"))


def fails_behind_the_last_check(task: Any, _: Any) -> Any:
    """All checks passed, then the machine failed."""
    calls.append(task.student)
    graded = graded_notebook(course_of_calls[-1])
    return dataclasses.replace(graded, judgement=dataclasses.replace(graded.judgement, problems=[failing]))


def never_ends(*_: Any) -> Any:
    """The worker is gone before it answers."""
    over.wait(60)


def works(task: Any, _: Any) -> Any:
    """The same without the failure."""
    calls.append(task.student)
    return graded_notebook(course_of_calls[-1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of one worker, a thread of this process."""
    with (
        dask.config.set(SETTINGS),
        LocalCluster(n_workers=1, host="127.0.0.1", **IN_THREADS) as cluster,
    ):
        yield cluster.scheduler_address


def test_workers_that_are_gone_for_good_end_the_run(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sentence, not in silence and without end; a worker that died is waited for."""
    course = shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")
    hand_in(course, "amy", answered(released_notebook(course)))
    monkeypatch.setattr(dispatch, "NO_WORKERS_S", 2.0)
    monkeypatch.setattr(dispatch, "WORKERS_LOOK_S", 0.5)
    with dask.config.set(SETTINGS), LocalCluster(n_workers=1, host="127.0.0.1", **IN_THREADS) as cluster:
        monkeypatch.setattr(dispatch, "grade", never_ends)
        threading.Timer(5, cluster.scale, [0]).start()
        with pytest.raises(MachineError, match="all workers are gone"):
            grade_assignment(Options("ps1", course, scheduler=cluster.scheduler_address))
        over.set()
    assert dask.utils.parse_timedelta(SETTINGS["distributed.deploy.lost-worker-timeout"]) > 3600


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
