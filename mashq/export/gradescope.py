"""Gradescope's results.json of each submission, as its autograder writes them.

A file holds the score, and tests with name, score, max_score, output, status and visibility. The score on top
counts over the sum of the tests, which knows no late penalty. Visibility is `hidden`, `after_due_date`,
`after_published` or `visible`; that of the standard output has a setting of its own. So says
https://gradescope-autograders.readthedocs.io/en/latest/specs/. To use the files again, let `run_autograder`
copy the student's one to /autograder/results/results.json.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mashq.errors import CourseError
from mashq.export.grades import Grades, Part, Student
from mashq.judge import Judgement, Outcome

VISIBILITY = "after_published"  # of grades; hidden checks are no business of those who can still hand in
WAITS = "This part waits for a person."
SAME = 1e-6  # points


def write(grades: Grades, path: Path) -> list[str]:
    """Write STUDENT/results.json into a zip file, or into a folder for any other name than *.zip.

    Returns what an instructor should know, one sentence each.
    Raises CourseError when the folder holds something: results of others would stay there.
    """
    files = {
        f"{_folder(student.id)}/results.json": json.dumps(
            results(grades, student), ensure_ascii=False, indent=1
        )
        for student in grades.students
    }
    if path.suffix == ".zip":
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
    else:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise CourseError(f"{path} is there already; name an empty folder, a new one or a .zip file")
        for name, text in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, encoding="utf-8")
    return (
        [] if grades.judgements else [f"no check results are stored; run `mashq grade {grades.assignment}`"]
    )


def results(grades: Grades, student: Student) -> dict[str, Any]:
    """One student's results.json."""
    tests = [
        test
        for part in student.parts
        for test in _tests(part, grades.judgements.get((student.id, part.question)))
    ]
    lines = (
        [f"{student.waiting} parts wait for a person; they have no points yet."] if student.waiting else []
    )
    if student.penalty:
        lines.append(f"Handed in late: {student.penalty:g} points are taken off.")
    return {
        "score": round(student.score, 6),
        "max_score": grades.max_score,
        "output": "\n".join(lines),
        "visibility": VISIBILITY,
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _tests(part: Part, judgement: Judgement | None) -> Iterator[dict[str, Any]]:
    """The checks of a cell where they make up its points; otherwise the cell, as a person graded it."""
    checks = judgement.of(part.grade_id) if judgement else []
    reached = sum(check.points for check in checks if check.outcome is Outcome.PASSED)
    judged = all(check.outcome in (Outcome.PASSED, Outcome.FAILED) for check in checks)
    if not checks or not judged or part.waits or abs(reached - part.score) > SAME:
        yield _test(
            f"{part.question}: {part.grade_id}", part.score, part.max_score, WAITS if part.waits else ""
        )
        return
    for check in checks:
        passed = check.outcome is Outcome.PASSED
        test = _test(
            f"{part.question}: {check.title or check.check}",
            check.points if passed else 0.0,
            check.points,
            "" if passed else check.message,
        )
        yield test | {"status": "passed" if passed else "failed"}


def _test(name: str, score: float, max_score: float, output: str) -> dict[str, Any]:
    return {
        "name": name,
        "score": score,
        "max_score": max_score,
        "output": output,
        "visibility": VISIBILITY,
    }


def _folder(student: str) -> str:
    """The id where it can be a folder's name and nothing else; otherwise with %2F and the like in it."""
    if student in ("", ".", "..") or any(c in '%/\\:*?"<>|' or not c.isprintable() for c in student):
        return quote(student, safe="").replace(".", "%2E") or "%"
    return student
