"""What a handed-in notebook answers, and how the answers of several files differ.

Two answered versions of one notebook are for a person, who is shown which differ where.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mashq.cells import about, is_solution, known_cells, text
from mashq.grading.intake.repair import WrongNotebookError, repair
from mashq.language import marked as N_
from mashq.problems import Sentence, joined

# A folder or file whose name says that another version counts; such a copy asks for nobody.
SET_ASIDE = re.compile(r"(?:^|[\W_])(?:old|older|backup|bak|archived?|previous)(?:[\W_\d]|$)", re.IGNORECASE)
MOST = 5  # files that are named


@dataclass(frozen=True)
class Answers:
    """What a file holds of one notebook."""

    cells: Mapping[str, str]  # {grade_id: answer}
    unwritten: frozenset[str]  # of these, those that are as they were released
    others: tuple[str, ...]  # code outside the answers, which they may need


@dataclass(frozen=True)
class File:
    """What a file of a submission was found to hold."""

    name: str  # relative to the submission's folder
    path: Path
    size: int = 0  # bytes
    changed: float = 0.0  # when, in seconds since 1970; a copy of it may have another time
    holds: tuple[str, ...] = ()  # the notebooks of the assignment whose cells are in it
    sources: tuple[str, ...] = ()  # of its cells; empty when it is no notebook that can be read
    answered: bool = False  # whether anything in it is not as it was released
    answers: Mapping[str, Answers] | None = None  # by notebook, of those that it holds

    @property
    def letters(self) -> int:
        """How many are kept of it."""
        times = 1 + len(self.holds)  # of each notebook that it holds, the answers are kept, too
        return times * sum(map(len, self.sources))

    @property
    def set_aside(self) -> bool:
        """Whether the student has given it a name that says that it does not count."""
        return SET_ASIDE.search(self.name) is not None

    def in_words(self) -> str:
        """Its name, size and time."""
        kilobytes = f"{self.size / 1000:.0f} kB"
        try:
            changed = datetime.fromtimestamp(self.changed, UTC)
        except (ValueError, OverflowError, OSError):  # a program may set any time
            return f"{self.name!r} ({kilobytes})"
        return f"{self.name!r} ({kilobytes}, {changed:%Y-%m-%d %H:%M} UTC)"


def answers_in(notebook: Any, release: Any) -> Answers:
    """What a notebook answers, with its cells found as they are when it is graded."""
    found = copy.deepcopy(notebook)
    with suppress(WrongNotebookError):  # it has cells of another one, too
        repair(found, release)
    released = {name: text(cell) for name, cell in known_cells(release).items()}
    cells = {name: text(cell) for name, cell in known_cells(found).items() if is_solution(cell)}
    return Answers(
        cells,
        frozenset(name for name, answer in cells.items() if answer == released.get(name)),
        tuple(
            text(cell) for cell in found.cells if cell.cell_type == "code" and not about(cell) and text(cell)
        ),
    )


def differences(files: Sequence[File], notebook: str) -> list[Sentence]:
    """In which answers of a notebook these files differ; nothing when none does."""
    held = [(file, file.answers[notebook]) for file in files if file.answers and notebook in file.answers]
    found = []
    for name in dict.fromkeys(name for _, answers in held for name in answers.cells):
        if len({answers.cells.get(name) for _, answers in held}) > 1:
            lacking = [repr(file.name) for file, answers in held if name in answers.unwritten]
            if lacking:
                unwritten = N_("{cell} (not written in {files})")
                found.append(Sentence.of(unwritten, cell=name, files=", ".join(lacking[:MOST])))
            else:
                found.append(Sentence.plain(name))
    only = [answers.others for file, answers in held if file.holds == (notebook,)]
    if not found and len(set(only)) > 1:
        found.append(Sentence.of(N_("code outside the answers")))
    return found


def to_be_chosen(own: File, rivals: Sequence[File], notebook: str) -> Sentence:
    """That a person must choose among answered versions, and how they differ."""
    files = [own, *rivals]
    several = N_(
        "there are {count} answered versions, and one must be chosen: {files}; they differ in {cells}. "
        "Meanwhile {own!r} was run and is shown; its points wait"
    )
    return Sentence.of(
        several,
        count=len(files),
        files=", ".join(file.in_words() for file in files[:MOST]),
        cells=joined(", ", *differences(files, notebook)),
        own=own.name,
    )
