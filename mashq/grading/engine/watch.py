"""Looking at the course folder: once for `mashq grade`, again and again for `mashq grade --watch`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from mashq.course.nbgrader import run_nbgrader
from mashq.course.submissions import Stamp
from mashq.errors import CourseError, MashqError
from mashq.grading.engine.plan import Plan
from mashq.grading.engine.recording import Recording, Say
from mashq.grading.signals import stop_if_asked

WATCH_S = 5.0  # between two looks
SETTLED_S = 2.0  # what has not changed for so long is complete, and not still being copied
COLLECTOR = "mashq.nbgrader_plugins.InboundCollect"
AGAIN_S = 120.0  # until `--watch` tries again what the machine failed on


@dataclass(frozen=True)
class Seen:
    """How a submission looked."""

    stamp: Stamp
    since: float  # by the monotonic clock; what clocks say of files may be wrong, or lie in the future
    taken: bool = False  # whether it has been planned


class Watch:
    """What changes in a course folder, from one look to the next.

    open_recording : reads what the instructor has given and opens what grading writes to
    students, notebooks : only these, where some are named

    A context manager; ends what it opened. Raises what `open_recording` raises.
    """

    def __init__(
        self,
        open_recording: Callable[[], Recording],
        students: Sequence[str] = (),
        notebooks: Sequence[str] = (),
        force: bool = False,
    ) -> None:
        self._open, self._students, self._notebooks, self._force = open_recording, students, notebooks, force
        self.recording = open_recording()
        self._seen: dict[str, Seen] = {}
        # what the instructor has given, at the last look
        self._rules: Stamp = self.recording.tasks.assignment.stamp
        self._said: dict[str, str] = {}  # {what failed: how}
        self._refused: set[str] = set()  # what of the exchange was not collected

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.recording.close()

    def require_names(self) -> None:
        """Raises CourseError for a student or a notebook that is not there, with those that are."""
        self.recording.tasks.submissions.students(self._students)
        self.recording.tasks.require_notebooks(self._notebooks)

    def look(self) -> Plan:
        """Look once, at everything as it is."""
        students = self.recording.tasks.submissions.students(self._students)
        return self.recording.plan(students, self._notebooks, self._force)

    def wait(self, say: Say) -> Plan:
        """Look every few seconds until there is something to do.

        say : told what was collected, and once of each thing that fails; that is tried again at the next look
        """
        while True:
            stop_if_asked()
            with self._said_once("collect", say):
                self._collect(say)
            with self._said_once("look", say):
                plan = self._look_again()
                if plan.todo or plan.empty:
                    return plan
            settling = any(not seen.taken for seen in self._seen.values())
            time.sleep(SETTLED_S if settling else WATCH_S)

    def _look_again(self) -> Plan:
        """What is to be done for submissions that changed, and have settled since."""
        if self._rules_have_changed():
            return Plan()
        submissions = self.recording.tasks.submissions
        there = submissions.students()
        students = [student for student in self._students or there if student in there]
        self._forget(self._seen.keys() - set(students))
        now = time.monotonic()
        for student in self.recording.log.failed_before(now - AGAIN_S):
            self._seen.pop(student, None)
        for student in students:
            stamp, seen = submissions.stamp(student), self._seen.get(student)
            if seen is None or seen.stamp != stamp:
                self._seen[student] = Seen(stamp, now)
        ready = [s for s, seen in self._seen.items() if not seen.taken and now - seen.since >= SETTLED_S]
        if not ready:
            return Plan()
        plan = self.recording.plan(ready, self._notebooks, self._force)
        for student in ready:
            self._seen[student] = Seen(self._seen[student].stamp, now, taken=True)
        return plan

    def _rules_have_changed(self) -> bool:
        """Whether what the instructor gives has changed and not settled; once it has, it is read anew."""
        rules = self.recording.tasks.assignment.stamp_now()
        settled, self._rules = rules == self._rules, rules
        if rules == self.recording.tasks.assignment.stamp:
            return False
        if settled:
            recording = self._open()
            self.recording.close()
            self.recording = recording
            self._seen = {}  # the content keys say which results still hold
        return not settled

    def _forget(self, students: set[str]) -> None:
        """These submissions are gone."""
        self.recording.log.forget_problems(students)
        for student in students:
            del self._seen[student]

    def _collect(self, say: Say) -> None:
        """Fetch from nbgrader's exchange, where the course has one.

        Raises CourseError where there is an exchange, and the course has no place in it.
        """
        tasks = self.recording.tasks
        inbound = tasks.inbound()
        if not inbound.is_dir():
            root = inbound.parents[1]
            if root.is_dir() or "root" in tasks.folder.config.Exchange:
                raise CourseError(
                    f"nothing is collected: there is no folder {inbound}; `nbgrader release_assignment "
                    f"{tasks.assignment.name}` makes it, by the settings c.Exchange.root and "
                    "c.CourseDirectory.course_id"
                )
            return
        log_file = tasks.folder.collect_log()
        collect = [tasks.assignment.name, "--update"]
        if "collect" not in tasks.folder.config.ExchangeFactory:  # settings of before
            collect.append(f"--ExchangeFactory.collect={COLLECTOR}")
        log = run_nbgrader(tasks.folder.home, "collect", *collect, log_file=log_file)
        for line in log.splitlines():
            refused = "NOT COLLECTED" in line and line.partition("NOT COLLECTED")[2]
            if "Collecting" in line or "Updating" in line or (refused and refused not in self._refused):
                say(line.strip())
            if refused:
                self._refused.add(refused)

    @contextmanager
    def _said_once(self, what: str, say: Say) -> Iterator[None]:
        """What fails in the block is said, but not again while it fails in the same way.

        Any exception is meant: nbgrader_config.py is a program, and may be half-written just now.
        """
        try:
            yield
        except Exception as error:
            sentence = str(error) if isinstance(error, MashqError) else f"{type(error).__name__}: {error}"
            if self._said.get(what) != sentence:
                for line in f"{sentence} (it is tried again every few seconds)".splitlines():
                    say(line)
            self._said[what] = sentence
        else:
            self._said.pop(what, None)
