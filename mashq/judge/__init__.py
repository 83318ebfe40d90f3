"""The judge: hidden checks in pytest, held against a student's running notebook from outside it.

Data flows `notebook → session (cells run in a kernel) → student (questions and plain answers) → check →
results`. What a check needs is re-exported here, and imported when it is asked for: commands that grade
nothing need neither pytest nor NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import mashq.quick_imports  # noqa: F401  # before nbformat

if TYPE_CHECKING:
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
_HOME = {
    "CheckResult": "results",
    "Judgement": "results",
    "Outcome": "results",
    "OwnNumbers": "results",
    "Student": "student",
    "Tensor": "wire",
    "builds_on": "pieces",
    "statistical": "stochastic",
    "threshold": "stochastic",
}


def __getattr__(name: str) -> Any:
    """One of the names above."""
    if name == "expect":
        return import_module("mashq.judge.expect")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
