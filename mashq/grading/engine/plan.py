"""The plan of a run: what must be run or recorded, what has not changed, who handed in nothing.

A pure function of what is handed in and of what was recorded before; it reads no file and no gradebook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mashq.course.store import Last
from mashq.grading.intake.find import Work
from mashq.problems import Problem

WHOLE = ""  # in the place of a notebook's name: what is recorded once for each submission
GUESS_S = {b"tensorflow": 30.0, b"torch": 20.0}  # by what a release imports, until a notebook was measured
OTHERWISE_S = 5.0
LAST_TIMES, LAST_S = 5, 60.0  # what took that many times as long as others, and that long, is graded last

Recorded = Mapping[tuple[str, str], Last]  # by student and notebook, see `Store.all_done`
NEVER = Last("", ())


@dataclass(frozen=True)
class Submission:
    """What one student has handed in, as it was when it was looked at."""

    student: str
    key: str  # of what is recorded without a run, see `Submissions.key`
    notebooks: Sequence[tuple[Work, str]] = ()  # those that were asked for, each with its content key
    empty: bool = False  # no notebook of the assignment is in it, neither one that was asked for nor another


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    todo: list[Work] = field(default_factory=list)  # to be run, or recorded from a stored result
    unchanged: dict[tuple[str, str], Sequence[Problem]] = field(default_factory=dict)  # recorded as it is
    empty: list[str] = field(default_factory=list)  # students


def make_plan(
    submissions: Iterable[Submission],
    done: Recorded,
    in_gradebook: Collection[tuple[str, str]],
    expected: Mapping[str, float],
    force: bool = False,
    slow: Collection[tuple[str, str]] = (),
) -> Plan:
    """Plan a run.

    submissions : may be made while they are read, so that they are in memory one after the other
    done : what was recorded last, by the store
    in_gradebook : which (student, notebook) the gradebook and `autograded/` hold
    expected : seconds that a notebook takes, by name; those that take longest are begun first
    force : do again what has not changed, too
    slow : which (student, notebook) took unusually long before; they are begun last, so that a submission
        that sleeps through its whole allowance keeps nobody waiting
    """
    plan = Plan()
    for submission in submissions:
        student = submission.student
        if submission.empty:
            plan.empty.append(student)
        same_files = done.get((student, WHOLE), NEVER).key == submission.key
        for work, key in submission.notebooks:
            known = done.get((student, work.notebook), NEVER)
            same = same_files and known.key == key and (student, work.notebook) in in_gradebook
            if same and not force:
                plan.unchanged[student, work.notebook] = known.problems
            else:
                plan.todo.append(work)
    plan.todo.sort(
        key=lambda work: ((work.student, work.notebook) in slow, -expected[work.notebook], work.notebook)
    )
    return plan


def expected_seconds(release: Mapping[str, bytes], measured: Mapping[str, float]) -> dict[str, float]:
    """Seconds that each notebook of a release takes: measured, or else guessed by what it imports."""
    guesses = {
        name: next((s for word, s in GUESS_S.items() if b"import " + word in text), OTHERWISE_S)
        for name, text in release.items()
    }
    return guesses | {name: seconds for name, seconds in measured.items() if name in guesses}
