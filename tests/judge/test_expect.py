"""Sentences that a student reads: they name what is wrong and never what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mashq.errors import StudentError
from mashq.judge import expect
from mashq.judge.wire import Opaque

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "f(x): expected an array of numbers, got None (is a `return` missing?)"),
        ("3", "f(x): expected an array of numbers, got a str"),
        ({"a": 1}, "f(x): expected an array of numbers, got a dict"),
        (Opaque("function"), "f(x): expected an array of numbers, got a function"),
        ([[10**400]], "f(x): expected an array of numbers, got a list"),
        ([[1, 2], [3]], "f(x): expected an array of numbers, got a list"),
        ([["0.5", "1"]], "f(x): expected an array of numbers, got a list"),
        (np.zeros((3, 1)), "f(x): expected shape (1, any), got (3, 1)"),
        (np.array([[1, np.nan]]), "f(x): contains NaN, first at [0, 1]"),
        (np.array([[np.inf]]), "f(x): contains infinity, first at [0, 0]"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_array_says_what_is_wrong(value: Any, sentence: str) -> None:
    """Presence, type, shape and finiteness, in that order."""
    with pytest.raises(StudentError) as error:
        expect.array(value, "f(x)", shape=(1, None))
    assert str(error.value) == sentence


def test_array_takes_what_is_harmless() -> None:
    """Lists, integers and booleans are numbers too."""
    for value in ([[1, 2]], np.array([[True, False]]), ((1, 2.0),), np.array([[1, 2]], np.float32)):
        assert expect.array(value, "f", shape=(1, 2)).dtype == np.float64


def test_close_says_how_far_off_and_where_but_not_the_answer() -> None:
    """The expected value stays with the judge."""
    with pytest.raises(StudentError) as error:
        expect.close([[1.0, 2.5]], [[1.0, 7.123]], "W1", hint="look at the sign")
    assert str(error.value) == "W1: wrong value, off by 4.6 at [0, 1]; look at the sign"
    assert "7.123" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"seen": False}, "W1: wrong value, off by 4.6; look at the sign"),
        ({"kinds": {"small ones": [[False, True]]}}, "W1: wrong value for small ones; look at the sign"),
    ],
    ids=str,
)
def test_close_names_no_place_among_inputs_that_the_student_does_not_see(more: Any, sentence: str) -> None:
    """Their kinds, or how far off at most."""
    with pytest.raises(StudentError) as error:
        expect.close([[1.0, 2.5]], [[1.0, 7.123]], "W1", hint="look at the sign", **more)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (2.0, 2),
        (np.array(2), 2),
        ([1, (2, "x")], [1, (2, "x")]),
        ({"a": [1.0]}, {"a": [1]}),
        ({1, 2}, {2, 1}),
        (None, None),
        (np.arange(3), np.array([0.0, 1.0, 2.0])),
    ],
    ids=str,
)
def test_equal_takes_what_is_equal_in_python(got: Any, want: Any) -> None:
    """Also where an array lies in it."""
    expect.equal(got, want, "f(x)")


@pytest.mark.parametrize(
    ("got", "want", "sentence"),
    [
        (3, 2, "f(x): wrong value; look again"),
        (0, None, "f(x): wrong value; look again"),
        ([1, [2]], [1, [3]], "f(x): wrong value; look again"),
        ([1], [1, 2], "f(x): wrong value; look again"),
        ([np.arange(2)], [1], "f(x): wrong value; look again"),
        ([Opaque("Yes")], [1], "f(x): wrong value; look again"),
        ({"a": 1}, {"b": 1}, "f(x): wrong value; look again"),
        (np.arange(2), np.arange(3), "f(x): wrong value; look again"),
        (None, [1], "f(x): expected a list, got None (is a `return` missing?)"),
        ((1, 2), [1, 2], "f(x): expected a list, got a tuple"),
        ("2", 2, "f(x): expected an int, got a str"),
    ],
    ids=str,
)
def test_equal_says_what_is_wrong(got: Any, want: Any, sentence: str) -> None:
    """The kind that was expected, and nothing of the value."""
    with pytest.raises(StudentError) as error:
        expect.equal(got, want, "f(x)", hint="look again")
    assert str(error.value) == sentence


def test_close_wants_the_same_shape() -> None:
    """Broadcasting does not make a wrong shape right."""
    with pytest.raises(StudentError, match="expected shape"):
        expect.close(np.ones((2, 2)), np.ones(2), "W1")
    expect.close(np.float32(0.1), 0.1, "loss", rtol=1e-6)


@pytest.mark.parametrize("value", ["1", None, True, float("nan"), float("inf"), 10**400, [1, 2], np.ones(2)])
def test_number_refuses_what_is_no_finite_number(value: Any) -> None:
    """Text, truth values, lists and NaN are not numbers."""
    with pytest.raises(StudentError, match="accuracy: expected a"):
        expect.number(value, "accuracy")


def test_number_keeps_to_its_bounds() -> None:
    """An accuracy in percent is outside of [0, 1]."""
    assert expect.number(np.array([[0.5]]), "accuracy", 0, 1) == 0.5
    with pytest.raises(StudentError, match="between 0 and 1, got 97"):
        expect.number(97, "accuracy", 0, 1)
    assert expect.number(float(np.float32(1) + np.finfo(np.float32).eps), "accuracy", 0, 1) == 1
    with pytest.raises(StudentError, match=r"between 0 and 1, got 1\.00001"):
        expect.number(1.00001, "accuracy", 0, 1)


def test_values_in_half_precision_need_only_agree_as_far_as_that_goes() -> None:
    """Keras's mixed precision and PyTorch's autocast give a right answer with three digits."""
    want = np.linspace(0.1, 5, 50)
    expect.close(want.astype(np.float16), want, "f(x)")
    with pytest.raises(StudentError, match="off by"):
        expect.close((1.01 * want).astype(np.float16), want, "f(x)")
    with pytest.raises(StudentError, match="off by"):
        expect.close(want.astype(np.float16).astype(np.float32), want, "f(x)")
    brain = (want.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)  # as bfloat16 arrives
    for values, step in ((want, 2**-52), (want.astype(np.float16), 2**-10), (brain, 2**-7), (3, 2**-52)):
        assert expect.precision(values) == step


@pytest.mark.parametrize("value", [[1, None], (1, None)])
def test_items_come_as_they_are(value: Any) -> None:
    """A list or a tuple; what is in it is another question."""
    assert expect.items(value, "train(x, y)", 2) == [1, None]
    assert expect.items(value, "train(x, y)") == [1, None]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "train(x, y): expected 2 values, got None (is a `return` missing?)"),
        (5, "train(x, y): expected 2 values, got an int"),
        ("ab", "train(x, y): expected 2 values, got a str"),
        ({1: 2, 3: 4}, "train(x, y): expected 2 values, got a dict"),
        ({1, 2}, "train(x, y): expected 2 values, got a set"),
        (np.zeros(2), "train(x, y): expected 2 values, got an array of float64 with shape (2,)"),
        ([], "train(x, y): expected 2 values, got 0"),
        ((1, 2, 3), "train(x, y): expected 2 values, got 3"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_items_says_what_is_wrong(value: Any, sentence: str) -> None:
    """Kind, then number; a text and an array of two are no two values."""
    with pytest.raises(StudentError) as error:
        expect.items(value, "train(x, y)", 2)
    assert str(error.value) == sentence


def test_mapping_names_the_missing_keys() -> None:
    """The student reads which entries lack."""
    with pytest.raises(StudentError, match=r"history: missing 'val_loss'"):
        expect.mapping({"loss": []}, "history", ["loss", "val_loss"])
    with pytest.raises(StudentError, match="history: expected a dict, got a list"):
        expect.mapping([], "history")
