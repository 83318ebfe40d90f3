"""When a cell or a call has had its time, on a machine that may be busy with others.

Wall time alone would let the load of the machine decide grades: a training that takes 10 s takes 60 s beside
five others. So the limit is stretched, up to PATIENCE times, as long as the kernel got too little CPU time;
what it sleeps counts as on a machine of its own.
What all cells of a notebook take together, or all calls, is wall time: it bounds how long one submission can
hold a worker.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PATIENCE = 3  # at most this many times the limit, for work that waits for CPU time
UNTIMED_S = 0.2  # most calls are over sooner, and adding up processes takes 10 ms
ENOUGH = 0.8  # share of the limit, in CPU time and sleep, that counts as having had it
LOOK_S = 0.4  # between two looks at whether the work sleeps
BUSY = ("R", "D")  # states of a thread that runs, waits for a core, or waits for a disk
GRACE_S = 5.0  # after an interrupt, before the kernel is killed


class Budget:
    """Wall time that several pieces of work may take together."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.used_s = 0.0

    @property
    def left_s(self) -> float:
        """Seconds that are left; not more than nothing once it is used up."""
        return self.limit_s - self.used_s

    @contextmanager
    def charged(self) -> Iterator[None]:
        """Count the time that passes in here, however it ends."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.used_s += time.monotonic() - started


class FairClock:
    """A time limit for one piece of work.

    limit_s : seconds that the work may take on a machine of its own
    cpu_s : gives the CPU seconds that the kernel has used so far
    sleeps : whether nothing in the kernel runs or waits for a core just now
    at_most_s : wall time after which it is over in any case
    """

    def __init__(
        self,
        limit_s: float,
        cpu_s: Callable[[], float],
        sleeps: Callable[[], bool],
        at_most_s: float = math.inf,
    ) -> None:
        self.limit_s = limit_s
        self.at_most_s = at_most_s
        self._cpu_s, self._sleeps = cpu_s, sleeps
        self._started = self._looked = time.monotonic()
        self._slept_s = 0.0
        self._cpu_before: float | None = None

    def is_over(self) -> bool:
        """Whether the work must be stopped now; to be asked every half second or so."""
        now = time.monotonic()
        wall = now - self._started
        if self._cpu_before is None and wall > UNTIMED_S:
            self._cpu_before = self._cpu_s()
        if now - self._looked >= LOOK_S:
            self._slept_s += now - self._looked if self._sleeps() else 0.0
            self._looked = now
        if wall >= self.at_most_s:
            return True
        if wall < self.limit_s or self._cpu_before is None:
            return False
        had_s = self._cpu_s() - self._cpu_before + self._slept_s
        return wall >= PATIENCE * self.limit_s or had_s >= ENOUGH * self.limit_s

    def is_cut_short(self) -> bool:
        """Whether it is over because of `at_most_s`."""
        return time.monotonic() - self._started >= self.at_most_s


def sleeps(pid: int | None) -> bool:
    """Whether no thread of a process and its children is busy; False where that cannot be known."""
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        return not any(map(_is_busy, (process, *process.children(recursive=True))))
    except psutil.Error:
        return False


def _is_busy(process: psutil.Process) -> bool:
    """Whether one of its threads is; elsewhere than on Linux only the process itself can be asked."""
    found = [_state(path) for path in Path("/proc", str(process.pid), "task").glob("*/stat")]
    if found:
        return any(state in BUSY for state in found)
    return process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)


def _state(stat: Path) -> str:
    """The letter for a thread's state; empty where it is gone."""
    try:
        return stat.read_text(errors="replace").rpartition(")")[2].split(maxsplit=1)[0]
    except (OSError, IndexError):
        return ""


def cpu_seconds(pid: int | None) -> float:
    """CPU seconds, user and system, of a process and its children; 0 where that cannot be known."""
    total = 0.0
    if pid is None:
        return total
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system
    return total
