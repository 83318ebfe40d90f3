"""The assignment `hw2`: its notebooks and points, and a course folder with some of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from mashq.course.nbgrader import run_nbgrader
from tests.support.commands import ROOT
from tests.support.copies import copy_of

NOTEBOOKS = ("q1_paper", "q2_theory", "q3_playground", "q4_hoda", "q5_xnor", "q6_mnist")
# grade_id → points, as the course announces them
POINTS = {
    "q1_upload": 10, "test_q1_numbers": 5,
    "q2_a": 5, "q2_b": 5, "q2_c": 5, "q2_d": 5,
    "test_q3_activations": 4, "test_q3_experiments": 6, "q3_discussion": 5,
    "test_q4_preprocess": 3, "test_q4_model": 4, "test_q4_train": 5, "q4_discussion": 3,
    "test_q5_activations": 4, "test_q5_forward": 4, "test_q5_backprop": 6, "test_q5_train": 6,
    "test_q6_model": 3, "test_q6_accuracy": 2, "test_q6_train": 7, "q6_discussion": 3,
}  # fmt: skip


def make_hw2_course(course: Path, names: Sequence[str] = NOTEBOOKS, settings: str = "") -> Path:
    """A course folder with these notebooks of hw2 and their hidden checks, released.

    settings : what is added to nbgrader_config.py
    """
    if not settings:
        return copy_of(("hw2", *names), lambda place: _make(place, names, ""), course)
    return _make(course, names, settings)


def _make(course: Path, names: Sequence[str], settings: str) -> Path:
    for part in ("source", "tests"):
        (course / part / "hw2").mkdir(parents=True)
    for name in names:
        shutil.copy(ROOT / "source" / "hw2" / f"{name}.ipynb", course / "source" / "hw2")
        checks = ROOT / "tests" / "hw2" / f"test_{name}.py"
        if checks.exists():  # essays have none
            shutil.copy(checks, course / "tests" / "hw2")
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(config + settings, encoding="utf-8")
    run_nbgrader(course, "generate_assignment", "hw2")
    return course
