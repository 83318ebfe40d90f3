"""What there is to grade in an assignment, and the tasks made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde
from nbgrader.exchange.default import Exchange
from traitlets.config import Config, Configurable

from mashq.course.assignment import Assignment
from mashq.course.folder import CourseFolder, unknown
from mashq.course.submissions import Stamp, Submissions
from mashq.errors import CONFIG, CourseError, did_you_mean
from mashq.grading.gradebook.late_policy import LatePolicy
from mashq.grading.intake.beside import own_folder, read_beside
from mashq.grading.intake.earlier import writers
from mashq.grading.intake.find import Finder, Work, read_own_file
from mashq.grading.intake.kernels import require_kernels
from mashq.grading.intake.own_steps import code_of, own_steps, settings_of
from mashq.grading.intake.python_path import package_folders
from mashq.grading.nbgrader_steps import JudgeExecute
from mashq.grading.notebook.schemes import mark_schemes, translation
from mashq.grading.workers.task import Task
from mashq.handed_in.beside import NOT_COLLECTED, Beside, in_words, over_the_limits
from mashq.handed_in.parse import text_of
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence


@dataclass(frozen=True)
class Overrides:
    """What the command line says over the course's settings; None leaves the setting."""

    isolation: str | None = None
    allow_stand_in: bool = False
    run_all: bool | None = None  # as `Task.run_all`
    identities: str | None = None  # how numbers of one's own are compared, see `mashq.grading.identities`


class Tasks:
    """The tasks of one assignment, as the course's settings and the command line want them graded.

    What the instructor gave is read at once, so that all tasks are made from one state of it. What students
    hand in is read with each call; a file that goes away meanwhile is passed over.

    Raises CourseError when the folder is no course, the assignment was not released, or a check file belongs
    to no notebook.
    """

    def __init__(self, root: Path, assignment: str, overrides: Overrides | None = None) -> None:
        overrides = overrides or Overrides()
        self.folder = CourseFolder(root)
        self.assignment = Assignment(self.folder, assignment)
        self.assignment.require_check_files()
        released = {
            name: str(self.folder.released_file(assignment, name)) for name in self.assignment.notebooks
        }
        require_kernels(
            {released[name]: notebook for name, notebook in self.assignment.notebooks.items()},
            [released[name] for name in self.assignment.checks],
        )
        self.submissions = Submissions(self.folder, assignment)
        settings = JudgeExecute(config=self.folder.config)
        self.identities = overrides.identities or str(settings.identities)
        self.isolation = overrides.isolation or str(settings.isolation)
        self.run_all = overrides.run_all if overrides.run_all is not None else settings.run_all or None
        self.allow_stand_in = overrides.allow_stand_in or settings.stand_ins_allowed()
        _require_known(self.folder.config)
        self._quota, self._limits = settings.quota(), settings.limits()
        self._packages = package_folders(self.folder, assignment)
        steps = own_steps(self.folder.config, assignment)
        self._steps = {name: code_of(name) for name in steps}
        self._settings = settings_of(steps, self.folder.config)
        autograde = Autograde(config=self.folder.config)
        self._editable = set(autograde.exclude_overwriting.get(assignment, ()))
        self._last: tuple[str, Stamp, Beside] | None = None
        self._finder = Finder(self.assignment.notebooks, self.assignment.given)
        self._checks, self._catalogues = self.assignment.checks, self.assignment.catalogues
        self._schemes = {name: self._read_schemes(name) for name in self.assignment.release}
        self._datasets = {name: self.assignment.datasets(name) for name in self.assignment.release}

    def require_notebooks(self, names: Sequence[str]) -> None:
        """Raises CourseError, which names those that are there, for a notebook that is not."""
        known = list(self.assignment.release)
        for name in names:
            if name not in known:
                raise unknown(self.assignment.name, "notebook", name, known)

    def found(self, student: str) -> list[Work]:
        """The notebooks of the assignment in what a student has handed in."""
        folder = self.submissions.folder(student)
        return list(self._finder.find(student, folder, list(self.assignment.release)))

    def datasets(self, notebooks: Sequence[str] = ()) -> list[str]:
        """The datasets that these notebooks need, or all where none are named."""
        return sorted({row for name in notebooks or self._datasets for row in self._datasets.get(name, ())})

    def task(self, work: Work) -> Task:
        """Read everything that decides the grade of one notebook."""
        assignment, name = self.assignment, work.notebook
        folder = self.submissions.folder(work.student)
        data = b"" if work.doubt else read_own_file(work.path, folder)
        beside, text = self._beside(work.student), text_of(data)
        files, left_out = read_beside(assignment, beside, text, self._editable)
        earlier = writers(assignment, name, text, lambda: self._handed_in(work.student))
        return Task(
            student=work.student,
            assignment=assignment.name,
            notebook=name,
            data=data,
            release=assignment.release[name],
            files=files,
            checks=self._checks.get(name),
            hidden=self.assignment.hidden[name],
            schemes=self._schemes[name],
            limits=self._limits,
            run_all=self.run_all,
            quota=self._quota,
            packages=self._packages,
            shown=assignment.shown,
            steps=self._steps,
            settings=self._settings,
            allow_stand_in=self.allow_stand_in,
            isolation=self.isolation,
            notes=(*([work.note] if work.note else []), *in_words(left_out)),
            doubt=work.doubt,
            versions=work.versions,
            left_out=left_out,
            own_folder=own_folder(files, work.path.relative_to(folder).parent, assignment.given),
            earlier=earlier,
            datasets=tuple(self.datasets([name, *(other for other, _, _ in earlier)])),
            catalogue=self._catalogues[name],
        )

    def left_out(self, student: str) -> tuple[Problem, ...]:
        """What a person must know of files of a student that were not taken."""
        known = self._last is not None and self._last[0] == student
        beside = self._last[2] if known and self._last is not None else self._beside(student)
        said = in_words(over_the_limits(beside.left_out))
        if NOT_COLLECTED in beside.files:
            said.append(Sentence.of(N_("{file} says what of it was not collected"), file=NOT_COLLECTED))
        return tuple(Problem(Kind.LEFT_OUT, sentence) for sentence in said)

    def _handed_in(self, student: str) -> dict[str, bytes]:
        """The notebooks of a submission, {name: content}, but for those that are in doubt."""
        folder = self.submissions.folder(student)
        return {one.notebook: read_own_file(one.path, folder) for one in self.found(student) if not one.doubt}

    def _beside(self, student: str) -> Beside:
        """The files of a student's folder, which are read once for all notebooks in it."""
        stamp = self.submissions.stamp(student)
        if self._last is None or self._last[:2] != (student, stamp):
            self._last = None  # before the next are in memory, too
            self._last = student, stamp, Beside(self.submissions.folder(student))
        return self._last[2]

    def _read_schemes(self, name: str) -> Mapping[str, str]:
        """A notebook's mark schemes in the language of its release, {grade_id: text}."""
        path = self.assignment.source(name)
        if not path.is_file():
            return {}
        translated = translation(self.assignment.languages[name], self.assignment.translations(name))
        return mark_schemes(nbformat.read(path, as_version=4), translated)

    def inbound(self) -> Path:
        """The folder of nbgrader's exchange from which submissions are collected; it need not be there."""
        directory = self.folder.directory
        root = Path(Exchange(coursedir=directory, config=self.folder.config).root)
        return Path(root, str(directory.course_id), "inbound")


def _require_known(config: Config) -> None:
    """Raises CourseError where a setting of mashq's has a name that there is not: it would do nothing."""
    kinds: list[type[Configurable]] = [JudgeExecute, LatePolicy]
    if config.get("Translate"):
        from mashq.translate.nbgrader_steps import Translate  # takes a while to import

        kinds.append(Translate)
    for kind in kinds:
        known = kind.class_trait_names(config=True)
        for name, value in config.get(kind.__name__, {}).items():
            if name not in known and not isinstance(value, Config):
                raise CourseError(
                    f"{CONFIG} sets c.{kind.__name__}.{name}, and there is no such setting."
                    f"{did_you_mean(name, known)} docs/settings.md has the list."
                )
