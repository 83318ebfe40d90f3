"""A mistake is paid for once: later checks run again with right pieces in place of the student's own."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from mashq.judge.student import Student

T = TypeVar("T")


def builds_on(code: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A check that fails with the student's own functions runs again with those that `code` defines.

    code : Python text that defines functions of *earlier* exercises, with all that they need. It is run in
        the student's process, so it may hold nothing that the student is still to be asked for.

    The check passes when either run does; both get the same random numbers. When both fail, the student reads
    the sentence of the second: its cause lies in the exercise that is checked. Code that does not call the
    functions by their names is judged alone in both runs. The check's argument `student` is the notebook, as
    everywhere.
    """

    def decorate(check: Callable[..., T]) -> Callable[..., T]:
        @functools.wraps(check)
        def run(*args: Any, student: Student, **kwargs: Any) -> T:
            again = copy.deepcopy(kwargs)  # with `rng` as it is now
            try:
                return check(*args, student=student, **kwargs)
            except AssertionError:
                return check(*args, student=student.given(code), **again)

        return run

    return decorate
