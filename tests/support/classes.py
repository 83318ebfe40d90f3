"""A class made up for the report's tests, without a course folder."""

from __future__ import annotations

from mashq.course.gradebook.scores import QuestionScore, Scores
from mashq.judge import CheckResult, Outcome
from mashq.problems import Kind, Problem, Sentence
from mashq.report.gather import Cell, ReportData
from mashq.report.results import Answer, GradedNotebook
from mashq.report.thresholds import Threshold

CODE = """
def area(a, b):
    total = 0
    for row in range(int(a)):
        for column in range(int(b)):
            total = total + 1 if row >= 0 else total - column
    while total > a * b and not (a < 0 or b < 0):
        total -= abs(a - b) // 2
        print("still too large", total, sorted([a, b, total]))
    parts = [max(total, part) for part in (a, b) if part % 2 == 0]
    return min(parts + [a * b]) if parts else a * b
"""
SCRIPT = "<script>document.title = 'taken over'</script>"


def handed(
    student: str, passed: str, code: str = "", message: str = "wrong value", **more: object
) -> GradedNotebook:
    """A notebook `areas`; `passed` has + or - for each check."""
    results = tuple(
        CheckResult(
            f"test_{number}",
            "test_area",
            1,
            Outcome.PASSED if sign == "+" else Outcome.FAILED,
            f"Check {number}.",
            "" if sign == "+" else message,
            measured=0.9 if sign == "+" else 0.4,
        )
        for number, sign in enumerate(passed)
    )
    answers = (Answer("area", True, code),) if code else ()
    values = {"isolation": "full", "seconds": 2.0, "peak_mb": 300.0} | more
    return GradedNotebook(student, "areas", results, answers=answers, **values)  # type: ignore[arg-type]


def unreadable(reason: str) -> Problem:
    """What is listed for a file that cannot be read."""
    return Problem(Kind.FILE, Sentence.of("the file {reason}", reason=Sentence.of(reason)))


def class_of(
    *notebooks: GradedNotebook,
    names: dict[str, list[str]] | None = None,
    problems: dict[str, list[Problem]] | None = None,
) -> ReportData:
    """Those who handed in; the gradebook has the points of their checks.

    problems : what was listed, by student
    """
    points = {
        one.student: float(sum(r.points for r in one.results if r.outcome is Outcome.PASSED))
        for one in notebooks
    }
    of = max((len(one.results) for one in notebooks), default=0)
    students = {
        student: {"areas": QuestionScore(earned, of, False)} for student, earned in sorted(points.items())
    }
    return ReportData(
        scores=Scores("ps1", ["areas"], students),
        cells=[Cell("areas", "test_area", of, by_person=False)],
        grades={(student, "test_area"): earned for student, earned in points.items()},
        notebooks=sorted(notebooks, key=lambda one: one.student),
        places={
            "submission": "submitted/STUDENT/ps1/NOTEBOOK.ipynb",
            "check_file": "tests/ps1/test_NOTEBOOK.py",
        },
        thresholds={"areas": {"test_0": Threshold("accuracy of the model", 0.85, 0.9, 0.01, 40)}},
        names=names or {},
        problems={(student, "areas"): found for student, found in (problems or {}).items()},
    )
