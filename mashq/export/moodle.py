"""A CSV that Moodle's gradebook imports (Grades, Import, CSV file).

Moodle asks which column says who the student is ("Map from" Identifier, "Map to" email address, ID number or
username) and which column is which grade item; the headings are free. Grades and feedback must come together:
feedback alone deletes the grades. Email addresses count with their case. So says
https://docs.moodle.org/311/en/Grade_import.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mashq.course.roster import match, read_roster
from mashq.course.tables import is_formula, number, text_cell, write_csv
from mashq.export.grades import Grades, Student

HEADINGS = ("Identifier", "Grade", "Feedback comments")
IDENTITIES = {"email": "Email address", "idnumber": "ID number", "username": "Username"}  # Moodle's headings
ADVICE = "export the grades in Moodle in English (Grades, Export, Plain text file) and give that file"


def write(grades: Grades, path: Path, roster: Path | None = None, identify: str = "email") -> list[str]:
    """Write the file; returns what an instructor should know, one sentence each.

    roster : Moodle's export of the grades; without it, who a student is comes from the gradebook: the email
        address, lms_user_id or else the id as ID number, the id as username
    identify : what Moodle finds students by, one of IDENTITIES

    Students without what identifies them are at the end, under their id.
    Raises CourseError when the roster is no such export.
    """
    columns = tuple(IDENTITIES.values())
    heading = IDENTITIES[identify]
    rows = read_roster(roster, (heading,), ADVICE) if roster else []
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
    write_csv(
        path,
        [
            ",".join(HEADINGS),
            *(
                ",".join(
                    [
                        text_cell(names[student.id] or student.id),
                        number(student.score),
                        text_cell(comment(student)),
                    ]
                )
                for student in sorted(grades.students, key=lambda student: not names[student.id])
            ),
        ],
    )
    return notes


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
