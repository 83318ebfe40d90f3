"""What the released notebook of a graded one says: students cannot change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from mashq.course.folder import CourseFolder
from mashq.exercises import exercises, title_of
from mashq.language import ENGLISH, language_of


@dataclass(frozen=True)
class Release:
    """What a feedback page takes from the released notebook."""

    title: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)  # {grade id: its exercise}
    language: str = ENGLISH


def release_of(converter: Any, about: Mapping[str, str]) -> Release:
    """The released notebook of a graded one; an empty one when it is not there.

    converter : nbgrader's `GenerateFeedback`, which knows the course folder
    """
    path = CourseFolder.of_converter(converter).released_file(about["assignment"], about["notebook"])
    try:
        return _read_release(path.resolve(), path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return Release()


@lru_cache(maxsize=32)
def _read_release(path: Path, changed: int) -> Release:
    """`changed` tells one state of the file from the next."""
    notebook = nbformat.read(path, as_version=4)
    return Release(title_of(notebook), exercises(notebook), language_of(notebook))
