"""The bars that models must reach, read from the text of the hidden checks without running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARGUMENTS = ("name", "at_least", "mean", "sd", "runs")  # of `mashq.judge.bar`


@dataclass(frozen=True)
class Bar:
    """A figure that must reach a bar, and what right solutions reached."""

    name: str  # what the figure is
    at_least: float
    mean: float
    sd: float
    runs: int  # right solutions that were measured


def read_bars(text: str) -> dict[str, Bar]:
    """{name of a check: its bar} of the checks that have `@bar(...)` with plain numbers in it.

    Names may be f-strings of constants at the top of the file. A file that is no Python has no bars.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return {}
    constants = {
        target.id: node.value.value
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            for call in node.decorator_list:
                bar = _bar(call, constants)
                if bar is not None:
                    found[node.name] = bar
    return found


def _bar(call: ast.expr, constants: Mapping[str, Any]) -> Bar | None:
    if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != "bar":
        return None
    given = dict(zip(ARGUMENTS, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
    values = {name: _value(given[name], constants) for name in ARGUMENTS if name in given}
    if len(values) < len(ARGUMENTS) or None in values.values():
        return None
    return Bar(**values)


def _value(node: ast.expr, constants: Mapping[str, Any]) -> Any:
    """A constant, by name too, marked for translators too, or an f-string of such; None for anything else."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "N_" and len(node.args) == 1:
        return _value(node.args[0], constants)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [_value(p.value if isinstance(p, ast.FormattedValue) else p, constants) for p in node.values]
        return None if None in parts else "".join(map(str, parts))
    return None
