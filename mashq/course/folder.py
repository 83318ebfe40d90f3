"""Where things are in a course folder, by the settings of its nbgrader_config.py."""

from __future__ import annotations

import copy
import glob
import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mashq.course.config import load_settings, settings_files
from mashq.errors import CONFIG, CourseError, did_you_mean
from mashq.language import ENGLISH, catalogue_path

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

# nbgrader's own defaults; its class takes more than a second to import, too long for the Tab key.
STEPS = ("source", "release", "submitted", "autograded", "feedback", "solution")  # each in a folder so named
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")
OWN = ".mashq"  # folder of what is kept for the next run
CHECKS = "tests"  # default of `JudgeExecute.checks_directory`
SQLITE = "sqlite:///"
NOBODY = "."  # in the place of a student, in the steps before students come in
ANY, WANTED = "\0", "\1"  # in the place of a name that is looked for; no name has such a letter
NAME = r"[^/\\]+" if os.sep == "\\" else "[^/]+"  # as a regular expression
MOST_NAMES = 8  # in a message


class CourseFolder:
    """A course folder, as nbgrader with the folder's nbgrader_config.py sees it.

    root : the folder with the settings; the course is elsewhere where `c.CourseDirectory.root` says so
    config : its settings, where they were read already; else those of its nbgrader_config.py

    `settings_files` are the files from which the settings come, or would come if they were there.

    Raises CourseError when the folder has no nbgrader_config.py.
    """

    def __init__(self, root: Path, config: Config | None = None) -> None:
        self.config, files = load_settings(root) if config is None else (config, [])
        self._settings: Any = self.config.CourseDirectory
        self.home = root.resolve()  # where nbgrader's commands run
        self.root = Path(self.home, self._settings.get("root", "")).resolve()
        self.settings_files = files or settings_files(dict.fromkeys((self.home, self.root)))

    @classmethod
    def of_step(cls, step: Any) -> CourseFolder:
        """The folder in which one of nbgrader's steps runs, with the settings that nbgrader has read.

        step : a preprocessor, which belongs to an exporter, which belongs to a converter
        """
        return cls.of_converter(step.parent.parent)

    @classmethod
    def of_converter(cls, converter: Any) -> CourseFolder:
        """The same, for one of nbgrader's converters."""
        # not the settings of `coursedir`: nbgrader makes that before it has read the course's
        folder = cls(Path(converter.coursedir.root), converter.config)
        folder.root = folder.home
        return folder

    def with_steps(self, **folders: str) -> CourseFolder:
        """The same course with other folders for some of nbgrader's steps."""
        config = copy.deepcopy(self.config)
        config.CourseDirectory.update({f"{step}_directory": folder for step, folder in folders.items()})
        return CourseFolder(self.home, config)

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's own object for this folder, which its converters ask for."""
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config, root=str(self.root))

    @property
    def gradebook(self) -> tuple[str, str]:
        """The gradebook's URL and the course's id, as nbgrader's `Gradebook` takes them."""
        return self.directory.db_url, self.directory.course_id

    @property
    def gradebook_file(self) -> Path | None:
        """The gradebook's file, found without nbgrader, which need not be there; None for a server."""
        url = str(self._settings.get("db_url", "")) or f"{SQLITE}{self.root / 'gradebook.db'}"
        return Path(self.root, url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None

    @property
    def groupshared(self) -> bool:
        """Whether all accounts of a group grade this course, by nbgrader's setting."""
        return bool(self._settings.get("groupshared", False))

    @property
    def exchange_zone(self) -> str:
        """The zone in which nbgrader's exchange writes times."""
        return str(self.config.Exchange.get("timezone", ""))

    # -- nbgrader's steps ---------------------------------------------------------------------------------

    def source(self, assignment: str) -> Path:
        """The folder of the instructor's notebooks."""
        return self._step("source", assignment)

    def source_file(self, assignment: str, notebook: str) -> Path:
        """The file of the instructor's notebook, which need not be there."""
        return self.source(assignment) / f"{notebook}.ipynb"

    def release(self, assignment: str) -> Path:
        """The folder that is handed out."""
        return self._step("release", assignment)

    def released_file(self, assignment: str, notebook: str) -> Path:
        """The file of a notebook as it is handed out, which need not be there."""
        return self.release(assignment) / f"{notebook}.ipynb"

    def solution(self, assignment: str) -> Path:
        """The folder of the executed reference solutions."""
        return self._step("solution", assignment)

    def submitted(self, assignment: str, student: str) -> Path:
        """The folder that a student handed in."""
        return self._step("submitted", assignment, student)

    def autograded(self, assignment: str, student: str) -> Path:
        """The folder of a student's graded notebooks."""
        return self._step("autograded", assignment, student)

    def feedback(self, assignment: str, student: str) -> Path:
        """The folder of a student's feedback pages."""
        return self._step("feedback", assignment, student)

    # -- what mashq adds ----------------------------------------------------------------------------------

    def checks(self, assignment: str) -> Path:
        """The folder of the hidden checks."""
        name = self.config.JudgeExecute.get("checks_directory", CHECKS)
        return Path(self.root, name, assignment)

    def check_file(self, assignment: str, notebook: str) -> Path:
        """The file of a notebook's hidden checks, which need not be there."""
        return self.checks(assignment) / f"test_{notebook}.py"

    def zoo(self, assignment: str) -> Path:
        """The folder of the known wrong, odd and hostile answers."""
        return self.checks(assignment) / "zoo"

    def store(self, assignment: str) -> Path:
        """The file of the results that were computed."""
        return self.root / OWN / f"{assignment}.sqlite"

    def audit_store(self, assignment: str) -> Path:
        """The file of the results of the assignment's audits."""
        return self.root / OWN / "audit" / f"{assignment}.sqlite"

    def given(self, assignment: str) -> Path:
        """The folder of the instructor's files that notebooks read where they lie."""
        return self.root / OWN / "given" / assignment

    def released_anew(self) -> CourseFolder:
        """The same course with its release in `.mashq/`, where it is made again once that folder is gone."""
        return self.with_steps(release=self.released_anew_name)

    @property
    def released_anew_name(self) -> str:
        """The name of that folder, as nbgrader takes it."""
        return f"{OWN}/release"

    def releasing(self, assignment: str, *steps: str) -> dict[str, str]:
        """The folders of what is not in its place yet, as nbgrader takes them, {its step: the folder}."""
        return {step: f".mashq-release-{assignment}/{step}" for step in steps or ("release", "solution")}

    def made_from(self, assignment: str) -> Path:
        """The file of what the last release was made from."""
        return self.root / OWN / f"{assignment}.release.json"

    def collect_log(self) -> Path:
        """The file of what `nbgrader collect` said when it last failed."""
        return self.root / OWN / "collect.log"

    def downloaded(self, assignment: str) -> Path:
        """The folder of a learning platform's downloads, in which `nbgrader zip_collect` looks."""
        return Path(
            self.root, self.config.ZipCollectApp.get("downloaded_directory", "downloaded"), assignment
        )

    def collecting(self) -> Path:
        """The hidden folder, on the disk of what was submitted, in which `mashq collect` makes folders."""
        above = os.path.dirname(self._path("submitted", ANY, ANY).partition(ANY)[0])
        return Path(above, ".mashq-collect")

    def collect_work(self) -> Path:
        """The folder of what `mashq collect` is looking at."""
        return self.root / OWN / "collect"

    def collected(self, assignment: str) -> Path:
        """The file of what `mashq collect` knows of the folders that it has put into `submitted/`."""
        return self.root / OWN / f"{assignment}.collected.json"

    def numbers(self) -> Path:
        """The file of the numbers that stand in place of students' names in anonymous reports."""
        return self.root / OWN / "numbers.json"

    def catalogue(self, assignment: str, language: str) -> Path:
        """The file of an assignment's translations into a language."""
        return catalogue_path(self.root, assignment, language)

    def catalogues(self, assignment: str) -> list[Path]:
        """The files of an assignment's translations, into every language; sorted."""
        pattern = catalogue_path(Path(), glob.escape(assignment), "*")
        return sorted(self.root.glob(str(pattern)))

    def translations(self, assignment: str, language: str) -> bytes:
        """The content of `catalogue`; empty for English, and where there is none."""
        path = self.catalogue(assignment, language)
        return path.read_bytes() if language != ENGLISH and path.is_file() else b""

    def private_parts(self) -> list[Path]:
        """What students and other accounts must not read, whether it is there or not."""
        steps = ("source", NOBODY), ("solution", NOBODY), *((step, ANY) for step in STEPS[2:5])
        parts = [Path(self._path(step, ANY, student).partition(ANY)[0]) for step, student in steps]
        parts += [self.checks("."), self.root / OWN]
        return [*parts, *([self.gradebook_file] if self.gradebook_file else [])]

    def places(self, assignment: str) -> dict[str, str]:
        """What advice names: `submission`, a notebook that was handed in; `timestamp`, `check_file`."""
        files = {
            "timestamp": self.submitted(assignment, "STUDENT") / "timestamp.txt",
            "submission": self.submitted(assignment, "STUDENT") / "NOTEBOOK.ipynb",
            "check_file": self.check_file(assignment, "NOTEBOOK"),
        }
        return {name: os.path.relpath(path, self.home) for name, path in files.items()}

    # -- what is there ------------------------------------------------------------------------------------

    def assignments(self) -> list[str]:
        """What has a folder of sources or a release, or was handed in or graded; sorted."""
        steps = ("source", NOBODY), ("release", NOBODY), ("submitted", ANY), ("autograded", ANY)
        names = {name for step, student in steps for name in self._names(step, WANTED, student)}
        return sorted(name for name in names if not name.startswith((".", "_")))

    def students(self, assignment: str = ANY) -> list[str]:
        """Everybody who handed in a folder for an assignment, or for any; sorted."""
        return sorted(self._names("submitted", assignment, WANTED))

    def graded_students(self, assignment: str) -> list[str]:
        """Everybody with a folder of graded notebooks for an assignment; sorted."""
        return sorted(self._names("autograded", assignment, WANTED))

    def notebooks(self, assignment: str = ANY) -> list[str]:
        """The names of the notebooks of an assignment, or of any, as released or as written; sorted."""
        folders = (self._path(step, assignment, NOBODY) for step in ("release", "source"))
        patterns = (os.path.join(_pattern(folder), "*.ipynb") for folder in folders)
        return sorted({Path(path).stem for pattern in patterns for path in glob.glob(pattern)})

    def require_assignment(self, assignment: str) -> None:
        """Raises CourseError, which names those that are there, where there is no such assignment."""
        known = self.assignments()
        if assignment not in known:
            first = f"A new one begins with notebooks in {self.source(assignment)}; then comes "
            first += f"`mashq release {assignment}`."
            raise unknown(str(self.root), "assignment", assignment, known, first)

    def require_source(self, assignment: str) -> list[Path]:
        """The instructor's notebooks, sorted; CourseError, which says what there is, where there is none."""
        self.require_assignment(assignment)
        paths = sorted(self.source(assignment).glob("*.ipynb"))
        if not paths:
            raise CourseError(
                f"there is no notebook in {self.source(assignment)}; write those of {assignment} there first"
            )
        return paths

    def require_release(self, assignment: str) -> list[Path]:
        """The released notebooks, sorted; CourseError, with the command that comes first, where none is."""
        self.require_assignment(assignment)
        folder = self.release(assignment)
        paths = sorted(folder.glob("*.ipynb"))
        if not paths:
            raise CourseError(
                f"{assignment} was not released: there is no notebook in {folder}; run "
                f"`mashq release {assignment}` first"
            )
        return paths

    def _step(self, step: str, assignment: str, student: str = NOBODY) -> Path:
        return Path(self._path(step, assignment, student))

    def _path(self, step: str, assignment: str, student: str) -> str:
        structure = self._settings.get("directory_structure", STRUCTURE)
        folder = self._settings.get(f"{step}_directory", step)
        try:
            path = structure.format(nbgrader_step=folder, student_id=student, assignment_id=assignment)
        except (LookupError, ValueError, AttributeError) as error:
            raise CourseError(
                f"c.CourseDirectory.directory_structure cannot be {structure!r} ({error!r}): it has the "
                f"parts {{nbgrader_step}}, {{student_id}} and {{assignment_id}}, as in "
                f"{STRUCTURE!r}. Mend it in {CONFIG}."
            ) from error
        return os.path.normpath(os.path.join(self.root, path))

    def _names(self, step: str, assignment: str, student: str) -> set[str]:
        """What stands in the place of WANTED in the names of a step's folders."""
        path = self._path(step, assignment, student)
        pattern = re.escape(path).replace(WANTED, f"(?P<name>{NAME})", 1).replace(WANTED, "(?P=name)")
        pattern = pattern.replace(ANY, NAME)
        there = glob.glob(_pattern(path), include_hidden=True)
        found = (re.fullmatch(pattern, folder) for folder in there if os.path.isdir(folder))
        return {match["name"] for match in found if match}


def _pattern(path: str) -> str:
    """A path as `glob` takes it, any name in the place of ANY and WANTED."""
    return glob.escape(path).replace(WANTED, "*").replace(ANY, "*")


def unknown(where: str, what: str, name: str, known: Sequence[str], first: str = "") -> CourseError:
    """The error about a name that is not there: which are, the nearest, and what to do first, a sentence."""
    return CourseError(f"{where} has no {what} {name!r}; {listed(known, name)}{first and ' ' + first}")


def listed(known: Sequence[str], name: str = "") -> str:
    """The end of a message about a name that is not there: those that are, and the nearest."""
    some = ", ".join(known[:MOST_NAMES]) + (", ..." if len(known) > MOST_NAMES else "")
    return f"it has: {some or 'none'}.{did_you_mean(name, known)}"
