"""nbgrader's steps that make a release in another language; `nbgrader_config.py` names them.

    nbgrader generate_assignment hw2 --Translate.language=fa

does what `mashq release hw2 --language fa` does with it.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from mashq.cells import imported_packages, is_solution
from mashq.course.folder import CourseFolder
from mashq.exercises import TEXT_STUB
from mashq.language import ENGLISH, speaking
from mashq.language import gettext as _
from mashq.translate import markdown, python
from mashq.translate.catalogue import check_language, lookup_in, read_by_checks, read_catalogue
from mashq.translate.notebook import SETTINGS, clear_settings, translate


class Translate(NbGraderPreprocessor):
    """Puts the translations of a course's catalogue into a notebook; before solutions are taken out."""

    language = Unicode(ENGLISH, help="Language of the release, such as fa; en: as the source is").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if self.language != ENGLISH:
            course, assignment = CourseFolder.of_step(self), resources["nbgrader"]["assignment"]
            direction = check_language(self.language)
            lookup = lookup_in(read_catalogue(course, assignment, self.language))
            translate(nb, lookup, direction, read_by_checks(course, assignment))
            let_figures_speak(nb, self.language)
            nb.metadata.setdefault(SETTINGS, {})["language"] = self.language
        clear_settings(nb)
        return nb, resources


def let_figures_speak(notebook: Any, language: str) -> None:
    """Say the language right after the notebook's first import of mashq; one without needs no telling.

    Answers do not count: a student may write another import.
    """
    imports = (
        (cell, statement)
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_solution(cell)
        for statement in python.read(cell.source).tree.body
        if "mashq" in imported_packages(statement)  # also in a block, such as the try of a setup cell
    )
    for cell, statement in islice(imports, 1):
        with speaking(language):
            comment = _("the language of the figures")
        lines = cell.source.split("\n")
        lines[statement.end_lineno : statement.end_lineno] = [
            "import mashq.language",
            f'mashq.language.set_language("{language}")  # {comment}',
        ]
        cell.source = "\n".join(lines)


class FrameAnswers(NbGraderPreprocessor):
    """Puts the empty cells for essays into the language, and right-to-left where it is.

    It comes after solutions are taken out. Who deletes the frame's lines still writes right-to-left once the
    notebook's first cell was run, see `mashq.language.set_language`.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        language = nb.metadata.get(SETTINGS, {}).get("language", ENGLISH)
        with speaking(language):
            for cell in nb.cells:
                if cell.source == TEXT_STUB:
                    cell.source = _(TEXT_STUB)
        if check_language(language) == "rtl":
            for cell in nb.cells:
                if cell.cell_type == "markdown" and is_solution(cell):
                    cell.source = markdown.framed(cell.source, "rtl")
        return nb, resources
