"""How each check went, and what its failures said; what needs attention; what makes grades doubtful."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mashq.grading.engine.summary import NEXT_STEPS
from mashq.judge.results import Outcome
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.language import ngettext
from mashq.problems import Kind, Problem, Sentence, by_cause
from mashq.report.gather import ReportData
from mashq.sandbox import Isolation

MOST_MESSAGES = 3  # of one check
LONGEST = 400  # letters of a message
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
NO_RESULT = Sentence.of(N_("the test cell has no score, and the store of results does not say why"))
CAUSES = {
    Kind.FILE: N_("files that cannot be graded as they are"),
    Kind.VERSIONS: N_("several answered versions of one notebook"),
    Kind.DATA: N_("missing data"),
    Kind.CHECK: N_("wrong checks"),
    Kind.PERSON: N_("cells that a person must look at"),
    Kind.IDENTITY: N_("numbers that may be somebody else's"),
    Kind.LEFT_OUT: N_("files that were left out"),
    Kind.TIME: N_("times of hand-in that are not certain"),
    Kind.MACHINE: N_("failures of the machine"),
}


@dataclass(frozen=True)
class CheckCount:
    """How one check went."""

    question: str
    check: str
    title: str
    points: float
    passed: int
    failed: int
    ungraded: int  # the check or the machine failed
    messages: Sequence[tuple[str, int]]  # commonest failures: an example of the sentence, and how many

    @property
    def share(self) -> float | None:
        """Share that passed, of those with a grade."""
        graded = self.passed + self.failed
        return self.passed / graded if graded else None


@dataclass(frozen=True)
class Concern:
    """One reason why notebooks have no complete grade."""

    kind: Kind
    reason: str
    who: Sequence[tuple[str, str]]  # (student, question); the question is empty where none was handed in
    next_step: str


def count_checks(data: ReportData) -> list[CheckCount]:
    """Each check, in the order of the notebooks."""
    found: dict[tuple[str, str, str, float], list[tuple[Outcome, str]]] = defaultdict(list)
    for handed in data.notebooks:
        for result in handed.results:
            key = (handed.question, result.check, result.title, result.points)
            found[key].append((result.outcome, result.message))
    counts = []
    for (question, check, title, points), results in sorted(found.items(), key=lambda item: item[0][0]):
        outcomes = Counter(outcome for outcome, _ in results)
        passed, failed = outcomes[Outcome.PASSED], outcomes[Outcome.FAILED]
        messages = commonest([message for outcome, message in results if outcome is Outcome.FAILED])
        ungraded = len(results) - passed - failed
        counts.append(CheckCount(question, check, title, points, passed, failed, ungraded, messages))
    return counts


def count_stops(data: ReportData) -> list[tuple[str, int, Sequence[tuple[str, int]]]]:
    """(question, notebooks in which cells stopped with an error, the commonest sentences about them)."""
    found: dict[str, list[Sequence[Sentence]]] = defaultdict(list)
    for handed in data.notebooks:
        if handed.stops:
            found[handed.question].append(handed.stops)
    return [
        (question, len(stops), commonest([stop.said() for mine in stops for stop in mine]))
        for question, stops in sorted(found.items())
    ]


def commonest(messages: Sequence[str]) -> list[tuple[str, int]]:
    """The commonest sentences with how often they come; those that differ only in numbers are one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        groups[NUMBER.sub("0", message)].append(message)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_MESSAGES]
    return [(_shortened(Counter(same).most_common(1)[0][0]), len(same)) for _, same in ranked]


def concerns(data: ReportData) -> list[Concern]:
    """What needs attention, by what to do next and then by reason, as `mashq grade` lists it."""
    groups: dict[tuple[Kind, str], list[tuple[str, str]]] = defaultdict(list)
    # as the last run of `mashq grade` listed it
    listed = [(*pair, problem) for pair, found in data.problems.items() for problem in by_cause(found)]
    for student, question, problem in [*listed, *_unexplained(data)]:
        groups[problem.kind, _shortened(problem.said())].append((student, question))
    steps = list(NEXT_STEPS)
    return [
        Concern(kind, reason, who, _(NEXT_STEPS[kind]).format(assignment=data.assignment, **data.places))
        for (kind, reason), who in sorted(
            groups.items(), key=lambda item: (steps.index(item[0][0]), -len(item[1]), item[0][1])
        )
    ]


def _unexplained(data: ReportData) -> Iterator[tuple[str, str, Problem]]:
    """Test cells that wait, of notebooks of which nothing was listed."""
    tests = [cell for cell in data.cells if not cell.by_person]
    for student, questions in data.scores.students.items():
        for cell in tests:
            waits = (student, cell.grade_id) in data.grades and data.grades[student, cell.grade_id] is None
            explained = not {(student, cell.question), (student, "")}.isdisjoint(data.problems)
            if waits and cell.question in questions and not explained:
                yield student, cell.question, Problem(Kind.MACHINE, NO_RESULT, cell.grade_id)


def causes(found: Sequence[Concern]) -> list[tuple[str, int]]:
    """How many notebooks need attention for each cause."""
    notebooks: dict[Kind, set[tuple[str, str]]] = defaultdict(set)
    for concern in found:
        notebooks[concern.kind].update(concern.who)
    return [(_(CAUSES[kind]), len(who)) for kind, who in notebooks.items()]


def doubts(data: ReportData) -> list[str]:
    """What makes the grades of the whole class doubtful, one sentence each."""
    stand_ins: dict[str, Counter[str]] = defaultdict(Counter)
    without_walls: Counter[str] = Counter()
    for handed in data.notebooks:
        for name in handed.stand_ins:
            stand_ins[name][handed.question] += 1
        if handed.isolation == Isolation.NONE:
            without_walls[handed.question] += 1
    found = [
        _(
            "Measured on a STAND-IN for the {name} data, not on the real data: {notebooks}. Do not give out "
            "these grades. Run `mashq data fetch`, then grade again."
        ).format(name=name, notebooks=_by_question(counts))
        for name, counts in sorted(stand_ins.items())
    ]
    if without_walls:
        found.append(
            _(
                "Student code ran WITHOUT WALLS (isolation none): {notebooks}. It could read your files and "
                "use the network. See docs/security.md, then grade again with walls and `--force`."
            ).format(notebooks=_by_question(without_walls))
        )
    known = {handed.student for handed in data.notebooks}
    unknown = len(data.scores.students.keys() - known)
    if unknown:
        found.append(
            _(
                "Of {count} of {total} students the store of results has nothing: they were graded by "
                "another command, or the store was deleted. Their checks are missing below, and whether "
                "they were graded behind walls and on real data is not known. Run `mashq grade {assignment}`."
            ).format(count=unknown, total=len(data.scores.students), assignment=data.assignment)
        )
    return found


def _by_question(counts: Counter[str]) -> str:
    total = counts.total()
    each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return ngettext("{count} notebook ({each})", "{count} notebooks ({each})", total).format(
        count=total, each=each
    )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
