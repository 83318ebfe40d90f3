"""From Moodle and back: collected under participant numbers, graded, and written into the worksheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mashq.collect.run import CollectOptions, collect_assignment
from mashq.export.write import ExportOptions, export_grades
from mashq.grading.engine.run import Options, grade_assignment
from tests.support.commands import nbgrader
from tests.support.downloads import download, named
from tests.support.tiny_course import answered, released_notebook

WORKSHEET = """\
Identifier,Status,Grade,Maximum Grade,Last modified (submission),Last modified (grade),Feedback comments
Participant 1001,Submitted,,5.00,"Saturday, 10 January 2026, 3:14 PM",-,
Participant 1002,Submitted,,5.00,"Saturday, 10 January 2026, 3:14 PM",-,
"""
POLICY = """
c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
c.JudgeExecute.isolation = "none"  # this submission is ours, and not what is tested here
"""


@pytest.mark.long
def test_what_moodle_gave_comes_back_to_moodle(tiny_course: Path) -> None:
    """The worksheet's time of hand-in costs what the policy says; who had no notebook is listed by both."""
    with (tiny_course / "nbgrader_config.py").open("a") as config:
        config.write(POLICY)
    nbgrader(tiny_course, "db", "assignment", "add", "ps1", "--duedate", "2026-01-10 12:00:00 Asia/Tehran")
    worksheet = tiny_course / "worksheet.csv"
    worksheet.write_text(WORKSHEET, encoding="utf-8-sig")
    files = {
        named("moodle", 1001, "work/AREAS.ipynb"): json.dumps(answered(released_notebook(tiny_course))),
        named("moodle", 1002, "work.rar"): "Rar!",
    }
    path = download(tiny_course / "moodle.zip", files)
    collected = collect_assignment(
        CollectOptions("ps1", [path], tiny_course, roster=worksheet, timezone="Asia/Tehran")
    )
    assert [row.student for row in collected.rows if row.problems] == ["1002"]
    summary = grade_assignment(Options("ps1", tiny_course, workers=1))
    assert {student for student, _, _ in summary.attention} == {"1002"}
    written = export_grades(ExportOptions("ps1", "moodle", tiny_course, roster=worksheet)).path
    with written.open(encoding="utf-8", newline="") as file:
        rows = {row["Identifier"]: row for row in csv.DictReader(file)}
    assert rows["Participant 1001"]["Grade"] == "1.8"  # of 2: handed in 3:14 hours late, which is a day
    assert rows["Participant 1001"]["Feedback comments"].startswith("areas: 2 of 5; late: -0.2")
