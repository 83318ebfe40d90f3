"""Students' folders in submitted/, each exchanged as a whole: there is never half of one.

A new folder is made beside them and then takes the old one's place. Where that was interrupted, the next
`begin` puts an old folder back that lost its place.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mashq.collect.attempts import Submission
from mashq.collect.times import written
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.handed_in.beside import TIMESTAMP

NEW, OLD = ".new", ".old"
T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """The students' folders of one assignment, and the folder in which new ones are made."""

    folder: CourseFolder
    assignment: str
    numbers: dict[str, int] = field(default_factory=dict)  # of the newest file of each student
    ids: dict[str, str] = field(default_factory=dict)  # by a roster, {the platform's id: the course's}

    def by_an_earlier_roster(self, platforms: str) -> str:
        """The course's id that an earlier roster gave, while that student's folder is there; else empty."""
        own = _read(self.folder.collected(self.assignment), "ids", str).get(platforms, "")
        return own if own and os.path.lexists(self.of(own)) else ""

    def of(self, student: str) -> Path:
        """The student's folder in submitted/."""
        return self.folder.submitted(self.assignment, student)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Put right what was interrupted; afterwards, clear away.

        Raises CourseError when another command collects for this course.
        """
        work = self.folder.collect_work()
        work.mkdir(parents=True, exist_ok=True)
        with (work / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CourseError(
                    f"another `mashq collect` is at work in {self.folder.root}; wait for it to end"
                ) from None
            self._put_right()
            kept = self.folder.collected(self.assignment)
            self.numbers.update(_read(kept, "numbers", int))
            new = dict(self.ids)
            self.ids.update(_read(kept, "ids", str) | new)
            try:
                yield
            finally:
                self._put_right()
                self._keep()
                shutil.rmtree(work, ignore_errors=True)

    @contextmanager
    def pool(self) -> Iterator[Path]:
        """An empty folder for the files of one student."""
        pool = self.folder.collect_work() / "files"
        shutil.rmtree(pool, ignore_errors=True)
        pool.mkdir()
        yield pool
        shutil.rmtree(pool, ignore_errors=True)

    def put(self, student: str, submission: Submission) -> None:
        """Let a student's folder hold this and nothing else, with the time of hand-in in timestamp.txt."""
        new, old = (self.folder.collecting() / part / student for part in (NEW, OLD))
        place = self.of(student)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for path, content in submission.files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if not content.is_symlink():
                _put(content, target)
        if submission.when is not None:
            (new / TIMESTAMP).write_text(written(submission.when), encoding="utf-8")
        place.parent.mkdir(parents=True, exist_ok=True)
        old.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place):
            place.rename(old)
        new.rename(place)
        _remove(old)

    def _keep(self) -> None:
        path = self.folder.collected(self.assignment)
        numbers = {student: number for student, number in sorted(self.numbers.items()) if number}
        ids = dict(sorted(self.ids.items()))
        if (numbers, ids) != (_read(path, "numbers", int), _read(path, "ids", str)):
            text = json.dumps({"numbers": numbers, "ids": ids}, indent=1, ensure_ascii=False)
            draft = path.with_suffix(".draft")
            draft.write_text(text, encoding="utf-8")
            draft.replace(path)

    def _put_right(self) -> None:
        for old in (self.folder.collecting() / OLD).glob("*"):
            place = self.of(old.name)
            if not os.path.lexists(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                old.rename(place)
            else:
                _remove(old)
        shutil.rmtree(self.folder.collecting(), ignore_errors=True)


def _put(content: Path, target: Path) -> None:
    """The same file under another name, where the disk can: what it was called before is removed."""
    try:
        os.link(content, target, follow_symlinks=False)
    except OSError:  # on another disk, or one without links
        shutil.copy2(content, target, follow_symlinks=False)


def _read(path: Path, what: str, kind: Callable[[Any], T]) -> dict[str, T]:
    """What was kept; nothing where that is not there or damaged, which makes the last download count."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))[what]
        return {str(key): kind(value) for key, value in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _remove(path: Path) -> None:
    """Remove what may be a folder, a link to one, or not there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
