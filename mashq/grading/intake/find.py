"""Which file of a submission is which notebook of the assignment, whatever it is called.

Platforms, browsers and people rename files. A notebook is looked for under its own name, and else by the
cells that the files of the submission hold; what is not certain is for a person.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mashq.cells import gives_points, is_solution, likeness
from mashq.grading.intake.repair import defined, is_answered
from mashq.grading.intake.versions import File, answers_in, differences, to_be_chosen
from mashq.handed_in.beside import TIMESTAMP, Code
from mashq.handed_in.limits import MAX_FILE_MB
from mashq.handed_in.own_file import open_own
from mashq.handed_in.read import SubmissionError, read_submission
from mashq.language import marked as N_
from mashq.problems import Sentence, joined

ALIKE = 0.5  # share of a release's cells that a file must hold to be taken for that notebook
MAX_OTHERS, MAX_OTHER_MB = 50, 50  # files under other names that are looked into, in one submission
MAX_OTHERS_MB, MAX_OTHERS_TEXT = 100, 8_000_000  # of these together, and letters in the cells of those
MAX_KEPT = 20_000_000  # letters of files that were looked into and may be asked for again
MAX_CONTENTS = 2**20  # bytes of a zip's table of contents
# Not opened: a person does that. Only the names in a zip are looked at.
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2")


@dataclass(frozen=True)
class Work:
    """One handed-in notebook that is known to the assignment."""

    student: str
    notebook: str
    path: Path  # of the file that is taken for it, whatever its name
    note: Sentence | None = None  # how it was found, where it was not under its name
    doubt: Sentence | None = None  # why no file is taken for it, though one may be it; a person must look
    versions: Sentence | None = None  # which other answered versions there are; a person must choose
    rivals: tuple[Path, ...] = ()  # the files of these


class Finder:
    """Finds an assignment's notebooks in submissions; each state of a file is read once.

    releases : the released notebooks, by name
    given : the files that the instructor gives beside them, which are nobody's answer
    """

    def __init__(self, releases: Mapping[str, Any], given: Collection[str]) -> None:
        self._releases, self._given = releases, given
        self._seen: dict[tuple[str, int, int], File] = {}
        self._kept = 0  # letters in them

    def find(self, student: str, folder: Path, names: Sequence[str]) -> Iterator[Work]:
        """The notebooks of these names in what a student handed in."""
        others = self._others(folder)
        for name in names:
            path = folder / f"{name}.ipynb"
            work = None
            if others or not os.path.lexists(path):
                work = self._among_others(student, name, path, others)
            if work is not None:
                yield work
            elif os.path.lexists(path):
                yield Work(student, name, path)

    def _among_others(self, student: str, name: str, path: Path, others: Sequence[str]) -> Work | None:
        """The work where files under other names have a say in it; None where they have none."""
        folder, there = path.parent, os.path.lexists(path) and not path.is_dir()
        looked_into = self._look_into_all(folder, others)
        files = [file for file in looked_into if not (there and _is_hidden(file.name))]
        own = self._look_into(folder, path.name) if there else File(path.name, path)
        if own.answered and name in own.holds:
            return self._beside_versions(Work(student, name, path), own, files)
        misnamed = [] if there else self._under_known_names(folder)
        certain = [file for file in files + misnamed if file.holds == (name,)]
        certain = [file for file in certain if file.answered] or ([] if there else certain)
        certain = [file for file in certain if not _is_hidden(file.name)] or certain
        if there and not certain:
            return None
        if len({file.sources for file in certain}) == 1:
            return Work(student, name, certain[0].path, note=_taken(certain[0].name, there))
        if certain:
            return Work(student, name, path, doubt=_doubt(certain, there, differences(certain, name)))
        unread = others[len(looked_into) :]
        possible = [] if os.path.lexists(path) else self._possible(folder, name, files, unread)
        return Work(student, name, path, doubt=_doubt(possible, there)) if possible else None

    def _beside_versions(self, work: Work, own: File, files: Sequence[File]) -> Work | None:
        """An answered file beside others that answer the same notebook; None where none differs."""
        name = work.notebook
        rivals = [file for file in files if name in file.holds and file.answered]
        rivals = [file for file in rivals if differences([own, file], name)]
        chosen_from = [file for file in rivals if not file.set_aside]
        if chosen_from:
            versions = to_be_chosen(own, chosen_from, name)
            paths = tuple(file.path for file in chosen_from)
            return Work(work.student, name, work.path, versions=versions, rivals=paths)
        if rivals:
            old = N_("{file!r} holds other answers; by its name it is an older version, and was not graded")
            return Work(work.student, name, work.path, note=Sentence.of(old, file=rivals[0].name))
        return None

    def _possible(self, folder: Path, name: str, files: Sequence[File], others: Sequence[str]) -> list[File]:
        """The files that may be a notebook which is not there: by their name, or by what they answer.

        others : the names of those that were not looked into
        """
        unseen = [File(other, folder / other) for other in others if _is_notebook(other)]
        run_by_others = self._run_by_others(folder, files)
        return [
            file
            for file in [*files, *unseen]
            if file.name not in run_by_others and self._may_be(file, name, folder)
        ]

    def _may_be(self, file: File, name: str, folder: Path) -> bool:
        """Whether a missing notebook may be in a file that is not certain to be it."""
        if _is_hidden(file.name) or (file.holds and name not in file.holds):
            return False
        lower = file.name.lower()
        if _letters(name) in _letters(lower):
            return True
        if any(_letters(other) in _letters(lower) for other in self._releases):
            return False
        if _is_notebook(file.name):
            return not file.sources or _answers_anew(file, self._releases[name])
        return lower.endswith(ARCHIVES) and any(
            self._may_be(File(inner, file.path), name, folder) for inner in _notebooks_in(file, folder)
        )

    def _run_by_others(self, folder: Path, files: Sequence[File]) -> set[str]:
        """The files that notebooks of the submission name in their code: helpers, and nobody's answer."""
        named_in = [
            (file, Code("\n".join(file.sources))) for file in [*self._under_known_names(folder), *files]
        ]
        return {
            file.name
            for file in files
            if not file.holds and any(other is not file and code.names(file.name) for other, code in named_in)
        }

    def _under_known_names(self, folder: Path) -> list[File]:
        """What is under the names of the assignment's notebooks."""
        names = [f"{name}.ipynb" for name in self._releases]
        return [self._look_into(folder, name) for name in names if (folder / name).is_file()]

    def _others(self, folder: Path) -> list[str]:
        """The files of a submission but for those that the assignment knows; the likeliest first."""
        known = {f"{name}.ipynb" for name in self._releases} | set(self._given) | {TIMESTAMP}
        names = [
            os.path.relpath(os.path.join(place, file), folder)
            for place, _folders, files in os.walk(folder)
            for file in files
        ]
        letters = [_letters(name) for name in self._releases]

        def rank(name: str) -> tuple[bool, bool, bool, str]:
            like_one = any(other in _letters(name) for other in letters)
            return _is_hidden(name), not like_one, not _is_notebook(name), name

        return sorted(set(names) - known, key=rank)

    def _look_into_all(self, folder: Path, names: Sequence[str]) -> list[File]:
        """What the first of these files hold, up to the limits."""
        files: list[File] = []
        size = text = 0
        for name in names[:MAX_OTHERS]:
            if size > MAX_OTHERS_MB * 2**20 or text > MAX_OTHERS_TEXT:
                break
            files.append(self._look_into(folder, name))
            text += files[-1].letters
            if files[-1].sources or _is_notebook(name):  # others are not read to their end
                size += files[-1].size
        return files

    def _look_into(self, folder: Path, name: str) -> File:
        """What a file holds; each state of a file is read once."""
        try:
            state = (folder / name).lstat()
        except OSError:  # it went away just now
            return File(name, folder / name)
        key = (str(folder / name), state.st_size, state.st_mtime_ns)
        if key not in self._seen:
            file = self._read_file(folder, name, state)
            while self._seen and self._kept + file.letters > MAX_KEPT:
                self._kept -= self._seen.pop(next(iter(self._seen))).letters
            self._seen[key], self._kept = file, self._kept + file.letters
        return self._seen[key]

    def _read_file(self, folder: Path, name: str, state: os.stat_result) -> File:
        path = folder / name
        nothing = File(name, path, state.st_size, state.st_mtime)
        if state.st_size > MAX_OTHER_MB * 2**20 or b"{" not in read_own_file(path, folder, 64):
            return nothing
        try:
            notebook = read_submission(path, read_own_file(path, folder)).notebook
        except SubmissionError:
            return nothing
        releases = self._releases.items()
        holds = {n: release for n, release in releases if likeness(notebook, release) >= ALIKE}
        return File(
            name,
            path,
            state.st_size,
            state.st_mtime,
            tuple(holds),
            tuple(cell.source for cell in notebook.cells),
            any(is_answered(notebook, release) for release in holds.values()),
            {n: answers_in(notebook, release) for n, release in holds.items()},
        )


def _taken(file: str, there: bool) -> Sentence:
    """How a notebook was found; `there`: whether there is a file under its own name."""
    note = (
        N_("{file!r} was taken for it: there is no answer under its own name")
        if there
        else N_("{file!r} was taken for it: it is not there under its own name")
    )
    return Sentence.of(note, file=file)


def _doubt(files: Sequence[File], there: bool, differ: Sequence[Sentence] = ()) -> Sentence:
    """Why none of these files is taken for a notebook; `there` as above."""
    names = ", ".join(repr(file.name) for file in files[:5])
    doubt = (
        N_("is not certain: there is no answer under its own name, and it may be {names}")
        if there
        else N_("is not certain: it is not there under its own name, and it may be {names}")
    )
    certain = Sentence.of(doubt, names=names)
    if not differ:
        return certain
    differing = N_("{doubt}; they differ in {cells}")
    return Sentence.of(differing, doubt=certain, cells=joined(", ", *differ))


def _answers_anew(file: File, release: Any) -> bool:
    """Whether a notebook without any cell of the release may hold answers to it all the same."""
    answers = [cell for cell in release.cells if is_solution(cell)]
    asked = set().union(*(defined(cell.source) for cell in answers if cell.cell_type == "code"))
    if asked:
        return bool(asked & set().union(*map(defined, file.sources)))
    return any(gives_points(cell) for cell in release.cells)  # essays can be written anywhere


def _notebooks_in(file: File, folder: Path) -> list[str]:
    """The names of the notebooks that are, or may be, in an archive."""
    unknown = ["ipynb"]
    if file.size > MAX_OTHER_MB * 2**20:
        return unknown
    try:
        with open_own(folder, file.path.relative_to(folder)) as content:
            if not _has_short_contents(content):
                return unknown
            with zipfile.ZipFile(content) as archive:
                names = archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return unknown
    return [
        *(name for name in names if _is_notebook(name)),
        *(unknown if any(name.lower().endswith(ARCHIVES) for name in names) else ()),
    ]


def _has_short_contents(file: BinaryIO) -> bool:
    """Whether a zip says that its table of contents is short; a long one takes much time and memory."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - 66_000))  # a comment may follow, of up to 65,535 bytes
    end = file.read(66_000)
    found = end.rfind(b"PK\5\6")
    size = int.from_bytes(end[found + 12 : found + 16], "little")
    return found >= 0 and size <= MAX_CONTENTS and b"PK\6\7" not in end  # which leads to another table


def read_own_file(path: Path, folder: Path, most: int | None = None) -> bytes:
    """The content of an ordinary file of a submission; empty, so that a person looks, for anything else.

    A link may lead out, a pipe would never end, and what may not be read stays unread.
    """
    try:
        with open_own(folder, path.relative_to(folder)) as file:
            return file.read(MAX_FILE_MB * 2**20 + 1 if most is None else most)
    except OSError:
        return b""


def _is_hidden(name: str) -> bool:
    """Whether a program left a file there, such as a notebook's autosave, and not the student."""
    return any(part.startswith(".") or part == "__MACOSX" for part in Path(name).parts)


def _is_notebook(name: str) -> bool:
    return "ipynb" in Path(name).name.lower()


def _letters(name: str) -> str:
    """A file's name without what people and programs change of it."""
    return re.sub(r"[\W_]", "", name.casefold())
