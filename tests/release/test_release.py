"""What is committed in `release/` and `solutions/` is what `source/` gives, and keeps its secrets."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.cells import is_test
from mashq.errors import CourseError
from mashq.release.release import errors, leaks, release_assignment
from mashq.zoo.answers import without_markers
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import ROOT
from tests.support.hw2 import NOTEBOOKS, POINTS, make_hw2_course


def read(folder: str, name: str) -> Any:
    """A committed notebook."""
    return nbformat.read(ROOT / folder / "hw2" / f"{name}.ipynb", as_version=4)


def about(cell: Any) -> dict[str, Any]:
    """nbgrader's metadata of a cell."""
    return dict(cell.metadata.get("nbgrader", {}))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which `nbgrader generate_assignment` has just run."""
    return make_hw2_course(tmp_path_factory.mktemp("release") / "course")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_release_is_current(name: str, fresh: Path) -> None:
    """Run `make release` after a change in `source/`."""
    committed = (ROOT / "release" / "hw2" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert (fresh / "release" / "hw2" / f"{name}.ipynb").read_text(encoding="utf-8") == committed


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_solutions_are_current_and_ran_without_error(name: str) -> None:
    """The same cells as in `source/` without mark schemes, each run, with figures."""
    source, solved = read("source", name), read("solutions", name)
    scheme = re.compile(r"### BEGIN MARK SCHEME.*?### END MARK SCHEME", re.DOTALL)
    assert [c.source.split() for c in solved.cells] == [
        scheme.sub("", c.source).split() for c in source.cells
    ]
    assert list(errors(ROOT / "solutions" / "hw2" / f"{name}.ipynb")) == []
    assert "image/png" in str(solved.cells), "a solution without a picture"
    assert "'name': 'stderr'" not in str(solved.cells)


def test_points_are_as_announced() -> None:
    """A hundred points, on the cells of the contract."""
    cells = [about(cell) for name in NOTEBOOKS for cell in read("source", name).cells]
    assert {c["grade_id"]: c["points"] for c in cells if "points" in c} == POINTS
    assert sum(POINTS.values()) == 100


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_source_is_clean(name: str) -> None:
    """No outputs in what is edited by hand, so changes read well; graded cells have their names as ids."""
    for cell in read("source", name).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        if about(cell).get("grade_id"):
            assert cell.id == about(cell)["grade_id"]


SECRET = re.compile(r"### BEGIN (SOLUTION|MARK SCHEME)\n(.*?)### END \1", re.DOTALL)


def lines_of(text: str) -> set[str]:
    """The lines that say something, without indentation."""
    return {line.strip() for line in text.splitlines() if len(line.strip()) > 24}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_release_shows_no_solution_and_no_mark_scheme(name: str) -> None:
    """No line that stands only between solution or mark scheme markers, or in a model essay, is released."""
    assert list(leaks(ROOT / "release" / "hw2" / f"{name}.ipynb")) == []
    released = lines_of("\n".join(cell.source for cell in read("release", name).cells))
    secret, given = set(), set()
    for cell in read("source", name).cells:
        if cell.cell_type == "markdown" and about(cell).get("solution"):
            secret |= lines_of(cell.source)
        else:
            secret |= lines_of("\n".join(region for _, region in SECRET.findall(cell.source)))
            given |= lines_of(SECRET.sub("", cell.source))
    assert secret
    assert released & (secret - given) == set()


def test_the_release_shows_nothing_of_the_hidden_checks() -> None:
    """No name and no sentence of a check is in what students get."""
    released = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "release").rglob("*.ipynb"))
    for path in (ROOT / "tests" / "hw2").glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for check in (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")):
            assert check.name not in released
            assert (ast.get_docstring(check) or "?" * 9) not in released


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_stub_says_that_it_is_not_written_yet(name: str) -> None:
    """Each code cell that students fill raises until they do, and its Python is valid."""
    for cell in read("release", name).cells:
        if cell.cell_type == "code" and about(cell).get("solution"):
            ast.parse(cell.source)
            assert "raise NotImplementedError(" in cell.source
            assert "# YOUR CODE HERE" in cell.source


class Collected:
    """A pytest plugin that keeps what each collected check is worth."""

    def __init__(self) -> None:
        self.marks: list[pytest.Mark] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.marks = [mark for item in session.items for mark in item.iter_markers("grade")]


def test_checks_exist_for_every_judged_cell_and_are_many() -> None:
    """At least 45 hidden checks; those of each test cell add up to its points."""
    collected = Collected()
    pytest.main(["--collect-only", "-qq", str(ROOT / "tests" / "hw2")], plugins=[collected])
    worth: dict[str, float] = {}
    for mark in collected.marks:
        worth[mark.args[0]] = worth.get(mark.args[0], 0) + mark.kwargs["points"]
    judged = [about(cell) for name in NOTEBOOKS for cell in read("source", name).cells if is_test(cell)]
    assert worth == pytest.approx({cell["grade_id"]: cell["points"] for cell in judged})
    assert len(collected.marks) >= 45


def course_with(folder: Path, solution: str) -> Path:
    """A course folder with one notebook."""
    (folder / "source" / "ps1").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    notebook = notebook_of(code_cell(solution, "area"), code_cell("area", "test_area", 1))
    nbformat.write(notebook, folder / "source" / "ps1" / "areas.ipynb")
    return folder


@pytest.mark.long
def test_a_solution_that_raises_is_not_released(tmp_path: Path) -> None:
    """The instructor reads which cell it is."""
    course = course_with(tmp_path, "### BEGIN SOLUTION\narea = 1 / 0\n### END SOLUTION")
    with pytest.raises(CourseError, match=r"areas\.ipynb, cell 1: the solution raised ZeroDivisionError"):
        release_assignment(course, "ps1")
    with pytest.raises(CourseError, match=r"has no assignment 'ps2'; it has: ps1\. Did you mean 'ps1'"):
        release_assignment(course, "ps2")


def test_markers_are_taken_out_of_solutions_with_their_lines() -> None:
    """What stands between the markers keeps its indentation."""
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    assert without_markers(source) == "def f():\n    return 1"
