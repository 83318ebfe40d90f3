"""Running nbgrader's own commands in a course folder."""

from __future__ import annotations

from pathlib import Path

from mashq.course.gradebook.access import known_assignments
from mashq.course.nbgrader import run_nbgrader


def test_a_folder_of_the_courses_own_that_is_called_mashq_is_not_run(tmp_path: Path) -> None:
    """Such as a clone of another version that is used as a course; what runs is the mashq that was called."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    (tmp_path / "mashq").mkdir()
    (tmp_path / "mashq" / "__init__.py").write_text("raise SystemExit('the copy is run')\n")
    run_nbgrader(tmp_path, "db", "assignment", "add", "ps1")
    assert known_assignments(f"sqlite:///{tmp_path}/gradebook.db") == ["ps1"]
