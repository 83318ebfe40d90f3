"""The audit's own course: a copy of the assignment in a temporary folder, with a gradebook of its own."""

from __future__ import annotations

from pathlib import Path

from mashq.audit.canaries import Canaries
from mashq.audit.cases import Case, read_notebook
from mashq.audit.files import strange_files
from mashq.course.assignment import Assignment
from mashq.course.copy import copy_assignment
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import open_gradebook
from mashq.course.nbgrader import run_nbgrader
from mashq.errors import CourseError


class AuditCourse:
    """A copy of an assignment, released, in a folder that is the caller's to delete.

    course : the real course folder, of which only the store of results of audits is written
    folder : an empty folder

    Raises CourseError when there is no such assignment, or when nbgrader cannot release it.
    """

    def __init__(self, course: Path, assignment: str, folder: Path) -> None:
        real = CourseFolder(course)
        self.root, self.assignment = folder, assignment
        self.zoo = real.zoo(assignment)
        self.folder = copy_assignment(real, assignment, folder)
        kept = real.audit_store(assignment)  # a stopped audit goes on where it was
        kept.parent.mkdir(parents=True, exist_ok=True)
        self.folder.store(assignment).parent.mkdir(exist_ok=True)
        self.folder.store(assignment).symlink_to(kept)
        run_nbgrader(folder, "generate_assignment", assignment)
        given = Assignment(self.folder, assignment)
        self.notebooks = {
            name: read_notebook(given.source(name), release, name in given.checks)
            for name, release in given.release.items()
        }

    def hand_in(self, case: Case, canaries: Canaries) -> None:
        """Write a case where it is handed in; beside a reference lies the secret that attacks look for."""
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
        with open_gradebook(self.folder, self.assignment) as gradebook:
            return {
                (submission.student.id, notebook.name): {
                    grade.name: None if grade.needs_manual_grade else grade.auto_score
                    for grade in notebook.grades
                }
                for submission in gradebook.assignment_submissions(self.assignment)
                for notebook in submission.notebooks
            }
