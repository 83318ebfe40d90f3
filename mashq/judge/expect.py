"""Checks on a value that a student's code gave, each failing with one sentence that helps.

They climb: present, type, shape, finite, value. No sentence contains an expected value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mashq.errors import StudentError
from mashq.judge.wire import Opaque

Array = np.ndarray[Any, np.dtype[np.float64]]


def _kind(value: Any) -> str:
    """How to name a value's type to a student."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Opaque):
        return f"a {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def array(value: Any, name: str, shape: Sequence[int | None] | None = None) -> Array:
    """The value as a float64 array.

    name : what the student calls it, for instance "forward(x, W1, W2, b1, b2)"
    shape : the shape it must have, None for any; entries may be None

    Raises StudentError when it is not numeric, has another shape, or holds NaN or infinity.
    """
    if isinstance(value, (str, dict, set, Opaque)) or value is None:
        raise StudentError(f"{name}: expected an array of numbers, got {_kind(value)}")
    try:
        plain = np.asarray(value)
        if plain.dtype.kind in "US":  # NumPy would read "0.5" as a number
            raise TypeError
        result = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise StudentError(f"{name}: expected an array of numbers, got {_kind(value)}") from None
    if shape is not None and not _fits(result.shape, shape):
        wanted = str(tuple("any" if n is None else n for n in shape)).replace("'", "")
        raise StudentError(f"{name}: expected shape {wanted}, got {result.shape}")
    bad = ~np.isfinite(result)
    if bad.any():
        kind = "NaN" if np.isnan(result).any() else "infinity"
        raise StudentError(f"{name}: contains {kind}, first {_place(bad)}")
    return result


def _fits(got: tuple[int, ...], wanted: Sequence[int | None]) -> bool:
    return len(got) == len(wanted) and all(w is None or g == w for g, w in zip(got, wanted, strict=True))


def _place(mask: np.ndarray[Any, Any]) -> str:
    """Where the first true entry stands, in words."""
    index = [int(i) for i in np.argwhere(mask)[0]]
    return f"at {index}" if index else "in the only value"


def number(value: Any, name: str, low: float | None = None, high: float | None = None) -> float:
    """The value as a float; an array with a single entry will do.

    Raises StudentError when it is not a finite number in [low, high].
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise StudentError(f"{name}: expected a number, got {_kind(value)}")
    try:
        result = float(value)
    except OverflowError:  # an integer beyond all floats
        result = np.inf
    if not np.isfinite(result):
        raise StudentError(f"{name}: expected a finite number, got {result}")
    if (low is not None and result < low) or (high is not None and result > high):
        bounds = (
            f"between {low:g} and {high:g}"
            if low is not None and high is not None
            else (f"at least {low:g}" if low is not None else f"at most {high:g}")
        )
        raise StudentError(f"{name}: expected a number {bounds}, got {result:.6g}")
    return result


def close(got: Any, want: Any, name: str, rtol: float = 1e-6, atol: float = 1e-8, hint: str = "") -> None:
    """Raise StudentError unless `got` has the shape of `want` and agrees within atol + rtol |want|.

    The sentence says where and how large the difference is, never what was expected, and gives two digits
    only, from which nobody can work it out; `hint` names the rule that the student should look at.
    """
    wanted = np.asarray(want, dtype=np.float64)
    values = array(got, name, shape=wanted.shape)
    with np.errstate(over="ignore"):  # between the largest floats; infinity is wrong, too
        difference = np.abs(values - wanted)
    wrong = difference > atol + rtol * np.abs(wanted)
    if wrong.any():
        worst = np.unravel_index(int(np.argmax(difference)), difference.shape)
        where = f" at {[int(i) for i in worst]}" if worst else ""
        advice = f"; {hint}" if hint else ""
        raise StudentError(f"{name}: wrong value, off by {difference[worst]:.2g}{where}{advice}")


def items(value: Any, name: str, count: int | None = None) -> list[Any]:
    """The items of a list or tuple, to be looked at one by one.

    count : how many there must be, None for any number

    Raises StudentError when it is no list or tuple, or has another number of items.
    """
    wanted = "several values" if count is None else f"{count} values"
    if not isinstance(value, (list, tuple)):
        raise StudentError(f"{name}: expected {wanted}, got {_kind(value)}")
    if count is not None and len(value) != count:
        raise StudentError(f"{name}: expected {wanted}, got {len(value)}")
    return list(value)


def mapping(value: Any, name: str, keys: Sequence[Any] = ()) -> dict[Any, Any]:
    """The value as a dict that has all the `keys`.

    Raises StudentError when it is no dict or lacks one.
    """
    if not isinstance(value, dict):
        raise StudentError(f"{name}: expected a dict, got {_kind(value)}")
    missing = [key for key in keys if key not in value]
    if missing:
        raise StudentError(f"{name}: missing {', '.join(repr(key) for key in missing)}")
    return value
