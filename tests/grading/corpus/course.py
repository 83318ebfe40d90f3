"""A course made of entries, copied, and graded by nbgrader and by mashq."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from sqlalchemy import create_engine, text

from mashq.cells import id_of
from tests.grading.corpus.entry import Entry, Hand, right_answers
from tests.support.graded import sqlite_of

# not through nbgrader's objects, which ask the database once for each of some ten thousand cells
SCORES = """
SELECT s.student_id, n.name, b.name, g.auto_score, g.needs_manual_grade, COALESCE(c.max_score, t.max_score)
FROM grade g
JOIN base_cell b ON b.id = g.cell_id
LEFT JOIN grade_cells c ON c.id = b.id
LEFT JOIN task_cells t ON t.id = b.id
JOIN submitted_notebook sn ON sn.id = g.notebook_id
JOIN notebook n ON n.id = sn.notebook_id
JOIN submitted_assignment s ON s.id = sn.assignment_id
JOIN assignment a ON a.id = s.assignment_id
WHERE a.name = :assignment
"""

Where = tuple[str, str, str]  # student, notebook, grade_id


class Score(NamedTuple):
    """What a gradebook says of one cell of one student."""

    auto_score: float | None
    needs_manual_grade: bool
    max_score: float


Scores = dict[Where, Score]


def graded(folder: Path, entries: Sequence[Entry]) -> tuple[Scores, Scores]:
    """What nbgrader and mashq give to the entries of one assignment, each in a copy of the course.

    folder : where the course and what the commands said is kept
    entries : those that share settings and an assignment
    """
    made, (config, assignment) = folder / "made", entries[0].shares
    made.mkdir()
    if config is not None:
        (made / "nbgrader_config.py").write_text(config)
    for entry in entries:
        _write(made, entry.outside)
        _write(made / "source" / assignment, entry.files)
        for name, notebook in entry.notebooks.items():
            _write_notebook(made / "source" / assignment / f"{name}.ipynb", notebook)
    run("nbgrader", made, "generate_assignment", assignment)
    for entry in entries:
        for student, hand in entry.hands().items():
            hand_in(made, entry, student, hand)
    for grader in ("nbgrader", "mashq"):
        shutil.copytree(made, folder / grader)
    # 1 where a submission could not be graded, 3 where something waits for a person
    with ThreadPoolExecutor(2) as side_by_side:
        both = [
            side_by_side.submit(run, "nbgrader", folder / "nbgrader", "autograde", assignment, codes=(0, 1)),
            side_by_side.submit(run, "mashq.cli", folder / "mashq", "grade", assignment, codes=(0, 3)),
        ]
    for one in both:
        one.result()
    return scores_of(folder / "nbgrader", assignment), scores_of(folder / "mashq", assignment)


def run(program: str, course: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    """Run a command in a course folder, and keep what it says beside that folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=course,
        env=os.environ | {"PATH": path, "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    said = done.stdout + done.stderr
    (course.parent / f"{program} {' '.join(arguments)}.log").write_text(said)
    assert done.returncode in codes, said


def hand_in(course: Path, entry: Entry, student: str, hand: Hand | None) -> None:
    """Put what a student hands in of an entry into `submitted/`."""
    released = course / "release" / entry.assignment
    folder = course / "submitted" / student / entry.assignment
    for name in () if hand is not None and hand.alone else entry.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(released / name, folder / name)
        (folder / name).chmod(0o644)
    for name, source in entry.notebooks.items():
        notebook = nbformat.read(released / f"{name}.ipynb", as_version=4)
        if hand is not None:
            answers = right_answers(source) | dict(hand.answers)
            for cell in notebook.cells:
                cell.source = answers.get(id_of(cell), cell.source)
            notebook = notebook if hand.change is None else hand.change(notebook)
        if notebook is not None:
            _write_notebook(folder / f"{name}.ipynb", notebook)
    _write(folder, {} if hand is None else hand.files)


def scores_of(course: Path, assignment: str) -> Scores:
    """All cells with points of all submissions in a gradebook."""
    engine = create_engine(sqlite_of(course))
    with engine.connect() as connection:
        rows = connection.execute(text(SCORES), {"assignment": assignment}).all()
    engine.dispose()
    return {(row[0], row[1], row[2]): Score(row[3], bool(row[4]), row[5]) for row in rows}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def _write_notebook(path: Path, notebook: Any) -> None:
    """Write it as it is: nbformat would mend it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
