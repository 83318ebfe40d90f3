"""Recording results: into the store, then into the gradebook, and into the log of the run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from mashq.course.results import Graded
from mashq.course.store import Store
from mashq.course.times import read_time
from mashq.errors import CourseError, RecordError
from mashq.grading.engine.plan import (
    LAST_S,
    LAST_TIMES,
    WHOLE,
    Plan,
    Recorded,
    Submission,
    expected_seconds,
    make_plan,
)
from mashq.grading.engine.summary import NO_NOTEBOOK
from mashq.grading.engine.tasks import Tasks
from mashq.grading.gradebook.record import Recorder
from mashq.grading.gradebook.settled import Pair
from mashq.grading.identities import identity_problems
from mashq.grading.intake.find import Work
from mashq.grading.signals import held
from mashq.grading.workers.task import content_key
from mashq.handed_in.beside import TIMESTAMP
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence

RECORD_WAITS_S = (0.5, 1, 2, 4, 8, 15)  # between tries to reach a gradebook or a disk that failed

Say = Callable[[str], None]
OLDER = N_("the points that are recorded are those of an earlier run; they stay until grading works again")


@dataclass
class Entry:
    """What became of one notebook in this run."""

    runs: int = 0
    unchanged: bool = False  # the result was at hand
    problems: Sequence[Problem] = ()  # why somebody must act on it
    isolations: set[str] = field(default_factory=set)
    stand_ins: set[str] = field(default_factory=set)
    failed_at: float | None = None  # when the machine failed on it last, by the monotonic clock


class Log:
    """What became of each notebook in this run."""

    def __init__(self) -> None:
        self.entries: dict[Pair, Entry] = defaultdict(Entry)

    @property
    def attention(self) -> dict[Pair, Sequence[Problem]]:
        """Why somebody must act, by student and notebook, sorted; some of it may be settled since."""
        return {key: entry.problems for key, entry in sorted(self.entries.items()) if entry.problems}

    def is_recorded(self, key: Pair) -> bool:
        """Whether its problems are of what is in the gradebook, so that points there may settle them."""
        return self.entries[key].failed_at is None

    def forget_problems(self, students: Collection[str]) -> None:
        """Submissions are looked at anew, or gone: what was wrong with them does not hold any more."""
        for (student, _), entry in self.entries.items():
            if student in students:
                entry.problems, entry.failed_at = (), None

    def failed_before(self, moment: float) -> set[str]:
        """The students of whom something is left over because the machine failed, before this moment."""
        return {
            student
            for (student, _), entry in self.entries.items()
            if entry.failed_at is not None and entry.failed_at < moment
        }

    def machine_failed(self, student: str, notebook: str, problems: Sequence[Problem]) -> None:
        """There is no result that could be kept; the next run tries again, and `--watch` after a while."""
        entry = self.entries[student, notebook]
        entry.problems, entry.failed_at = problems, time.monotonic()


class Recording:
    """An assignment with everything that grading it writes to; a context manager, for one thread.

    Raises CourseError when the gradebook lacks the assignment, RecordError when it cannot be reached.
    """

    def __init__(self, tasks: Tasks, log: Log, versions: Mapping[str, str]) -> None:
        self.tasks, self.log, self.versions = tasks, log, versions
        self._prepared: set[str] = set()  # students whose submission has its rows and other files
        self._keys: dict[str, str] = {}  # {student: key of the submission that was prepared last}
        # {student: key of the submission, and which notebooks are in it}, as it was when it was planned
        self._looked_at: dict[str, tuple[str, Sequence[str]]] = {}
        self._waited_in_vain = False  # for a gradebook or a disk that still failed at the last try
        self._of_whole: dict[str, Sequence[Problem]] = {}  # {student: problems with the whole submission}
        self._left_out: dict[str, tuple[Problem, ...]] = {}  # {student: those with files that were left out}
        with ExitStack() as opened:
            self._recorder = opened.enter_context(Recorder(tasks.folder, tasks.assignment.name))
            self.store = opened.enter_context(Store(tasks.folder.store(tasks.assignment.name)))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()

    def plan(self, students: Sequence[str], notebooks: Sequence[str], force: bool) -> Plan:
        """Look at what these students have handed in; what has not changed is entered into the log."""
        self._looked_at.clear()
        submissions = (self._submission(student, notebooks) for student in students)
        done, in_gradebook = self.store.all_done(), self._recorder.recorded()
        slow = self.store.took_long(LAST_TIMES, LAST_S)
        plan = make_plan(submissions, done, in_gradebook, self.expected(), force, slow)
        self._prepared.difference_update(students)
        self._keys = {student: last.key for (student, notebook), last in done.items() if notebook == WHOLE}
        self.log.forget_problems(students)
        for key, problems in plan.unchanged.items():
            entry = self.log.entries[key]
            entry.unchanged, entry.problems = True, problems
        for (student, notebook), last in done.items():
            now, there = self._looked_at.get(student, ("", ()))
            asked_for = not notebooks or notebook in notebooks
            if asked_for and now == self._keys.get(student) and notebook not in (WHOLE, *there):
                self.log.entries[student, notebook].problems = last.problems
        self._look_at_wholes([student for student in students if student not in plan.empty], done)
        return plan

    def _look_at_wholes(self, students: Sequence[str], done: Recorded) -> None:
        """List those of whom files were left out, and those whose time of hand-in a person must give.

        The due date may be a new one.
        """
        decides = self._recorder.time_decides()
        for student in students:
            time_, why = read_time(self.tasks.submissions.folder(student), self.tasks.folder.exchange_zone)
            if time_ is None and why is None and decides:
                unknown = N_("when it was handed in is not known: {file} is missing or empty")
                why = Sentence.of(unknown, file=TIMESTAMP)
            problems = (*((Problem(Kind.TIME, why),) if why else ()), *self._left_out.get(student, ()))
            self._of_whole[student] = self.log.entries[student, NO_NOTEBOOK].problems = problems
            last = done.get((student, WHOLE))
            if last is not None and last.problems != problems:
                self.store.mark_done(student, WHOLE, last.key, problems)

    def _submission(self, student: str, notebooks: Sequence[str]) -> Submission:
        key = self.tasks.submissions.key(student)
        works = self.tasks.found(student)
        self._looked_at[student] = key, [work.notebook for work in works]
        chosen = [work for work in works if not notebooks or work.notebook in notebooks]
        keyed = [(work, self.key(work)) for work in chosen]
        self._left_out[student] = self.tasks.left_out(student)
        return Submission(student, key, keyed, empty=not works)

    def key(self, work: Work) -> str:
        """The key of a notebook's result, as the notebook is now."""
        return content_key(self.tasks.task(work), self.versions)

    def expected(self) -> dict[str, float]:
        return expected_seconds(self.tasks.assignment.release, self.store.seconds())

    def write(self, work: Work, key: str, graded: Graded, *, run: bool, say: Say) -> Sequence[Problem]:
        """Keep a result and write it into the gradebook; returns why somebody must act on it.

        run : whether it was run just now; it is at hand in the store otherwise
        say : told while the gradebook or a disk is waited for
        """
        student, notebook = work.student, work.notebook
        problems: Sequence[Problem] = graded.attention

        def write() -> None:
            nonlocal problems
            if graded.final and run:
                self.store.put(key, graded, student=student, notebook=notebook)
            self._prepare(student, say)
            recorded = self._recorder.record(student, notebook, graded)
            for note in recorded.notes:
                say(f"{student}: {note}")
            if recorded.older:
                problems = [*graded.attention, Problem(Kind.MACHINE, Sentence.of(OLDER))]
            final = graded.final and not recorded.older
            self.store.mark_done(student, notebook, key if final else "", problems, graded.judgement.own)

        entry = self.log.entries[student, notebook]
        entry.isolations.add(graded.isolation)
        entry.stand_ins.update(graded.judgement.stand_ins)
        try:
            self._write(write, say)
        except (RecordError, CourseError) as error:  # such as one student whom the gradebook does not know
            lost = Sentence.of(N_("graded, but not recorded: {error}"), error=str(error))
            unrecorded = [Problem(Kind.MACHINE, lost)]
            self.log.machine_failed(student, notebook, unrecorded)
            return unrecorded
        entry.runs += run
        entry.unchanged = entry.unchanged or not run
        if any(problem.kind is Kind.MACHINE for problem in problems):
            self.log.machine_failed(student, notebook, problems)
        else:
            entry.problems, entry.failed_at = problems, None
        return problems

    def compare_identities(self) -> None:
        """List those whose numbers of one's own are not theirs; all that was recorded is compared.

        Raises RecordError when the gradebook or the store fails.
        """
        last = {of: last for of, last in self.store.all_done().items() if last.own}
        if not last:
            return
        own = {of: before.own for of, before in last.items()}
        found = identity_problems(own, self._recorder.known_as(), self.tasks.identities)
        for of, before in last.items():
            now = [p for p in found.get(of, ()) if self._recorder.wait_for_person(*of, p.cell, True)]
            for cell in {p.cell for p in before.problems if p.kind is Kind.IDENTITY} - {p.cell for p in now}:
                self._recorder.wait_for_person(*of, cell, False)
            problems = (*(p for p in before.problems if p.kind is not Kind.IDENTITY), *now)
            if problems != before.problems:
                self.store.mark_done(*of, before.key, problems, before.own)
            if of in self.log.entries:
                entry = self.log.entries[of]
                entry.problems = [*(p for p in entry.problems if p.kind is not Kind.IDENTITY), *now]

    def write_empty(self, student: str, say: Say) -> None:
        """A submission without any notebook of the assignment: it gets its rows, and a person looks."""
        missing = N_("the file is missing: no notebook of {assignment} was handed in")
        problem = Problem(Kind.FILE, Sentence.of(missing, assignment=self.tasks.assignment.name))

        def write() -> None:
            self._make_rows(student, {}, [problem], say)

        try:
            self._write(write, say)
        except (RecordError, CourseError) as error:
            failed = Sentence.of(N_("not recorded: {error}"), error=str(error))
            self.log.machine_failed(student, NO_NOTEBOOK, [Problem(Kind.MACHINE, failed)])
            return
        self.log.entries[student, NO_NOTEBOOK].problems = [problem]

    def write_failure(self, work: Work, problems: Sequence[Problem]) -> None:
        """There is no result, because the machine failed: it is listed, and tried again next time."""
        with suppress(RecordError):  # it is listed in any case
            if self._recorder.has_points(work.student, work.notebook):
                problems = [*problems, Problem(Kind.MACHINE, Sentence.of(OLDER))]
        self.log.machine_failed(work.student, work.notebook, problems)
        with suppress(RecordError):  # the report then lacks the reason
            self.store.mark_done(work.student, work.notebook, "", problems)

    def _write(self, write: Callable[[], object], say: Say) -> None:
        """Try to record until it works or half a minute has gone; raises the last RecordError.

        After that each is tried once until one works: a full disk would cost half a minute a submission.
        """
        waits = () if self._waited_in_vain else RECORD_WAITS_S
        for wait in (*waits, None):
            try:
                with held():
                    write()
                self._waited_in_vain = False
                return
            except RecordError as error:
                if wait is None:
                    self._waited_in_vain = True
                    raise
                say(f"waiting: {error}")
                time.sleep(wait)

    def _prepare(self, student: str, say: Say) -> None:
        """Once for each submission: its rows and other files."""
        if student in self._prepared:
            return
        works = self.tasks.found(student)
        notebooks = {work.notebook: work.path for work in works}
        rivals = {path for work in works for path in work.rivals}
        self._make_rows(student, notebooks, self._of_whole.get(student, ()), say, rivals)
        self._prepared.add(student)

    def _make_rows(
        self,
        student: str,
        notebooks: Mapping[str, Path],
        problems: Sequence[Problem],
        say: Say,
        rivals: Collection[Path] = (),
    ) -> None:
        """Write what there is of a submission without running it, and list what it lacks.

        notebooks : the file of each notebook that is in it
        problems : with the submission as a whole
        rivals : other versions of these, among which a person chooses
        """
        submissions = self.tasks.submissions
        folder, key = submissions.folder(student), submissions.key(student)
        changed = self._keys.get(student) != key
        notes, given = self._recorder.prepare(student, folder, notebooks, changed, rivals)
        for note in notes:
            say(f"{student}: {note}")
        self.store.forget(student, [WHOLE, *notebooks])
        for notebook, points in given.items():
            lacking = [Problem(Kind.PERSON, self._lacks(folder, points))]
            self.store.mark_done(student, notebook, "", lacking)
            self.log.entries[student, notebook].problems = lacking
        self.store.mark_done(student, WHOLE, key, problems)
        self._keys[student] = key

    def _lacks(self, folder: Path, points: float) -> Sentence:
        """What to say of a notebook that is missing now, and had points from a person."""
        when, _ = read_time(folder, self.tasks.folder.exchange_zone)
        if when is None:
            template = N_(
                "what lies there now lacks this notebook, which had {points:g} points from a person: they "
                "stay until a person has looked"
            )
            return Sentence.of(template, points=points)
        template = N_(
            "the version of {date} lacks this notebook, which had {points:g} points from a person: they "
            "stay until a person has looked"
        )
        return Sentence.of(template, points=points, date=f"{when:%Y-%m-%d %H:%M} UTC")
