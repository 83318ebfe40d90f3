"""Whether a release would be made again from what it was made from: then nothing is done."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import mashq
from mashq.course.folder import CourseFolder

PACKAGES = ("nbgrader", "nbconvert", "ipykernel", "numpy", "torch", "tensorflow", "keras", "matplotlib")


def unchanged(folder: CourseFolder, assignment: str, language: str | None) -> list[Path]:
    """The notebooks of the last release and its solutions, if all is as it was then; else none."""
    places = folder.release(assignment), folder.solution(assignment)
    try:
        last = json.loads(folder.made_from(assignment).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    now = {"from": _made_from(folder, assignment, language), "made": _digest(places)}
    if last != now or not _is_in_gradebook(folder, assignment):
        return []
    return [path for place in places for path in sorted(place.glob("*.ipynb"))]


def remember(folder: CourseFolder, assignment: str, language: str | None) -> None:
    """Take note of what a release that stands was made from."""
    note = folder.made_from(assignment)
    note.parent.mkdir(exist_ok=True)
    made = _digest((folder.release(assignment), folder.solution(assignment)))
    now = {"from": _made_from(folder, assignment, language), "made": made}
    note.write_text(json.dumps(now), encoding="utf-8")


def _made_from(folder: CourseFolder, assignment: str, language: str | None) -> str:
    """A digest of sources, checks, settings, translations, and of the programs that do it."""
    files = [*folder.settings_files, *folder.catalogues(assignment)]
    own = Path(mashq.__file__).parent
    code = sorted([*own.rglob("*.py"), *own.rglob("*.po"), *own.rglob("*.md")])
    about = [
        language,
        *map(_version, PACKAGES),
        *((path.stat().st_mtime_ns, path.stat().st_size) for path in code),
    ]
    zoo = folder.zoo(assignment)
    checks = (path for path in _below(folder.checks(assignment)) if not path.is_relative_to(zoo))
    return hashlib.sha256(
        (repr(about) + _digest([*files, folder.source(assignment), *checks])).encode()
    ).hexdigest()


def _digest(places: Iterable[Path]) -> str:
    """Of the names and contents of files and of all files in folders; those of Python's own are left out."""
    digest = hashlib.sha256()
    for place in places:
        for path in _below(place) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path}\0".encode(errors="surrogateescape") + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _is_in_gradebook(folder: CourseFolder, assignment: str) -> bool:
    """Whether a gradebook of SQLite, which is looked into without nbgrader, has the assignment."""
    path = folder.gradebook_file
    if path is None or not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as gradebook:
            found = gradebook.execute("select 1 from assignment where name = ?", (assignment,)).fetchone()
    except sqlite3.Error:
        return False
    return found is not None
