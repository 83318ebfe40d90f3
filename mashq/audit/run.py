"""`mashq audit`: grade an assignment's zoo as if a class had handed it in, and compare."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from mashq.audit import rates, seeds
from mashq.audit.canaries import Canaries
from mashq.audit.cases import KINDS, Case, part_of, read_cases, reference, whole_files
from mashq.audit.compare import Found, Verdict, judge
from mashq.audit.course import AuditCourse
from mashq.audit.rates import Chance
from mashq.course.folder import unknown
from mashq.course.store import Store
from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.engine.summary import NO_NOTEBOOK, Summary
from mashq.grading.engine.tasks import Overrides
from mashq.grading.gradebook.record import NOT_HANDED_IN
from mashq.grading.identities import ANY
from mashq.grading.signals import stoppable
from mashq.problems import Problem
from mashq.temporary.folders import folder_for, remove_leftovers


class QuietConsole(Console):
    """A console that keeps still about the other notebooks, which nobody hands in here."""

    def print(self, *objects: Any, **options: Any) -> None:
        if not any(NOT_HANDED_IN in str(thing) for thing in objects):
            super().print(*objects, **options)


@dataclass(frozen=True)
class AuditOptions:
    """What `mashq audit` was asked for."""

    assignment: str
    course: Path = Path()
    kinds: Collection[str] = KINDS
    notebooks: Sequence[str] = ()  # only these; all, when none is named
    seeds: int = 200  # runs of each `@statistical` check; 0 leaves the rates out
    workers: int | None = None
    force: bool = False  # run also the answers that have not changed since an earlier audit
    part: tuple[int, int] = (1, 1)  # which of how many parts of the answers


@dataclass
class Audit:
    """What came of it."""

    assignment: str
    verdicts: list[Verdict] = field(default_factory=list)
    chances: list[Chance] = field(default_factory=list)
    # {what must hold: what was found instead}
    isolation_held: dict[str, list[str]] = field(default_factory=dict)
    isolation: str = ""
    stand_ins: list[str] = field(default_factory=list)
    workers: int = 1
    at_hand: int = 0  # results of an earlier audit, of answers for which nothing has changed since
    seconds: float = 0.0

    @property
    def misses(self) -> list[tuple[str, str]]:
        """(name of a case or of what should hold, one sentence) of everything that is not as it must be."""
        missed = [(verdict.case.student, miss) for verdict in self.verdicts for miss in verdict.misses]
        missed += [(what, sentence) for what, found in self.isolation_held.items() for sentence in found]
        missed += [(chance.notebook, chance.miss) for chance in self.chances if chance.miss]
        return list(dict.fromkeys(missed))


def audit(options: AuditOptions, console: Console) -> Audit:
    """Build a course of the zoo, grade it with the engine of `mashq grade`, compare.

    Raises CourseError when the assignment has no zoo or does not release, MachineError when this machine
    cannot hold the audit, IsolationError when student code cannot be kept in.
    """
    begun = time.monotonic()
    remove_leftovers()  # of an audit that was killed
    with stoppable(), Canaries() as canaries, folder_for("audit") as place:
        course = AuditCourse(options.course, options.assignment, place)
        for notebook in options.notebooks:
            if notebook not in course.notebooks:
                raise unknown(options.assignment, "notebook", notebook, list(course.notebooks))
        done = _grade(options, course, canaries, console)
        done.chances = _rates(options, course, console)
    done.seconds = time.monotonic() - begun
    return done


def _grade(options: AuditOptions, course: AuditCourse, canaries: Canaries, console: Console) -> Audit:
    cases = read_cases(course.zoo, course.notebooks, options.kinds)
    if options.notebooks:
        cases = [case for case in cases if case.notebook in options.notebooks]
    cases = part_of(cases, *options.part)
    canaries.write(course.root)
    done = Audit(options.assignment)
    for number, (title, group) in enumerate(_groups(cases).items(), start=1):
        _grade_group(done, course, canaries, title, group, number, options, console)
    reached = canaries.connections
    done.isolation_held = {
        "no connection out of the sandbox": [f"it was reached {reached} times"] if reached else [],
        "no process outlives the grading": canaries.survivors(),
    }
    return done


def _groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """What one run of the engine grades: answers together, pairs in their order, files by notebook."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        title = "right and wrong answers, long ones first"
        if case.kind == "hostile":
            title = "attacks, long ones first"
        if case.damage:
            title = f"damaged files of {case.notebook}"
        elif case.paired:
            title = "attacks in pairs, one after the other"
        groups[title].append(case)
    return groups


def _grade_group(
    done: Audit,
    course: AuditCourse,
    canaries: Canaries,
    title: str,
    cases: list[Case],
    number: int,
    asked: AuditOptions,
    console: Console,
) -> None:
    """Hand in and grade cases, compare, and add what came of them to what is done.

    Attacks and damaged files are run in every audit: what they are up against is this machine, too.
    """
    workers = 1 if any(case.paired for case in cases) else asked.workers  # one grades them in their order
    damaged = {case.notebook for case in cases if case.damage}
    cases += whole_files([course.notebooks[name] for name in sorted(damaged)])
    attacked = {case.notebook for case in cases if case.kind in ("hostile", "files")}
    cases += [reference(course.notebooks[name], number) for name in sorted(attacked)]
    cases.sort(key=lambda case: case.student)  # the engine's order: references come behind the attacks
    for case in cases:
        course.hand_in(case, canaries)
    console.print(f"[bold]Grade[/] {len(cases)} submissions: {title}")
    options = Options(
        course.assignment,
        course.root,
        students=sorted({case.student for case in cases}),
        notebooks=sorted({case.notebook for case in cases}),
        workers=workers,
        force=asked.force or bool(attacked),
        overrides=Overrides(allow_stand_in=True, run_all=False, identities=ANY),  # all have the reference's
    )
    summary = grade_assignment(options, QuietConsole(file=console.file))
    done.verdicts += _compare(course, canaries, cases, summary)
    done.isolation = done.isolation or summary.isolation
    done.stand_ins = sorted({*done.stand_ins, *summary.stand_ins})
    done.workers = max(done.workers, summary.workers)
    done.at_hand += len(cases) - summary.graded


def _compare(
    course: AuditCourse, canaries: Canaries, cases: Sequence[Case], summary: Summary
) -> Iterator[Verdict]:
    scores = course.recorded()
    with Store(course.folder.store(course.assignment)) as store:
        results = {(student, notebook): graded for student, notebook, graded in store.results()}
    attention: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for student, notebook, problem in summary.attention:
        attention[student, notebook].append(problem)
    for case in cases:
        key = (case.student, case.notebook)
        found = Found(
            scores.get(key, {}),
            results.get(key),
            attention[key] + attention[case.student, NO_NOTEBOOK],
            course.strange_files(case),
        )
        yield judge(case, course.notebooks[case.notebook], found, canaries.text)


def _rates(options: AuditOptions, course: AuditCourse, console: Console) -> list[Chance]:
    """The false-failure rates; none where only some kinds of answers were asked for."""
    if not options.seeds or set(options.kinds) != set(KINDS):
        return []
    recorded = seeds.read(course.zoo / seeds.NAME)
    console.print(f"[bold]Run[/] the checks that chance has a part in, {options.seeds} times each")
    chances: list[Chance] = []
    for name in options.notebooks or course.notebooks:
        check_file = course.folder.check_file(course.assignment, name)
        if check_file.is_file():
            source = course.folder.source_file(course.assignment, name)
            chances += rates.measure(
                check_file, source, options.seeds, options.workers or os.cpu_count() or 1
            )
            chances += rates.from_record(check_file, name, recorded)
    return chances
