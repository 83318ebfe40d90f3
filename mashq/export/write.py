"""`mashq export`: one assignment in one format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.export import canvas, gradescope, moodle, nbgrader_csv
from mashq.export.grades import Grades, read_grades
from mashq.grading.gradebook.penalties import refresh_penalties

FORMATS = {"csv": ".csv", "canvas": "-canvas.csv", "moodle": "-moodle.csv", "gradescope": "-gradescope.zip"}


@dataclass(frozen=True)
class ExportOptions:
    """What `mashq export` was asked for."""

    assignment: str
    format: str
    course: Path = Path()
    output: Path | None = None  # by default in the course folder, named by assignment and format
    roster: Path | None = None  # the platform's own list of students, for canvas and moodle
    column: str | None = None  # the assignment in that list, for canvas
    identify: str = "email"  # what Moodle finds students by
    complete_only: bool = False  # leave out who waits for a person


@dataclass(frozen=True)
class Exported:
    """What was exported."""

    path: Path
    students: int
    warnings: Sequence[str]  # what makes the grades doubtful, one sentence each
    notes: Sequence[str]  # what else an instructor should know


def export_grades(options: ExportOptions) -> Exported:
    """Write the grades of an assignment in the format of a learning platform.

    Late penalties are brought up to date in the gradebook first.

    Raises CourseError when there is nothing to export, the roster is not the platform's or the file cannot be
    written; RecordError when
    the gradebook cannot be written.
    """
    grades = read_grades(options.course, options.assignment)
    changed = refresh_penalties(CourseFolder(options.course), options.assignment)
    if changed:
        grades = read_grades(options.course, options.assignment)
    warnings = _warnings(grades, options.complete_only)
    if options.complete_only:
        grades = grades.complete_only()
    path = options.output or options.course / f"{options.assignment}{FORMATS[options.format]}"
    notes = [f"late penalties brought up to date: {', '.join(changed)}"] if changed else []
    try:
        notes += _write(options, grades, path)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror or error}); name another --output"
        ) from error
    return Exported(path, len(grades.students), warnings, notes)


def _write(options: ExportOptions, grades: Grades, path: Path) -> list[str]:
    if options.format == "canvas":
        return canvas.write(grades, path, options.roster, options.column)
    if options.format == "moodle":
        return moodle.write(grades, path, options.roster, options.identify)
    if options.format == "gradescope":
        return gradescope.write(grades, path)
    return nbgrader_csv.write(grades, path)


def _warnings(grades: Grades, complete_only: bool) -> list[str]:
    """What makes these grades doubtful."""
    found = []
    waiting = [student for student in grades.students if student.waiting]
    if waiting:
        cells = sum(student.waiting for student in waiting)
        done = (
            "they are left out"
            if complete_only
            else "their grades are exported without these points (--complete-only leaves them out)"
        )
        found.append(f"{cells} cells of {len(waiting)} students still wait for a person; {done}")
    stand_ins = sorted({name for judgement in grades.judgements.values() for name in judgement.stand_ins})
    if stand_ins:
        found.append(
            f"graded on STAND-INS for the {' and '.join(stand_ins)} data, not on the real data; do not give "
            f"out these grades: run `mashq data fetch`, then `mashq grade {grades.assignment}`"
        )
    return found
