"""Checks on a value that a student's code gave, each failing with one sentence that helps.

They climb: present, type, shape, finite, value. No sentence contains an expected value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mashq.errors import StudentError
from mashq.judge.wire import Opaque
from mashq.language import gettext as _

Array = np.ndarray[Any, np.dtype[np.float64]]


def _kind(value: Any) -> str:
    """How to name a value's type to a student."""
    if value is None:
        return _("None (is a `return` missing?)")
    if isinstance(value, Opaque):
        return _("a {type}").format(type=value.type_name)
    if isinstance(value, np.ndarray):
        return _("an array of {dtype} with shape {shape}").format(dtype=value.dtype, shape=value.shape)
    name = type(value).__name__
    return (_("an {type}") if name[0] in "aeiou" else _("a {type}")).format(type=name)


def array(value: Any, name: str, shape: Sequence[int | None] | None = None) -> Array:
    """The value as a float64 array.

    name : what the student calls it, for instance "forward(x, W1, W2, b1, b2)"
    shape : the shape it must have, None for any; entries may be None

    Raises StudentError when it is not numeric, has another shape, or holds NaN or infinity.
    """
    if isinstance(value, (str, dict, set, Opaque)) or value is None:
        raise _unexpected(_("{name}: expected an array of numbers, got {got}"), name, value)
    try:
        plain = np.asarray(value)
        if plain.dtype.kind in "US":  # NumPy would read "0.5" as a number
            raise TypeError
        result = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise _unexpected(_("{name}: expected an array of numbers, got {got}"), name, value) from None
    if shape is not None and not _fits(result.shape, shape):
        wanted = str(tuple(_("any") if n is None else n for n in shape)).replace("'", "")
        raise StudentError(
            _("{name}: expected shape {wanted}, got {got}").format(name=name, wanted=wanted, got=result.shape)
        )
    bad = ~np.isfinite(result)
    if bad.any():
        kind = "NaN" if np.isnan(result).any() else _("infinity")
        place = [int(i) for i in np.argwhere(bad)[0]]
        template = (
            _("{name}: contains {kind}, first at {place}")
            if place
            else _("{name}: contains {kind}, first in the only value")
        )
        raise StudentError(template.format(name=name, kind=kind, place=place))
    return result


def _unexpected(template: str, name: str, value: Any) -> StudentError:
    """The error about a value of another type, from a translated sentence."""
    return StudentError(template.format(name=name, got=_kind(value)))


def _fits(got: tuple[int, ...], wanted: Sequence[int | None]) -> bool:
    return len(got) == len(wanted) and all(w is None or g == w for g, w in zip(got, wanted, strict=True))


def number(value: Any, name: str, low: float | None = None, high: float | None = None) -> float:
    """The value as a float in [low, high]; an array with a single entry will do.

    What is beyond a bound by no more than float32 rounds off is at the bound.

    Raises StudentError when it is not a finite number in [low, high].
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _unexpected(_("{name}: expected a number, got {got}"), name, value)
    try:
        result = float(value)
    except OverflowError:  # an integer beyond all floats
        result = np.inf
    if not np.isfinite(result):
        raise StudentError(_("{name}: expected a finite number, got {got}").format(name=name, got=result))
    result = next((b for b in (low, high) if b is not None and math.isclose(result, b, rel_tol=1e-6)), result)
    if (low is not None and result < low) or (high is not None and result > high):
        if low is not None and high is not None:
            template = _("{name}: expected a number between {low:g} and {high:g}, got {got:.9g}")
        elif low is not None:
            template = _("{name}: expected a number at least {low:g}, got {got:.9g}")
        else:
            template = _("{name}: expected a number at most {high:g}, got {got:.9g}")
        raise StudentError(template.format(name=name, low=low, high=high, got=result))
    return result


def precision(value: Any) -> float:
    """The step between 1 and the next number, in the type of floats that a value was worked out in.

    2**-10 for half precision and 2**-7 for bfloat16, as in Keras's mixed precision (bfloat16 arrives as
    float32 of which the last sixteen bits are zero); that of float64 for what is no array of floats.
    """
    values = np.ascontiguousarray(value)
    if values.dtype == np.float32 and values.size and not np.any(values.view(np.uint32) & 0xFFFF):
        return 2.0**-7
    return float(np.finfo(values.dtype).eps) if values.dtype.kind == "f" else 2.0**-52


def close(
    got: Any,
    want: Any,
    name: str,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    hint: str = "",
    kinds: Mapping[str, Any] | None = None,
    seen: bool = True,
) -> None:
    """Raise StudentError unless `got` has the shape of `want` and agrees within atol + rtol |want|.

    Arrays in half precision need only agree as far as that goes, to about four thousandths of `want`.
    The sentence says where and how large the difference is, never what was expected, and gives two digits
    only, from which nobody can work it out; `hint` names the rule that the student should look at.

    kinds : {what a kind of input is called, in the plural: array of bool of the shape of `want`}. The student
        does not see the inputs, so a place among them says nothing: the sentence names the kinds that went
        wrong instead.
    seen : False where the student does not see the inputs and they have no kinds: the sentence names no place
    """
    wanted = np.asarray(want, dtype=np.float64)
    values = array(got, name, shape=wanted.shape)
    if getattr(got, "dtype", None) == np.float16:
        rtol = max(rtol, 4 * precision(got))
    with np.errstate(over="ignore"):  # between the largest floats; infinity is wrong, too
        difference = np.abs(values - wanted)
    wrong = difference > atol + rtol * np.abs(wanted)
    if wrong.any():
        found = [kind for kind, where in (kinds or {}).items() if wrong[np.asarray(where, bool)].any()]
        if found:
            template = _("{name}: wrong value for {kinds}")
            if hint:
                template = _("{name}: wrong value for {kinds}; {hint}")
            raise StudentError(template.format(name=name, kinds=_(" and ").join(found), hint=hint))
        worst = np.unravel_index(int(np.argmax(difference)), difference.shape)
        templates = {
            (False, False): _("{name}: wrong value, off by {difference:.2g}"),
            (False, True): _("{name}: wrong value, off by {difference:.2g}; {hint}"),
            (True, False): _("{name}: wrong value, off by {difference:.2g} at {place}"),
            (True, True): _("{name}: wrong value, off by {difference:.2g} at {place}; {hint}"),
        }
        place = [int(i) for i in worst] if seen else []
        template = templates[bool(place), bool(hint)]
        raise StudentError(template.format(name=name, difference=difference[worst], place=place, hint=hint))


def equal(got: Any, want: Any, name: str, hint: str = "") -> None:
    """Raise StudentError unless `got` equals `want` part by part; for text, whole numbers, lists and dicts.

    As for Python's `==`, 2.0 is 2, and a list is no tuple. Numbers that were worked out need `close`.
    """
    if isinstance(got, np.ndarray) and not got.ndim:
        got = got.item()
    if want is not None and not _same_kind(got, want):
        template = _("{name}: expected {wanted}, got {got}")
        raise StudentError(template.format(name=name, wanted=_kind(want), got=_kind(got)))
    if not _equals(got, want):
        template = _("{name}: wrong value; {hint}") if hint else _("{name}: wrong value")
        raise StudentError(template.format(name=name, hint=hint))


def _same_kind(got: Any, want: Any) -> bool:
    return type(got) is type(want) or (_is_number(got) and _is_number(want))


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def _equals(got: Any, want: Any) -> bool:
    """Python's `==`, which an array anywhere inside does not bring to fail."""
    if not _same_kind(got, want):
        return False
    if isinstance(want, np.ndarray):
        return bool(np.array_equal(got, want))
    if isinstance(want, (list, tuple)):
        return len(got) == len(want) and all(map(_equals, got, want))
    if isinstance(want, dict):
        return got.keys() == want.keys() and all(_equals(got[key], value) for key, value in want.items())
    return bool(got == want)


def items(value: Any, name: str, count: int | None = None) -> list[Any]:
    """The items of a list or tuple, to be looked at one by one.

    count : how many there must be, None for any number

    Raises StudentError when it is no list or tuple, or has another number of items.
    """
    if not isinstance(value, (list, tuple)):
        if count is None:
            raise _unexpected(_("{name}: expected several values, got {got}"), name, value)
        template = _("{name}: expected {count} values, got {got}")
        raise StudentError(template.format(name=name, count=count, got=_kind(value)))
    if count is not None and len(value) != count:
        template = _("{name}: expected {count} values, got {got}")
        raise StudentError(template.format(name=name, count=count, got=len(value)))
    return list(value)


def mapping(value: Any, name: str, keys: Sequence[Any] = ()) -> dict[Any, Any]:
    """The value as a dict that has all the `keys`.

    Raises StudentError when it is no dict or lacks one.
    """
    if not isinstance(value, dict):
        raise _unexpected(_("{name}: expected a dict, got {got}"), name, value)
    missing = [key for key in keys if key not in value]
    if missing:
        keys_missing = ", ".join(repr(key) for key in missing)
        raise StudentError(_("{name}: missing {keys}").format(name=name, keys=keys_missing))
    return value
