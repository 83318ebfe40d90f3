"""Plain data crosses between judge and kernel unchanged; nothing else crosses at all."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mashq.judge import wire

pytestmark = pytest.mark.quick

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner) | st.sets(st.integers())
    ),
    max_leaves=20,
)


@given(plain)
def test_plain_data_arrives_as_it_was(value: Any) -> None:
    """Types and values survive the way there."""
    assert wire.decode(wire.encode(value)) == value
    assert type(wire.decode(wire.encode(value))) is type(value)


@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f4", "f8", ">f8", "f2"])
@pytest.mark.parametrize("shape", [(), (0,), (3, 2), (2, 0, 5)])
def test_arrays_arrive_with_dtype_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    """An array arrives as a fresh, writable array with the same numbers."""
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    got = wire.decode(wire.encode(array))
    np.testing.assert_array_equal(got, array)
    assert got.dtype == array.dtype.newbyteorder("=")
    assert got.flags.writeable


def test_tensors_become_arrays_for_the_judge_and_tensors_for_the_kernel() -> None:
    """A PyTorch tensor, with or without gradient, crosses as numbers."""
    tensor = torch.ones(2, 3, requires_grad=True)
    np.testing.assert_array_equal(wire.decode(wire.encode(tensor)), np.ones((2, 3)))
    sent = wire.decode(wire.encode(wire.Tensor(np.ones((2, 3), np.float32))), tensors=True)
    assert isinstance(sent, torch.Tensor)
    assert sent.dtype == torch.float32


def test_bfloat16_arrives_as_float32() -> None:
    """NumPy has no such type; PyTorch's tensors do not even become arrays."""
    ml_dtypes = pytest.importorskip("ml_dtypes")  # comes with TensorFlow
    values = np.linspace(0, 1, 7)
    for value in (values.astype(ml_dtypes.bfloat16), torch.tensor(values, dtype=torch.bfloat16)):
        got = wire.decode(wire.encode(value))
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, values, rtol=2**-7)


def test_an_object_crosses_only_as_the_name_of_its_type() -> None:
    """Functions, models and the like never leave the kernel."""
    got = wire.decode(wire.encode({"model": torch.nn.Linear(1, 1), "f": len}))
    assert isinstance(got["model"], wire.Opaque)
    assert "Linear" in repr(got["model"])


def test_a_lying_array_subclass_arrives_as_a_plain_array() -> None:
    """No method of a student's class reaches the judge."""

    class Liar(np.ndarray):
        def __eq__(self, other: object) -> Any:
            return True

    got = wire.decode(wire.encode(np.zeros(3).view(Liar)))
    assert type(got) is np.ndarray


@pytest.mark.parametrize(
    "tree",
    [
        [1, 2],
        {"unknown": []},
        {"dict": [[{"list": []}, 1]]},
        {"dict": [1]},
        {"array": 0, "dtype": "f8", "shape": [-1]},
        {"array": 0, "dtype": "f8", "shape": [10**30]},
        {"array": 0, "dtype": "O", "shape": [1]},
        {"array": 0, "dtype": "V8", "shape": [1]},
        {"array": 7, "dtype": "f8", "shape": [1]},
        {"array": True, "dtype": "f8", "shape": [1]},
        {"array": 0},
        {"list": {"list": []}, "tuple": []},
    ],
    ids=str,
)
def test_a_malformed_message_is_a_wire_error(tree: Any) -> None:
    """The judge never stumbles over what a kernel says."""
    with pytest.raises(wire.WireError):
        wire.decode([json.dumps(tree).encode(), bytes(8)])


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_any_bytes_are_plain_data_or_a_wire_error(parts: list[bytes]) -> None:
    """Noise is refused with one kind of error."""
    with contextlib.suppress(wire.WireError):
        wire.decode(parts)


def test_a_deeply_nested_message_is_refused() -> None:
    """Neither side falls into a recursion."""
    with pytest.raises(wire.WireError):
        wire.decode([b'{"list":[' * 5000 + b"]}" * 5000])
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(wire.WireError, match="deep"):
        wire.encode(endless)


def test_a_message_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A huge array is refused on both sides."""
    parts = wire.encode(np.zeros(1000))
    monkeypatch.setattr(wire, "MAX_BYTES", 1000)
    with pytest.raises(wire.WireError, match="large"):
        wire.encode(np.zeros(1000))
    with pytest.raises(wire.WireError, match="large"):
        wire.decode(parts)
