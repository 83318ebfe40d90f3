"""The folders on `PYTHONPATH`, from which notebooks may import as they may with nbgrader."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import mashq
from mashq import datasets
from mashq.course.folder import CourseFolder
from mashq.errors import CONFIG

MOST_FILES = 5000  # of a folder's modules that are looked at for changes


def package_folders(folder: CourseFolder, assignment: str) -> dict[str, str]:
    """The folders of `PYTHONPATH` that a submission may read, {folder: digest of its modules}.

    A folder that holds, or lies in, what students must not see is not among them: sources, checks, what was
    handed in, grades, hidden data. That of mashq itself is not either; notebooks have mashq already.
    """
    secret = [place.resolve() for place in _secret(folder, assignment)]
    found: dict[str, str] = {}
    for name in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        path = Path(name).resolve()
        if path.is_dir() and not any(p.is_relative_to(path) or path.is_relative_to(p) for p in secret):
            found[str(path)] = _digest(path)
    return found


def _secret(folder: CourseFolder, assignment: str) -> Iterator[Path]:
    yield from (folder.home / CONFIG, folder.store(assignment), folder.checks(assignment))
    yield from (folder.source(assignment), folder.solution(assignment))
    for step in (folder.submitted, folder.autograded, folder.feedback):
        yield step(assignment, "STUDENT")
    if folder.gradebook_file is not None:
        yield folder.gradebook_file
    yield Path(mashq.__file__).parent
    yield datasets.course_folder().parent  # of the hidden parts, too
    if os.environ.get("MASHQ_DATA"):
        yield Path(os.environ["MASHQ_DATA"])


def _digest(path: Path) -> str:
    modules = sorted(islice(path.rglob("*.py"), MOST_FILES))
    digest = hashlib.sha256()
    for module in modules:
        if module.is_file():
            digest.update(f"{module.relative_to(path)}\0".encode() + module.read_bytes())
    return digest.hexdigest()
