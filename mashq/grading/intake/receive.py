"""From the bytes of a handed-in file to a notebook that can be graded, never stopping at a bad file."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.grading.intake.repair import WrongNotebookError, repair
from mashq.grading.notebook.result_cell import markdown_cell
from mashq.handed_in.limits import MAX_NOTES
from mashq.handed_in.read import SubmissionError, read_submission
from mashq.language import ENGLISH, language_of, speaking
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import is_python


@dataclass
class Received:
    """A notebook with the cells of its release, and what happened on the way to it."""

    notebook: Any
    notes: list[Sentence] = field(default_factory=list)  # what was put right
    problems: list[Problem] = field(default_factory=list)  # a file that cannot be read, cells for a person


def receive(
    path: Path,
    data: bytes,
    release: Any,
    notes: Sequence[Sentence] = (),
    doubt: Sentence | None = None,
    versions: Sentence | None = None,
) -> Received:
    """Read and repair a submission; a file that cannot be read becomes the released notebook, ungraded.

    path : how to name the file in messages
    data : its content, not trusted
    release : the released notebook, which is not changed
    notes : what was put right before
    doubt : why nothing is read, though there may be something; a person must look
    versions : that there are other answered versions; its points wait until a person has chosen

    What happened also stands at the top of the notebook, in the language of the release, and in
    `notebook.metadata.mashq`, where `mashq.course.results.problems_in` finds it.
    """
    language, release = language_of(release), copy.deepcopy(release)
    with speaking(language):
        try:
            if doubt is not None:
                raise SubmissionError(path, doubt)
            intake = read_submission(path, data, is_python(release))
            done = repair(intake.notebook, release)
        except (SubmissionError, WrongNotebookError) as error:
            unreadable = Problem(Kind.FILE, Sentence.of(N_("the file {reason}"), reason=error.reason))
            release.cells.insert(0, _notice(error.reason))
            received = Received(release, problems=[unreadable])
        else:
            choice = [] if versions is None else [versions]
            notes = _first_of([*choice, *notes, *intake.notes, *done.notes])
            intake.notebook.metadata.kernelspec = release.metadata.get("kernelspec", {})
            if notes:
                lines = "\n".join(f"- {note.said()}" for note in notes)
                heading = _("Notes on the file that was handed in")
                intake.notebook.cells.insert(0, markdown_cell(f"**{heading}**", then=lines))
            problems = [*(Problem(Kind.VERSIONS, which) for which in choice), *done.problems]
            received = Received(intake.notebook, notes, problems)
    record: dict[str, Any] = {
        "notes": [note.as_json() for note in received.notes],
        "problems": [problem.as_json() for problem in received.problems],
    }
    if language != ENGLISH:
        record["language"] = language
    received.notebook.metadata["mashq"] = nbformat.from_dict(record)
    return received


def _first_of(notes: Sequence[Sentence]) -> list[Sentence]:
    """So many notes as a person may read, and how many there are besides."""
    if len(notes) <= MAX_NOTES:
        return list(notes)
    more = N_("{count} more notes of this kind are left out")
    return [*notes[:MAX_NOTES], Sentence.of(more, count=len(notes) - MAX_NOTES)]


def _notice(reason: Sentence) -> Any:
    """The cell at the top of a notebook that stands in place of one that cannot be read."""
    heading = _("mashq could not grade this notebook.")
    return markdown_cell(
        f"**{heading}**",
        _("The file that was handed in {reason}.").format(reason=reason.said()),
        _("It was left as it was. Every cell below is the released one and waits for a person."),
    )
