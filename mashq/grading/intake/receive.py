"""From the bytes of a handed-in file to a notebook that can be graded, never stopping at a bad file."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.errors import SubmissionError
from mashq.grading.intake.read import Reason, read_submission
from mashq.grading.intake.repair import WrongNotebookError, repair
from mashq.grading.notebook.result_cell import markdown_cell
from mashq.language import ENGLISH, language_of, speaking
from mashq.language import gettext as _


@dataclass
class Received:
    """A notebook with the cells of its release, and what happened on the way to it."""

    notebook: Any
    notes: list[str] = field(default_factory=list)  # what was put right, one sentence each
    attention: dict[str, str] = field(default_factory=dict)  # {grade_id: why a person must look}, in English
    unreadable: str = ""  # why the file could not be read, in English; the notebook is then the released one
    reason: str = ""  # the same, in the language of the release


def receive(path: Path, data: bytes, release: Any, notes: Sequence[str] = (), doubt: str = "") -> Received:
    """Read and repair a submission; a file that cannot be read becomes the released notebook, ungraded.

    path : how to name the file in messages
    data : its content, not trusted
    release : the released notebook, which is not changed
    notes : what was put right before, one sentence each, in the language of the release
    doubt : why nothing is read, though there may be something; a person must look

    What happened also stands at the top of the notebook, in the language of the release, and in
    `notebook.metadata.mashq`.
    """
    language = language_of(release)
    with speaking(language):
        received = _receive(path, data, copy.deepcopy(release), notes, doubt)
    record = {"notes": received.notes, "attention": received.attention, "unreadable": received.unreadable}
    if language != ENGLISH:
        record |= {"language": language, "reason": received.reason}
    received.notebook.metadata["mashq"] = nbformat.from_dict(record)
    return received


def _receive(path: Path, data: bytes, release: Any, notes: Sequence[str], doubt: str) -> Received:
    try:
        if doubt:
            raise SubmissionError(path, doubt)
        intake = read_submission(path, data)
        done = repair(intake.notebook, release)
    except (SubmissionError, WrongNotebookError) as error:
        reason = error.reason.said if isinstance(error.reason, Reason) else error.reason
        received = Received(release, unreadable=str(error.reason), reason=reason)
        release.cells.insert(0, _notice(reason))
    else:
        received = Received(intake.notebook, [*notes, *intake.notes, *done.notes], done.attention)
        received.notebook.metadata.kernelspec = copy.deepcopy(release.metadata.get("kernelspec", {}))
        if received.notes:
            notes = "\n".join(f"- {note}" for note in received.notes)
            heading = _("Notes on the file that was handed in")
            received.notebook.cells.insert(0, markdown_cell(f"**{heading}**", then=notes))
    return received


def _notice(reason: str) -> Any:
    """The cell at the top of a notebook that stands in place of one that cannot be read."""
    heading = _("mashq could not grade this notebook.")
    return markdown_cell(
        f"**{heading}**",
        _("The file that was handed in {reason}.").format(reason=reason),
        _("It was left as it was. Every cell below is the released one and waits for a person."),
    )
