"""The live display of a long run: one block on a terminal, a line now and then in a log file.

    with Progress({"q1_paper": 300, "q5_xnor": 300}, workers=8) as progress:
        progress.started("ada", "q5_xnor")
        progress.done("ada", "q5_xnor")

The time left is computed from the seconds that notebooks of each name take: where some take half a second and
others ten, a mean over all would mislead.
"""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mashq.language import one_line

LONGEST_LINE = 400  # characters of a reason; student code decides how long an error is
REFRESH_HZ = 4
STEP = 0.1  # a log has a line at least at each such share of the whole


class Progress:
    """Counts what is done, shows it, and says how long the rest takes. Safe to call from several threads.

    total : how many there are of each, {notebook: how many}
    what : what is counted, in the plural
    console : where to show it; by default the standard error stream
    workers : how many run at the same time; may be set while running
    expected : seconds by notebook name, from earlier runs; used until a notebook of that name is measured
    verb : what is done to them, in the past: `graded 3 of 6 notebooks`
    every_s : seconds between two lines in a log
    """

    def __init__(
        self,
        total: Mapping[str, int],
        what: str = "notebooks",
        console: Console | None = None,
        workers: int = 1,
        expected: Mapping[str, float] | None = None,
        verb: str = "graded",
        every_s: float = 10.0,
    ) -> None:
        self.what, self.verb, self.workers, self.every_s = what, verb, workers, every_s
        self.console = console or Console(stderr=True)
        self.live = self.console.file.isatty() and not self.console.is_dumb_terminal
        self.total, self.finished, self.cached = 0, 0, 0
        self._attention: set[tuple[str, str]] = set()  # whose last result a person must look at
        self._time_left = TimeLeft(expected or {})
        self._running: dict[tuple[str, str], float] = {}
        self._again: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._exit = ExitStack()
        self._begun = self._last_line = time.monotonic()
        self._next_share = STEP
        self.add(total)

    def __enter__(self) -> Self:
        self._begun = self._last_line = time.monotonic()
        if self.live:
            self._exit.enter_context(
                Live(get_renderable=self._block, console=self.console, refresh_per_second=REFRESH_HZ)
            )
        else:
            self.note(f"{self.total} {self.what}, {self.workers} at a time")
            thread = threading.Thread(target=self._write_lines, daemon=True)
            thread.start()
            self._exit.callback(thread.join)
            self._exit.callback(self._closed.set)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            self._running.clear()
        self._exit.close()
        if not self.live:
            self.note(f"{'stopped' if kind else 'finished'}: {self.line()}")

    def add(self, more: Mapping[str, int]) -> None:
        """More work has arrived, counted as `total` is."""
        with self._lock:
            self.total += sum(more.values())
            self._time_left.waiting.update(more)

    def started(self, student: str, notebook: str) -> None:
        """A worker has begun with a notebook."""
        with self._lock:
            self._running[student, notebook] = time.monotonic()
            self._again.discard((student, notebook))

    def again(self, student: str, notebook: str, why: str) -> None:
        """The machine failed on a notebook, which will be tried again."""
        with self._lock:
            self._running.pop((student, notebook), None)
            self._again.add((student, notebook))
        self.note(f"will be tried again: {student} {notebook}: {why}")

    def done(self, student: str, notebook: str, faults: Sequence[str] = (), cached: bool = False) -> None:
        """A notebook has its result.

        faults : why a person must look at it, one sentence each
        cached : the result was at hand, nothing was run
        """
        with self._lock:
            began = self._running.pop((student, notebook), None)
            self._again.discard((student, notebook))
            self.finished += 1
            self.cached += cached
            (self._attention.add if faults else self._attention.discard)((student, notebook))
            seconds = None if cached or began is None else time.monotonic() - began
            self._time_left.done(notebook, seconds)
            step = self._step_reached()
        for fault in faults:
            self.note(f"needs attention: {student} {notebook}: {fault}")
        if step and not self.live:
            self.note(self.line())

    def settle(self, waiting: Collection[tuple[str, str]]) -> None:
        """Only these of the notebooks still need a person: others were mended or went away."""
        with self._lock:
            self._attention.intersection_update(waiting)

    def note(self, text: str) -> None:
        """A line above the bar, or in the log."""
        # printing takes Live's lock, which is held while Live asks for `_block`: never print under our lock
        self.console.print(Text(readable(text, self.console.encoding)), soft_wrap=True)
        self._last_line = time.monotonic()

    def line(self) -> str:
        """Where the run stands, in one line."""
        share = f" ({100 * self.finished // self.total} %)" if self.total else ""
        parts = [f"{self.verb} {self.finished} of {self.total} {self.what}{share}", *self._counts()]
        return ", ".join([*parts, self._times()])

    def _counts(self) -> list[str]:
        counts = {
            "running": len(self._running),
            "unchanged": self.cached,
            "to be tried again": len(self._again),
        }
        waiting = len(self._attention)
        counts["needs attention" if waiting == 1 else "need attention"] = waiting
        return [f"{count} {name}" for name, count in counts.items() if count]

    def _times(self) -> str:
        now = time.monotonic()
        elapsed = f"{clock(now - self._begun)} elapsed"
        if self.finished >= self.total:
            return elapsed
        with self._lock:
            running = [(notebook, now - began) for (_, notebook), began in self._running.items()]
            left = self._time_left.seconds(running, self.workers)
        return f"{elapsed}, {'time left unknown' if left is None else f'about {clock(left)} left'}"

    def _block(self) -> RenderableType:
        """The block on a terminal: a bar with the times, and below it the counts."""
        width = max(min(40, self.console.width - 60), 5)
        bar = ProgressBar(total=max(self.total, 1), completed=self.finished, width=width)
        times = f"{self.finished}/{self.total} {self.what}, {self._times()}"
        row = Table.grid(padding=(0, 1))
        row.add_row(self.verb, bar, Text(times, no_wrap=True, overflow="ellipsis"))
        return Group(row, Text(" · ".join(self._counts()), no_wrap=True, overflow="ellipsis"))

    def _write_lines(self) -> None:
        """A line every `every_s` seconds, also while a notebook takes long, so that a log does not look dead.

        Not while all is done and `--watch` waits for more: a service's log would be full of it.
        """
        while not self._closed.wait(max(self._last_line + self.every_s - time.monotonic(), 0.01)):
            if self.finished >= self.total:
                self._last_line = time.monotonic()
            elif time.monotonic() - self._last_line >= self.every_s:
                self.note(self.line())

    def _step_reached(self) -> bool:
        share = self.finished / max(self.total, 1)
        if share + 1e-9 < self._next_share or self.finished >= self.total:  # the last line says the end
            return False
        self._next_share = (math.floor(share / STEP + 1e-9) + 1) * STEP
        return True


class TimeLeft:
    """Seconds that the rest of a run takes, by the names of its notebooks."""

    def __init__(self, expected: Mapping[str, float]) -> None:
        self.expected = dict(expected)
        self.waiting = Counter[str]()  # how many of each name are not finished
        self.measured: dict[str, list[float]] = defaultdict(list)  # {notebook: seconds of each}

    def done(self, notebook: str, seconds: float | None) -> None:
        """One is finished; `seconds` is None when nothing was measured."""
        self.waiting[notebook] -= 1
        if seconds is not None:
            self.measured[notebook].append(seconds)

    def seconds(self, running: Sequence[tuple[str, float]], workers: int) -> float | None:
        """Seconds until the end, or None when nothing is known yet.

        running : name and seconds so far of each notebook that runs now

        By means, not medians: the rest of a run takes the sum of its notebooks, the endless loops included.
        """
        known = self.expected | {name: statistics.fmean(times) for name, times in self.measured.items()}
        if not known:
            return None
        # a name without any: as long as what was measured of the others, or else expected of them
        other = statistics.fmean(known[name] for name in self.measured or known)
        waiting = self.waiting - Counter(name for name, _ in running)
        pieces = [(count, known.get(name, other)) for name, count in waiting.items()]
        pieces += [(1, max(known.get(name, other) - so_far, 0)) for name, so_far in running]
        work = sum(count * each for count, each in pieces)
        return max(work / max(workers, 1), max((each for _, each in pieces), default=0.0))


def clock(seconds: float) -> str:
    """`0:41`, `12:05`, `2:07:30`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def readable(text: str, encoding: str = "utf-8") -> str:
    """One line without control characters, that `encoding` can write.

    Reasons quote errors of student code, which could move the cursor or hide a line.
    """
    return one_line(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} ...", encoding)
