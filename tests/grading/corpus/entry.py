"""What an entry of the corpus is, and the cells that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mashq.cells import BEGIN_SOLUTION, END_SOLUTION, id_of, is_solution
from tests.support.cells import code_cell, essay_cell, notebook_of

PLAIN = 'c = get_config()\nc.CourseDirectory.course_id = "corpus"\n'
SETTINGS = (
    PLAIN
    + """\
c.ClearHiddenTests.begin_test_delimeter = "#<secret>"
c.ClearHiddenTests.end_test_delimeter = "#</secret>"
c.ClearSolutions.code_stub = {"python": "pass  # your turn"}
c.ExecutePreprocessor.timeout = 4
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "UserWarning"
c.OverwriteCells.add_missing_cells = True
"""
)
SHARED = "ps1"  # the assignment of all entries that need none of their own

Answers = Mapping[str, str]  # {grade_id: what the student writes there}


@dataclass(frozen=True)
class Hand:
    """What a student hands in of an entry.

    answers : what differs from the right answers
    change : gets each released notebook with these answers in it, and gives the one that is handed in; None
        for one that is not handed in
    files : what the student puts beside it, by relative path
    alone : whether the files that the instructor gives beside it are not handed in with it
    """

    answers: Answers = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False


UNTOUCHED = None  # the release, handed in as it is


@dataclass(frozen=True)
class Entry:
    """A small assignment of plain nbgrader, or some notebooks of the shared one.

    notebooks : the sources, by name
    students : what each hands in, as answers that differ from the right ones or as a `Hand`; "right", who
        writes what the sources have, is always among them
    files : beside the sources, by relative path
    config : the text of nbgrader_config.py; None for a course without one
    outside : files of the course folder, beside its settings
    differences : {(student, notebook, grade_id): why mashq gives other points there, and is meant to}
    """

    name: str
    notebooks: Mapping[str, Any]
    students: Mapping[str, Answers | Hand | None] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    config: str | None = PLAIN
    assignment: str = SHARED
    outside: Mapping[str, str] = field(default_factory=dict)
    differences: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def shares(self) -> tuple[str | None, str]:
        """What entries that are graded together have in common: settings and assignment."""
        return self.config, self.assignment

    def hands(self) -> dict[str, Hand | None]:
        """What each student hands in."""
        found: dict[str, Hand | None] = {"right": Hand()}
        for student, hand in self.students.items():
            found[student] = hand if hand is None or isinstance(hand, Hand) else Hand(hand)
        return found


def one(name: str, *cells: Any, **about: Any) -> Entry:
    """An entry of one notebook, which has the entry's name."""
    return Entry(name, {name: notebook_of(*cells)}, **about)


def answer(body: str, grade_id: str) -> Any:
    """A cell for an answer, of which the release has nbgrader's stub alone."""
    return code_cell(f"{BEGIN_SOLUTION}\n{body}\n{END_SOLUTION}", grade_id)


def judged_by_hand(body: str, grade_id: str, points: float) -> Any:
    """A cell for code that a person grades."""
    cell = answer(body, grade_id)
    cell.metadata.nbgrader |= {"grade": True, "points": points}
    return cell


def essay(text: str, grade_id: str, points: float) -> Any:
    """A cell for text that a person grades."""
    return essay_cell(f"{BEGIN_SOLUTION}\n{text}\n{END_SOLUTION}", grade_id, points)


def given(source: str, grade_id: str) -> Any:
    """A cell of code that nbgrader locks."""
    cell = code_cell(source, grade_id)
    cell.metadata.nbgrader |= {"solution": False, "locked": True}
    return cell


def hidden(lines: str, begin: str = "### BEGIN HIDDEN TESTS", end: str = "### END HIDDEN TESTS") -> str:
    """A part of a test cell that the release lacks."""
    return f"{begin}\n{lines}\n{end}"


def right_answers(notebook: Any) -> dict[str, str]:
    """What the source has in the cells for answers: {grade_id: text}."""
    return {
        id_of(cell): cell.source.partition(f"{BEGIN_SOLUTION}\n")[2].partition(f"\n{END_SOLUTION}")[0]
        for cell in notebook.cells
        if is_solution(cell)
    }
