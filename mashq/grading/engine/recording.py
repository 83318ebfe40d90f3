"""Recording results: into the store, then into the gradebook, and into the log of the run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from mashq.course.results import Graded
from mashq.course.store import Store
from mashq.errors import CourseError, RecordError
from mashq.grading.engine.plan import WHOLE, Plan, Submission, expected_seconds, make_plan
from mashq.grading.engine.summary import NO_NOTEBOOK
from mashq.grading.engine.task import content_key
from mashq.grading.engine.tasks import Tasks
from mashq.grading.engine.worker import versions
from mashq.grading.gradebook.record import Recorder
from mashq.grading.intake.find import Work
from mashq.grading.signals import held
from mashq.judge import Outcome
from mashq.problems import Kind

RECORD_WAITS_S = (0.5, 1, 2, 4, 8, 15)  # between tries to reach a gradebook or a disk that failed

Say = Callable[[str], None]


@dataclass
class Entry:
    """What became of one notebook in this run."""

    runs: int = 0
    unchanged: bool = False  # the result was at hand
    faults: Sequence[str] = ()  # why a person must look at it, a sentence each
    isolations: set[str] = field(default_factory=set)
    stand_ins: set[str] = field(default_factory=set)
    failed_at: float | None = None  # when the machine failed on it last, by the monotonic clock


class Log:
    """What became of each notebook in this run."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = defaultdict(Entry)

    @property
    def attention(self) -> list[tuple[str, str, str]]:
        """(student, notebook, why a person must look at it), sorted."""
        return [(*key, fault) for key, entry in sorted(self.entries.items()) for fault in entry.faults]

    def forget_faults(self, students: Collection[str]) -> None:
        """Submissions are looked at anew, or gone: what was wrong with them does not hold any more."""
        for (student, _), entry in self.entries.items():
            if student in students:
                entry.faults, entry.failed_at = (), None

    def failed_before(self, moment: float) -> set[str]:
        """The students of whom something is left over because the machine failed, before this moment."""
        return {
            student
            for (student, _), entry in self.entries.items()
            if entry.failed_at is not None and entry.failed_at < moment
        }

    def machine_failed(self, student: str, notebook: str, faults: Sequence[str]) -> None:
        """There is no result that could be kept; the next run tries again, and `--watch` after a while."""
        entry = self.entries[student, notebook]
        entry.faults, entry.failed_at = faults, time.monotonic()


class Recording:
    """An assignment with everything that grading it writes to; a context manager, for one thread.

    Raises CourseError when the gradebook lacks the assignment, RecordError when it cannot be reached.
    """

    def __init__(self, tasks: Tasks, log: Log) -> None:
        self.tasks, self.log = tasks, log
        self.versions = versions()
        self._prepared: set[str] = set()  # students whose submission has its rows and other files
        with ExitStack() as opened:
            self._recorder = opened.enter_context(Recorder(tasks.folder, tasks.assignment.name))
            self.store = opened.enter_context(Store(tasks.folder.store(tasks.assignment.name)))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections to the gradebook and to the store."""
        self._opened.close()

    # -- before a run -------------------------------------------------------------------------------------

    def plan(self, students: Sequence[str], notebooks: Sequence[str], force: bool) -> Plan:
        """Look at what these students have handed in; what has not changed is entered into the log."""
        submissions = (self._submission(student, notebooks) for student in students)
        done, in_gradebook = self.store.all_done(), self._recorder.recorded()
        plan = make_plan(submissions, done, in_gradebook, self.expected(), force)
        self._prepared.difference_update(students)
        self.log.forget_faults(students)
        for key, faults in plan.unchanged.items():
            entry = self.log.entries[key]
            entry.unchanged, entry.faults = True, faults.split("\n") if faults else ()
        return plan

    def _submission(self, student: str, notebooks: Sequence[str]) -> Submission:
        key = self.tasks.submissions.key(student)
        works = self.tasks.found(student)
        chosen = [work for work in works if not notebooks or work.notebook in notebooks]
        return Submission(student, key, [(work, self.key(work)) for work in chosen], empty=not works)

    def key(self, work: Work) -> str:
        """The key of a notebook's result, as the notebook is now."""
        return content_key(self.tasks.task(work), self.versions)

    def expected(self) -> dict[str, float]:
        """Seconds that each notebook takes, by name."""
        return expected_seconds(self.tasks.assignment.release, self.store.seconds())

    # -- writing ------------------------------------------------------------------------------------------

    def write(self, work: Work, key: str, graded: Graded, *, run: bool, say: Say) -> list[str]:
        """Keep a result and write it into the gradebook; returns why a person must look at it.

        run : whether it was run just now; it is at hand in the store otherwise
        say : told while the gradebook or a disk is waited for
        """
        student, notebook = work.student, work.notebook
        faults, keep = graded.faults(), may_be_kept(graded)

        def write() -> None:
            if keep and run:
                self.store.put(key, graded, student=student, notebook=notebook)
            self._prepare(student, say)
            self._recorder.record(student, notebook, graded)
            if keep:
                self.store.mark_done(student, notebook, key, "\n".join(faults))

        entry = self.log.entries[student, notebook]
        entry.isolations.add(graded.isolation)
        entry.stand_ins.update(graded.judgement.stand_ins)
        try:
            _patiently(write, say)
        except (RecordError, CourseError) as error:  # such as one student whom the gradebook does not know
            unrecorded = [f"graded, but not recorded: {error}"]
            self.log.machine_failed(student, notebook, unrecorded)
            return unrecorded
        entry.runs += run
        entry.unchanged = entry.unchanged or not run
        if machine_faults(graded):
            self.log.machine_failed(student, notebook, faults)
        else:
            entry.faults, entry.failed_at = faults, None
        return faults

    def write_empty(self, student: str, say: Say) -> None:
        """A submission without any notebook of the assignment: it gets its rows, and a person looks."""
        try:
            _patiently(lambda: self._recorder.prepare(student, self.tasks.submissions.folder(student)), say)
        except (RecordError, CourseError) as error:
            self.log.machine_failed(student, NO_NOTEBOOK, [f"not recorded: {error}"])
            return
        missing = f"the file is missing: no notebook of {self.tasks.assignment.name} was handed in"
        self.log.entries[student, NO_NOTEBOOK].faults = [missing]

    def _prepare(self, student: str, say: Say) -> None:
        """Once for each submission: its rows and other files."""
        if student in self._prepared:
            return
        submissions = self.tasks.submissions
        key = submissions.key(student)
        notebooks = {work.notebook: work.path for work in self.tasks.found(student)}
        for note in self._recorder.prepare(student, submissions.folder(student), notebooks):
            say(f"{student}: {note}")
        self.store.mark_done(student, WHOLE, key, "")
        self._prepared.add(student)


def machine_faults(graded: Graded) -> list[str]:
    """Why a result is the machine's fault, and worth another try; empty when it is not."""
    errors = [
        f"{result.check}: {result.message}"
        for result in graded.judgement.results
        if result.outcome is Outcome.MACHINE_ERROR
    ]
    return errors + [str(p) for p in graded.judgement.problems if p.kind is Kind.MACHINE]


def may_be_kept(graded: Graded) -> bool:
    """Whether the same notebook would get the same result again: neither a check nor the machine failed."""
    outcomes = {result.outcome for result in graded.judgement.results}
    return not machine_faults(graded) and Outcome.CHECK_ERROR not in outcomes


def _patiently(write: Callable[[], object], say: Say) -> None:
    """Try to record until it works or half a minute has gone; raises the last RecordError."""
    for wait in (*RECORD_WAITS_S, None):
        try:
            with held():
                write()
            return
        except RecordError as error:
            if wait is None:
                raise
            say(f"waiting: {error}")
            time.sleep(wait)
