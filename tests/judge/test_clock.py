"""A busy machine does not decide who ran out of time."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from mashq.judge.session.clock import PATIENCE, Budget, FairClock, cpu_seconds, sleeps

pytestmark = pytest.mark.quick


class Machine:
    """A machine whose time a test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.cpu = 100.0
        self.sleeps = False
        monkeypatch.setattr("mashq.judge.session.clock.time.monotonic", lambda: self.wall)

    def run(self, wall: float, share: float) -> None:
        """Let time pass, of which the work gets a share of CPU time."""
        self.wall += wall
        self.cpu += wall * share


@pytest.mark.parametrize(
    ("wall", "share", "over"),
    [(9.9, 1.0, False), (10, 1.0, True), (10, 0.2, False), (29, 0.2, False), (30, 0.2, True), (41, 0, True)],
    ids=["in-time", "endless-loop", "busy-machine", "very-busy", "patience-ends", "never-runs"],
)
def test_the_limit_is_stretched_while_cpu_time_lacks(
    wall: float, share: float, over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop that burns a core ends at the limit; work that waits for a core gets up to three times that."""
    machine = Machine(monkeypatch)
    limit = FairClock(10, lambda: machine.cpu, lambda: machine.sleeps)
    machine.run(0.5, share)
    assert not limit.is_over()  # as the session asks, every half second
    machine.run(wall - 0.5, share)
    assert limit.is_over() is over
    assert PATIENCE == 3


@pytest.mark.parametrize(("asleep", "over"), [(6, False), (9, True)])
def test_what_is_slept_counts(asleep: int, over: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`time.sleep` gets no more than the limit; nobody else's load makes it longer."""
    machine = Machine(monkeypatch)
    limit = FairClock(10, lambda: machine.cpu, lambda: machine.sleeps)
    for second in range(11):
        machine.sleeps = second < asleep
        machine.run(1, 0)
        done = limit.is_over()
    assert done is over


@pytest.mark.process
def test_a_process_that_waits_for_nothing_sleeps() -> None:
    """Also beside a thread that sleeps: one that runs is enough to be awake."""
    code = (
        "import sys, threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    codes = {
        "asleep": code + "print(flush=True)\ntime.sleep(60)",
        "busy": code + "print(flush=True)\nwhile True: pass",
    }
    found = {}
    for name, text in codes.items():
        with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.3)
            found[name] = [sleeps(process.pid) for _ in range(5)]
            process.kill()
    assert found == {"asleep": [True] * 5, "busy": [False] * 5}
    assert not sleeps(None)


def test_a_clock_is_cut_short_by_what_is_left_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little CPU time the work had: the wall time of all together is bounded."""
    machine = Machine(monkeypatch)
    budget = Budget(12)
    with budget.charged():
        machine.run(8, 1)
    limit = FairClock(10, lambda: machine.cpu, lambda: machine.sleeps, budget.left_s)
    machine.run(3.9, 0)
    assert not limit.is_over()
    machine.run(0.2, 0)
    assert limit.is_over()
    assert limit.is_cut_short()


def test_cpu_time_of_a_process_is_counted() -> None:
    """Of this one it grows; of none it is zero."""
    before = cpu_seconds(os.getpid())
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    assert cpu_seconds(os.getpid()) - before >= 0.2
    assert cpu_seconds(None) == 0
