"""`mashq grade`: every handed-in notebook of an assignment, graded in parallel, recorded by one writer.

Data flows `submitted/ → task → worker → store of results → gradebook and autograded/`. What has not changed
since it was recorded is not touched, so a run that was killed is simply started again. `plan` says what is to
be done, `dispatch` has it done, `recording` writes it down, `watch` looks for more.
"""

from __future__ import annotations

import atexit
import gc
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from mashq import datasets
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import PATIENCE_S, open_gradebook
from mashq.course.gradebook.scores import Scores, read_scores
from mashq.course.permissions import require_graded_writable, require_writable
from mashq.errors import RecordError
from mashq.grading.engine.dispatch import Dispatch
from mashq.grading.engine.plan import Plan
from mashq.grading.engine.progress import Progress
from mashq.grading.engine.recording import Log, Recording, Say
from mashq.grading.engine.summary import Summary
from mashq.grading.engine.tasks import Overrides, Tasks
from mashq.grading.engine.watch import Watch
from mashq.grading.gradebook.penalties import refresh_penalties
from mashq.grading.gradebook.settled import Open, Pair, open_cells, unsettled
from mashq.grading.signals import exit_code, stoppable
from mashq.grading.workers import Workers
from mashq.grading.workers.cluster import cluster_workers
from mashq.grading.workers.local import local_workers
from mashq.grading.workers.worker import versions
from mashq.problems import Problem
from mashq.sandbox import Isolation, choose_isolation
from mashq.temporary.folders import remove_leftovers

ENCRYPTED = ("tls://", "wss://")
NOT_ENCRYPTED = (
    "WARNING: whoever reaches {scheduler} or its workers can read submissions and hidden checks, and run "
    "code as the user of the workers; docs/cluster.md shows how to keep others out with TLS"
)

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


class Interrupted(KeyboardInterrupt):
    """The run was stopped by Ctrl-C or SIGTERM; carries what was done, and the exit code of that signal."""

    def __init__(self, summary: Summary, code: int) -> None:
        super().__init__("interrupted")
        self.summary, self.code = summary, code


def grade_assignment(options: Options, console: Console | None = None) -> Summary:
    """Grade what is new or changed; returns what was done and what needs a person.

    Raises CourseError when the course folder, the gradebook or the cluster is not ready, IsolationError
    when student code cannot be kept in, Interrupted when the user stops it: what was done by then is kept.
    """
    with stoppable():
        run = Run(options, console)
        try:
            run.go()
        except KeyboardInterrupt as stop:
            raise Interrupted(run.summary(stopped=True), exit_code(stop)) from None
        refresh_penalties(run.tasks.folder, options.assignment)  # of what was not graded anew, too
        return run.summary()


class Run:
    """One run, from the first look to the summary."""

    def __init__(self, options: Options, console: Console | None) -> None:
        self._options, self._console = options, console
        self._begun = time.monotonic()
        self._workers = options.workers or 1
        self._log = Log()
        self._watch = Watch(self._open, options.students, options.notebooks, options.force)

    @property
    def tasks(self) -> Tasks:
        """Of the assignment, as it was last read."""
        return self._watch.recording.tasks

    def _open(self) -> Recording:
        """Read what is graded, and see that it can be; nothing has been started yet."""
        options = self._options
        require_writable(CourseFolder(options.course), options.assignment)
        tasks = Tasks(options.course, options.assignment, options.overrides)
        if options.scheduler is None:
            choose_isolation(tasks.isolation)
            datasets.prepare(tasks.datasets(options.notebooks))  # once, not in every worker
            remove_leftovers()
        return Recording(tasks, self._log, versions(tasks.datasets(options.notebooks)))

    def go(self) -> None:
        """Grade what there is; with --watch, also what comes, until interrupted."""
        options = self._options
        with self._watch as watch:
            watch.require_names()
            plan = Plan() if options.watch else watch.look()
            students = {work.student for work in plan.todo}
            require_graded_writable(self.tasks.folder, options.assignment, students)
            self._write_empty(plan, lambda _: None)
            if not plan.todo and not options.watch:
                watch.recording.compare_identities()
                return
            with self._start(plan) as workers:
                self._workers = workers.at_once
                expected = watch.recording.expected()
                with Progress(_counts(plan), "notebooks", self._console, self._workers, expected) as display:
                    self._note_unchecked(display.note)
                    if options.scheduler and not options.scheduler.startswith(ENCRYPTED):
                        display.note(NOT_ENCRYPTED.format(scheduler=options.scheduler))
                    Dispatch(workers, watch.recording, display, options.force).run(plan.todo)
                    watch.recording.compare_identities()
                    while options.watch:
                        plan = watch.wait(display.note)
                        display.settle(self._log.attention)
                        self._write_empty(plan, display.note)
                        display.add(_counts(plan))
                        Dispatch(workers, watch.recording, display, options.force).run(plan.todo)
                        watch.recording.compare_identities()

    def _start(self, plan: Plan) -> AbstractContextManager[Workers]:
        """Workers of the cluster that was named, else of this machine."""
        options = self._options
        if options.scheduler is None:
            return local_workers(self._useful_workers(plan))
        expected = self._watch.recording.versions
        return cluster_workers(options.scheduler, options.assignment, self.tasks.isolation, expected)

    def _useful_workers(self, plan: Plan) -> int:
        """How many workers to start; none that would have nothing to do. With --watch more work may come."""
        most = self._options.workers or os.cpu_count() or 1
        return most if self._options.watch else min(most, len(plan.todo))

    def _note_unchecked(self, say: Say) -> None:
        """What an instructor may have forgotten; a course may want it so."""
        for name in self.tasks.assignment.unchecked():
            path = self.tasks.folder.check_file(self._options.assignment, name)
            say(
                f"{name} has no check file, {path}, and no hidden tests: its visible checks alone give points"
            )

    def _write_empty(self, plan: Plan, say: Say) -> None:
        for student in plan.empty:
            self._watch.recording.write_empty(student, say)

    def summary(self, stopped: bool = False) -> Summary:
        """What was done, as things are now.

        stopped : whether the user waits for the end: without the scores then, where they cannot be read
        """
        entries = self._log.entries.values()
        isolations = {name for entry in entries for name in entry.isolations}
        return Summary(
            assignment=self._options.assignment,
            graded=sum(entry.runs for entry in entries),
            unchanged=sum(entry.unchanged and not entry.runs for entry in entries),
            seconds=time.monotonic() - self._begun,
            workers=self._workers,
            attention=self._attention(stopped),
            isolation=Isolation.NONE if Isolation.NONE in isolations else ", ".join(sorted(isolations)),
            stand_ins=sorted({name for entry in entries for name in entry.stand_ins}),
            scores=self._scores(stopped),
            places=self.tasks.folder.places(self._options.assignment),
        )

    def _attention(self, stopped: bool) -> list[tuple[str, str, Problem]]:
        """What somebody must act on, without what a person has settled in the gradebook."""
        found: Mapping[Pair, Sequence[Problem]] = self._log.attention
        if found:
            recorded = {key: problems for key, problems in found.items() if self._log.is_recorded(key)}
            others = {key: problems for key, problems in found.items() if key not in recorded}
            left: Mapping[Pair, Sequence[Problem]] = recorded
            try:
                left = unsettled(recorded, self._open_cells(stopped), self.tasks.assignment.release)
            except RecordError:
                if not stopped:
                    raise
            found = {**others, **left}
        return [(*key, problem) for key, problems in sorted(found.items()) for problem in problems]

    def _open_cells(self, stopped: bool) -> list[Open]:
        folder, assignment = self.tasks.folder, self._options.assignment
        with open_gradebook(folder, assignment, 0.0 if stopped else PATIENCE_S) as gradebook:
            return open_cells(gradebook.db, assignment)

    def _scores(self, stopped: bool) -> Scores:
        assignment = self._options.assignment
        try:
            return read_scores(self.tasks.folder, assignment, patience_s=0.0 if stopped else PATIENCE_S)
        except RecordError:
            if not stopped:
                raise
            return Scores(assignment, [], {})


def _counts(plan: Plan) -> dict[str, int]:
    """How many there are of each notebook."""
    return dict(Counter(work.notebook for work in plan.todo))
