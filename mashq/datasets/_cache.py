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
HIDDEN: Part = "hidden"
PARTS: tuple[Part, ...] = ("course", HIDDEN)
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


def not_kept() -> Path | None:
    """The folder of a part that could not be written, so that its arrays are in memory only; None if none."""
    return next((file.parent for file in _in_memory if not file.exists() and root() in file.parents), None)


def _read_file(file: Path) -> Array | None:
    if file in _in_memory:
        return _in_memory[file].copy()
    try:
        mapped: Array = np.load(file, mmap_mode="c", allow_pickle=False)
        return mapped.view(np.ndarray)
    except (OSError, ValueError, EOFError):
        return None


def make_folder(place: Path) -> None:
    """Make the folder of a part: nobody else looks into a hidden one, students' code into the other."""
    if not place.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700 if place.name == HIDDEN else 0o755)


def _write_file(target: Path, array: Array) -> None:
    """Write beside the target, then rename: other processes see the whole file or none."""
    make_folder(target.parent)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            np.save(file, array, allow_pickle=False)
        if target.parent.name != HIDDEN:
            temporary.chmod(0o644)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
