"""A mistake in one exercise is paid for once: a later check may bring right functions of the earlier one."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mashq.errors import StudentError
from mashq.judge import Student, builds_on
from mashq.judge.agent import answer
from mashq.judge.session.causes import Causes
from tests.support.cells import notebook_of

pytestmark = pytest.mark.quick

RIGHT = "import math\n\ndef double(x):\n    return 2 * x\n"


class Notebook(Student):
    """A student's notebook in this process, answered for by the judge's own agent."""

    def __init__(self, code: str) -> None:
        self.names: dict[str, Any] = {}
        vars(self)["_session"] = SimpleNamespace(remembered={}, causes=Causes(notebook_of()))
        exec(code, self.names)

    def _ask(self, request: dict[str, Any], what: str, timeout: float | None) -> Any:
        if self._given:
            request["given"] = self._given
        try:
            return answer(self.names, request)
        except Exception as error:
            raise StudentError(f"{what} raised {type(error).__name__}") from None


def four_times(student: Student, rng: np.random.Generator) -> None:
    """The second exercise: four times x."""
    x = float(rng.uniform(1, 2))
    got = student.call("quadruple", x)
    if got != 4 * x:
        raise StudentError(f"quadruple({x}) is {got}")


CHECK = builds_on(RIGHT)(four_times)
BUILT = "def quadruple(x):\n    return double(double(x))\n"
WRONG_FIRST = "def double(x):\n    return 3 * x\n"


@pytest.mark.parametrize("first", [RIGHT, WRONG_FIRST, "", "def double(x):\n    raise NotImplementedError\n"])
def test_a_right_exercise_on_top_of_a_wrong_one_loses_nothing(first: str) -> None:
    """Whether the earlier function is right, wrong, missing or not written."""
    CHECK(student=Notebook(first + BUILT), rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    "second",
    ["def quadruple(x):\n    return double(x)\n", "def quadruple(x):\n    return 3 * (3 * x)\n", ""],
)
def test_a_wrong_exercise_fails_whatever_it_is_given(second: str) -> None:
    """A mistake of its own, one that is written out in place of a call, and no answer."""
    with pytest.raises(StudentError):
        CHECK(student=Notebook(WRONG_FIRST + second), rng=np.random.default_rng(0))


def test_the_sentence_is_about_the_exercise_that_is_checked() -> None:
    """With 3 in place of 2 in the earlier one, the student would read of a 9 that is not the point."""
    notebook = Notebook(WRONG_FIRST + "def quadruple(x):\n    return double(double(x)) + 1\n")
    with pytest.raises(StudentError) as caught:
        builds_on(RIGHT)(lambda student: fail(student.call("quadruple", 1)))(student=notebook)
    assert str(caught.value) == "5"


def fail(value: object) -> None:
    raise StudentError(str(value))


def test_both_runs_get_the_same_random_numbers() -> None:
    """A second run with others would be a second chance to be right by luck."""
    drawn = []

    @builds_on(RIGHT)
    def check(student: Student, rng: np.random.Generator) -> None:
        drawn.append(rng.uniform())
        raise StudentError("no")

    with pytest.raises(StudentError):
        check(student=Notebook(""), rng=np.random.default_rng(0))
    assert len(drawn) == 2
    assert drawn[0] == drawn[1]


def test_what_is_remembered_belongs_to_the_functions_that_made_it() -> None:
    """Else the second run of a check would read what the first one found."""
    notebook = Notebook(WRONG_FIRST)
    for helped, value in ((notebook, 3), (notebook.given(RIGHT), 2), (notebook, 3)):
        assert helped.remember("double", partial(helped.call, "double", 1)) == value


def test_the_notebook_has_its_own_functions_back() -> None:
    """Also after a call that raised, and a name that it never had is gone again."""
    notebook = Notebook("def double(x):\n    return 3 * x\n")
    helped = notebook.given(RIGHT + "def half(x):\n    return 1 / x\n")
    assert helped.call("double", 1) == 2
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        helped.call("half", 0)
    assert notebook.call("double", 1) == 3
    assert "half" not in notebook.names
    assert "math" not in notebook.names
