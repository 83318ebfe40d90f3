"""A release is tried out first: the reference must have all points of the machine, an empty notebook none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.release.trial import Need, tight
from mashq.release.unchanged import remember, unchanged
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import mashq
from tests.support.tiny_course import make_tiny_course

pytestmark = pytest.mark.long

SOLUTION = "def {name}(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION"
FAULTY = notebook_of(
    code_cell(SOLUTION.format(name="one"), "one"),
    code_cell("assert 1 + 1 == 2", "always_right", 2),  # an empty one does
    code_cell("assert one(2) == 3", "sound", 1),
    code_cell("100", "out_of_range", 2),  # a value that is no score
)
FAULTY_CHECKS = '''
import pytest

@pytest.mark.grade("test_two", points=1)
def test_two(student):
    """No answer passes it."""
    assert student.call("two", 1) == 3, "two is not three"

@pytest.mark.grade("test_three", points=1)
def test_three(student):
    """It cannot be asked."""
    open("missing.csv")
'''
CHECKED = notebook_of(
    code_cell(SOLUTION.format(name="two"), "two"),
    code_cell("two", "test_two", 1),
    code_cell("two", "test_three", 1),
)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_release_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    """All cells are named, with what is wrong and why; nothing is released before somebody insists."""
    course = make_tiny_course(tmp_path / "course")
    before = {path: path.read_bytes() for path in (course / "release").rglob("*.ipynb")}
    nbformat.write(FAULTY, course / "source" / "ps1" / "faulty.ipynb")
    nbformat.write(CHECKED, course / "source" / "ps1" / "checked.ipynb")
    (course / "tests" / "ps1" / "test_checked.py").write_text(FAULTY_CHECKS)
    told = one_line("".join(mashq("release", "ps1", cwd=course, code=1, columns=400)))
    for fault in (
        "faulty, always_right: an untouched notebook gets 2 of 2 points",
        "faulty, out_of_range: the reference gets no points before somebody looks: its last value, 100,",
        "checked, test_two: the reference gets 0 of 1 points: test_two: two is not three",
        "checked, test_three: the reference gets no points before somebody looks: ",
    ):
        assert fault in told
    assert "sound" not in told
    assert "areas" not in told
    assert {path: path.read_bytes() for path in (course / "release").rglob("*.ipynb")} == before

    out, err = mashq("release", "ps1", "--force-release", cwd=course, columns=400)
    assert "faulty.ipynb" in out
    assert "released all the same: faulty, always_right" in one_line(err)


def test_what_the_reference_needed_is_told_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """Its points, time, memory and what it wrote; a limit with little room above that has a proposal."""
    course = make_tiny_course(tmp_path / "course")
    heavy = notebook_of(
        code_cell(
            "### BEGIN SOLUTION\nimport numpy as np\na = np.ones(5 * 10**7)\n"
            'open("big.bin", "wb").write(bytes(300 * 2**20))\n### END SOLUTION',
            "heavy",
        ),
        code_cell("import time\ntime.sleep(1)\nassert len(a) == 5 * 10**7", "test_heavy", 1),
    )
    nbformat.write(heavy, course / "source" / "ps1" / "heavy.ipynb")
    out, err = mashq("release", "ps1", cwd=course, columns=400)
    told = one_line(err)
    assert "areas: the reference has all 2 points of the machine, an untouched notebook none" in told
    assert "300 MB written" in told
    assert "heavy needs 300 of 512 (c.JudgeExecute.disk_mb), and a right answer may need more" in told
    for step in ("source", "release"):  # where nbgrader runs a solution, and from where it copies files
        assert not (course / step / "ps1" / "big.bin").exists()
    again, why = mashq("release", "ps1", cwd=course)
    assert again == out
    assert "nothing has changed since the last release" in why


@pytest.mark.quick
@pytest.mark.parametrize(
    "change",
    [
        "",
        "source",
        "check",
        "setting",
        "json",
        "jupyter",
        "release",
        "solution",
        "gradebook",
        "language",
        "zoo",
    ],
)
def test_what_is_as_it_was_is_not_made_again(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources, checks, settings, what was made, the gradebook; answers of the zoo are for the audit alone."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    files = {
        "source": tmp_path / "source" / "ps1" / "areas.ipynb",
        "check": tmp_path / "tests" / "ps1" / "test_areas.py",
        "zoo": tmp_path / "tests" / "ps1" / "zoo" / "wrong" / "one.py",
        "release": tmp_path / "release" / "ps1" / "areas.ipynb",
        "solution": tmp_path / "solution" / "ps1" / "areas.ipynb",
        "setting": tmp_path / "nbgrader_config.py",
        "json": tmp_path / "nbgrader_config.json",
        "jupyter": tmp_path / "jupyter" / "jupyter_config.json",
    }
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if path.suffix == ".json" else "# as it was\n")
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as gradebook:
        gradebook.execute("create table assignment (name text)")
        gradebook.execute("insert into assignment values ('ps1')")
        gradebook.commit()
    folder = CourseFolder(tmp_path)
    assert unchanged(folder, "ps1", None) == [], "nothing is known yet"
    remember(folder, "ps1", None)
    if change in files:
        files[change].write_text('{"A": {"x": 1}}' if files[change].suffix == ".json" else "# changed\n")
    if change == "gradebook":
        (tmp_path / "gradebook.db").unlink()
    found = unchanged(CourseFolder(tmp_path), "ps1", "fa" if change == "language" else None)
    same = [files["release"], files["solution"]] if change in ("", "zoo") else []
    assert found == same


@pytest.mark.quick
def test_limits_with_little_room_are_proposed() -> None:
    """What the reference needed, twice, must fit; the sentence has a line for nbgrader_config.py."""

    class Settings:
        memory_mb, disk_mb, notebook_s = 3072, 512, 600

    light, heavy = Need("light", 1, 9, 80, 1), Need("heavy", 1, 301, 2000, 300)
    assert list(tight([light], Settings)) == []
    found = list(tight([light, heavy], Settings))
    assert [sentence.rpartition("set ")[2] for sentence in found] == [
        "c.JudgeExecute.memory_mb = 8000",
        "c.JudgeExecute.disk_mb = 1200",
        "c.JudgeExecute.notebook_s = 1204",
    ]
