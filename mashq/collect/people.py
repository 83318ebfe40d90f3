"""Which of the course's students is which of the platform's, with a roster or without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from mashq.collect.names import BRIGHTSPACE, MOODLE, Named
from mashq.collect.times import read_time
from mashq.errors import CourseError
from mashq.roster.names import safe_id
from mashq.roster.read import WORKSHEET, match, plain
from mashq.roster.tables import read_csv

# Columns that may hold the course's ids, the first of them that a roster has.
OWN = ("student_id", "Username", "SIS Login ID", "OrgDefinedId", "ID number", "SIS User ID")
HANDED_IN = "Last modified (submission)"  # a column of Moodle's grading worksheet
NO_TIME = ("", "-")  # in it, of those who have handed in nothing

Who = tuple[str, str]  # a platform and its id of a student


@dataclass(frozen=True)
class People:
    """The course's id of each of a platform's students, and what a roster says of them."""

    ids: Mapping[Who, str]
    without_roster: Mapping[Who, str]
    missing: frozenset[Who] = frozenset()  # not in the roster
    times: Mapping[Who, datetime] = field(default_factory=dict)  # of hand-in
    unread: Mapping[Who, str] = field(default_factory=dict)  # what it says of that and cannot be read
    before: frozenset[Who] = frozenset()  # whose ids an earlier roster gave


def who(named: Named) -> Who:
    """Whose a file is, for the platform."""
    return named.platform, named.student


def known_as(key: Who) -> str:
    """A platform and its id of a student as one text."""
    return " ".join(key)


def know(
    named: Iterable[Named], roster: Path | None, zone: tzinfo | None, earlier: Callable[[str], str]
) -> People:
    """The course's ids: those of the roster, else the platform's own, made safe for folders.

    earlier : the id that an earlier roster gave to somebody, as `known_as` says it, or empty

    Raises CourseError when the roster cannot be read or helps with nobody.
    """
    theirs = {who(name): name for name in named}
    # a school's id, where the platform writes one, stands in all names; else it is part of a person's name
    written = all(name.own for name in theirs.values() if name.platform == BRIGHTSPACE)
    ids = {key: safe_id((written and name.own) or name.student) for key, name in theirs.items()}
    platforms = dict(ids)
    if roster is None:
        before = {key: own for key in theirs if (own := earlier(known_as(key))) and own != ids[key]}
        return People(ids | before, platforms, before=frozenset(before))
    rows = [plain(row) for row in read_csv(roster)]
    own = next((column for column in OWN if column in rows[0]), "")
    if not own and WORKSHEET not in rows[0]:
        raise CourseError(
            f"{roster} has no column for the course's ids; name one student_id, or {', '.join(OWN[1:])}. "
            f"Moodle's grading worksheet is understood in English only, with a column {WORKSHEET!r}: choose "
            "English as your language in Moodle, and download it again"
        )
    called = {str(key): (name.student, name.own, name.person) for key, name in theirs.items()}
    found = match(called, rows, [*rows[0]])
    times, unread = {}, {}
    for key in theirs:
        row = found.rows.get(str(key), {})
        if own and row.get(own):
            ids[key] = safe_id(row[own])
        said = row.get(HANDED_IN, "")
        if key[0] == MOODLE and said not in NO_TIME:
            if when := read_time(said, zone):
                times[key] = when
            else:
                unread[key] = said
    missing = frozenset(key for key in theirs if str(key) not in found.rows)
    if len(missing) == len(theirs) and theirs:
        raise CourseError(f"{roster} names nobody of this download; is it of this course and platform?")
    return People(ids, platforms, missing, times, unread)
