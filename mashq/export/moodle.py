"""A CSV that Moodle's gradebook imports (Grades, Import, CSV file).

Moodle asks which column says who the student is ("Map from" Identifier, "Map to" email address, ID number or
username) and which column is which grade item; the headings are free. Grades and feedback must come together:
feedback alone deletes the grades. Email addresses count with their case. So says
https://docs.moodle.org/311/en/Grade_import.

Or the grading worksheet of the assignment itself, as Moodle gives it, with the grades in it; the assignment
takes it back (Upload grading worksheet). It knows students by the number that stands in the names of a
download, `Participant 1001`, in blind assignments, too. Moodle reads four columns of it: see
mod/assign/feedback/offline/importgradeslib.php of https://github.com/moodle/moodle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mashq.errors import CourseError
from mashq.export.grades import Grades, Student
from mashq.roster.read import WORKSHEET, Row, match, plain, read_roster
from mashq.roster.tables import is_formula, number, text_cell, write_csv

HEADINGS = ("Identifier", "Grade", "Feedback comments")
IDENTITIES = {"email": "Email address", "idnumber": "ID number", "username": "Username"}  # Moodle's headings
COMMENTS, GRADE, LOCKED = "Feedback comments", "Grade", "Grade can be changed"
READ = (WORKSHEET, GRADE, COMMENTS, "Last modified (grade)")  # of the worksheet, by Moodle
ADVICE = (
    "export the grades in Moodle in English (Grades, Export, Plain text file), or download the assignment's "
    "grading worksheet, and give that file"
)


def write(grades: Grades, path: Path, roster: Path | None = None, identify: str = "email") -> list[str]:
    """Write the file; returns what an instructor should know, one sentence each.

    roster : Moodle's export of the grades, or the assignment's grading worksheet; without one, who a student
        is comes from the gradebook: the email address, lms_user_id or else the id as ID number, the id as
        username
    identify : what Moodle finds students by, one of IDENTITIES

    Students without what identifies them are at the end, under their id.
    Raises CourseError when the roster is no such export.
    """
    columns = tuple(IDENTITIES.values())
    heading = IDENTITIES[identify]
    rows = read_roster(roster, (heading, WORKSHEET), ADVICE) if roster else []
    if rows and WORKSHEET in rows[0]:
        return _write_worksheet(grades, path, rows)
    found = match(grades.names(), rows, columns)
    names = {
        student.id: found.rows.get(student.id, {}).get(heading, "") if roster else _own(student)[identify]
        for student in grades.students
    }
    missing = [student.id for student in grades.students if not names[student.id]]
    notes = [f"in Moodle, map Identifier to {heading}"]
    if missing:
        notes.append(
            f"{len(missing)} without {heading} in {roster or 'the gradebook'}, at the end of the file under "
            f"their id; Moodle will not find them: {', '.join(missing)}"
        )
    changed = [student for student, name in names.items() if is_formula(name or student)]
    if changed:
        notes.append(
            "an apostrophe stands before these, which a spreadsheet would take for formulas, and Moodle will "
            f"not find them; give these grades by hand: {', '.join(changed)}"
        )
    lines = [
        (text_cell(names[student.id] or student.id), number(student.score), text_cell(comment(student)))
        for student in sorted(grades.students, key=lambda student: not names[student.id])
    ]
    write_csv(path, [HEADINGS, *lines])
    return notes


def _write_worksheet(grades: Grades, path: Path, rows: Sequence[Row]) -> list[str]:
    """The worksheet with the grades in it; rows of others stay as they are."""
    columns = [*rows[0]]
    if GRADE not in columns:
        raise CourseError(f"the worksheet has no column {GRADE}; {ADVICE}")
    bare = [plain(row) for row in rows]
    found = match(grades.names(), bare, [name for name in bare[0] if name not in READ[1:]])
    students = {student.id: student for student in grades.students}
    of_row = {id(row): students[name] for name, row in found.rows.items()}
    filled = []
    for row, known in zip(rows, bare, strict=True):
        student = of_row.get(id(known))
        own = {GRADE: number(student.score), COMMENTS: comment(student)} if student else {}
        filled.append(row | {name: text for name, text in own.items() if name in columns})
    lines = [[_verbatim(name) for name in columns]]
    lines += [
        [_verbatim(row.get(name, "")) if name in READ else text_cell(row.get(name)) for name in columns]
        for row in filled
    ]
    write_csv(path, lines)
    notes = [
        f"in Moodle, open the assignment and choose Upload grading worksheet ({len(of_row)} grades are in it)"
    ]
    if found.missing:
        notes.append(f"not in the worksheet, so their grades are not: {', '.join(found.missing)}")
    locked = [of_row[id(row)].id for row in bare if id(row) in of_row and row.get(LOCKED) == "No"]
    if locked:
        notes.append(f"Moodle will not take the grades that it has locked: {', '.join(locked)}")
    most = next((row[name] for row in rows for name in row if name.casefold() == "maximum grade"), "")
    if most and most.replace(".", "", 1).isdigit() and float(most) != grades.max_score:
        notes.append(
            f"Moodle has {most} points for the assignment, and here it has {number(grades.max_score)}"
        )
    return notes


def _verbatim(text: str) -> str:
    """A cell with just this text, which Moodle gave or reads."""
    return '"' + text.replace('"', '""') + '"' if any(c in ',;"\r\n' for c in text) else text


def comment(student: Student) -> str:
    """The points by question, and what changes them, in one line for the student."""
    parts = [
        f"{name}: {number(question.score)} of {number(question.max_score)}"
        for name, question in sorted(student.questions.items())
    ]
    if student.penalty:
        parts.append(f"late: -{number(student.penalty)}")
    if student.waiting:
        parts.append("not all is graded yet")
    return "; ".join(parts)


def _own(student: Student) -> Mapping[str, str]:
    return {"email": student.email, "idnumber": student.lms_user_id or student.id, "username": student.id}
