"""The audit's own course: a copy of the assignment in a temporary folder, with a gradebook of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook

from mashq.audit.canaries import Canaries
from mashq.audit.cases import Case, read_notebook
from mashq.audit.files import strange_files
from mashq.course.assignment import Assignment
from mashq.course.folder import CourseFolder
from mashq.course.nbgrader import run_nbgrader
from mashq.errors import CONFIG, CourseError

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
        real = CourseFolder(course)
        source, checks = real.source(assignment), real.checks(assignment)
        for path in (source, checks):
            if not path.is_dir():
                raise CourseError(f"there is no {path}; which assignment is meant?")
        self.root, self.assignment = folder, assignment
        self.zoo = real.zoo(assignment)
        shutil.copytree(source, folder / "source" / assignment)
        shutil.copytree(checks, folder / "tests" / assignment, ignore=shutil.ignore_patterns("zoo"))
        own = OWN_SETTINGS.format(folder=folder, timeout=CELL_TIMEOUT_S)
        (folder / CONFIG).write_text((course / CONFIG).read_text(encoding="utf-8") + own, encoding="utf-8")
        run_nbgrader(folder, "generate_assignment", assignment)
        self.folder = CourseFolder(folder)
        self.notebooks = {
            name: read_notebook(self.source_file(name), release, self.check_file(name).is_file())
            for name, release in Assignment(self.folder, assignment).release.items()
        }

    def check_file(self, notebook: str) -> Path:
        """Where a notebook's hidden checks are, if it has some."""
        return self.folder.check_file(self.assignment, notebook)

    def source_file(self, notebook: str) -> Path:
        """The instructor's notebook."""
        return self.folder.source(self.assignment) / f"{notebook}.ipynb"

    def hand_in(self, case: Case, canaries: Canaries) -> None:
        """Write a case into `submitted/`; beside a reference lies the secret that attacks look for."""
        folder = self.folder.submitted(self.assignment, case.student)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            case.write(folder)
        except Exception as error:
            raise CourseError(f"{case.student} cannot be handed in: {error!r}") from error
        if case.kind == "reference":
            canaries.write(folder)

    def strange_files(self, case: Case) -> list[str]:
        """A sentence for each file in a case's graded folder that is not its own."""
        submitted = self.folder.submitted(self.assignment, case.student)
        graded = self.folder.autograded(self.assignment, case.student)
        return strange_files(submitted, graded, self.folder.source(self.assignment))

    def recorded(self) -> dict[tuple[str, str], dict[str, float | None]]:
        """{(student, notebook): {test cell: points}} in the gradebook; None waits for a person."""
        with Gradebook(*self.folder.gradebook) as gradebook:
            return {
                (submission.student.id, notebook.name): {
                    grade.name: None if grade.needs_manual_grade else grade.auto_score
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(self.assignment)
                for notebook in submission.notebooks
            }
