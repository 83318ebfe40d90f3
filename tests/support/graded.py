"""What a graded course holds: the rows of its gradebook, its files, and whether two courses agree in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from sqlalchemy import create_engine, text

from mashq.course.results import Graded
from mashq.grading.notebook.judging import write_scores
from mashq.judge import CheckResult, Judgement, Outcome
from tests.support.tiny_course import answered, hand_in

ROWS = {
    "student": "SELECT id, first_name, last_name, email FROM student ORDER BY id",
    "submission": "SELECT student_id, a.name, timestamp, extension FROM submitted_assignment s "
    "JOIN assignment a ON a.id = s.assignment_id ORDER BY student_id",
    "notebook": "SELECT student_id, n.name, flagged, late_submission_penalty FROM submitted_notebook s "
    "JOIN notebook n ON n.id = s.notebook_id JOIN submitted_assignment a ON a.id = s.assignment_id "
    "ORDER BY 1, 2",
    "grade": "SELECT student_id, n.name, b.name, b.type, auto_score, manual_score, extra_credit, "
    "needs_manual_grade FROM grade g JOIN base_cell b ON b.id = g.cell_id "
    "JOIN submitted_notebook s ON s.id = g.notebook_id JOIN notebook n ON n.id = s.notebook_id "
    "JOIN submitted_assignment a ON a.id = s.assignment_id ORDER BY 1, 2, 3, 4",
    "comment": "SELECT student_id, n.name, b.name, b.type, auto_comment, manual_comment FROM comment c "
    "JOIN base_cell b ON b.id = c.cell_id JOIN submitted_notebook s ON s.id = c.notebook_id "
    "JOIN notebook n ON n.id = s.notebook_id JOIN submitted_assignment a ON a.id = s.assignment_id "
    "ORDER BY 1, 2, 3, 4",
}


def rows_of(gradebook: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a gradebook that matter, by names instead of nbgrader's random ids."""
    engine = create_engine(gradebook)
    with engine.connect() as connection:
        rows = {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in ROWS.items()}
    engine.dispose()
    return rows


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """{relative path: (permissions, content)} of all files below a folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o7777, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sqlite_of(course: Path) -> str:
    """The URL of a course's gradebook."""
    return f"sqlite:///{course}/gradebook.db"


def graded_notebook(course: Path, points: float = 2, note: str = "") -> Graded:
    """`areas` graded with so many points of 2, without running anything."""
    notebook = answered(nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4))
    notebook.cells.append(nbformat.v4.new_markdown_cell(note, id="note"))
    results = [
        CheckResult("test_one", "test_area", points, Outcome.PASSED),
        CheckResult("test_two", "test_area", 2 - points, Outcome.FAILED, message="wrong"),
    ]
    judgement = Judgement(results)
    write_scores(notebook, judgement)
    return Graded(nbformat.writes(notebook).encode(), judgement)


def failed_notebook(course: Path) -> Graded:
    """`areas` on which the machine failed."""
    notebook = answered(nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4))
    judgement = Judgement([CheckResult("test_one", "test_area", 2, Outcome.MACHINE_ERROR, message="no room")])
    write_scores(notebook, judgement)
    return Graded(nbformat.writes(notebook).encode(), judgement)


def hand_in_folder(course: Path, student: str) -> Path:
    """A submission of `areas` that nobody will run: what it holds does not matter to the recorder."""
    return hand_in(course, student, b"{}").parent


def area_score(gradebook: str, student: str) -> tuple[float | None, bool]:
    """(auto_score, needs_manual_grade) of the student's test cell."""
    rows = [row for row in rows_of(gradebook)["grade"] if (row[0], row[2]) == (student, "test_area")]
    return rows[0][4], bool(rows[0][7])


def shown(course: Path) -> dict[str, list[tuple[str, str, Any]]]:
    """Cells of all graded notebooks with their outputs; ids of new cells and times differ by run."""
    return {
        str(path.relative_to(course)): [
            (cell.cell_type, cell.source, cell.get("outputs"))
            for cell in nbformat.read(path, as_version=4).cells
        ]
        for path in sorted((course / "autograded").rglob("*.ipynb"))
    }


def other_files(course: Path) -> dict[str, tuple[int, bytes]]:
    """All files of `autograded/` that are no notebooks."""
    return {k: v for k, v in files_of(course / "autograded").items() if not k.endswith(".ipynb")}


def assert_equal_grades(ours: Path, theirs: Path) -> None:
    """Rows of the gradebook, cells and outputs of the graded notebooks, files beside them."""
    expected = rows_of(sqlite_of(theirs))
    rows = rows_of(sqlite_of(ours))
    for table in expected:
        assert rows[table] == expected[table]
    assert shown(ours) == shown(theirs)
    assert other_files(ours) == other_files(theirs)
