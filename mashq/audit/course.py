"""The audit's own course: a copy of the assignment in a temporary folder, with a gradebook of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from mashq.audit.canaries import Canaries
from mashq.audit.cases import Case, read_notebook
from mashq.audit.files import strange_files
from mashq.errors import CourseError
from mashq.grading.config import NAME, load_config
from mashq.grading.course import Course
from mashq.grading.preprocessors import JudgeExecute
from mashq.grading.scores import gradebook_of
from mashq.nbgrader_command import run_nbgrader

CELL_TIMEOUT_S = 45  # shorter than a course's own, because of the endless loops in a zoo
# Nothing of the real course is touched, whatever its settings say.
OWN_SETTINGS = """
# The audit's own settings.
c.CourseDirectory.db_url = "sqlite:///{folder}/gradebook.db"
c.CourseDirectory.root = "{folder}"
for step in ("source", "release", "submitted", "autograded", "feedback", "solution"):
    setattr(c.CourseDirectory, step + "_directory", step)
c.CourseDirectory.directory_structure = "{{nbgrader_step}}/{{student_id}}/{{assignment_id}}"
c.Exchange.root = "{folder}/exchange"
c.JudgeExecute.checks_directory = "tests"
c.JudgeExecute.allow_stand_in = True
c.JudgeExecute.timeout = {timeout}
"""


class AuditCourse:
    """A copy of an assignment, released, in a folder that is the caller's to delete.

    course : the real course folder, which is only read
    folder : an empty folder

    Raises CourseError when there is no such assignment, or when nbgrader cannot release it.
    """

    def __init__(self, course: Path, assignment: str, folder: Path) -> None:
        config = load_config(course)
        directory = CourseDirectory(config=config, root=str(course.resolve()))
        source = Path(directory.format_path(directory.source_directory, ".", assignment))
        checks = course / JudgeExecute(config=config).checks_directory / assignment
        for path in (source, checks):
            if not path.is_dir():
                raise CourseError(f"there is no {path}; which assignment is meant?")
        self.root, self.assignment = folder, assignment
        self.zoo = checks / "zoo"
        shutil.copytree(source, folder / "source" / assignment)
        shutil.copytree(checks, folder / "tests" / assignment, ignore=shutil.ignore_patterns("zoo"))
        own = OWN_SETTINGS.format(folder=folder, timeout=CELL_TIMEOUT_S)
        (folder / NAME).write_text((course / NAME).read_text(encoding="utf-8") + own, encoding="utf-8")
        run_nbgrader(folder, "generate_assignment", assignment)
        self.course_id = str(directory.course_id)
        self._course = Course(folder, assignment)
        self.notebooks = {
            name: read_notebook(self.source_file(name), release, self.check_file(name).is_file())
            for name, release in self._course.release.items()
        }

    def check_file(self, notebook: str) -> Path:
        """Where a notebook's hidden checks are, if it has some."""
        return self.root / "tests" / self.assignment / f"test_{notebook}.py"

    def source_file(self, notebook: str) -> Path:
        """The instructor's notebook."""
        return self.root / "source" / self.assignment / f"{notebook}.ipynb"

    def hand_in(self, case: Case, canaries: Canaries) -> None:
        """Write a case into `submitted/`; beside a reference lies the secret that attacks look for."""
        folder = self._course.submission(case.student)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            case.write(folder)
        except Exception as error:
            raise CourseError(f"{case.student} cannot be handed in: {error!r}") from error
        if case.kind == "reference":
            canaries.write(folder)

    def strange_files(self, case: Case) -> list[str]:
        """A sentence for each file in a case's graded folder that is not its own."""
        submitted = self._course.submission(case.student)
        graded = self.root / "autograded" / case.student / self.assignment
        return strange_files(submitted, graded, self.root / "source" / self.assignment)

    def recorded(self) -> dict[tuple[str, str], dict[str, float | None]]:
        """{(student, notebook): {test cell: points}} in the gradebook; None waits for a person."""
        url, course_id = gradebook_of(self.root)
        with Gradebook(url, course_id) as gradebook:
            return {
                (submission.student.id, notebook.name): {
                    grade.name: None if grade.needs_manual_grade else grade.auto_score
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(self.assignment)
                for notebook in submission.notebooks
            }
