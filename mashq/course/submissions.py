"""What students have handed in, as folders; what is in their notebooks is for `mashq.grading.intake`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mashq.course.folder import CourseFolder, unknown
from mashq.errors import CourseError
from mashq.handed_in.beside import TIMESTAMP
from mashq.handed_in.own_file import open_own

Stamp = tuple[tuple[str, int, int], ...]  # (path, size, time of the last change in ns) of each file


class Submissions:
    """The folders that were handed in for one assignment, looked at anew with each call."""

    def __init__(self, folder: CourseFolder, assignment: str) -> None:
        self._folder, self._assignment = folder, assignment

    def folder(self, student: str) -> Path:
        """The folder that a student handed in."""
        return self._folder.submitted(self._assignment, student)

    def students(self, chosen: Sequence[str] = ()) -> list[str]:
        """Everybody who handed in something, in order; only the chosen ones, where some are.

        Raises CourseError for a chosen one who did not, with those who did.
        """
        known = self._folder.students(self._assignment)
        for student in chosen:
            if student not in known:
                raise unknown(self._assignment, "submission of student", student, known)
        return list(chosen) or known

    def require_collected(self) -> None:
        """Raises CourseError where nobody has handed in anything, and downloads wait to be collected."""
        downloads = self._folder.downloaded(self._assignment)
        if not self.students() and any(path.is_file() for path in downloads.rglob("*")):
            archive = os.path.relpath(
                downloads / "archive" if (downloads / "archive").is_dir() else downloads
            )
            raise CourseError(
                f"nothing was handed in for {self._assignment}, but downloads are in {archive}; run "
                f"`mashq collect {self._assignment} {archive}/*` first, which takes what Moodle, Canvas, "
                "Blackboard and Brightspace give"
            )

    def stamp(self, student: str) -> Stamp:
        """Changes when a file of a submission does; cheaper than reading them."""
        return stamp_of([self.folder(student)])

    def key(self, student: str) -> str:
        """Changes when something of a submission does that is recorded without a run: time, other files."""
        folder = self.folder(student)
        parts = []
        for path, state in _states([folder]):
            name = path.relative_to(folder).as_posix()
            if name == TIMESTAMP and (time := _beginning(folder, name)) is not None:
                parts.append(f"{name} {time!r}")
            elif path.suffix == ".ipynb":
                parts.append(name)  # what is in it decides its own key
            else:
                parts.append(f"{name} {state.st_size} {state.st_mtime_ns}")
        return hashlib.sha256(os.fsencode("\n".join(parts))).hexdigest()


def stamp_of(folders: Iterable[Path], paths: Iterable[Path] = ()) -> Stamp:
    """The stamp of everything below some folders, and of some other paths."""
    states = _states(folders, paths)
    return tuple((str(path), state.st_size, state.st_mtime_ns) for path, state in states)


def _states(folders: Iterable[Path], paths: Iterable[Path] = ()) -> Iterator[tuple[Path, os.stat_result]]:
    """These paths and everything below these folders, sorted.

    What is not there is passed over. So is what goes away meanwhile: rsync and editors do that at any moment.
    """
    found = [
        Path(place, name)
        for folder in folders
        for place, subfolders, files in os.walk(folder)
        for name in (*subfolders, *files)
    ]
    for path in sorted([*found, *paths]):
        with suppress(OSError):
            yield path, path.lstat()


def _beginning(folder: Path, name: str) -> bytes | None:
    """The first bytes of an ordinary file; None for what is none, cannot be read, or has just gone away."""
    try:
        with open_own(folder, name) as file:
            return file.read(200)
    except OSError:
        return None
