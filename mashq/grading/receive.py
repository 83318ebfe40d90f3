"""From the bytes of a handed-in file to a notebook that can be graded, never stopping at a bad file."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.errors import SubmissionError
from mashq.grading.intake import read_submission
from mashq.grading.repair import WrongNotebookError, repair

NOTICE = """**mashq could not grade this notebook.**

The file that was handed in {reason}.

It was left as it was. Every cell below is the released one and waits for a person."""


@dataclass
class Received:
    """A notebook with the cells of its release, and what happened on the way to it."""

    notebook: Any
    notes: list[str] = field(default_factory=list)  # what was put right, one sentence each
    attention: dict[str, str] = field(default_factory=dict)  # {grade_id: why a person must look}
    unreadable: str = ""  # why the file could not be read; the notebook is then the released one


def receive(path: Path, data: bytes, release: Any, notes: Sequence[str] = (), doubt: str = "") -> Received:
    """Read and repair a submission; a file that cannot be read becomes the released notebook, ungraded.

    path : how to name the file in messages
    data : its content, not trusted
    release : the released notebook, which is not changed
    notes : what was put right before, one sentence each
    doubt : why nothing is read, though there may be something; a person must look

    What happened also stands at the top of the notebook and in `notebook.metadata.mashq`.
    """
    release = copy.deepcopy(release)
    try:
        if doubt:
            raise SubmissionError(path, doubt)
        intake = read_submission(path, data)
        done = repair(intake.notebook, release)
    except (SubmissionError, WrongNotebookError) as error:
        reason = error.reason if isinstance(error, SubmissionError) else str(error)
        received = Received(release, unreadable=reason)
        release.cells.insert(0, nbformat.v4.new_markdown_cell(NOTICE.format(reason=reason)))
    else:
        received = Received(intake.notebook, [*notes, *intake.notes, *done.notes], done.attention)
        received.notebook.metadata.kernelspec = copy.deepcopy(release.metadata.get("kernelspec", {}))
        if received.notes:
            notes = "\n".join(f"- {note}" for note in received.notes)
            text = f"**Notes on the file that was handed in**\n\n{notes}"
            received.notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    record = {"notes": received.notes, "attention": received.attention, "unreadable": received.unreadable}
    received.notebook.metadata["mashq"] = nbformat.from_dict(record)
    return received
