"""What there is to grade in a course folder, and the tasks made from it."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange

from mashq.errors import CourseError, SubmissionError
from mashq.grading.config import load_config
from mashq.grading.extra_files import is_inside
from mashq.grading.intake import Reason, read_bytes, read_submission
from mashq.grading.judging import mark_schemes, translation
from mashq.grading.preprocessors import JudgeExecute
from mashq.grading.repair import is_answered, likeness
from mashq.grading.task import Task
from mashq.judge.limits import Limits
from mashq.language import gettext as _
from mashq.language import language_of, read_words, speaking, words_of
from mashq.language import marked as N_
from mashq.sandbox import read_files

ALIKE = 0.5  # share of a release's cells that a file must hold to be taken for that notebook
MAX_OTHERS, MAX_OTHER_MB = 20, 50  # files under other names that are looked into, in one submission
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz")  # not opened: a person does that


@dataclass(frozen=True)
class Work:
    """One handed-in notebook that is known to the assignment."""

    student: str
    notebook: str
    path: Path  # of the file that is taken for it, whatever its name
    note: str = ""  # how it was found, where it was not under its name; in the language of the release
    doubt: str = ""  # why no file is taken for it, though one may be it; a person must look


@dataclass(frozen=True)
class File:
    """What a file of a submission was found to hold."""

    name: str  # relative to the submission's folder
    path: Path
    holds: tuple[str, ...] = ()  # the notebooks of the assignment whose cells are in it
    sources: tuple[str, ...] = ()  # of its cells; empty when it is no notebook that can be read
    answered: bool = False  # whether anything in it is not as it was released


@dataclass(frozen=True)
class Choices:
    """What the command line says over the course's settings; None leaves the setting."""

    isolation: str | None = None
    allow_stand_in: bool = False
    whole: bool | None = None  # as `Task.whole`


class Course:
    """An assignment of a course folder, seen through its nbgrader_config.py.

    Raises CourseError when the folder is no course, or the assignment was not released.
    """

    def __init__(self, root: Path, assignment: str, choices: Choices | None = None) -> None:
        choices = choices or Choices()
        self.config = load_config(root)
        self.root = root.resolve()
        self.assignment = assignment
        self._directory = CourseDirectory(config=self.config, root=str(self.root))
        settings = JudgeExecute(config=self.config)
        self.isolation = choices.isolation or str(settings.isolation)
        self.whole = choices.whole if choices.whole is not None else settings.whole or None
        self.allow_stand_in = choices.allow_stand_in or settings.stand_ins_allowed()
        self._memory_mb = settings.memory_mb
        self._limits = Limits(cell_s=settings.timeout or Limits.cell_s, startup_s=settings.startup_timeout)
        self._own = set(Autograde(config=self.config).exclude_overwriting.get(assignment, ()))
        self._checks = self.root / settings.checks_directory / assignment
        if not self.release:
            raise CourseError(
                f"{self._folder('release', '.')} has no notebooks: run `mashq release {assignment}` first"
            )

    def _folder(self, step: str, student: str) -> Path:
        step_folder = getattr(self._directory, f"{step}_directory")
        return Path(self._directory.format_path(step_folder, student, self.assignment))

    @cached_property
    def release(self) -> dict[str, bytes]:
        """The released notebooks, by name."""
        return {path.stem: path.read_bytes() for path in sorted(self._folder("release", ".").glob("*.ipynb"))}

    @cached_property
    def checks(self) -> dict[str, bytes]:
        """The hidden checks, by the name of their notebook."""
        paths = {name: self._checks / f"test_{name}.py" for name in self.release}
        return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}

    @cached_property
    def schemes(self) -> dict[str, dict[str, str]]:
        """The mark schemes of each notebook in the language of its release, {name: {grade_id: text}}."""
        paths = {name: self._folder("source", ".") / f"{name}.ipynb" for name in self.release}
        translated = {
            language: translation(language, read_words(self.root, self.assignment, language))
            for language in set(self.languages.values())
        }
        return {
            name: mark_schemes(nbformat.read(path, as_version=4), translated[self.languages[name]])
            if path.is_file()
            else {}
            for name, path in paths.items()
        }

    @cached_property
    def languages(self) -> dict[str, str]:
        """The language of each released notebook; it names none where it is English."""
        return {name: language_of(notebook) for name, notebook in self._releases.items()}

    @cached_property
    def catalogues(self) -> dict[str, bytes]:
        """What each notebook's checks say in its language, {notebook: .po file}; empty for English."""
        return {
            name: words_of(read_words(self.root, self.assignment, language), f"test_{name}.py")
            for name, language in self.languages.items()
        }

    @property
    def language(self) -> str:
        """The language of the release as a whole."""
        return Counter(self.languages.values()).most_common(1)[0][0]

    @cached_property
    def given(self) -> dict[str, bytes]:
        """The files that the instructor gives beside the notebooks; they stand over the student's."""
        folder = self._folder("source", ".")
        return read_files(folder)[0] if folder.is_dir() else {}

    def submission(self, student: str) -> Path:
        """The folder that a student handed in."""
        return self._folder("submitted", student)

    def students(self) -> list[str]:
        """Everybody who handed in something, in order."""
        pattern = self._folder("submitted", "*")
        base = Path(*pattern.parts[: pattern.parts.index("*")])
        rest = Path(*pattern.parts[pattern.parts.index("*") :])
        depth = len(base.parts)
        return sorted({path.parts[depth] for path in base.glob(str(rest)) if path.is_dir()})

    def work(self, students: Sequence[str] = (), notebooks: Sequence[str] = ()) -> Iterator[Work]:
        """What is to be graded; only these students and notebooks, where some are named.

        Raises CourseError for a student or a notebook that is not there, with those that are.
        """
        known = self.students()
        for what, names, there in (
            ("submission of student", students, known),
            ("notebook", notebooks, list(self.release)),
        ):
            for name in names:
                if name not in there:
                    some = ", ".join(there[:8]) + (", ..." if len(there) > 8 else "")
                    raise CourseError(f"{self.assignment} has no {what} {name!r}; it has: {some or 'none'}")
        for student in students or known:
            yield from self._handed_in(student, notebooks or list(self.release))

    def without_notebooks(self, students: Sequence[str] = ()) -> list[str]:
        """Who handed in something, but nothing that may be a notebook of the assignment."""
        return [
            student
            for student in students or self.students()
            if not any(self._handed_in(student, list(self.release)))
        ]

    def task(self, work: Work) -> Task:
        """Read everything that decides the grade of one notebook."""
        folder = self.submission(work.student)
        files, _ = read_files(folder)
        given = {
            name: data for name, data in self.given.items() if name not in files or name not in self._own
        }
        data = b"" if work.doubt else _read_own_file(work.path, folder)
        return Task(
            student=work.student,
            assignment=self.assignment,
            notebook=work.notebook,
            data=data,
            release=self.release[work.notebook],
            files=files | given,
            checks=self.checks.get(work.notebook),
            schemes=self.schemes[work.notebook],
            limits=self._limits,
            whole=self.whole,
            memory_mb=self._memory_mb,
            allow_stand_in=self.allow_stand_in,
            isolation=self.isolation,
            notes=(work.note,) if work.note else (),
            doubt=work.doubt,
            catalogue=self.catalogues[work.notebook],
        )

    # -- notebooks that were not handed in under their names ------------------------------------------------

    def _handed_in(self, student: str, names: Sequence[str]) -> Iterator[Work]:
        """The notebooks of a submission, by their names, and else by the cells that files hold."""
        folder = self.submission(student)
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
            return Work(student, name, certain[0].path, note=self._taken(name, certain[0].name, there))
        possible = [file for file in files if _may_be(file, name, self.release)]
        unclear = certain or ([] if os.path.lexists(path) else possible)
        if not unclear:
            return None
        names = ", ".join(repr(file.name) for file in unclear[:5])
        doubt = (
            N_("is not certain: there is no answer under its own name, and it may be {names}")
            if there
            else N_("is not certain: it is not there under its own name, and it may be {names}")
        )
        with speaking(self.languages[name]):
            return Work(student, name, path, doubt=Reason.of(doubt, names=names))

    def _taken(self, name: str, file: str, there: bool) -> str:
        """How a notebook was found, in the language of its release.

        there : whether there is a file under its own name
        """
        with speaking(self.languages[name]):
            note = (
                _("{file!r} was taken for it: there is no answer under its own name")
                if there
                else _("{file!r} was taken for it: it is not there under its own name")
            )
            return note.format(file=file)

    def _under_wrong_names(self, folder: Path, name: str) -> list[File]:
        """What is under the names of the assignment's other notebooks."""
        names = [f"{other}.ipynb" for other in self.release if other != name]
        return [self._look_into(folder, other) for other in names if (folder / other).is_file()]

    def _others(self, folder: Path) -> list[str]:
        """The files of a submission but for those that the assignment knows; notebooks first."""
        known = {f"{name}.ipynb" for name in self.release} | self.given.keys() | {"timestamp.txt"}
        names = [
            os.path.relpath(os.path.join(place, file), folder)
            for place, _, files in os.walk(folder)
            for file in files
        ]
        others = sorted(set(names) - known, key=lambda name: ("ipynb" not in name.lower(), name))
        return others[:MAX_OTHERS]

    def _look_into(self, folder: Path, name: str) -> File:
        """What a file holds; each state of a file is read once."""
        state = (folder / name).lstat()
        key = (str(folder / name), state.st_size, state.st_mtime_ns)
        if key not in self._seen:
            self._seen[key] = self._read_file(folder, name, state.st_size)
        return self._seen[key]

    def _read_file(self, folder: Path, name: str, size: int) -> File:
        path = folder / name
        if size > MAX_OTHER_MB * 2**20 or b"{" not in _read_own_file(path, folder, 64):
            return File(name, path)
        try:
            notebook = read_submission(path, _read_own_file(path, folder)).notebook
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

    @cached_property
    def _releases(self) -> dict[str, Any]:
        return {name: nbformat.reads(data.decode(), as_version=4) for name, data in self.release.items()}

    @cached_property
    def _seen(self) -> dict[tuple[str, int, int], File]:
        return {}

    def submission_key(self, student: str) -> str:
        """Changes when something of a submission does that is recorded without a run: time, other files."""
        folder = self.submission(student)
        parts = []
        for path in sorted(folder.rglob("*")):
            state = path.lstat()
            name = path.relative_to(folder).as_posix()
            if name == "timestamp.txt" and path.is_file():
                parts.append(f"{name} {path.read_bytes()[:200]!r}")
            elif path.suffix == ".ipynb":
                parts.append(name)  # what is in it decides its own key
            else:
                parts.append(f"{name} {state.st_size} {state.st_mtime_ns}")
        return hashlib.sha256(os.fsencode("\n".join(parts))).hexdigest()

    def has_exchange(self) -> bool:
        """Whether nbgrader's exchange is there, from which submissions can be collected."""
        root = Path(Exchange(coursedir=self._directory, config=self.config).root)
        return Path(root, str(self._directory.course_id), "inbound").is_dir()

    def stamp(self, student: str) -> tuple[Any, ...]:
        """Cheaper than reading: changes whenever a file of the submission does."""
        folder = self.submission(student)
        return tuple(
            (str(path), state.st_size, state.st_mtime_ns)
            for path in sorted(folder.rglob("*"))
            if (state := path.lstat())
        )


def _read_own_file(path: Path, folder: Path, most: int | None = None) -> bytes:
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
