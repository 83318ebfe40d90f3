"""How `nbgrader autograde` reads a handed-in notebook: never stopping at a bad file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from mashq.errors import CourseError
from mashq.grading.intake import read_bytes
from mashq.grading.receive import receive


class SubmissionExporter(NotebookExporter):
    """Reads with `receive`; a file that cannot be read becomes the released notebook, ungraded.

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
        received = receive(path, read_bytes(path), self._release(about["assignment"], about["notebook"]))
        who = f"student {about['student']}, {path.name}"
        if received.unreadable:
            self.log.error("%s: the file %s; its cells wait for a person", who, received.unreadable)
        for note in received.notes:
            self.log.warning("%s: %s", who, note)
        return received.notebook

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
