"""Raw files on disk: finding them, checking them, opening packed ones."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from pathlib import Path

from mashq.datasets import _cache
from mashq.datasets._sources import Dataset, RawFile
from mashq.errors import DataError


def folders() -> list[Path]:
    """Folders that may hold raw files, in the order of looking: `MASHQ_DATA`, then the cache."""
    chosen = os.environ.get("MASHQ_DATA")
    return [*([Path(chosen).expanduser()] if chosen else []), _cache.root() / "raw"]


def find(dataset: Dataset) -> Path | None:
    """The first folder that holds all files of the dataset, plain or packed; None if there is none."""
    for folder in folders():
        if all(present(file, folder) is not None for file in dataset.files):
            return folder
    return None


def present(file: RawFile, folder: Path) -> tuple[RawFile, Path] | None:
    """The form in which a folder holds a file, and its path; the plain form goes first."""
    for form in (file, file.packed):
        # os.path.isfile: a folder that may not be searched is the same as one without the file
        if form is not None and os.path.isfile(folder / form.path):
            return form, folder / form.path
    return None


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked(file: RawFile, folder: Path) -> tuple[RawFile, Path]:
    """The file in a folder as `present` gives it, after its content was checked.

    Raises DataError when it is missing, cannot be read or is not the published file.
    """
    found = present(file, folder)
    if found is None:
        raise DataError(f"{folder / file.path} is missing. Run `mashq data fetch` to get it.")
    form, path = found
    try:
        got = sha256(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from None
    if got != form.sha256:
        raise DataError(
            f"{path} is damaged or is another file: expected {form.size:,} bytes with SHA-256 {form.sha256}, "
            f"got {path.stat().st_size:,} bytes with SHA-256 {got}. "
            "Delete it, then run `mashq data fetch` to get it again."
        )
    return form, path


def lay_out(dataset: Dataset, folder: Path, target: Path) -> None:
    """Put plain forms of all files of a dataset below `target`: links to plain files, unpacked gzip files."""
    for file in dataset.files:
        found = present(file, folder)
        if found is None:
            continue
        form, path = found
        place = target / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if form is file:
            _link(path, place)
        else:
            with gzip.open(path) as packed, place.open("wb") as plain:
                shutil.copyfileobj(packed, plain)


def _link(path: Path, place: Path) -> None:
    try:
        place.symlink_to(path.resolve())
    except OSError:  # Windows without the right to make links
        shutil.copyfile(path, place)
