"""How long feedback takes: `nbgrader generate_feedback` against `mashq feedback`, on the same graded class.

    python bench/feedback.py --students 40 --workers 2

Makes a course folder of its own with q5 of hw2, grades the reference solution once with nbgrader, and gives
every student a copy of the graded notebook and its scores. Prints seconds and CPU seconds of both commands,
their ratio, and whether they wrote the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.nbgrader import run_nbgrader
from mashq.feedback.generate import generate_feedback
from mashq.zoo.answers import fill_in

ROOT = Path(__file__).parents[1]
ASSIGNMENT, NOTEBOOK, FIRST = "hw2", "q5_xnor", "student-000"


def make_class(course: Path, students: int) -> None:
    """A course folder with so many graded submissions, all alike."""
    shutil.copytree(ROOT / "tests" / ASSIGNMENT, course / "tests" / ASSIGNMENT)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    source = course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copy(ROOT / "source" / ASSIGNMENT / source.name, source)
    run_nbgrader(course, "generate_assignment", ASSIGNMENT)
    target = course / "submitted" / FIRST / ASSIGNMENT
    target.mkdir(parents=True)
    release = nbformat.read(course / "release" / ASSIGNMENT / source.name, as_version=4)
    nbformat.write(fill_in(release, nbformat.read(source, as_version=4)), target / source.name)
    run_nbgrader(course, "autograde", ASSIGNMENT)
    with Gradebook(*CourseFolder(course).gradebook) as gradebook:
        graded = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, FIRST)
        scores = {grade.name: grade.auto_score for grade in graded.grades}
        for number in range(1, students):
            student = f"student-{number:03}"
            shutil.copytree(course / "autograded" / FIRST, course / "autograded" / student)
            gradebook.update_or_create_student(student)
            with gradebook.db.no_autoflush:  # nbgrader adds rows in an order that makes SQLAlchemy warn
                gradebook.update_or_create_submission(ASSIGNMENT, student)
            for name, score in scores.items():
                gradebook.find_grade(name, NOTEBOOK, ASSIGNMENT, student).auto_score = score
        gradebook.db.commit()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds, and CPU seconds with all processes that were started (not known on Windows)."""
    before = os.times()
    work()
    after = os.times()
    return after.elapsed - before.elapsed, sum(after[:4]) - sum(before[:4])


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def main() -> None:
    """Make the class, time both commands, compare what they wrote."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder).resolve()
        make_class(course, options.students)
        plain, plain_cpu = timed(lambda: run_nbgrader(course, "generate_feedback", ASSIGNMENT))
        expected = snapshot(course / "feedback")
        shutil.rmtree(course / "feedback")
        ours, ours_cpu = timed(lambda: generate_feedback(course, ASSIGNMENT, workers=options.workers))
        same = snapshot(course / "feedback") == expected
    print(f"{options.students} students, {NOTEBOOK}, {os.cpu_count()} cores")
    print(f"nbgrader generate_feedback       {plain:6.1f} s, CPU {plain_cpu:6.1f} s")
    print(f"mashq feedback, {options.workers:3} workers      {ours:6.1f} s, CPU {ours_cpu:6.1f} s")
    print(f"ratio {plain / ours:.2f}; the same bytes: {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
