"""Workers of this machine: what comes back, what becomes of a job whose worker dies, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import psutil
import pytest

from mashq.errors import MachineError
from mashq.grading.workers.local import local_workers

pytestmark = [pytest.mark.quick, pytest.mark.process]

PATIENCE_S = 60.0
# A process without other threads, whose workers are copies of it; what it opened stays its own.
COPIES = """
import gc, os, sqlite3, sys, weakref
from mashq.grading.workers.local import local_workers

class Opened:
    def __del__(self):
        print("closed by", "the command" if os.getpid() == command else "a worker", flush=True)

def collect():
    gc.collect()
    return os.getpid()

command = os.getpid()
gc.disable()
opened = Opened()
opened.itself = opened
del opened
with local_workers(2) as workers:
    pids = {workers.submit(collect).result(60) for _ in range(8)}
    print(len(pids - {command}) == len(pids), flush=True)
gc.collect()
"""


class CannotTravelError(Exception):
    """One that pickle cannot take."""

    def __reduce__(self) -> Any:
        raise TypeError("not this one")


def fails() -> None:
    raise CannotTravelError("about the student's file")


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_function_returns_or_raises_comes_back() -> None:
    """Also an exception that pickle cannot take: then as a sentence."""
    with local_workers(1) as workers:
        assert workers.submit(divmod, 7, 2).result(PATIENCE_S) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 7, 0).result(PATIENCE_S)
        with pytest.raises(MachineError, match="about the student's file"):
            workers.submit(fails).result(PATIENCE_S)
        assert workers.submit(divmod, 9, 2).result(PATIENCE_S) == (4, 1)


def test_a_worker_that_dies_fails_its_job_alone() -> None:
    """Another process takes its place for the next one."""
    with local_workers(1) as workers:
        first = workers.submit(os.getpid).result(PATIENCE_S)
        with pytest.raises(MachineError, match=r"the worker died \(SIGKILL\)"):
            workers.submit(dies).result(PATIENCE_S)
        assert workers.submit(os.getpid).result(PATIENCE_S) != first


def test_none_is_left_behind_the_block() -> None:
    """Also one that is busy; nobody waits for it."""
    with local_workers(2) as workers:
        pids = [workers.submit(os.getpid).result(PATIENCE_S) for _ in range(2)]
        for _ in range(5):
            workers.submit(time.sleep, 600)
        time.sleep(0.2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_ctrl_c_is_for_the_command_and_not_for_its_workers(capfd: pytest.CaptureFixture[str]) -> None:
    """A terminal sends it to all; a worker that waits for the end says nothing, and goes on until then."""
    with local_workers(1) as workers:
        worker = workers.submit(os.getpid).result(PATIENCE_S)
        os.kill(worker, signal.SIGINT)
        time.sleep(0.5)
        assert workers.submit(os.getpid).result(PATIENCE_S) == worker
    assert "KeyboardInterrupt" not in capfd.readouterr().err


def test_a_copy_leaves_alone_what_was_opened_before() -> None:
    """What Python has not closed yet, as a connection to a gradebook, is closed by who opened it."""
    done = subprocess.run(
        [sys.executable, "-c", COPIES], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert done.stdout.splitlines() == ["True", "closed by the command"], done.stderr
