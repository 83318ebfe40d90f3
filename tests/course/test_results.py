"""What a result says about itself: whether it is final, and who must act."""

from __future__ import annotations

import nbformat
import pytest

from mashq.course.results import Graded, problems_in
from mashq.judge import CheckResult, Judgement, Outcome
from mashq.language import speaking
from mashq.problems import Kind, Problem, Sentence

PASSED = CheckResult("test_a", "test_area", 1, Outcome.PASSED)


def problem(kind: Kind) -> Problem:
    return Problem(kind, Sentence.plain("so it is"))


@pytest.mark.parametrize(
    ("kind", "listed", "again", "final"),
    [
        (Kind.STUDENT, False, False, True),
        (Kind.PERSON, True, False, True),
        (Kind.FILE, True, False, True),
        (Kind.DATA, True, False, True),
        (Kind.CHECK, True, False, False),
        (Kind.MACHINE, True, True, False),
    ],
)
def test_the_kind_decides_what_becomes_of_a_result(
    kind: Kind, listed: bool, again: bool, final: bool
) -> None:
    """Also of a failure behind the last check, when all checks have passed; wherever it was noticed."""
    for graded in (
        Graded(b"", Judgement([PASSED], problems=[problem(kind)])),
        Graded(b"", Judgement([PASSED]), problems=(problem(kind),)),
    ):
        assert (graded.attention == [problem(kind)]) == listed
        assert (graded.machine_failed, graded.final) == (again, final)


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Outcome.CHECK_ERROR, Kind.CHECK), (Outcome.MACHINE_ERROR, Kind.MACHINE)]
)
def test_a_check_without_a_grade_is_a_problem_of_its_cell(outcome: Outcome, kind: Kind) -> None:
    """Once, with the name of the check and what it said."""
    failed = CheckResult("test_b", "test_area", 1, outcome, message="NameError: clos")
    (found,) = Graded(b"", Judgement([PASSED, failed, failed])).attention
    assert (found.kind, found.cell) == (kind, "test_area")
    assert str(found) == f"test_area: {outcome} in test_b: NameError: clos"


def test_a_notebook_that_version_0_1_graded_is_read() -> None:
    """Its metadata holds sentences; the reason is in the language of the release."""
    notebook = nbformat.v4.new_notebook()
    assert problems_in(notebook) == []
    notebook.metadata["mashq"] = {
        "notes": ["a note"],
        "unreadable": "is cut off",
        "reason": "ناقص است",
        "language": "fa",
        "attention": {"why": "the answer cell why was missing"},
    }
    unreadable, missing = problems_in(notebook)
    assert (unreadable.kind, missing.kind, missing.cell) == (Kind.FILE, Kind.PERSON, "why")
    with speaking("fa"):
        assert "ناقص است" in unreadable.said()
    notebook.metadata["mashq"] = {"notes": [], "unreadable": "", "attention": {}}
    assert problems_in(notebook) == []
