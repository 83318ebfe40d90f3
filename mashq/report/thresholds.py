"""The thresholds that models must reach, read from the text of the hidden checks without running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARGUMENTS = ("name", "at_least", "mean", "sd", "runs")  # of `mashq.judge.threshold`


@dataclass(frozen=True)
class Threshold:
    """A measured value that must reach a threshold, and what right solutions reached."""

    name: str  # what the value is
    at_least: float
    mean: float
    sd: float
    runs: int  # right solutions that were measured


def read_thresholds(text: str) -> dict[str, Threshold]:
    """{name of a check: its threshold} of the checks that have `@threshold(...)` with plain numbers in it.

    Names may be f-strings of constants at the top of the file. A file that is no Python has none.
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
                found_here = _threshold(call, constants)
                if found_here is not None:
                    found[node.name] = found_here
    return found


def _threshold(call: ast.expr, constants: Mapping[str, Any]) -> Threshold | None:
    if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != "threshold":
        return None
    given = dict(zip(ARGUMENTS, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
    values = {name: _value(given[name], constants) for name in ARGUMENTS if name in given}
    if len(values) < len(ARGUMENTS) or None in values.values():
        return None
    return Threshold(**values)


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
