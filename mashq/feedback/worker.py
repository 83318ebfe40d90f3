"""What a process of `mashq feedback` does: nbgrader's own converter, on one student after the other."""

from __future__ import annotations

import contextlib
import functools
import glob
import io
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbgrader.apps.generatefeedbackapp import GenerateFeedbackApp
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from mashq.course.folder import CourseFolder
from mashq.errors import CONFIG, CourseError
from mashq.feedback.overview import INDEX
from mashq.feedback.page import FeedbackExporter
from mashq.feedback.places import FeedbackError, Place, remove
from mashq.grading.careful import be_careful
from mashq.grading.notebook.schemes import GRADERS_ONLY


class ForStudents(Preprocessor):
    """Leaves out what is for graders, also where a course's settings do not say so."""

    enabled = True

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        nb.cells = [cell for cell in nb.cells if GRADERS_ONLY not in cell.metadata.get("tags", ())]
        return nb, resources


class PlacedFeedback(GenerateFeedback):
    """nbgrader's converter, for one `place` at a time, whose result appears at once or not at all.

    It is kept from student to student, as nbgrader keeps it: the HTML template is compiled once.
    """

    place: Place
    ready = False  # whether nbgrader has made the exporter and the writer
    made = False
    notebook = ""  # the one in hand, for the reason of a failure

    def make(self, place: Place, force: bool) -> bool:
        """Make one student's feedback; False when nbgrader skips the student. Raises NbGraderException."""
        self.place, self.force, self.made, self.notebook = place, force, False, ""
        if self.ready:
            self.init_notebooks()
            self.convert_notebooks()
        else:
            self.ready = True
            self.start()
        return self.made

    def init_notebooks(self) -> None:
        source = self.place.graded
        self.assignments = {source: glob.glob(os.path.join(glob.escape(source), "*.ipynb"))}
        self.notebooks: list[str] = []

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """nbgrader decides, and removes what is old, on a folder with nothing but the old time stamp."""
        self.place.clear()
        if self.place.folder.exists():
            self.place.unfinished.mkdir()
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(self.place.folder / "timestamp.txt", self.place.unfinished)
        self.made = super().init_destination(assignment_id, student_id)
        if not self.made:
            remove(self.place.unfinished)
        return self.made

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self.notebook = Path(notebook_filename).name
        super().convert_single_notebook(notebook_filename)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """The last step: feedback is complete and takes its place."""
        index = self.exporter.index() if isinstance(self.exporter, FeedbackExporter) else ""
        if index:
            (self.place.unfinished / f"{INDEX}.html").write_text(index, encoding="utf-8")
        super().set_permissions(assignment_id, student_id)
        self.place.put_in_place()

    def _format_source(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        """nbgrader's paths; in its patterns, a name may hold a line break, too, as folders may."""
        path = str(super()._format_source(assignment_id, student_id, escape))
        return path.replace("_id>.*)", "_id>(?s:.*))") if escape else path

    def _format_dest(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        return str(self.place.unfinished)


class LastError(logging.Handler):
    """Keeps the exception that nbgrader logged last; it raises another one, which does not say why."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exc_info()[1] or self.error


@functools.cache
def converter(course: Path) -> tuple[PlacedFeedback, LastError]:
    """The converter with the course's configuration, as `nbgrader generate_feedback` reads it in that folder.

    Raises CourseError when the configuration cannot be read.
    """
    os.chdir(course)
    app = GenerateFeedbackApp(raise_config_file_errors=True)
    log = io.StringIO()
    with contextlib.redirect_stderr(log):
        try:
            app.initialize([f"--CourseDirectory.root={CourseFolder(course).root}"])
        except (Exception, SystemExit) as error:  # nbgrader ends Python on an impossible value
            reason = log.getvalue().strip() or f"{type(error).__name__}: {error}"
            raise CourseError(f"{course / CONFIG} cannot be read: {reason}") from None
    app.coursedir.notebook_id = "*"  # whole students
    errors = LastError()
    app.log.handlers[:] = [errors]
    app.log.propagate = False
    os.chdir(app.coursedir.root)
    feedback = PlacedFeedback(coursedir=app.coursedir, parent=app)
    be_careful(feedback)
    feedback.preprocessors = [ForStudents, *feedback.preprocessors]
    return feedback, errors


def find_places(course: Path, assignment: str, students: tuple[str, ...]) -> list[Place]:
    """The graded submissions, sorted; only those of `students`, unless that is empty.

    Raises CourseError when there is none, or one of `students` has none.
    """
    feedback, _ = converter(course)
    folder = CourseFolder.of_converter(feedback)
    folder.require_assignment(assignment)
    places = {
        student: Place(
            student, feedback._format_source(assignment, student), folder.feedback(assignment, student)
        )
        for student in folder.graded_students(assignment)
        if any(folder.autograded(assignment, student).glob("*.ipynb"))
    }
    missing = [student for student in students if student not in places]
    if missing or not places:
        who = f"of {', '.join(missing)}" if missing else "at all"
        where = folder.autograded(assignment, "STUDENT")
        raise CourseError(f"no graded submission {who} in {where}; run `mashq grade {assignment}` first")
    return [places[student] for student in students or places]


def make_feedback(course: Path, assignment: str, place: Place, force: bool) -> bool:
    """Make one student's feedback; False when it is up to date.

    Raises FeedbackError with the reason; then, as with nbgrader, the student has no feedback.
    """
    feedback, errors = converter(course)
    feedback.coursedir.assignment_id = assignment  # nbgrader gives it to hooks
    errors.error = None
    with contextlib.redirect_stderr(io.StringIO()):  # warnings of libraries would tear the display
        try:
            return feedback.make(place, force)
        except NbGraderException as error:
            remove(place.folder)
            raise FeedbackError(_reason(feedback.notebook, error, errors.error)) from None


def _reason(notebook: str, error: NbGraderException, logged: BaseException | None) -> str:
    """nbgrader's own sentence where it has one; else the exception that it logged."""
    if error.__context__ is not None or logged is None:
        text = str(error)
    else:
        text = f"{type(logged).__name__}: {logged}"
    where = f"{notebook}: " if notebook else ""
    return where + " ".join(text.split())
