"""Who is who: students found in a list that the learning platform exports."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mashq.errors import CourseError
from mashq.roster.names import safe_id
from mashq.roster.tables import read_csv

Row = dict[str, str]  # by the names of the columns
WORKSHEET = "Identifier"  # the column of Moodle's grading worksheet that says who a student is


@dataclass(frozen=True)
class Matches:
    """Rows of a roster by who was looked for, and who has none."""

    rows: Mapping[str, Mapping[str, str]]
    missing: Sequence[str]
    by: str  # the roster's column


def read_roster(path: Path, columns: Sequence[str], advice: str) -> list[Row]:
    """The rows of a platform's list.

    columns : one of these must be there
    advice : where on the platform the list comes from

    Raises CourseError when the file is not such a list.
    """
    rows = read_csv(path)
    if not any(column in rows[0] for column in columns):
        raise CourseError(f"{path} has none of the columns {', '.join(columns)}; {advice}")
    return rows


def plain(row: Mapping[str, str]) -> Row:
    """A row as names are compared: without what platforms put around them, the whole name in one column."""
    names = {name.casefold(): text for name, text in row.items()}
    last = names.get("last name") or names.get("surname") or ""
    whole = f"{names.get('first name', '')} {last}".strip()
    bare = {name: text.removeprefix("#") for name, text in row.items()}  # Brightspace writes it
    if number := re.search(r"\d+$", bare.get(WORKSHEET, "")):  # "Participant 1001", in any language
        bare[WORKSHEET] = number[0]
    return bare | ({"whole name": whole} if whole else {})


def match(
    people: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, str]], columns: Sequence[str]
) -> Matches:
    """Find people in a roster, all of them by one column: the one in which most are found.

    people : what each may be called in a roster; as many names for everybody, of one kind at one place

    By several columns at once, a number that is one student's login could be another's id. Case is ignored,
    and what `safe_id` changes. A name that two rows have, or a row that two people claim, is nobody's.
    """
    best: dict[str, Mapping[str, str]] = {}
    by = columns[0]
    for column in columns:
        index = _index(rows, column)
        for names in zip(*people.values(), strict=True):  # of one kind, such as all email addresses
            called = dict(zip(people, map(_folded, names), strict=True))
            claims = Counter(called.values())
            found = {who: index[name] for who, name in called.items() if name in index and claims[name] == 1}
            if len(found) > len(best):
                best, by = found, column
    return Matches(best, [who for who in people if who not in best], by)


def _index(rows: Sequence[Mapping[str, str]], column: str) -> dict[str, Mapping[str, str]]:
    """Rows by what stands in a column, without empty cells and what stands there twice."""
    cells = [(row.get(column, "").strip(), row) for row in rows]
    counts = Counter(_folded(cell) for cell, _ in cells)
    own = [(cell, row) for cell, row in cells if cell and counts[_folded(cell)] == 1]
    return {_folded(safe_id(cell)): row for cell, row in own} | {_folded(cell): row for cell, row in own}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()
