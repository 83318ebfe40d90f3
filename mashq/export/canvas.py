"""A CSV that Canvas's gradebook imports (Grades, Import).

Canvas wants the columns of its own export in their order: the student's, `Section` the last of them, then
the assignment, whose heading ends in its number, `Homework 2 (4711)`; a heading without a known number makes
a new assignment, after asking. A row that begins with `Points Possible` sets the assignment's points. A
student is found by `ID`, else by `SIS User ID` or `SIS Login ID`, else by name, and Canvas asks about anybody
else. So it stands in Canvas's importer, lib/gradebook_importer.rb of https://github.com/instructure/canvas-lms;
https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades
shows it to instructors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mashq.errors import CourseError
from mashq.export.grades import Grades, Student
from mashq.roster.read import match, read_roster
from mashq.roster.tables import number, text_cell, write_csv

COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
KEYS = ("SIS Login ID", "SIS User ID", "ID")
POINTS = "    Points Possible"
ADVICE = "export the gradebook in Canvas (Grades, Export) and give that file"
NUMBERED = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)")


def write(grades: Grades, path: Path, roster: Path | None = None, column: str | None = None) -> list[str]:
    """Write the file; returns what an instructor should know, one sentence each.

    roster : Canvas's export of the gradebook, for the numbers of students and of the assignment
    column : the assignment in that export: its heading, title or number; the assignment's name by default

    Students who are not in the roster are at the end, without a number; Canvas asks who they are.
    Raises CourseError when the file is no such export, or has no column of that name.
    """
    rows = read_roster(roster, ("ID",), ADVICE) if roster else []
    people = [row for row in rows if row.get("ID")]
    found = match(grades.names(), people, KEYS)
    heading, notes = _heading(rows, column or grades.assignment, required=column is not None and bool(roster))
    if roster is None:
        notes.append(f"without --roster Canvas finds students by their SIS login alone; {ADVICE}")
    elif found.missing:
        notes.append(
            f"{len(found.missing)} not in {roster} (searched by {found.by}), at the end of the file without "
            f"a number; Canvas will ask who they are: {', '.join(found.missing)}"
        )
    notes += _other_points(rows, heading, grades.max_score)
    lines = [[*COLUMNS, text_cell(heading)], [text_cell(POINTS), "", "", "", "", number(grades.max_score)]]
    students = sorted(grades.students, key=lambda student: student.id not in found.rows)
    lines += [_line(student, found.rows.get(student.id, {})) for student in students]
    write_csv(path, lines)
    return notes


def _line(student: Student, row: Mapping[str, str]) -> list[str]:
    own = {"Student": student.sorting_name, "SIS User ID": student.lms_user_id, "SIS Login ID": student.id}
    return [*(text_cell((row or own).get(name, "")) for name in COLUMNS), number(student.score)]


def _heading(rows: Sequence[Mapping[str, str]], wanted: str, required: bool) -> tuple[str, list[str]]:
    """The heading of the assignment's column, as Canvas has it where it has."""
    numbered = {name: found for name in (rows[0] if rows else ()) if (found := NUMBERED.fullmatch(name))}
    fits = [
        name
        for name, found in numbered.items()
        if wanted.strip().casefold() in (name.casefold(), found["title"].casefold(), found["id"])
    ]
    if len(fits) == 1:
        return fits[0], []
    have = ", ".join(numbered) or "no assignment"
    why = f"{len(fits)} columns for {wanted!r}" if fits else f"no column for {wanted!r}"
    if required or len(fits) > 1:
        raise CourseError(f"the roster has {why}; name one with --column; it has: {have}")
    about = f"the roster has {why}, only {have}" if rows else "Canvas's number of the assignment is not known"
    return wanted, [
        f"{about}: Canvas will ask whether {wanted!r} is a new assignment; --column NAME chooses one of the "
        "roster"
    ]


def _other_points(rows: Sequence[Mapping[str, str]], heading: str, points: float) -> list[str]:
    """A warning when the import would change how many points Canvas has for the assignment."""
    for row in rows:
        if "Points Possible" in row.get("Student", ""):
            theirs = row.get(heading, "")
            if theirs and theirs != number(points) and _value(theirs) != points:
                return [f"Canvas has {theirs} points for {heading!r}; the import sets {number(points)}"]
    return []


def _value(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
