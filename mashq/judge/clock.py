"""When a cell or a call has had its time, on a machine that may be busy with others.

Wall time alone would let the load of the machine decide grades: a training that takes 10 s takes 60 s beside
five others. So the limit is stretched, up to PATIENCE times, as long as the kernel got too little CPU time.
What all cells of a notebook take together, or all calls, is wall time: it bounds how long one submission can
hold a worker.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

PATIENCE = 3  # at most this many times the limit, for work that waits for CPU time or sleeps
UNTIMED_S = 0.2  # most calls are over sooner, and adding up processes takes 10 ms
ENOUGH = 0.8  # share of the limit in CPU time that counts as having had it
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
    at_most_s : wall time after which it is over in any case
    """

    def __init__(self, limit_s: float, cpu_s: Callable[[], float], at_most_s: float = math.inf) -> None:
        self.limit_s = limit_s
        self.at_most_s = at_most_s
        self._cpu_s = cpu_s
        self._started = time.monotonic()
        self._cpu_before: float | None = None

    def is_over(self) -> bool:
        """Whether the work must be stopped now; to be asked every half second or so."""
        wall = time.monotonic() - self._started
        if self._cpu_before is None and wall > UNTIMED_S:
            self._cpu_before = self._cpu_s()
        if wall >= self.at_most_s:
            return True
        if wall < self.limit_s or self._cpu_before is None:
            return False
        return wall >= PATIENCE * self.limit_s or self._cpu_s() - self._cpu_before >= ENOUGH * self.limit_s

    def is_cut_short(self) -> bool:
        """Whether it is over because of `at_most_s`."""
        return time.monotonic() - self._started >= self.at_most_s


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
