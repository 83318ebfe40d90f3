"""The `mashq` command as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mashq.zoo import read_answer
from tests.conftest import ROOT


def mashq(*arguments: str, cwd: Path = ROOT, code: int = 0, **environment: str) -> str:
    """Run the command; returns all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mashq.cli", *arguments],
        cwd=cwd,
        env=os.environ | {"COLUMNS": "100"} | environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_help_imports_no_framework() -> None:
    """`mashq --help` answers without NumPy, nbgrader, PyTorch or TensorFlow."""
    code = "import sys, mashq, mashq.cli; print([m for m in sys.modules if '.' not in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "torch", "tensorflow", "keras", "nbgrader", "nbclient", "matplotlib", "pytest", "scipy"}
    assert heavy.isdisjoint(json.loads(done.stdout.replace("'", '"')))
    help_text = mashq("--help")
    for command in (
        "audit",
        "bundle",
        "data",
        "demo",
        "doctor",
        "export",
        "feedback",
        "grade",
        "release",
        "scores",
        "validate",
    ):
        assert command in help_text


def test_scores_of_an_unknown_assignment_name_the_known_ones(tiny_course: Path) -> None:
    """One line, which says what to run first; no traceback."""
    text = mashq("scores", "ps9", cwd=tiny_course, code=1)
    assert "no assignment 'ps9' (it has: ps1)" in text
    assert "Traceback" not in text
    assert "ps1: points by question" in mashq("scores", "ps1", cwd=tiny_course)


def test_a_folder_that_is_no_course_is_named(tmp_path: Path) -> None:
    """The message says which option helps."""
    assert "name the course folder with --course" in mashq("scores", "ps1", cwd=tmp_path, code=1)


def test_data_status_says_what_is_a_stand_in(tmp_path: Path) -> None:
    """With neither real files nor network, both datasets are stand-ins and the remedy is shown."""
    text = mashq("data", "status", MASHQ_DATA=str(tmp_path), MASHQ_CACHE=str(tmp_path), MASHQ_OFFLINE="1")
    assert text.count("stand-in") >= 2
    assert "mashq data fetch hoda" in text


def test_data_fetch_refuses_an_unknown_name() -> None:
    """The known names are listed."""
    assert "hoda, mnist" in mashq("data", "fetch", "cifar", code=2)


def test_the_demo_replaces_no_folder_but_its_own(tmp_path: Path) -> None:
    """Somebody's work is never deleted."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert "is no demo of mashq" in mashq("demo", str(tmp_path), code=1)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_the_demo_needs_a_checkout(tmp_path: Path) -> None:
    """Run elsewhere, it says what is missing."""
    assert "the demo runs in a checkout of mashq" in mashq("demo", cwd=tmp_path, code=1)


@pytest.mark.slow
def test_the_demo_grades_its_class(tmp_path: Path) -> None:
    """Fourteen submissions, their scores, feedback, and the course's own files untouched."""
    before = {p: p.stat().st_mtime for p in (ROOT / "source").rglob("*")}
    text = mashq("demo", str(tmp_path / "demo"))
    rows = {
        line.split("│")[1].strip(): line.split("│")[2:] for line in text.splitlines() if line.count("│") > 6
    }
    total = {student: float(cells[-2]) for student, cells in rows.items()}
    assert len(total) == 15
    assert total["everything-right"] == 59
    assert total["nothing-done"] == 0
    assert total["odd-but-right"] == total["half-done"] == total["metadata-stripped"] == 25
    for student in ("forgot-relu-derivative", "updated-too-early", "memorised-weights", "ended-python"):
        assert 0 < total[student] < 25
    assert "*" in rows["file-cut-off"][4]
    assert len(list((tmp_path / "demo" / "feedback").rglob("*.html"))) > 40
    assert {p: p.stat().st_mtime for p in (ROOT / "source").rglob("*")} == before


def test_an_answer_file_without_docstring_or_cell_is_refused(tmp_path: Path) -> None:
    """Whoever adds one to the zoo reads what it needs."""
    path = tmp_path / "answer.py"
    for text in ("x = 1\n", '"""Only a title."""\n', "# %% q5_train\nx = 1\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match="needs a docstring"):
            read_answer(path)
