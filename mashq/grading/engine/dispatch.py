"""Sharing out the work: workers are kept busy, and what they return is recorded as it comes."""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mashq.course.results import Graded
from mashq.errors import MachineError
from mashq.grading.engine.progress import Progress
from mashq.grading.engine.recording import Recording
from mashq.grading.intake.find import Work
from mashq.grading.signals import stop_if_asked
from mashq.grading.workers import Workers
from mashq.grading.workers.task import Task, content_key
from mashq.grading.workers.worker import grade
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence

TRIES = 3  # for a notebook on which the machine failed
LOOK_S = 0.5  # between two looks at whether the workers are still there


@dataclass
class Job:
    """A task on its way."""

    work: Work
    key: str
    task: Task
    tries: int = 0


class Dispatch:
    """One round of work for workers.

    recording : where tasks come from and results go to
    force : run again what has a stored result, too
    """

    def __init__(
        self, workers: Workers, recording: Recording, display: Progress, force: bool = False
    ) -> None:
        self._workers, self._recording, self._display, self._force = workers, recording, display, force
        self._at_once = workers.at_once
        self._running: dict[Any, Job] = {}  # {future: its job}, in the order in which they were handed over
        self._shown: set[Any] = set()  # futures that the display shows as running
        self._finished: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run(self, todo: Iterable[Work]) -> None:
        """Grade and record; few tasks are in memory at any time.

        Raises MachineError when the cluster is gone. What was recorded stays.
        """
        waiting, again = deque(todo), deque[Job]()
        while waiting or again or self._running:
            stop_if_asked()
            while (waiting or again) and len(self._running) < 2 * self._at_once:
                job = again.popleft() if again else self._next_job(waiting.popleft())
                if job is not None:
                    self._hand_over(job)
            self._show_running()
            try:
                future = self._finished.get(timeout=LOOK_S)
            except queue.Empty:
                self._workers.require(self._display.note)
                continue
            job = self._running.pop(future)
            self._shown.discard(future)
            if self._must_be_tried_again(future, job):
                again.append(job)

    def _next_job(self, work: Work) -> Job | None:
        """The job for a notebook; None when there is nothing to run: its result is at hand, or it is gone."""
        if not work.doubt and not os.path.lexists(work.path):
            gone = N_("the file is missing: {name} went away before it was graded")
            problems = [Problem(Kind.FILE, Sentence.of(gone, name=work.path.name))]
            self._recording.log.machine_failed(work.student, work.notebook, problems)
            self._show_done(work, problems)
            return None
        task = self._recording.tasks.task(work)
        job = Job(work, content_key(task, self._recording.versions), task)
        graded = None if self._force else self._recording.store.get(job.key)
        if graded is None:
            return job
        self._record(job, graded, run=False)
        return None

    def _hand_over(self, job: Job) -> None:
        future = self._workers.submit(grade, job.task, self._recording.versions)
        future.add_done_callback(self._finished.put)
        self._running[future] = job

    def _show_running(self) -> None:
        """Workers take jobs in order: the first few are running, the others wait."""
        for future, job in list(self._running.items())[: self._at_once]:
            if future not in self._shown:
                self._shown.add(future)
                self._display.started(job.work.student, job.work.notebook)

    def _must_be_tried_again(self, future: Any, job: Job) -> bool:
        """Record what came back, unless the machine failed and another try may help."""
        graded: Graded | None = None
        try:
            graded = future.result()
            failures = [problem for problem in graded.attention if problem.kind is Kind.MACHINE]
        except Exception as error:
            failures = [Problem(Kind.MACHINE, _sentence(error))]
        job.tries += 1
        if failures and job.tries < TRIES:
            self._display.again(job.work.student, job.work.notebook, str(failures[0]))
            return True
        if graded is not None:
            self._record(job, graded, run=True)
        else:
            self._recording.write_failure(job.work, failures)
            self._show_done(job.work, failures)
        return False

    def _record(self, job: Job, graded: Graded, run: bool) -> None:
        problems = self._recording.write(job.work, job.key, graded, run=run, say=self._display.note)
        self._show_done(job.work, problems, cached=not run)

    def _show_done(self, work: Work, problems: Iterable[Problem], cached: bool = False) -> None:
        self._display.done(work.student, work.notebook, list(map(str, problems)), cached)


def _sentence(error: BaseException) -> Sentence:
    """An exception from a worker as one line."""
    text = " ".join(str(error).split())
    if type(error).__name__ == "KilledWorker":  # Dask's
        return Sentence.of(N_("the workers died while they graded it, again and again"))
    if isinstance(error, MachineError):
        return Sentence.plain(text or type(error).__name__)
    return Sentence.of(N_("mashq failed: {error}"), error=repr(error))
