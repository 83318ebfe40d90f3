"""Plain data between the judge and a student's kernel.

A value becomes a JSON text and a list of raw array buffers. Nothing else crosses: no pickle, no code, no
objects. This file is also sent, as text, into the student's kernel (see `agent.py`), so it imports only the
standard library and NumPy.

The judge's side never trusts what it decodes: kinds, dtypes, sizes and depth are checked, and every decoded
object has an exact built-in type or is a fresh `numpy.ndarray`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

MAX_BYTES = 64 * 2**20  # of one message, either way; 10,000 MNIST images in float32 are 31 MB
MAX_JSON_BYTES = 16 * 2**20
MAX_DEPTH = 40
N_ = str  # marks what the judge translates; in the kernel nothing is translated
TOO_DEEP = N_("the value is nested more than 40 levels deep")
TOO_LONG = N_("an integer in the value is too long to hand over")
TOO_LARGE = N_("the value is too large to hand over")
NUMERIC_KINDS = "biuf"
DTYPE = re.compile(r"[<|]?[biuf][1248]")


class WireError(ValueError):
    """A message is not plain data, is malformed, or is larger than allowed."""


class Opaque:
    """Stands for a value that is not plain data (a function, a model); only the name of its type crosses."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Tensor:
    """Marks an array that is to arrive in the kernel as a `torch.Tensor`."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array)


def encode(value: Any) -> list[bytes]:
    """Turn a value into [JSON text, array buffer, array buffer, ...].

    Raises WireError when it is nested too deeply, larger than MAX_BYTES or holds an integer of thousands
    of digits.
    """
    buffers: list[bytes] = []
    tree = _encode(value, buffers, 0)
    try:
        text = json.dumps(tree).encode()
    except ValueError:  # Python writes no integer of more than 4300 digits
        raise WireError(TOO_LONG) from None
    if len(text) > MAX_JSON_BYTES or len(text) + sum(map(len, buffers)) > MAX_BYTES:
        raise WireError(TOO_LARGE)
    return [text, *buffers]


def _encode(value: Any, buffers: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(TOO_DEEP)
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Opaque):
        return {"opaque": value.type_name}
    array, origin = _as_array(value)
    if array is not None:
        return _encode_array(array, origin, buffers, depth)
    for kind, types in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, types):
            return {kind: [_encode(item, buffers, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = [[_encode(k, buffers, depth + 1), _encode(v, buffers, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    if isinstance(value, (bool, int, float, str)):  # a subclass of a scalar, for instance an IntEnum
        base = next(t for t in (bool, int, float, str) if isinstance(value, t))
        return base(value)
    return {"opaque": f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")}


def _as_array(value: Any) -> tuple[np.ndarray[Any, Any] | None, str]:
    """The array inside a NumPy, PyTorch or TensorFlow object, and where it came from."""
    if isinstance(value, Tensor):
        return value.array, "torch"
    if isinstance(value, (np.ndarray, np.generic)):
        return np.asarray(value), "scalar" if isinstance(value, np.generic) else "numpy"
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        tensor = value.detach().cpu()
        return np.asarray(tensor.float() if "bfloat16" in str(tensor.dtype) else tensor), "torch"
    if hasattr(value, "numpy") and hasattr(value, "shape"):
        return np.asarray(value.numpy()), "tensorflow"
    return None, ""


def _encode_array(array: np.ndarray[Any, Any], origin: str, buffers: list[bytes], depth: int) -> Any:
    if array.dtype.name == "bfloat16":  # of Keras and others; NumPy has no such type of its own
        array = array.astype(np.float32)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # beyond float64 it is infinity
            array = array.astype(np.float64)
    if array.dtype.kind not in NUMERIC_KINDS:
        if array.dtype.kind in "OUS":
            return _encode(array.tolist(), buffers, depth + 1)
        return {"opaque": f"numpy array of {array.dtype}"}
    if origin == "scalar":
        return array.item()
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    buffers.append(little.tobytes())
    return {
        "array": len(buffers) - 1,
        "dtype": little.dtype.str.lstrip("|"),
        "shape": list(array.shape),
        "origin": origin,
    }


def decode(parts: list[bytes], tensors: bool = False) -> Any:
    """Turn the parts of `encode` back into plain data.

    parts : the JSON text and the array buffers, each bytes or a buffer
    tensors : whether arrays marked as PyTorch tensors become tensors (in the kernel) or arrays (in the judge)

    A half of a surrogate pair in a text, which no file takes, arrives as a question mark. Raises WireError on
    anything that `encode` would not have made.
    """
    if not parts or sum(map(len, parts)) > MAX_BYTES or len(parts[0]) > MAX_JSON_BYTES:
        raise WireError("the message is empty or too large")
    try:
        tree = json.loads(bytes(parts[0]))
        return _decode(tree, list(parts[1:]), tensors, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError) as error:
        raise WireError(f"the message is malformed: {error}") from None


def _decode(tree: Any, buffers: list[bytes | None], tensors: bool, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError("the message is nested too deeply")
    if isinstance(tree, str):
        return writable(tree)
    if tree is None or isinstance(tree, (bool, int, float)):
        return tree
    if not isinstance(tree, dict):
        raise WireError("the message has a bare list in it")
    if "array" in tree:
        return _decode_array(tree, buffers, tensors)
    if len(tree) != 1:
        raise WireError("the message has an unknown kind in it")
    ((kind, content),) = tree.items()
    if kind == "opaque":
        shown = "".join(c if c.isprintable() else " " for c in writable(str(content)[:200]))
        return Opaque(" ".join(shown.split()))
    if not isinstance(content, list):
        raise WireError("the message has a collection without items in it")
    if kind == "dict":
        return {
            _decode(k, buffers, tensors, depth + 1): _decode(v, buffers, tensors, depth + 1)
            for k, v in content
        }
    items = [_decode(item, buffers, tensors, depth + 1) for item in content]
    collection = {"list": list, "tuple": tuple, "set": set}.get(kind)
    if collection is None:
        raise WireError(f"the message has the unknown kind {kind[:40]!r} in it")
    return collection(items)


def writable(text: str) -> str:
    """A text that a file can hold: JSON can carry half of an emoji, which becomes a question mark."""
    return text.encode(errors="replace").decode()


def _decode_array(tree: dict[str, Any], buffers: list[bytes | None], tensors: bool) -> Any:
    index, shape = tree["array"], tree["shape"]
    if type(index) is not int or not 0 <= index < len(buffers):
        raise WireError("the message names an array that it does not hold")
    buffer, buffers[index] = buffers[index], None
    if buffer is None:  # a small message could become a large value
        raise WireError("the message names an array twice")
    if not isinstance(shape, list) or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise WireError("the message has an array with an impossible shape")
    if not isinstance(tree["dtype"], str) or not DTYPE.fullmatch(tree["dtype"]):
        raise WireError("the message has an array of an unknown dtype")
    dtype = np.dtype(tree["dtype"])
    if math.prod(shape) * dtype.itemsize != len(buffer):
        raise WireError("the message has an array whose size does not fit its shape")
    array = np.frombuffer(bytes(buffer), dtype=dtype).reshape(shape).copy()
    if tensors and tree.get("origin") == "torch":
        import torch

        return torch.from_numpy(array)
    return array
