"""The judge: hidden checks in pytest, held against a student's running notebook from outside it.

Data flows `notebook → session (cells run in a kernel) → student (questions and plain answers) → check →
results`. What a check needs is re-exported here.
"""

import mashq.quick_imports  # noqa: F401  # before nbformat
from mashq.judge import expect
from mashq.judge.pieces import builds_on
from mashq.judge.results import CheckResult, Judgement, Outcome, OwnNumbers
from mashq.judge.stochastic import statistical, threshold
from mashq.judge.student import Student
from mashq.judge.wire import Tensor

__all__ = [
    "CheckResult",
    "Judgement",
    "Outcome",
    "OwnNumbers",
    "Student",
    "Tensor",
    "builds_on",
    "expect",
    "statistical",
    "threshold",
]
