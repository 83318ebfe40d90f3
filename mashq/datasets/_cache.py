"""The user cache: decoded arrays as `.npy` files, one folder for each part.

    <cache>/raw/      downloaded files
    <cache>/course/   decoded arrays that notebooks may load
    <cache>/hidden/   decoded arrays for the judge alone

A sandbox can show `course` and hide the rest. The root is `MASHQ_CACHE`, else the user's cache folder.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Part: TypeAlias = Literal["course", "hidden"]
PARTS: tuple[Part, ...] = ("course", "hidden")
Array: TypeAlias = npt.NDArray[Any]
Arrays: TypeAlias = dict[str, Array]

# Arrays that could not be written, so that a read-only cache does not decode again at every call.
_in_memory: dict[Path, Array] = {}


def root() -> Path:
    """The cache folder (not created here): `MASHQ_CACHE`, else the usual one of the operating system."""
    chosen = os.environ.get("MASHQ_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("mashq"))


def folder(part: Part) -> Path:
    """Where the decoded arrays of one part are."""
    return root() / part


def path(part: Part, name: str, field: str, key: str) -> Path:
    """The file of one array."""
    return folder(part) / f"{name}-{field}-{key}.npy"


def read(part: Part, name: str, fields: tuple[str, ...], key: str) -> Arrays | None:
    """The cached arrays, or None if one of them is missing or cannot be read.

    Files are mapped copy-on-write: nothing is read before it is used, and whoever changes an array
    changes only an own copy in memory.
    """
    found: Arrays = {}
    for field in fields:
        array = _read_file(path(part, name, field, key))
        if array is None:
            return None
        found[field] = array
    return found


def write(part: Part, name: str, arrays: Mapping[str, Array], key: str) -> Arrays:
    """Cache the arrays and return them as `read` would; without a writable cache they stay in memory."""
    for field, array in arrays.items():
        target = path(part, name, field, key)
        try:
            _write_file(target, array)
        except OSError:
            _in_memory[target] = array
    return read(part, name, tuple(arrays), key) or dict(arrays)


def _read_file(file: Path) -> Array | None:
    if file in _in_memory:
        return _in_memory[file].copy()
    try:
        mapped: Array = np.load(file, mmap_mode="c", allow_pickle=False)
        return mapped.view(np.ndarray)
    except (OSError, ValueError, EOFError):
        return None


def _write_file(target: Path, array: Array) -> None:
    """Write beside the target, then rename: other processes see the whole file or none."""
    # Only the owner may look into a new hidden folder.
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if target.parent.name == "hidden" else 0o777)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            np.save(file, array, allow_pickle=False)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
