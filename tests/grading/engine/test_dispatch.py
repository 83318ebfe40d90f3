"""What becomes of a notebook on which the machine fails."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask
import pytest
from distributed import LocalCluster

from mashq.course.store import Store
from mashq.errors import MachineError
from mashq.grading.engine import dispatch
from mashq.grading.engine.cluster import LOCAL, SETTINGS
from mashq.grading.engine.dispatch import TRIES, Dispatch
from mashq.grading.engine.run import Options, grade_assignment
from mashq.problems import Kind, Problem, Sentence
from tests.support.graded import area_score, graded_notebook, sqlite_of
from tests.support.late_course import hand_in, released_late_course
from tests.support.tiny_course import answered, released_notebook

IN_THREADS = LOCAL | {"processes": False, "protocol": "tcp://", "security": None}
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
    with (
        dask.config.set(SETTINGS),
        LocalCluster(n_workers=1, host="127.0.0.1", **IN_THREADS) as cluster,
    ):
        yield cluster.scheduler_address


@pytest.mark.parametrize("of_this_machine", [True, False])
def test_workers_that_are_gone_for_good_are_not_waited_for_in_silence(
    of_this_machine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of this machine end the run; a queue may bring others, which is said once."""
    monkeypatch.setattr(dispatch, "NO_WORKERS_S", 0.05)
    monkeypatch.setattr(dispatch, "WORKERS_LOOK_S", 0.01)
    client: Any = SimpleNamespace(
        status="running",
        cluster=object() if of_this_machine else None,
        scheduler=SimpleNamespace(addr="tls://host:8786"),
        scheduler_info=lambda n_workers: {"workers": {}},
    )
    recording: Any = SimpleNamespace(tasks=SimpleNamespace(assignment=SimpleNamespace(name="ps1")))
    said: list[str] = []
    display: Any = SimpleNamespace(note=said.append)
    running = Dispatch(client, recording, display)
    time.sleep(0.1)
    if of_this_machine:
        with pytest.raises(MachineError, match="all workers are gone"):
            running._require_cluster()
        return
    for _ in range(3):
        running._require_cluster()
        time.sleep(0.02)
    assert len(said) == 1
    assert "has no workers any more; waiting" in said[0]


def test_a_worker_that_died_is_not_given_up() -> None:
    """Dask's own setting would do that after 15 s, which a busy machine may need to start another."""
    assert dask.utils.parse_timedelta(SETTINGS["distributed.deploy.lost-worker-timeout"]) > 3600


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
