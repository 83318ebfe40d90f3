"""`mashq feedback`: what `nbgrader generate_feedback` writes, by several processes at once.

Each process loads nbgrader, the course's configuration and the HTML template once, then makes the feedback
of whole students with nbgrader's own converter (see `worker.py`). This module is the command's own
process: it shares out the students, shows how far the others are, and brings the late penalties up to date.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from mashq.course.folder import CourseFolder
from mashq.errors import MashqError
from mashq.feedback import worker
from mashq.feedback.places import FeedbackError, Place
from mashq.grading.engine.progress import Progress
from mashq.grading.gradebook.penalties import refresh_penalties
from mashq.grading.signals import end_with_the_command
from mashq.language import one_line

T = TypeVar("T")

MOST_PROCESSES = 61  # as many as Windows lets one process wait for
_interrupted = threading.Event()  # by Ctrl-C
MOST_S = 300.0  # that the pages of one student may take; most take one
DIED = "is there memory enough? try with fewer --workers"


@dataclass
class Run:
    """What is wanted, and what came of the students so far."""

    course: Path
    assignment: str
    force: bool
    made: int = 0
    kept: int = 0
    failed: dict[str, str] = field(default_factory=dict)  # {student: reason}
    slow: set[str] = field(default_factory=set)  # students whose pages were being made for too long


def generate_feedback(
    course: Path,
    assignment: str,
    students: Sequence[str] = (),
    workers: int | None = None,
    force: bool = False,
) -> int:
    """Write feedback/STUDENT/ASSIGNMENT, as `nbgrader generate_feedback` does.

    students : only these; everybody with a graded submission when empty
    workers : processes; as many as there are cores when None
    force : make it again for who has it already. Without, nbgrader's rule holds: only when the timestamp.txt
        of the graded submission is newer than that of the feedback.

    Returns for how many students it was written. Raises CourseError when the course folder or a graded
    submission is missing; FeedbackError at the end, when it failed for some.
    """
    refresh_penalties(CourseFolder(course), assignment)
    run = Run(course.resolve(), assignment, force)
    workers = min(workers or os.cpu_count() or 1, len(students) or MOST_PROCESSES, MOST_PROCESSES)
    places: list[Place] = []
    try:
        with _processes(workers) as pool:
            for _ in range(workers - 1):  # the others load while the first looks for the students
                pool.submit(_load, run.course)
            search = pool.submit(worker.find_places, run.course, assignment, tuple(students))
            places += _any([search]).pop().result()
            with Progress(
                {assignment: len(places)}, "students", None, workers, verb="went through"
            ) as display:
                _make_all(pool, places, workers, run, display)
                if run.kept:
                    display.note(f"{run.kept} had feedback that is up to date; --force makes it again")
    except BrokenProcessPool:
        raise FeedbackError(f"the processes died while they loaded nbgrader; {DIED}") from None
    except BaseException:
        for place in places:
            place.clear()
        raise
    if run.failed:
        reasons = "".join(
            f"\n  {one_line(student)}: {one_line(reason)}" for student, reason in sorted(run.failed.items())
        )
        raise FeedbackError(
            f"no feedback for {len(run.failed)} of {len(places)} students:{reasons}\n"
            f"mend the cause and run `mashq feedback {assignment}` again: it makes what is missing"
        )
    return run.made


def _make_all(
    pool: ProcessPoolExecutor, places: list[Place], workers: int, run: Run, display: Progress
) -> None:
    """Make feedback for all.

    A process that dies ends the whole pool. Those in hand are tried again, each alone, to find the culprit.
    """
    waiting = deque(places)
    suspects = _make(pool, waiting, workers, run, display)
    while suspects or waiting:
        for place in suspects:
            with _processes(1) as alone:
                if _make(alone, deque([place]), 1, run, display):
                    run.failed[place.student] = _why_not_made(place, run)
                    display.done(place.student, run.assignment, [run.failed[place.student]])
        with _processes(workers) as pool:
            suspects = _make(pool, waiting, workers, run, display)


def _why_not_made(place: Place, run: Run) -> str:
    """Why a student has no feedback whose process ended, alone, too."""
    if place.student not in run.slow:
        return f"the process that made it died; {DIED}"
    return (
        f"it was not made after {MOST_S:.0f} seconds, and was ended; grade it again with "
        f"`mashq grade {run.assignment} --student {place.student} --force`, which leaves out what takes long"
    )


def _make(
    pool: ProcessPoolExecutor, waiting: deque[Place], workers: int, run: Run, display: Progress
) -> list[Place]:
    """Make feedback until none waits; or until a process dies, then returns those that were being made."""
    making: dict[Future[bool], Place] = {}
    begun: dict[str, float] = {}  # {student: when}
    finished: dict[Future[bool], Place] = {}
    while waiting or making or finished:
        died: list[Place] = []
        while waiting and len(making) < workers and not died:
            place = waiting.popleft()
            display.started(place.student, run.assignment)
            try:
                made = pool.submit(worker.make_feedback, run.course, run.assignment, place, run.force)
                making[made], begun[place.student] = place, time.monotonic()
            except BrokenProcessPool:
                died.append(place)
        for future, place in finished.items():  # after the next has begun, so that no process waits
            if isinstance(future.exception(), BrokenProcessPool):
                died.append(place)
            else:
                _count(place, future, run, display)
        finished = {}
        if making and not died:
            last = min(begun[place.student] for place in making.values()) + MOST_S
            finished = {future: making.pop(future) for future in _any(making, last)}
            if not finished:  # all are ended with the slow one; the others are made again
                now = time.monotonic()
                slow = {place.student for place in making.values() if now - begun[place.student] >= MOST_S}
                run.slow |= slow
                for process in list(pool._processes.values()):  # Python 3.14 has `kill_workers`
                    process.kill()
                died.append(making.pop(next(f for f, place in making.items() if place.student in slow)))
        if died:
            pool.shutdown()  # nothing writes any more when the others are tried again
            died += making.values()
            for place in died:
                display.again(place.student, run.assignment, "a process died")
            return died
    return []


def _count(place: Place, future: Future[bool], run: Run, display: Progress) -> None:
    error = future.exception()
    if error is not None:
        reason = str(error) if isinstance(error, MashqError) else f"{type(error).__name__}: {error}"
        run.failed[place.student] = reason
        display.done(place.student, run.assignment, [reason])
    else:
        made = future.result()
        run.made += made
        run.kept += not made
        display.done(place.student, run.assignment, cached=not made)


def _any(futures: Iterable[Future[T]], last: float = math.inf) -> set[Future[T]]:
    """Wait until some are done, in short waits; raises KeyboardInterrupt after Ctrl-C.

    last : when to end, by the monotonic clock; none is done then
    """
    while not (done := wait(futures, timeout=0.3, return_when=FIRST_COMPLETED).done):
        if _interrupted.is_set():
            raise KeyboardInterrupt
        if time.monotonic() >= last:
            break
    return done


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes of which none is left, however this ends.

    Ctrl-C only sets a flag meanwhile: raised in the middle of `wait`, it can leave a lock taken that the pool
    needs for its end.
    """
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)
    in_charge = threading.current_thread() is threading.main_thread()  # others cannot set a handler
    usual = signal.signal(signal.SIGINT, lambda *_: _interrupted.set()) if in_charge else None
    try:
        yield pool
        if _interrupted.is_set():
            raise KeyboardInterrupt
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        if in_charge:
            signal.signal(signal.SIGINT, usual)
            _interrupted.clear()


def _begin() -> None:
    """In a new process: leave Ctrl-C to the command, and end when the command is gone, even killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_the_command()


def _load(course: Path) -> None:
    worker.converter(course)
