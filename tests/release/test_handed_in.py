"""Releasing again what was handed in: what may change, what may not, and what a failed release leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.grading.gradebook.record import Recorder
from mashq.release.exchange import exchange
from mashq.release.release import release_assignment
from tests.support.cells import code_cell, essay_cell, notebook_of
from tests.support.graded import files_of, graded_notebook, rows_of, sqlite_of
from tests.support.grading import invoke
from tests.support.tiny_course import answered, hand_in, make_tiny_course, released_notebook

pytestmark = pytest.mark.long

SOURCE = "source/ps1/areas.ipynb"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which ada's notebook is graded, with points of a person; to be copied, not changed."""
    course = make_tiny_course(tmp_path_factory.mktemp("handed-in") / "course")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write('\nc.JudgeExecute.isolation = "none"  # these submissions are ours\n')
    hand_in(course, "ada", answered(released_notebook(course)))
    with Recorder(CourseFolder(course), "ps1") as recorder:
        recorder.prepare("ada", course / "submitted" / "ada" / "ps1")
        recorder.record("ada", "areas", graded_notebook(course))
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        essay = gradebook.find_grade("why", "areas", "ps1", "ada")
        essay.manual_score, essay.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    return course


@pytest.fixture
def course(handed_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(handed_in, tmp_path / "course"))


def change(course: Path, how: Callable[[Any], object]) -> None:
    notebook = nbformat.read(course / SOURCE, as_version=4)
    how(notebook)
    nbformat.write(notebook, course / SOURCE)


def add(notebook: Any) -> None:
    notebook.cells += [
        code_cell("### BEGIN SOLUTION\nside = 3\n### END SOLUTION", "side"),
        code_cell("assert side == 3", "test_side", 4),
        essay_cell("What is a side?", "what", 1),
    ]


def rename(notebook: Any) -> None:
    notebook.cells[2].metadata.nbgrader["grade_id"] = notebook.cells[2]["id"] = "test_surface"


def remove(notebook: Any) -> None:
    del notebook.cells[4]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (add, ["new: areas: side, test_side, what", "`mashq release ps1 --add-cells` adds what is new"]),
        (rename, ["no longer there: areas: test_area", "new: areas: test_surface", "back into"]),
        (remove, ["no longer there: areas: why", "give a cell that counts no longer 0 points"]),
    ],
)
def test_cells_that_do_not_go_with_what_was_handed_in(how: Any, says: list[str], course: Path) -> None:
    """Named with the students and the way out; release, solutions and gradebook are as they were."""
    (course / "solution").mkdir()
    before = rows_of(sqlite_of(course)), files_of(course / "release")
    change(course, how)
    with pytest.raises(
        CourseError, match=r"ps1 has submissions of 1 students in the gradebook \(ada\)"
    ) as error:
        release_assignment(course, "ps1")
    for words in says:
        assert words in str(error.value)
    assert (rows_of(sqlite_of(course)), files_of(course / "release")) == before


def test_a_reference_solution_that_fails_leaves_the_former_release(course: Path) -> None:
    """With changed points, which are not in the gradebook then, either."""

    def spoil(notebook: Any) -> None:
        notebook.cells[1].source = "### BEGIN SOLUTION\nraise ValueError\n### END SOLUTION"
        notebook.cells[2].metadata.nbgrader["points"] = 20

    before, release = (course / "gradebook.db").read_bytes(), files_of(course / "release")
    change(course, spoil)
    with pytest.raises(CourseError):
        release_assignment(course, "ps1")
    assert ((course / "gradebook.db").read_bytes(), files_of(course / "release")) == (before, release)


@pytest.mark.slow
def test_new_cells_are_added_to_what_was_handed_in(course: Path) -> None:
    """A new notebook, too: they wait, are graded as not handed in, and no point of before is lost."""
    before = rows_of(sqlite_of(course))["grade"]
    change(course, add)
    more = notebook_of(
        code_cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x"), code_cell("x", "test_x", 1)
    )
    nbformat.write(more, course / "source" / "ps1" / "more.ipynb")
    paths = release_assignment(course, "ps1", add_cells=True)
    assert {path.name for path in paths} == {"areas.ipynb", "more.ipynb"}
    after = rows_of(sqlite_of(course))["grade"]
    assert [row for row in after if row in before] == before
    assert {row[2]: (row[4], bool(row[7])) for row in after if row not in before} == {
        "test_side": (None, True),
        "what": (None, True),
        "test_x": (None, True),
    }
    hand_in(course, "ben", answered(released_notebook(course)))
    done = invoke(course, "--workers=1")
    points = {row[:3]: (row[4], row[5]) for row in rows_of(sqlite_of(course))["grade"]}
    assert points["ada", "areas", "test_area"] == (2, None)
    assert points["ada", "areas", "why"][1] == 2.5
    assert points["ada", "more", "test_x"] == (0, None)
    assert points["ben", "areas", "test_area"] == (2, None)
    assert done.code in (0, 3)
    assert release_assignment(course, "ps1") == paths  # nothing is new any more


def test_an_exchange_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two folders cannot be put in its place: the first is taken back."""
    for name in ("new-a", "new-b", "a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    rename = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.name == ".b.new":
            raise OSError("disk error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="disk error"):
        exchange({tmp_path / "new-a": tmp_path / "a", tmp_path / "new-b": tmp_path / "b"})
    assert {name: (tmp_path / name / "file").read_text() for name in ("a", "b")} == {"a": "a", "b": "b"}
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    monkeypatch.undo()
    (tmp_path / "new").mkdir()
    exchange({tmp_path / "new": tmp_path / "a"})
    assert list((tmp_path / "a").iterdir()) == []
