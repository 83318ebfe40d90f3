"""`mashq grade`: every handed-in notebook of an assignment, graded in parallel, recorded by one writer.

Data flows `submitted/ → task → worker → store of results → gradebook and autograded/`. What has not changed
since it was recorded is not touched, so a run that was killed is simply started again.
"""

from __future__ import annotations

import atexit
import gc
import queue
import signal
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from mashq import datasets
from mashq.course.nbgrader import run_nbgrader
from mashq.course.results import Graded
from mashq.course.scores import read_scores
from mashq.course.store import Store
from mashq.errors import MachineError, RecordError
from mashq.grading.engine.cluster import connect, threads_of
from mashq.grading.engine.progress import Progress
from mashq.grading.engine.summary import Summary
from mashq.grading.engine.task import Task, content_key
from mashq.grading.engine.tasks import Overrides, Tasks
from mashq.grading.engine.worker import grade, versions
from mashq.grading.gradebook.penalties import refresh_penalties
from mashq.grading.gradebook.record import Recorder
from mashq.grading.intake.find import Work
from mashq.judge import Outcome
from mashq.sandbox import Isolation, choose_isolation, remove_leftovers

TRIES = 3  # for a notebook on which the machine failed
RECORD_WAITS_S = (0.5, 1, 2, 4, 8, 15)  # between tries to reach a gradebook or a disk that failed
WATCH_S = 5.0  # between two looks at submitted/
SETTLED_S = 2.0  # a submission that changed more recently is perhaps still being copied
GUESS_S = {b"tensorflow": 30.0, b"torch": 20.0}  # by what a release imports, until a notebook was measured
NO_NOTEBOOK = "-"  # in the list of what needs attention, in the place of a notebook's name

# Python's exit would search all that was imported for garbage, for more than a second.
atexit.register(gc.freeze)


@dataclass(frozen=True)
class Options:
    """What `mashq grade` was asked for."""

    assignment: str
    course: Path = Path()
    students: Sequence[str] = ()
    notebooks: Sequence[str] = ()
    workers: int | None = None
    scheduler: str | None = None
    force: bool = False
    watch: bool = False
    overrides: Overrides = field(default_factory=Overrides)


@dataclass
class Job:
    """A task on its way."""

    work: Work
    key: str
    task: Task
    tries: int = 0


class Interrupted(KeyboardInterrupt):
    """The run was stopped by the user; carries what was done."""

    def __init__(self, summary: Summary) -> None:
        super().__init__("interrupted")
        self.summary = summary


def grade_assignment(options: Options, console: Console | None = None) -> Summary:
    """Grade what is new or changed; returns what was done and what needs a person.

    Raises CourseError when the course folder, the gradebook or the cluster is not ready, IsolationError
    when student code cannot be kept in, Interrupted when the user stops it: what was done by then is kept.
    """
    tasks = Tasks(options.course, options.assignment, options.overrides)
    if options.scheduler is None:
        choose_isolation(tasks.isolation)  # refuse before anything is started
        datasets.prepare()  # once, not in every worker
        remove_leftovers()
    with (
        Recorder(tasks.folder, options.assignment) as recorder,
        Store(tasks.folder.store(options.assignment)) as store,
    ):
        run = Run(options, tasks, recorder, store, console)
        try:
            run.go()
        except KeyboardInterrupt:
            raise Interrupted(run.summary()) from None
    refresh_penalties(tasks.folder, options.assignment)  # of what was not graded anew, too
    return run.summary()


class Run:
    """One run: which notebooks, who grades them, what became of each."""

    def __init__(
        self, options: Options, tasks: Tasks, recorder: Recorder, store: Store, console: Console | None
    ) -> None:
        self._options, self._tasks, self._recorder, self._store = options, tasks, recorder, store
        self._submissions = tasks.submissions
        self._console = console
        self._versions = versions()
        self._prepared: set[str] = set()
        self._begun = time.monotonic()
        self._stamps: dict[str, tuple[Any, ...]] = {}
        self.graded = self.unchanged = 0
        self.workers = options.workers or 1
        self.attention: dict[tuple[str, str], list[str]] = {}
        self.isolations: set[str] = set()
        self.stand_ins: set[str] = set()

    def summary(self) -> Summary:
        """What was done, as things are now."""
        attention = [(s, n, fault) for (s, n), faults in sorted(self.attention.items()) for fault in faults]
        return Summary(
            assignment=self._options.assignment,
            graded=self.graded,
            unchanged=self.unchanged,
            seconds=time.monotonic() - self._begun,
            workers=self.workers,
            attention=attention,
            isolation=Isolation.NONE
            if Isolation.NONE in self.isolations
            else ", ".join(sorted(self.isolations)),
            stand_ins=sorted(self.stand_ins),
            scores=read_scores(self._tasks.folder, self._options.assignment),
        )

    def go(self) -> None:
        """Grade what there is; with --watch, also what comes, until interrupted."""
        todo = self._look()
        if not todo and not self._options.watch:
            return
        with connect(self._options.scheduler, self._options.workers, self._tasks.isolation) as client:
            self.workers = threads_of(client)
            self._grade_and_watch(client, todo)

    def _grade_and_watch(self, client: Any, todo: list[Work]) -> None:
        with self._display(todo) as display:
            while True:
                self._grade_all(client, todo, display)
                if not self._options.watch:
                    return
                todo = self._wait_for_more(display)

    def _display(self, todo: Sequence[Work]) -> Progress:
        return Progress(_counts(todo), console=self._console, workers=self.workers, expected=self._expected())

    # -- what is to be done -------------------------------------------------------------------------------

    def _look(self) -> list[Work]:
        """What must be run or recorded, long ones first; counts what has not changed."""
        tasks, submissions, options = self._tasks, self._submissions, self._options
        done, recorded = self._store.all_done(), self._recorder.recorded()
        todo: list[Work] = []
        by_student: dict[str, list[Work]] = defaultdict(list)
        for work in tasks.work(options.students, options.notebooks):
            by_student[work.student].append(work)
        for student, works in by_student.items():
            stamp = submissions.stamp(student)
            if self._stamps.get(student) == stamp or (options.watch and not _settled(stamp)):
                continue
            self._stamps[student] = stamp
            self._prepared.discard(student)
            self.attention.pop((student, NO_NOTEBOOK), None)
            as_it_was = done.get((student, "")) == (submissions.key(student), "")
            for work in works:
                key = content_key(tasks.task(work), self._versions)
                known = done.get((student, work.notebook))
                kept = as_it_was and known is not None and known[0] == key
                if kept and (student, work.notebook) in recorded and not options.force:
                    self.unchanged += 1
                    if known and known[1]:
                        self.attention[student, work.notebook] = known[1].split("\n")
                else:
                    todo.append(work)
        for student in tasks.without_notebooks(options.students):
            stamp = submissions.stamp(student)
            if self._stamps.get(student) != stamp and not (options.watch and not _settled(stamp)):
                self._stamps[student] = stamp
                self._note_empty(student)
        expected = self._expected()
        return sorted(todo, key=lambda work: (-expected[work.notebook], work.notebook))

    def _note_empty(self, student: str) -> None:
        """A submission without any notebook of the assignment: it gets its rows, and a person looks."""
        fault = f"the file is missing: no notebook of {self._options.assignment} was handed in"
        try:
            _patiently(lambda: self._recorder.prepare(student, self._submissions.folder(student)))
        except RecordError as error:
            self._stamps.pop(student, None)
            fault = f"not recorded: {error}"
        self.attention[student, NO_NOTEBOOK] = [fault]

    def _expected(self) -> dict[str, float]:
        """Seconds that a notebook takes, measured or guessed, by name."""
        guesses = {
            name: next((s for word, s in GUESS_S.items() if b"import " + word in text), 5.0)
            for name, text in self._tasks.assignment.release.items()
        }
        return guesses | {n: s for n, s in self._store.seconds().items() if n in guesses}

    def _wait_for_more(self, display: Progress) -> list[Work]:
        """Look every few seconds until something new or changed is there."""
        while True:
            time.sleep(WATCH_S)
            self._collect(display)
            todo = self._look()
            if todo:
                display.add(_counts(todo))
                return todo

    def _collect(self, display: Progress) -> None:
        """Fetch from nbgrader's exchange, where the course has one."""
        if self._tasks.has_exchange():
            with suppress(Exception):
                log = run_nbgrader(self._tasks.folder.home, "collect", self._options.assignment, "--update")
                for line in log.splitlines():
                    if "Collecting" in line or "Updating" in line:
                        display.note(line.strip())

    # -- running ------------------------------------------------------------------------------------------

    def _grade_all(self, client: Any, todo: Sequence[Work], display: Progress) -> None:
        """Keep the workers busy and record what comes back; few tasks are in memory at any time."""
        waiting, again = deque(todo), deque[Job]()
        finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        running: dict[Any, Job] = {}
        queued: deque[Any] = deque()  # handed to the cluster, in order; the first few of them run
        shown: set[Any] = set()
        while waiting or again or running:
            while (waiting or again) and len(running) < 2 * self.workers:
                job = again.popleft() if again else self._next(waiting.popleft(), display)
                if job is None:
                    continue
                future = client.submit(grade, job.task, self._versions, pure=False)
                future.add_done_callback(finished.put)
                running[future] = job
                queued.append(future)
            for future in list(queued)[: self.workers]:
                if future not in shown:
                    shown.add(future)
                    display.started(running[future].work.student, running[future].work.notebook)
            try:
                future = finished.get(timeout=0.5)
            except queue.Empty:
                self._require_cluster(client)
                continue
            job = running.pop(future)
            queued.remove(future)
            shown.discard(future)
            retry = self._take(future, job, display)
            if retry is not None:
                again.append(retry)

    def _next(self, work: Work, display: Progress) -> Job | None:
        """The job for the next notebook; None when its result is at hand and was recorded."""
        task = self._tasks.task(work)
        job = Job(work, content_key(task, self._versions), task)
        graded = None if self._options.force else self._store.get(job.key)
        if graded is None:
            return job
        self._record(job, graded, display, cached=True)
        return None

    def _take(self, future: Any, job: Job, display: Progress) -> Job | None:
        """Record a result; returns the job if it must be tried again."""
        try:
            graded: Graded = future.result()
        except Exception as error:
            graded_faults = [_sentence(error)]
        else:
            graded_faults = _machine_faults(graded)
            if not graded_faults or job.tries + 1 >= TRIES:
                self._record(job, graded, display)
                return None
        finally:
            future.release()
        job.tries += 1
        if job.tries < TRIES:
            display.again(job.work.student, job.work.notebook, graded_faults[0])
            return job
        self._needs_attention(job, graded_faults, display)
        return None

    def _needs_attention(self, job: Job, faults: list[str], display: Progress, cached: bool = False) -> None:
        if faults:
            self.attention[job.work.student, job.work.notebook] = faults
        else:
            self.attention.pop((job.work.student, job.work.notebook), None)
        display.done(job.work.student, job.work.notebook, faults, cached)

    def _require_cluster(self, client: Any) -> None:
        if client.status in ("closed", "closing"):
            raise MachineError(
                f"the Dask scheduler {self._options.scheduler or ''} is gone; what was graded is recorded. "
                f"Start it again, then `mashq grade {self._options.assignment}` goes on."
            )

    # -- recording ----------------------------------------------------------------------------------------

    def _record(self, job: Job, graded: Graded, display: Progress, cached: bool = False) -> None:
        """Keep a result and write it into the gradebook; a gradebook that fails is waited for."""
        student, notebook = job.work.student, job.work.notebook
        self.isolations.add(graded.isolation)
        self.stand_ins.update(graded.judgement.stand_ins)
        faults = graded.faults()
        keep = not _machine_faults(graded) and Outcome.CHECK_ERROR not in {
            result.outcome for result in graded.judgement.results
        }

        def write() -> None:
            if keep and not cached:
                self._store.put(job.key, graded, student=student, notebook=notebook)
            self._prepare(student, display)
            self._recorder.record(student, notebook, graded)
            if keep:
                self._store.mark_done(student, notebook, job.key, "\n".join(faults))

        try:
            _patiently(write, lambda why: display.note(f"waiting: {why}"))
        except RecordError as error:
            self._stamps.pop(student, None)
            self._needs_attention(job, [f"graded, but not recorded: {error}"], display, cached)
            return
        self.graded += not cached
        self.unchanged += cached
        self._needs_attention(job, faults, display, cached)

    def _prepare(self, student: str, display: Progress) -> None:
        """Once for each submission: its rows and other files."""
        if student in self._prepared:
            return
        folder = self._submissions.folder(student)
        key = self._submissions.key(student)
        notebooks = {work.notebook: work.path for work in self._tasks.work([student])}
        for note in self._recorder.prepare(student, folder, notebooks):
            display.note(f"{student}: {note}")
        self._store.mark_done(student, "", key, "")
        self._prepared.add(student)


def _counts(works: Sequence[Work]) -> dict[str, int]:
    """How many there are of each notebook."""
    return dict(Counter(work.notebook for work in works))


def _settled(stamp: tuple[Any, ...]) -> bool:
    newest = max((modified for _, _, modified in stamp), default=0)
    return time.time() - newest / 1e9 > SETTLED_S


def _sentence(error: BaseException) -> str:
    """An exception from a worker as one line."""
    text = " ".join(str(error).split())
    if type(error).__name__ == "KilledWorker":
        return "the workers died while they graded it, again and again"
    return text or type(error).__name__ if isinstance(error, MachineError) else f"mashq failed: {error!r}"


def _machine_faults(graded: Graded) -> list[str]:
    """Why a result is the machine's fault, and worth another try."""
    return [
        f"{result.check}: {result.message}"
        for result in graded.judgement.results
        if result.outcome is Outcome.MACHINE_ERROR
    ]


def _patiently(write: Callable[[], object], say: Callable[[str], None] = lambda _: None) -> None:
    """Try to record until it works or a minute has gone; raises the last RecordError."""
    for wait in (*RECORD_WAITS_S, None):
        try:
            with _signals_held():
                write()
            return
        except RecordError as error:
            if wait is None:
                raise
            say(str(error))
            time.sleep(wait)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let a Ctrl-C wait until what is being written is whole."""
    caught: list[FrameType | None] = []
    try:
        before = signal.signal(signal.SIGINT, lambda _, frame: caught.append(frame))
    except ValueError:  # not the main thread: no signal comes here
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught:
        raise KeyboardInterrupt
