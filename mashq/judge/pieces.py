"""A mistake is paid for once: later checks run again with right pieces in place of the student's own."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from mashq.judge.student import Student

Check = Callable[..., None]


def builds_on(code: str) -> Callable[[Check], Check]:
    """A check that fails with the student's own functions runs again with those that `code` defines.

    code : Python text that defines functions of *earlier* exercises, with all that they need. It is run in
        the student's process, so it may hold nothing that the student is still to be asked for.

    The check passes when either run does; both get the same random numbers. When both fail, the student reads
    the sentence of the second: its cause lies in the exercise that is checked. Code that does not call the
    functions by their names is judged alone in both runs. The check's argument `student` is the notebook, as
    everywhere.
    """

    def decorate(check: Check) -> Check:
        @functools.wraps(check)
        def run(*args: Any, student: Student, **kwargs: Any) -> None:
            again = copy.deepcopy(kwargs)  # with `rng` as it is now
            try:
                check(*args, student=student, **kwargs)
            except AssertionError:
                check(*args, student=student.given(code), **again)

        return run

    return decorate
