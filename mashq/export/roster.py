"""Who is who: students of the gradebook found in a list that the learning platform exports."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mashq.errors import CourseError
from mashq.export.cells import read_csv
from mashq.export.grades import Student

KEYS = ("id", "lms_user_id", "email")  # what the gradebook knows a student by


@dataclass(frozen=True)
class Matches:
    """Rows of a roster by the student's id, and who has none."""

    rows: Mapping[str, Mapping[str, str]]
    missing: Sequence[str]
    by: str  # the roster's column


def read_roster(path: Path, columns: Sequence[str], advice: str) -> list[dict[str, str]]:
    """The rows of a platform's list.

    columns : one of these must be there
    advice : where on the platform the list comes from

    Raises CourseError when the file is not such a list.
    """
    rows = read_csv(path)
    if not any(column in rows[0] for column in columns):
        raise CourseError(f"{path} has none of the columns {', '.join(columns)}; {advice}")
    return rows


def match(students: Sequence[Student], rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Matches:
    """Find students in a roster, all of them by one column: the one in which most are found.

    By several at once, a number that is one student's login could be another's id. Case is ignored. A name
    that two rows have, or a row that two students claim, is nobody's.
    """
    best: dict[str, Mapping[str, str]] = {}
    by = columns[0]
    for column in columns:
        index = _index(rows, column)
        for key in KEYS:
            names = {student.id: _folded(getattr(student, key)) for student in students}
            claims = Counter(names.values())
            found = {
                student: index[name] for student, name in names.items() if name in index and claims[name] == 1
            }
            if len(found) > len(best):
                best, by = found, column
    return Matches(best, [student.id for student in students if student.id not in best], by)


def _index(rows: Sequence[Mapping[str, str]], column: str) -> dict[str, Mapping[str, str]]:
    """Rows by what stands in a column, without empty cells and what stands there twice."""
    counts = Counter(_folded(row.get(column, "")) for row in rows)
    return {name: row for row in rows if (name := _folded(row.get(column, ""))) and counts[name] == 1}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()
