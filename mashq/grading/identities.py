"""Whose numbers they are: identities that students typed, compared with who handed in, and with each other.

For exercises with numbers of one's own (`mashq.own_numbers`). The hidden checks note the identity with the
answers (`mashq.judge.OwnNumbers`); they cannot know whose submission it is. What is found is for a person,
and students are told nothing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mashq.judge import OwnNumbers
from mashq.language import marked as N_
from mashq.own_numbers import IdentityError, normalised
from mashq.problems import Kind, Problem, Sentence, joined

# How strictly: it must be that of whoever handed in; or only that nobody else typed it; or not at all.
FIT, UNIQUE, ANY = RULES = ("fit", "unique", "any")
AS_COPIED = 0.0005  # by which two students' numbers may differ and still be the same ones
MOST_NAMES = 5

Of = tuple[str, str]  # student and notebook


def identity_problems(
    own: Mapping[Of, Sequence[OwnNumbers]], known_as: Mapping[str, Collection[str]], rule: str = FIT
) -> dict[Of, list[Problem]]:
    """What a person must look at, for each submitted notebook of which there is something.

    own : what the checks noted, of all submissions that are to be compared
    known_as : by what names each student is known, their id and others; who is not in it has the id alone
    """
    found: dict[Of, list[Problem]] = {}
    if rule == ANY:
        return found
    owners: dict[str, set[str]] = {}  # {identity: the students whose it is}
    for student in {student for student, _notebook in own}:
        for identity in _identities((student, *known_as.get(student, ()))):
            owners.setdefault(identity, set()).add(student)
    cells: dict[Of, dict[str, OwnNumbers]] = {}  # {(notebook, test cell): {student: what was noted}}
    for (student, notebook), notes in own.items():
        for note in notes:
            cells.setdefault((notebook, note.cell), {})[student] = note
    for (notebook, cell), noted in cells.items():
        typed: dict[str, set[str]] = {}  # {identity: the students who typed it}
        for student, note in noted.items():
            typed.setdefault(note.identity, set()).add(student)
        for student, note in noted.items():
            too = typed[note.identity] - {student}
            problem = _of_identity(student, note.identity, owners.get(note.identity, set()), too, rule)
            problem = problem or _of_numbers(note, noted)
            if problem is not None:
                found.setdefault((student, notebook), []).append(Problem(Kind.IDENTITY, problem, cell))
    return found


def names_of(student: Any) -> list[str]:
    """By what names a student of nbgrader's gradebook is known: id, the platform's id, email address."""
    email = student.email or ""
    return [name for name in (student.id, student.lms_user_id, email, email.partition("@")[0]) if name]


def sheets_of(own: Iterable[OwnNumbers]) -> dict[str, str]:
    """What graders see behind cells, {grade_id: Markdown}."""
    return {grade_id: text for note in own for grade_id, text in note.sheets.items()}


def _of_identity(
    student: str, identity: str, theirs: Collection[str], too: Collection[str], rule: str
) -> Sentence | None:
    """What is amiss with the identity; None where it is the student's.

    theirs : the students whose it is
    too : the other students who typed it
    """
    if student in theirs or (rule == UNIQUE and not too):
        return None
    about = Sentence.of(
        N_("its numbers are for the identity {identity}, which is not that of whoever handed it in"),
        identity=identity,
    )
    if theirs:
        return joined("; ", about, Sentence.of(N_("it is that of {names}"), names=_listed(theirs)))
    if too:
        return joined("; ", about, Sentence.of(N_("{names} typed it, too"), names=_listed(too)))
    return about


def _of_numbers(note: OwnNumbers, noted: Mapping[str, OwnNumbers]) -> Sentence | None:
    """Whose network the numbers are right for, where it is not the student's own."""
    if _agree(note.given, note.right):
        return None
    whose = {
        other
        for other, their in noted.items()
        if their.identity != note.identity and _agree(note.given, their.right)
    }
    if not whose:
        return None
    wrong = N_("its numbers are wrong for its own network and right for that of {names}")
    return Sentence.of(wrong, names=_listed(whose))


def _agree(given: Mapping[str, float], right: Mapping[str, float]) -> bool:
    """Whether all the numbers are there and the same."""
    return bool(right) and all(
        name in given and abs(given[name] - value) <= AS_COPIED for name, value in right.items()
    )


def _identities(names: Iterable[str]) -> set[str]:
    found = set()
    for name in names:
        try:
            found.add(normalised(name))
        except IdentityError:  # a name of signs that nobody sees
            continue
    return found


def _listed(students: Collection[str]) -> str:
    shown = ", ".join(sorted(students)[:MOST_NAMES])
    return shown if len(students) <= MOST_NAMES else f"{shown}, ..."
