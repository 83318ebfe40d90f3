"""How `nbgrader autograde` reads a handed-in notebook: never stopping at a bad file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from mashq.errors import CourseError, SubmissionError
from mashq.grading.intake import read_submission
from mashq.grading.repair import WrongNotebookError, repair

NOTICE = """**mashq could not grade this notebook.**

The file that was handed in {reason}.

It was left as it was. Every cell below is the released one and waits for a person."""


class SubmissionExporter(NotebookExporter):
    """Reads with `intake` and `repair`; a file that cannot be read becomes the released notebook, ungraded.

    nbgrader gives up a student's whole submission, and on some faults everybody's, when one file cannot be
    read. This exporter hands it a notebook whatever the file holds. What happened is logged with student and
    file, and stands in `notebook.metadata.mashq`, from which `SaveJudgedGrades` marks the cells for a person.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        path = Path(filename)
        resources = resources or {}
        resources.setdefault("metadata", {}).update(name=path.stem, path=str(path.parent))
        if self._is_handed_in(path):
            notebook = self._receive(path, resources)
        else:
            notebook = nbformat.read(path, as_version=4)
        output: tuple[str, dict[str, Any]] = self.from_notebook_node(notebook, resources=resources, **kwargs)
        return output

    def _is_handed_in(self, path: Path) -> bool:
        """nbgrader reads twice: the submission, and then its own copy of it in `autograded/`."""
        course = self.parent.coursedir
        return Path(course.root, course.submitted_directory).resolve() in path.resolve().parents

    def _receive(self, path: Path, resources: dict[str, Any]) -> Any:
        about = resources["nbgrader"]
        release = self._release(about["assignment"], about["notebook"])
        who = f"student {about['student']}, {path.name}"
        record: dict[str, Any] = {"notes": [], "attention": {}, "unreadable": ""}
        try:
            intake = read_submission(path)
            done = repair(intake.notebook, release)
        except (SubmissionError, WrongNotebookError) as error:
            reason = error.reason if isinstance(error, SubmissionError) else str(error)
            self.log.error("%s: the file %s; its cells wait for a person", who, reason)
            notebook = release
            notebook.cells.insert(0, nbformat.v4.new_markdown_cell(NOTICE.format(reason=reason)))
            record["unreadable"] = reason
        else:
            notebook = intake.notebook
            record.update(notes=intake.notes + done.notes, attention=done.attention)
            for note in record["notes"]:
                self.log.warning("%s: %s", who, note)
            if record["notes"]:
                notes = "\n".join(f"- {note}" for note in record["notes"])
                text = f"**Notes on the file that was handed in**\n\n{notes}"
                notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
        notebook.metadata["mashq"] = nbformat.from_dict(record)
        return notebook

    def _release(self, assignment: str, notebook: str) -> Any:
        course = self.parent.coursedir
        folder = course.format_path(course.release_directory, ".", assignment)
        path = Path(folder) / f"{notebook}.ipynb"
        try:
            return nbformat.read(path, as_version=4)
        except FileNotFoundError:
            raise CourseError(
                f"{path} is missing; run `nbgrader generate_assignment {assignment} --force` first"
            ) from None
