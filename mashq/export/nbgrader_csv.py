"""nbgrader's own CSV, written by its exporter, with cells that hold what names may hold.

nbgrader writes names as they are: a comma in one shifts the row, and a formula is one. So its exporter is
given students whose texts are cells already. Columns and numbers are nbgrader's
(https://nbgrader.readthedocs.io/en/stable/plugins/export-plugin.html); students without a submission have 0.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbgrader.plugins import CsvExportPlugin

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import open_gradebook
from mashq.export.grades import Grades
from mashq.roster.tables import text_cell, write_csv
from mashq.temporary.folders import folder_for


class CellBook:
    """A gradebook of one assignment, where nbgrader's exporter looks, with texts as CSV cells."""

    def __init__(self, gradebook: Any, grades: Grades) -> None:
        self._gradebook, self._name = gradebook, grades.assignment
        assignment = gradebook.find_assignment(grades.assignment)
        self.assignments = [
            SimpleNamespace(
                name=text_cell(assignment.name), duedate=assignment.duedate, max_score=assignment.max_score
            )
        ]
        students = [student for student in gradebook.students if student.id not in grades.left_out]
        self._ids = {text_cell(student.id): student.id for student in students}
        self.students = [
            SimpleNamespace(
                id=text_cell(student.id),
                last_name=text_cell(student.last_name),
                first_name=text_cell(student.first_name),
                email=text_cell(student.email),
            )
            for student in students
        ]

    def find_submission(self, _: str, student: str) -> Any:
        """The submission of a student who is named as in `students`; MissingEntry when there is none."""
        return self._gradebook.find_submission(self._name, self._ids[student])


def write(grades: Grades, path: Path) -> list[str]:
    """Write the file; returns nothing that an instructor need know."""
    course = CourseFolder(grades.course)
    with folder_for("export") as folder, open_gradebook(course, grades.assignment) as gradebook:
        raw = Path(folder, "grades.csv")
        plugin = CsvExportPlugin(config=course.config)
        plugin.to, plugin.assignment, plugin.student = str(raw), [], []
        plugin.export(CellBook(gradebook, grades))
        with raw.open(newline="") as file:  # in the encoding of the machine, as nbgrader wrote it
            lines = file.read().splitlines()
    write_csv(path, [[line] for line in lines])
    return []
