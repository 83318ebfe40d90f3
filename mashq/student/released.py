"""Find the released notebook that a student's notebook was made from."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import doubled_ids, known_cells, likeness
from mashq.errors import MashqError
from mashq.language import gettext as _

CONTENTS = "assignment.json"  # at the top of a bundle, as `mashq bundle` writes it
COPIES = "released"  # the folder of a bundle with the notebooks as they were released
SAME = 0.5  # of a release's cells, by their text: its notebook, though all ids were lost
PARENTS = 3  # how many folders above a notebook are searched for a bundle


class NoReleaseError(MashqError):
    """There is no released notebook where one was named, or it is not as it was released."""


@dataclass(frozen=True)
class Release:
    """A released notebook and the name of its file."""

    name: str
    notebook: Any


def bundle_of(path: Path) -> Path | None:
    """The folder of the unpacked bundle that a notebook lies in; None where there is none."""
    for folder in list(path.resolve().parents)[:PARENTS]:
        if (folder / CONTENTS).is_file() and (folder / COPIES).is_dir():
            return folder
    return None


def find_release(notebook: Any, name: str, place: Path) -> Release | None:
    """The released notebook with a notebook's file name, or else the one that shares most cells with it.

    notebook, name : the student's
    place : a released notebook, a folder of them, or a bundle, as zip or unpacked

    Returns None when the student's is of none of them. Raises NoReleaseError when there
    are none at all, or one cannot be read or is not as it was released.
    """
    released = [Release(file, _read(file, data, place)) for file, data in sorted(_notebooks(place))]
    if not released:
        raise NoReleaseError(
            _("{place}: there is no notebook in it; name the folder of the released notebooks").format(
                place=place
            )
        )
    alike = [(likeness(notebook, release.notebook), release.name == name, release) for release in released]
    share, _same_name, best = max(alike, key=lambda rank: rank[:2])
    same_ids = known_cells(notebook).keys() & known_cells(best.notebook).keys()
    return best if same_ids or share >= SAME else None


def _notebooks(place: Path) -> Iterator[tuple[str, bytes]]:
    """File names and contents of the released notebooks at a place."""
    if place.is_dir():
        sums = _sums(place / CONTENTS) if (place / COPIES).is_dir() else {}
        folder = place / COPIES if (place / COPIES).is_dir() else place
        for path in folder.glob("*.ipynb"):
            yield path.name, _checked(path, path.read_bytes(), sums)
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as bundle:
            for entry in bundle.namelist():
                if entry.endswith(".ipynb") and Path(entry).parent.name == COPIES:
                    yield Path(entry).name, bundle.read(entry)
    else:
        yield place.name, place.read_bytes()


def _sums(contents: Path) -> dict[str, str]:
    """The sha256 of each released notebook by its file name."""
    try:
        notebooks = json.loads(contents.read_text(encoding="utf-8"))["notebooks"]
        return {name: about["sha256"] for name, about in notebooks.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NoReleaseError(
            _("{file} cannot be read; unpack the zip file of the assignment again").format(file=contents)
        ) from None


def _checked(path: Path, data: bytes, sums: dict[str, str]) -> bytes:
    if sums and sums.get(path.name) != hashlib.sha256(data).hexdigest():
        raise NoReleaseError(
            _(
                "{file} is not as it was handed out; unpack the zip file of the assignment again, and "
                "work outside the folder {folder}"
            ).format(file=path, folder=COPIES)
        )
    return data


def _read(name: str, data: bytes, place: Path) -> Any:
    try:
        notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
        doubled = doubled_ids(notebook)
    except Exception:
        sentence = _("{name} in {place} is no notebook that can be read")
        raise NoReleaseError(sentence.format(name=name, place=place)) from None
    for grade_id, numbers in doubled.items():
        sentence = _(
            "{name} in {place} was released with the id {grade_id} in several of its cells ({numbers}), so "
            "nothing can be compared with it; tell your instructor"
        )
        cells = ", ".join(map(str, numbers))
        raise NoReleaseError(sentence.format(name=name, place=place, grade_id=grade_id, numbers=cells))
    return notebook
