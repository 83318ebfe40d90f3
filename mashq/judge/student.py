"""`Student`: what a hidden check holds in its hands, a proxy to the student's running notebook."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from mashq.errors import NoAnswerError, StudentError
from mashq.judge import wire
from mashq.judge.results import OwnNumbers
from mashq.judge.session import NotebookSession, stops
from mashq.language import gettext as _
from mashq.language import visible
from mashq.own_numbers import IdentityError, normalised

T = TypeVar("T")


class Student:
    """The student's notebook, stopped just after the test cell that is being graded.

    Inputs and results are plain data: numbers, text, None, lists, tuples, sets, dicts and NumPy arrays
    (`wire.Tensor(array)` arrives as a PyTorch tensor; tensors of PyTorch and TensorFlow come back as
    arrays). Everything is copied; nothing that the student's code does reaches the check but this data.

    Every method raises StudentError, a sentence for the student, when the notebook does not define a name,
    when its code raises, does not finish within `timeout` seconds or ends the kernel.
    """

    _given = ""  # code of functions that stand for the notebook's own

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def given(self, code: str) -> Student:
        """The same notebook, in which the functions that `code` defines stand for those of the same names.

        For a check of one exercise that shall not suffer from a mistake in another, see `builds_on`. The
        student's process sees `code`: define there what an earlier exercise asked for, and nothing else.
        """
        other = copy.copy(self)
        other._given = code
        self._session.causes.forget_suspicion()
        return other

    def call(self, name: str, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Call a function of the notebook, by its (dotted) name, and return its result."""
        request = {"do": "call", "name": name, "args": args, "kwargs": kwargs}
        return self._ask(request, f"{name}()", timeout)

    def each(self, name: str, cases: Iterable[Sequence[Any]], timeout: float | None = None) -> list[Any]:
        """Call a function once for each tuple of arguments; the results, in order.

        One question instead of many, for functions that take less time than a question. `timeout` and errors
        are those of `call`, for all the calls together.
        """
        cases = [tuple(case) for case in cases]
        results = self._ask({"do": "each", "name": name, "cases": cases}, f"{name}()", timeout)
        if not isinstance(results, list) or len(results) != len(cases):
            raise StudentError(_("{what} gave a result that the judge cannot read").format(what=f"{name}()"))
        return results

    def get(self, name: str, timeout: float | None = None) -> Any:
        """The value of a variable of the notebook."""
        return self._ask({"do": "get", "name": name}, name, timeout)

    def identity(self, name: str = "identity") -> str:
        """The identity that the student typed into a variable, as `mashq.own_numbers.normalised` has it.

        Raises StudentError where there is none.
        """
        try:
            return normalised(self.get(name))
        except IdentityError as none:
            raise StudentError(
                _("{why}; without it nobody knows which numbers are yours").format(why=none)
            ) from None

    def keep(self, own: OwnNumbers) -> None:
        """Tell the grader whose numbers a test cell is about; see `OwnNumbers`."""
        self._session.own[own.cell] = own

    def eval(self, code: str, timeout: float | None = None, **inputs: Any) -> Any:
        """Run statements in a copy of the notebook's namespace and return the value of the last expression.

        Names of Python's own, such as `sum`, are Python's there, whatever the notebook calls so.
        For driving objects that cannot cross, such as models. The student's process sees `code` and
        `inputs`: put no expected value and no label in them.
        """
        what = _("your code, driven by a check,")
        return self._ask({"do": "eval", "code": code, "inputs": inputs}, what, timeout)

    def remember(self, name: str, make: Callable[[], T]) -> T:
        """What `make()` gave the first time; for work that several checks of a cell look at.

        An error is not remembered: every check that asks fails with it. What the notebook gives with other
        functions (`given`) is remembered apart.
        """
        remembered, name = self._session.remembered, f"{self._given}{name}"
        if name not in remembered:
            remembered[name] = make()
        value: T = remembered[name]
        return value

    def _ask(self, request: dict[str, Any], what: str, timeout: float | None) -> Any:
        if self._given:
            request["given"] = self._given
        reply = self._session.ask(request, what, timeout)
        if "value" in reply:
            return reply["value"]
        raise _failure(reply, what, self._session)


def _failure(reply: dict[str, Any], what: str, session: NotebookSession) -> StudentError:
    """A failed reply of the agent as an error with a sentence for the student."""
    if "missing" in reply:
        return _undefined(_line(reply["missing"]), session)
    error = reply.get("error")
    if not isinstance(error, dict):
        if "unreadable" in reply:
            template = _("{what} gave a result that the judge cannot read: {why}")
            why = _line(reply["unreadable"])
            known = why in (wire.TOO_DEEP, wire.TOO_LONG, wire.TOO_LARGE)
            return StudentError(template.format(what=what, why=_(why) if known else why))
        return StudentError(_("{what} gave a result that the judge cannot read").format(what=what))
    kind, message, line, function = (
        _line(error.get(key, "")) for key in ("type", "message", "line", "function")
    )
    if kind == "NotImplementedError":
        left = next((left for left in stops.left_above(session.notebook) if left.name == function), None)
        unwritten = _("{what} is not written yet (NotImplementedError)").format(what=what)
        return NoAnswerError(unwritten if left is None else left.sentence().said())
    error_said = f"{kind}: {message}" if message else kind
    missing = stops.undefined(error_said)
    if missing and session.cause_of(missing):
        return _undefined(missing, session)
    if line:
        said = _('{what} raised {error}, in the line "{line}"').format(what=what, error=error_said, line=line)
    else:
        said = _("{what} raised {error}").format(what=what, error=error_said)
    hint = stops.hint(error_said, line)
    return StudentError(f"{said}; {hint.said()}" if hint else said)


def _undefined(name: str, session: NotebookSession) -> NoAnswerError:
    """The error about a name that the notebook does not define, with the cause where that is known."""
    cause = session.cause_of(name)
    if cause is None:
        return NoAnswerError(_("{name} is not defined in the notebook when this cell runs").format(name=name))
    because = _("{cause}, so that {name} is not defined")
    return NoAnswerError(because.format(name=name, cause=cause.said()))


def _line(said: Any) -> str:
    """What the kernel said, on one line that is not too long to read."""
    return " ".join(visible(str(said)).split())[:500]


def unanswered(reason: str) -> Student:
    """A student whose every answer is the sentence `reason`; for a notebook that was not handed in."""

    class Absent(Student):
        def __init__(self) -> None:
            pass

        def given(self, _code: str) -> Student:
            return self

        def _ask(self, *_: Any) -> Any:
            raise NoAnswerError(reason)

    return Absent()
