"""Which file of a submission is which notebook of the assignment, whatever it is called.

Platforms, browsers and people rename files. A notebook is looked for under its own name, and else by the
cells that the files of the submission hold; what is not certain is for a person.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mashq.cells import likeness
from mashq.course.submissions import TIMESTAMP, is_inside
from mashq.grading.intake.read import SubmissionError, read_bytes, read_submission
from mashq.grading.intake.repair import is_answered
from mashq.language import marked as N_
from mashq.problems import Sentence

ALIKE = 0.5  # share of a release's cells that a file must hold to be taken for that notebook
MAX_OTHERS, MAX_OTHER_MB = 20, 50  # files under other names that are looked into, in one submission
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz")  # not opened: a person does that


@dataclass(frozen=True)
class Work:
    """One handed-in notebook that is known to the assignment."""

    student: str
    notebook: str
    path: Path  # of the file that is taken for it, whatever its name
    note: Sentence | None = None  # how it was found, where it was not under its name
    doubt: Sentence | None = None  # why no file is taken for it, though one may be it; a person must look


@dataclass(frozen=True)
class File:
    """What a file of a submission was found to hold."""

    name: str  # relative to the submission's folder
    path: Path
    holds: tuple[str, ...] = ()  # the notebooks of the assignment whose cells are in it
    sources: tuple[str, ...] = ()  # of its cells; empty when it is no notebook that can be read
    answered: bool = False  # whether anything in it is not as it was released


class Finder:
    """Finds an assignment's notebooks in submissions; each state of a file is read once.

    releases : the released notebooks, by name
    given : the files that the instructor gives beside them, which are nobody's answer
    """

    def __init__(self, releases: Mapping[str, Any], given: Collection[str]) -> None:
        self._releases, self._given = releases, given
        self._seen: dict[tuple[str, int, int], File] = {}

    def find(self, student: str, folder: Path, names: Sequence[str]) -> Iterator[Work]:
        """The notebooks of these names in what a student handed in."""
        others = self._others(folder)
        for name in names:
            path = folder / f"{name}.ipynb"
            work = None
            if others or not os.path.lexists(path):
                work = self._under_another_name(student, name, path, others)
            if work is not None:
                yield work
            elif os.path.lexists(path):
                yield Work(student, name, path)

    def _under_another_name(self, student: str, name: str, path: Path, others: Sequence[str]) -> Work | None:
        """What to grade in place of the file that has the notebook's name; None for that one, or nothing."""
        folder, there = path.parent, os.path.lexists(path) and not path.is_dir()
        files = [self._look_into(folder, other) for other in others if not (there and _is_hidden(other))]
        misnamed = [] if there else self._under_wrong_names(folder, name)
        certain = [file for file in files + misnamed if file.holds == (name,)]
        certain = [file for file in certain if file.answered] or ([] if there else certain)
        certain = [file for file in certain if not _is_hidden(file.name)] or certain
        if there and (not certain or self._look_into(folder, path.name).answered):
            return None
        if len({file.sources for file in certain}) == 1:
            return Work(student, name, certain[0].path, note=_taken(certain[0].name, there))
        possible = [file for file in files if _may_be(file, name, self._releases)]
        unclear = certain or ([] if os.path.lexists(path) else possible)
        if not unclear:
            return None
        names = ", ".join(repr(file.name) for file in unclear[:5])
        doubt = (
            N_("is not certain: there is no answer under its own name, and it may be {names}")
            if there
            else N_("is not certain: it is not there under its own name, and it may be {names}")
        )
        return Work(student, name, path, doubt=Sentence.of(doubt, names=names))

    def _under_wrong_names(self, folder: Path, name: str) -> list[File]:
        """What is under the names of the assignment's other notebooks."""
        names = [f"{other}.ipynb" for other in self._releases if other != name]
        return [self._look_into(folder, other) for other in names if (folder / other).is_file()]

    def _others(self, folder: Path) -> list[str]:
        """The files of a submission but for those that the assignment knows; notebooks first."""
        known = {f"{name}.ipynb" for name in self._releases} | set(self._given) | {TIMESTAMP}
        names = [
            os.path.relpath(os.path.join(place, file), folder)
            for place, _folders, files in os.walk(folder)
            for file in files
        ]
        others = sorted(set(names) - known, key=lambda name: ("ipynb" not in name.lower(), name))
        return others[:MAX_OTHERS]

    def _look_into(self, folder: Path, name: str) -> File:
        """What a file holds; each state of a file is read once."""
        try:
            state = (folder / name).lstat()
        except OSError:  # it went away just now
            return File(name, folder / name)
        key = (str(folder / name), state.st_size, state.st_mtime_ns)
        if key not in self._seen:
            self._seen[key] = self._read_file(folder, name, state.st_size)
        return self._seen[key]

    def _read_file(self, folder: Path, name: str, size: int) -> File:
        path = folder / name
        if size > MAX_OTHER_MB * 2**20 or b"{" not in read_own_file(path, folder, 64):
            return File(name, path)
        try:
            notebook = read_submission(path, read_own_file(path, folder)).notebook
        except SubmissionError:
            return File(name, path)
        holds = [n for n, release in self._releases.items() if likeness(notebook, release) >= ALIKE]
        return File(
            name,
            path,
            tuple(holds),
            tuple(cell.source for cell in notebook.cells),
            any(is_answered(notebook, self._releases[n]) for n in holds),
        )


def _taken(file: str, there: bool) -> Sentence:
    """How a notebook was found; `there`: whether there is a file under its own name."""
    note = (
        N_("{file!r} was taken for it: there is no answer under its own name")
        if there
        else N_("{file!r} was taken for it: it is not there under its own name")
    )
    return Sentence.of(note, file=file)


def read_own_file(path: Path, folder: Path, most: int | None = None) -> bytes:
    """The content of an ordinary file of a submission; empty, so that a person looks, for anything else.

    A link may lead out, a pipe would never end, and what may not be read stays unread.
    """
    try:
        return read_bytes(path, most) if path.is_file() and is_inside(path, folder) else b""
    except OSError:
        return b""


def _is_hidden(name: str) -> bool:
    """Whether a program left a file there, such as a notebook's autosave, and not the student."""
    return any(part.startswith(".") or part == "__MACOSX" for part in Path(name).parts)


def _may_be(file: File, name: str, names: Iterable[str]) -> bool:
    """Whether a missing notebook, one of `names`, may be in a file that is not certain to be it."""
    if _is_hidden(file.name) or (file.holds and name not in file.holds):
        return False
    lower = file.name.lower()
    if _letters(name) in _letters(lower):
        return True
    is_another = any(_letters(other) in _letters(lower) for other in names)
    return not is_another and ("ipynb" in lower or lower.endswith(ARCHIVES))


def _letters(name: str) -> str:
    """A file's name without what people and programs change of it."""
    return re.sub(r"[\W_]", "", name.casefold())
