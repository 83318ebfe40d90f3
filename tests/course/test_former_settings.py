"""A course folder with the nbgrader_config.py of version 0.1.0, which names classes where they were then."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.grading.nbgrader_steps import JudgeExecute
from tests.grading.test_autograde import snapshot
from tests.support.commands import ROOT, mashq, nbgrader
from tests.support.tiny_course import HALF, answered, make_course, tiny_notebook

FORMER = ROOT / "tests" / "support" / "former_nbgrader_config.txt"
NAMES = {
    "mashq.translate.preprocessor": ("Translate", "FrameAnswers"),
    "mashq.grading.exporter": ("SubmissionExporter",),
    "mashq.grading.preprocessors": ("JudgeExecute", "SaveJudgedGrades", "ShowMarkSchemes"),
    "mashq.grading.feedback_page": ("FeedbackExporter", "SummariseGrades"),
    "mashq.late": ("LatePolicy",),
}
ESSAY = "Because sides multiply: $a \\cdot b$."


@pytest.mark.long
def test_the_settings_of_before_release_and_grade_as_those_of_today(tmp_path: Path) -> None:
    """The same notebooks, points and pages, with formulas; a warning names the line to write instead."""
    stub = '\nc.ClearSolutions.text_stub = "YOUR ANSWER HERE"  # as those of before have it\n'
    course = make_course(tmp_path / "course", {"areas": tiny_notebook()}, stub)
    folder = CourseFolder(course)
    today = (course / "nbgrader_config.py").read_text(encoding="utf-8")
    released = snapshot(course / "release")
    shutil.copy(FORMER, course / "nbgrader_config.py")

    said = mashq("release", "ps1", cwd=course)
    assert "solutions/ps1/areas.ipynb" in said[0]
    assert snapshot(course / "release") == released
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    for student, code in {"right": "def area(a, b):\n    return a * b", "half": HALF}.items():
        (course / "submitted" / student / "ps1").mkdir(parents=True)
        path = course / "submitted" / student / "ps1" / "areas.ipynb"
        nbformat.write(answered(release, code, ESSAY), path)
    log = nbgrader(course, "autograde", "ps1")
    for name in NAMES["mashq.grading.exporter"] + NAMES["mashq.grading.preprocessors"]:
        assert f"write mashq.nbgrader_plugins.{name} in nbgrader_config.py" in log
    mashq("feedback", "ps1", cwd=course)
    pages = snapshot(course / "feedback")
    assert b"<math" in pages["half/ps1/areas.html"]
    mashq("grade", "ps1", "--force", cwd=course)
    before = {name: read_scores(folder, "ps1").students[name]["areas"].score for name in ("right", "half")}
    assert before == {"right": 2, "half": 1}

    (course / "nbgrader_config.py").write_text(today, encoding="utf-8")
    assert "has moved" not in nbgrader(course, "autograde", "ps1", "--force")
    mashq("feedback", "ps1", "--force", cwd=course)
    assert snapshot(course / "feedback") == pages
    after = {name: read_scores(folder, "ps1").students[name]["areas"].score for name in ("right", "half")}
    assert after == before


@pytest.mark.long
@pytest.mark.parametrize("module", NAMES)
def test_each_name_of_before_is_the_class_of_today(module: str) -> None:
    """With a warning that names the new one; what never was there is an ordinary error."""
    for name in NAMES[module]:
        code = (
            f"import {module} as former, mashq.nbgrader_plugins as today; "
            f"assert former.{name} is today.{name}; assert not hasattr(former, 'Other')"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"{module}.{name} has moved: write mashq.nbgrader_plugins.{name}" in done.stderr
        assert "FutureWarning" in done.stderr


def test_a_setting_with_another_name_counts_and_warns() -> None:
    """`whole` is called `run_all` now."""
    config = Config()
    config.JudgeExecute.whole = True
    with pytest.warns(FutureWarning, match="write c.JudgeExecute.run_all"):
        assert JudgeExecute(config=config).run_all
