"""What grading one notebook of one submission gave: plain data, as it travels and as it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mashq.judge.results import CheckResult, Judgement, Outcome
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence

# What the outcome of a check that is no grade means: who has to act, and the sentence about it.
NO_GRADE = {
    Outcome.CHECK_ERROR: (Kind.CHECK, N_("check error in {check}: {message}")),
    Outcome.MACHINE_ERROR: (Kind.MACHINE, N_("machine error in {check}: {message}")),
}

# In the metadata of a graded notebook that is kept although it is not in what was handed in last: of the
# cells for which a person gave points, whether they waited for another look before, {grade_id: bool}.
MISSING = "missing"


@dataclass(frozen=True)
class Usage:
    """What grading one notebook took, beside what its kernels used (`Judgement.usage`)."""

    seconds: float = 0.0  # wall time of the whole task
    worker: str = ""  # host and process that did it


@dataclass(frozen=True)
class Graded:
    """What grading one notebook gave."""

    notebook: bytes  # the graded notebook, as it goes into autograded/
    judgement: Judgement
    problems: tuple[Problem, ...] = ()  # of the file, as it was handed in; the judge's are in `judgement`
    notes: tuple[Sentence, ...] = ()  # what was put right in the file
    isolation: str = ""  # the walls that it ran behind
    usage: Usage = field(default_factory=Usage)

    @property
    def attention(self) -> list[Problem]:
        """Why this is not a complete grade; empty when only people's grading is left."""
        return attention([*self.problems, *self.judgement.problems], self.judgement.results)

    @property
    def unreadable(self) -> bool:
        """Whether the released notebook stands in place of a file that could not be read."""
        return any(problem.kind is Kind.FILE for problem in self.problems)

    @property
    def machine_failed(self) -> bool:
        """Whether another try may give another result."""
        return any(problem.kind is Kind.MACHINE for problem in self.attention)

    @property
    def failed_here(self) -> bool:
        """Whether this machine is why there are no points: it failed, or does not have the data."""
        return any(problem.kind in (Kind.MACHINE, Kind.DATA) for problem in self.attention)

    @property
    def final(self) -> bool:
        """Whether it stays until something changes; not where a check is wrong or the machine failed."""
        return not any(problem.kind in (Kind.CHECK, Kind.MACHINE) for problem in self.attention)


def attention(problems: Iterable[Problem], results: Iterable[CheckResult]) -> list[Problem]:
    """What somebody must act on before a grade is right, each problem once.

    A student's wrong code is nothing of that kind; an unreadable file and a wrong check are.
    """
    of_checks = [problem for result in results if (problem := _problem_of(result)) is not None]
    return [problem for problem in dict.fromkeys([*problems, *of_checks]) if problem.needs_attention]


def _problem_of(result: CheckResult) -> Problem | None:
    """Why a check gave no grade; None when it gave one."""
    if result.outcome not in NO_GRADE:
        return None
    kind, template = NO_GRADE[result.outcome]
    sentence = Sentence.of(template, check=result.check, message=result.message)
    return Problem(kind, sentence, result.grade_id)


def problems_in(notebook: Any) -> list[Problem]:
    """What was wrong with the file that a notebook was handed in as, from the notebook's own metadata.

    notebook : as `mashq.grading.intake.receive` gives it, or graded
    """
    record = notebook.metadata.get("mashq", {})
    if "problems" in record:
        return [Problem.from_json(problem) for problem in record["problems"]]
    # version 0.1 wrote sentences: the reason, in the language of the release where that is not English
    reason = record.get("reason") or record.get("unreadable")
    unreadable = (
        [Problem(Kind.FILE, Sentence.of(N_("the file {reason}"), reason=str(reason)))] if reason else []
    )
    cells = record.get("attention", {}).items()
    return unreadable + [Problem(Kind.PERSON, Sentence.plain(why), cell) for cell, why in cells]
