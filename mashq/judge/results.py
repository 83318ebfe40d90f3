"""What the judge found: one `CheckResult` a check, one `Judgement` a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import KernelUsage


class Outcome(StrEnum):
    """Three outcomes stay apart everywhere; only the first two are grades."""

    PASSED = "passed"
    FAILED = "failed"  # the student's code failed the check
    CHECK_ERROR = "check error"  # our check failed
    MACHINE_ERROR = "machine error"  # the machine failed


GRADES = (Outcome.PASSED, Outcome.FAILED)


@dataclass(frozen=True)
class CheckResult:
    """One hidden check of one submission."""

    check: str  # name of the check's function
    grade_id: str  # the test cell it belongs to
    points: float
    outcome: Outcome
    title: str = ""  # what a right answer does, from the check's docstring
    message: str = ""  # one sentence: for the student when it failed, for the instructor on an error
    seconds: float = 0.0
    false_failure: float | None = None  # P(a right solution fails), where chance is involved
    measured: float | None = None  # the value that a check with chance measured


@dataclass(frozen=True)
class OwnNumbers:
    """Numbers of one's own in one exercise: whose they are, what was answered, what would have been right.

    The judge does not know who handed a notebook in; whoever grades compares. Nothing of it is for students.
    """

    cell: str  # the test cell
    identity: str  # as the student typed it, normalised
    given: dict[str, float]  # {name: the student's number}, those that are numbers
    right: dict[str, float]  # {name: the number that follows from the identity}
    sheets: dict[str, str] = field(default_factory=dict)  # {grade_id: Markdown for graders, shown behind it}


@dataclass
class Judgement:
    """All that the judge found out about one notebook."""

    results: list[CheckResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # kernels that died, checks that could not run
    stops: list[Sentence] = field(default_factory=list)  # cells that did not run to their end
    costly: int = 0  # so many of them, the first, cost points
    has_checks: bool = True  # False: no hidden checks; the notebook's own test cells decide, as in nbgrader
    stand_ins: list[str] = field(default_factory=list)  # datasets that were stand-ins for the real ones
    own: list[OwnNumbers] = field(default_factory=list)  # of exercises with numbers of one's own
    notices: list[str] = field(default_factory=list)  # what a reader of the result must know, a sentence each
    seconds: float = 0.0  # wall time of the notebook's cells
    usage: KernelUsage = field(default_factory=KernelUsage)  # of the student's code, checks' calls included

    @property
    def stopped(self) -> bool:
        """Whether something that is not the student's fault kept the notebook from being judged."""
        return any(problem.needs_attention for problem in self.problems)

    def of(self, grade_id: str) -> list[CheckResult]:
        return [result for result in self.results if result.grade_id == grade_id]

    def score(self, grade_id: str) -> float | None:
        """Points of the passed checks of a test cell; None when a check or the machine failed.

        A cell without any check has no score either: a point needs a positive, recorded pass. Where the
        machine failed, the cells that were judged before keep their scores; the notebook is tried again.
        """
        results = self.of(grade_id)
        unsure = any(
            problem.needs_attention
            and problem.kind not in (Kind.MACHINE, Kind.IDENTITY)
            and problem.cell in ("", grade_id)
            for problem in self.problems
        )
        if unsure or not results or any(result.outcome not in GRADES for result in results):
            return None
        return round(sum(result.points for result in results if result.outcome is Outcome.PASSED), 6)
