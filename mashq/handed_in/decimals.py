"""Decimal commas in code, where they can only mean a number: `answers["z"] = 0,5` is two numbers to Python.

In a cell that says by its annotation that a variable is a number, or a dict of numbers, the comma is certain
and the code is read as it was meant (`decimal_points`). Where only the value is at hand, `with_point` reads a
pair that can mean one number alone.
"""

from __future__ import annotations

import re
from typing import Any

# `answers: dict[str, float]` or `rate: float`
NUMBERS = re.compile(
    r"^(\w+)[ \t]*:[ \t]*(?:float|[dD]ict\[[^\[\]]+,[ \t]*float[ \t]*\])[ \t]*(?:=|$|#)", re.MULTILINE
)
# `answers["z"] = -0,0634  # a remark`: one comma, no space, digits on both sides and nothing else
COMMA = re.compile(
    r"^(?P<before>[ \t]*(?P<name>\w+)(?:\[[^\]\n]*\])?[ \t]*(?::[^=\n]*)?=[ \t]*[-+]?\d+),"
    r"(?P<after>\d+[ \t]*(?:#.*)?)$",
    re.MULTILINE,
)


def decimal_points(code: str) -> str:
    """Code with decimal points for the commas that can only be decimal ones; otherwise as it is.

    `0,0634`, which Python cannot even read, and the minus of `-0,5`, which it forgets, are read as meant.
    """
    names = set(NUMBERS.findall(code)) if "," in code else set()
    if not names:
        return code

    def pointed(found: re.Match[str]) -> str:
        return f"{found['before']}.{found['after']}" if found["name"] in names else found[0]

    return COMMA.sub(pointed, code)


def with_point(value: Any, positive: bool = False) -> Any:
    """The number that a decimal comma made into a pair, `(1, 25)` for `1,25`; every other value as it is.

    positive : whether the number must be; of `-0,5` Python keeps `(0, 5)`, which may be 0.5 or -0.5

    A pair that may mean either stays a pair.
    """
    if not (isinstance(value, tuple) and len(value) == 2 and all(type(part) is int for part in value)):
        return value
    whole, decimals = value
    if decimals < 0 or (whole == 0 and not positive):
        return value
    return float(f"{whole}.{decimals}")
