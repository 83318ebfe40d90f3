"""Large and many files of the instructor's, read by notebooks of a class, by both ways of grading."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from tests.support.commands import mashq, nbgrader
from tests.support.tiny_course import ANSWER, answered, make_tiny_course

pytestmark = pytest.mark.long

MB, FILES = 150, 1200
READS = f"""{ANSWER}
import os
assert os.path.getsize("data/large.bin") == {MB * 2**20}, "size"
with open("data/large.bin", "rb") as file:
    file.seek(-3, 2)
    assert file.read() == b"end", "content"
assert len(os.listdir("many")) == {FILES}, "number"
assert open("many/{FILES - 1}.txt").read() == "{FILES - 1}", "last"
assert open("small.txt").read() == "small", "small"
try:
    open("data/large.bin", "r+b")
except OSError:
    pass
else:
    raise RuntimeError("a file that all share can be changed")
for place, _, names in os.walk("/"):
    if "SECRET.txt" in names:
        raise RuntimeError("found " + place)
"""


def test_a_class_reads_them_and_changes_nothing(tmp_path: Path) -> None:
    """Nothing else of the course can be seen through the folder that is shown."""
    course = make_tiny_course(tmp_path / "course")
    source = course / "source" / "ps1"
    (source / "data").mkdir()
    (source / "many").mkdir()
    with (source / "data" / "large.bin").open("wb") as file:
        file.seek(MB * 2**20 - 3)
        file.write(b"end")
    for number in range(FILES):
        (source / "many" / f"{number}.txt").write_text(str(number))
    (source / "small.txt").write_text("small")
    (course / "SECRET.txt").write_text("x")
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    for student in ("ada", "ben"):
        path = course / "submitted" / student / "ps1" / "areas.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(answered(release, f"{READS}# {student}")))
    mashq("grade", "ps1", cwd=course)
    scores = read_scores(CourseFolder(course), "ps1").students
    assert {student: row["areas"].score for student, row in scores.items()} == {"ada": 2, "ben": 2}
    graded = nbformat.read(course / "autograded" / "ada" / "ps1" / "areas.ipynb", as_version=4)
    assert not [o for cell in graded.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    nbgrader(course, "autograde", "ps1", "--force", "--student", "ada")
    assert read_scores(CourseFolder(course), "ps1").students["ada"]["areas"].score == 2
