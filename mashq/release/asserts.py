"""A statement of a test cell as lines of a check, where that says the same with certainty.

The values come from the student's notebook, `student.call` and `student.get`; all that they are compared with
is worked out in the check, outside the student's process.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mashq.release.names import Names

LONGEST = 104  # letters of a line, inside of a function
LONGEST_SHOWN = 60  # letters of a call, in what a student reads
RESERVED = {"student", "expect", "pytest", "np", "math", "Student"}  # names of the check file's own
NOT_PASSED_ON = {"name", "timeout", "self"}  # arguments of `Student.call` itself
CONSTANTS = {"numpy": {"pi", "e", "inf", "nan", "float64", "float32", "int64", "int32"}}
MAKERS = {"array", "asarray", "zeros", "ones", "full", "arange", "linspace", "eye", "identity"}
SHORT = {"numpy": "np", "math": "math"}  # as the check file calls them
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
# {function: (name and default of the relative, of the absolute tolerance)}
CLOSE = {
    "math.isclose": (("rel_tol", "1e-09"), ("abs_tol", "0")),
    "numpy.isclose": (("rtol", "1e-05"), ("atol", "1e-08")),
    "numpy.allclose": (("rtol", "1e-05"), ("atol", "1e-08")),
    "numpy.testing.assert_allclose": (("rtol", "1e-07"), ("atol", "0")),
}
SAME = {"numpy.array_equal", "numpy.testing.assert_array_equal"}  # arrays, entry by entry
ABSOLUTE = {"abs", "math.fabs", "numpy.abs", "numpy.absolute"}


@dataclass(frozen=True)
class Asked:
    """A value of the student's: the code that asks for it, and how a sentence calls it."""

    code: str
    shown: str


@dataclass(frozen=True)
class Known:
    """A value that the check works out itself.

    loose : whether it is a number that was worked out, or has one in it, for which `==` is too strict
    numeric : whether it is made of numbers alone
    """

    code: str
    loose: bool = False
    numeric: bool = True


@dataclass
class Cell:
    """A test cell whose statements become lines of a check, one after the other."""

    names: Names
    bound: frozenset[str]  # what the cell itself defines
    known: dict[str, Known] = field(default_factory=dict)
    answers: dict[str, Asked] = field(default_factory=dict)  # variables with a value of the student's

    def translate(self, statement: ast.stmt, hidden: bool) -> list[str] | None:
        """The lines of a check that say the same as a statement; None where that is not certain.

        hidden : whether students do not see it, so that a sentence must not say what a function was given
        """
        lines = self._translate(statement, hidden)
        if lines is None:  # what it does to variables is not known
            for node in ast.walk(statement):
                if isinstance(node, ast.Name):
                    self.known.pop(node.id, None)
                    self.answers.pop(node.id, None)
        return lines

    def _translate(self, statement: ast.stmt, hidden: bool) -> list[str] | None:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                return []
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if self._is_free(name):
                return self._assign(name, value, hidden)
            case ast.Assert(test=test, msg=message):
                said, hint = _said(message, hidden)
                lines = self._test(test, hidden, hint)
                return None if lines is None else said + lines
            case ast.Expr(value=ast.Call(func=func) as call) if self._full_name(func).startswith(
                "numpy.testing."
            ):
                return self._call(call, hidden, [])
        return None

    def _is_free(self, name: str) -> bool:
        return name not in self.names.mentioned and name not in RESERVED

    def _assign(self, name: str, value: ast.expr, hidden: bool) -> list[str] | None:
        known, asked = self._literal(value), self._asked(value, hidden)
        if known is not None:
            self.answers.pop(name, None)
            self.known[name] = Known(name, known.loose, known.numeric)
            return [f"{name} = {known.code}"]
        if asked is not None:
            self.known.pop(name, None)
            self.answers[name] = Asked(name, asked.shown)
            return [f"{name} = {asked.code}"]
        return None

    # -- tests --------------------------------------------------------------------------------------------

    def _test(self, test: ast.expr, hidden: bool, hint: list[str]) -> list[str] | None:
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                each = [self._test(value, hidden, hint) for value in values]
                return None if None in each else [line for lines in each for line in lines or ()]
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                return self._compare(left, right, hidden, partial(_equal_or_close, hint=hint))
            case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None) as right]):
                return self._compare(left, right, hidden, partial(_expect, "equal", options=hint))
            case ast.Compare(
                left=ast.Call(func=func, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)], keywords=[]),
                ops=[ast.Lt() | ast.LtE()],
                comparators=[limit],
            ) if self._full_name(func) in ABSOLUTE:
                within = self._literal(limit)
                if within is None:
                    return None
                return self._compare(left, right, hidden, _close("0", within.code, hint))
            case ast.Call(func=ast.Attribute(attr="all", value=ast.Call() as call), args=[], keywords=[]):
                return self._call(call, hidden, hint)
            case ast.Call(func=func, args=[ast.Call() as call], keywords=[]) if self._full_name(func) in (
                "all",
                "numpy.all",
            ):
                return self._call(call, hidden, hint)
            case ast.Call():
                return self._call(test, hidden, hint)
        return None

    def _call(self, call: ast.Call, hidden: bool, hint: list[str]) -> list[str] | None:
        """A call of a function that compares two values."""
        name, places = self._full_name(call.func), call.args
        options = {keyword.arg: self._literal(keyword.value) for keyword in call.keywords}
        if len(places) < 2 or None in options.values():
            return None
        if name in SAME and len(places) == 2 and not options:
            return self._compare(places[0], places[1], hidden, _close("0", "0", hint))
        if name in CLOSE and set(options) <= {option for option, _ in CLOSE[name]}:
            more = [self._literal(place) for place in places[2:]]
            if None in more or len(more) > 2:
                return None
            given = [known.code for known in more if known is not None]
            for option, default in CLOSE[name][len(given) :]:
                known = options.get(option)
                given.append(default if known is None else known.code)
            return self._compare(places[0], places[1], hidden, _close(given[0], given[1], hint))
        return None

    def _compare(
        self, one: ast.expr, other: ast.expr, hidden: bool, write: Callable[[Asked, Known], list[str]]
    ) -> list[str] | None:
        """Lines about a value of the student's and one that is known, whichever stands first."""
        for theirs, ours in ((one, other), (other, one)):
            asked, known = self._asked(theirs, hidden), self._literal(ours)
            if asked is not None and known is not None:
                return write(asked, known)
        return None

    # -- values -------------------------------------------------------------------------------------------

    def _asked(self, node: ast.expr, hidden: bool) -> Asked | None:
        """A value of the student's: of a variable, or of a function that is called with known values."""
        if isinstance(node, ast.Name):
            if node.id in self.answers:
                return self.answers[node.id]
            return Asked(f"student.get({quoted(node.id)})", node.id) if self._is_theirs(node.id) else None
        if not isinstance(node, ast.Call):
            return None
        function = _dotted(node.func)
        arguments = self._arguments(node)
        if not self._is_theirs(function.partition(".")[0]) or arguments is None:
            return None
        if any(keyword.arg in NOT_PASSED_ON for keyword in node.keywords):
            return None
        shown = ast.unparse(node)
        if arguments and (hidden or len(shown) > LONGEST_SHOWN):
            shown = f"{function}(...)"
        return Asked(f"student.call({', '.join([quoted(function), *arguments])})", shown)

    def _is_theirs(self, name: str) -> bool:
        return name in self.names.own and name not in self.names.imports and name not in self.bound

    def _arguments(self, call: ast.Call) -> list[str] | None:
        """The arguments of a call, as the check writes them; None where one is not known."""
        places = [self._literal(value) for value in call.args]
        named = {keyword.arg: self._literal(keyword.value) for keyword in call.keywords}
        if None in places or None in named or None in named.values():
            return None
        return [
            *(known.code for known in places if known is not None),
            *(f"{name}={known.code}" for name, known in named.items() if known is not None),
        ]

    def _literal(self, node: ast.expr) -> Known | None:
        """A value that needs nothing of the student's and can be handed over; None for every other."""
        match node:
            case ast.Constant(value=bool() | str() | None):
                return Known(_constant(node.value), numeric=False)
            case ast.Constant(value=int() | float()):
                return Known(ast.unparse(node), loose=isinstance(node.value, float))
            case ast.Name(id=name) if name in self.known:
                return self.known[name]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return self._joined("-{}" if isinstance(sign, ast.USub) else "+{}", [operand])
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, OPERATORS):
                mark = ast.unparse(ast.BinOp(ast.Name("a"), op, ast.Name("b")))[1:-1]
                first = "({})" if isinstance(op, ast.Pow) and isinstance(left, ast.UnaryOp) else "{}"
                template = f"({first}{mark}{{}})"
                return self._joined(template, [left, right], loose=isinstance(op, ast.Div))
            case ast.List(elts=items):
                return self._joined(f"[{_places(items)}]", items)
            case ast.Tuple(elts=items):
                return self._joined(f"({_places(items)}{',' * (len(items) == 1)})", items)
            case ast.Set(elts=items):
                return self._joined(f"{{{{{_places(items)}}}}}", items, numeric=False)
            case ast.Dict(keys=keys, values=values):
                pairs = [part for pair in zip(keys, values, strict=True) for part in pair]
                inside = ", ".join("{}: {}" for _ in keys)
                known = [part for part in pairs if part is not None]
                return self._joined(f"{{{{{inside}}}}}", known, numeric=False) if None not in keys else None
            case ast.Attribute() | ast.Call() | ast.Name():
                return self._of_library(node)
        return None

    def _joined(
        self, template: str, nodes: Sequence[ast.expr], loose: bool = False, numeric: bool = True
    ) -> Known | None:
        """A value made of others, which fill the places of a template."""
        parts = [known for node in nodes if (known := self._literal(node)) is not None]
        if len(parts) < len(nodes):
            return None
        return Known(
            template.format(*(part.code for part in parts)),
            loose or any(part.loose for part in parts),
            numeric and all(part.numeric for part in parts),
        )

    def _of_library(self, node: ast.expr) -> Known | None:
        """A constant of NumPy or `math`, an array that is written down, or a function of `math`."""
        module, _, name = self._full_name(node.func if isinstance(node, ast.Call) else node).rpartition(".")
        if module not in SHORT:
            return None
        if not isinstance(node, ast.Call):
            here = CONSTANTS.get(module) or {
                name for name in dir(math) if isinstance(getattr(math, name), float)
            }
            return Known(f"{SHORT[module]}.{name}", loose=True) if name in here else None
        arguments = self._arguments(node)
        callable_there = name in MAKERS if module == "numpy" else callable(getattr(math, name, None))
        if arguments is None or not callable_there:
            return None
        return Known(f"{SHORT[module]}.{name}({', '.join(arguments)})", loose=True)

    def _full_name(self, node: ast.expr) -> str:
        """What a function is called where it is from: `numpy.allclose` for `np.allclose`."""
        first, dot, rest = _dotted(node).partition(".")
        return f"{self.names.imports.get(first, first)}{dot}{rest}"


# -- lines ------------------------------------------------------------------------------------------------


def _equal_or_close(asked: Asked, known: Known, hint: list[str]) -> list[str]:
    return _expect("close" if known.loose and known.numeric else "equal", asked, known, options=hint)


def _close(rtol: str, atol: str, hint: list[str]) -> Callable[[Asked, Known], list[str]]:
    return partial(_expect, "close", options=[f"rtol={rtol}", f"atol={atol}", *hint])


def _expect(how: str, asked: Asked, known: Known, options: Sequence[str] = ()) -> list[str]:
    """A call of `expect`, on one line where it fits."""
    parts = [asked.code, _without_brackets(known.code), quoted(asked.shown), *options]
    line = f"expect.{how}({', '.join(parts)})"
    return [line] if len(line) <= LONGEST else [f"expect.{how}(", *(f"    {part}," for part in parts), ")"]


def _said(message: ast.expr | None, hidden: bool) -> tuple[list[str], list[str]]:
    """What an assertion says when it fails: as a comment, or as `hint` where students see it."""
    if message is None:
        return [], []
    if not hidden and isinstance(message, ast.Constant) and isinstance(message.value, str):
        return [], [f"hint={quoted(message.value)}"]
    text = " ".join(ast.unparse(message).split())
    return [f"# it said {text}; give that as hint= if it does not tell the answer"], []


def _without_brackets(code: str) -> str:
    """A sum or product without the brackets that it needs inside of another."""
    try:
        tree = ast.parse(code[1:-1], mode="eval").body
    except SyntaxError:
        return code
    return code[1:-1] if code.startswith("(") and isinstance(tree, ast.BinOp) else code


def quoted(text: str) -> str:
    """A text as Python writes it, between double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _constant(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else repr(value)


def _places(items: Sequence[ast.expr]) -> str:
    return ", ".join("{}" for _ in items)


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty for what is no name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr) if _dotted(value):
            return f"{_dotted(value)}.{attr}"
    return ""
