"""What there is to grade in a course folder, and the tasks made from it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange

from mashq.errors import CourseError
from mashq.grading.config import load_config
from mashq.grading.extra_files import is_inside
from mashq.grading.intake import read_bytes
from mashq.grading.judging import mark_schemes
from mashq.grading.preprocessors import JudgeExecute
from mashq.grading.task import Task
from mashq.judge.limits import Limits
from mashq.sandbox import read_files


@dataclass(frozen=True)
class Work:
    """One handed-in notebook that is known to the assignment."""

    student: str
    notebook: str
    path: Path


@dataclass(frozen=True)
class Choices:
    """What the command line says over the course's settings; None leaves the setting."""

    isolation: str | None = None
    allow_stand_in: bool = False
    whole: bool = False


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
        self.whole = choices.whole or settings.whole
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
        """The mark schemes of each notebook, {name: {grade_id: text}}."""
        paths = {name: self._folder("source", ".") / f"{name}.ipynb" for name in self.release}
        return {
            name: mark_schemes(nbformat.read(path, as_version=4)) if path.is_file() else {}
            for name, path in paths.items()
        }

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
            folder = self.submission(student)
            for name in notebooks or self.release:
                path = folder / f"{name}.ipynb"
                if path.exists() or path.is_symlink():
                    yield Work(student, name, path)

    def without_notebooks(self, students: Sequence[str] = ()) -> list[str]:
        """Who handed in something, but no notebook of the assignment under its name."""
        return [
            student
            for student in students or self.students()
            if not any(os.path.lexists(self.submission(student) / f"{name}.ipynb") for name in self.release)
        ]

    def task(self, work: Work) -> Task:
        """Read everything that decides the grade of one notebook."""
        folder = self.submission(work.student)
        files, _ = read_files(folder)
        given = {
            name: data for name, data in self.given.items() if name not in files or name not in self._own
        }
        data = read_bytes(work.path) if _is_own_file(work.path, folder) else b""
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
        )

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
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

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


def _is_own_file(path: Path, folder: Path) -> bool:
    """Whether a notebook is an ordinary file of the submission.

    Anything else is not read, and a person looks: a link may lead out, a pipe would never end.
    """
    return path.is_file() and is_inside(path, folder)
