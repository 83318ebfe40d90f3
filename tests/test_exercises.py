"""How the cells of a notebook are called in sentences for its student."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mashq.cells import gives_points, known_cells
from mashq.exercises import CellNames, exercises, title_of
from tests.support.cells import code_cell, essay_cell, notebook_of

ROOT = Path(__file__).parents[1]


def markdown(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def test_an_exercise_keeps_its_name_below_sub_headings() -> None:
    """The outermost heading that no other graded cell shares; brackets at its end are left out."""
    notebook = notebook_of(
        markdown("# Question 6\n\n## Exercise 1: the loop (7 points)\n\n### Averages"),
        code_cell("def loop(): ...", "loop"),
        markdown("### The training itself\n\n```python\n# no heading\n```"),
        code_cell("assert loop", "test_loop", 7),
        markdown("## Exercise 2"),
        essay_cell("YOUR ANSWER HERE", "why", 3),
    )
    assert title_of(notebook) == "Question 6"
    assert exercises(notebook) == {
        "loop": "Exercise 1: the loop",
        "test_loop": "Exercise 1: the loop",
        "why": "Exercise 2",
    }


def test_exercises_within_parts_and_without_headings() -> None:
    """A part that holds two exercises names neither; a shared heading needs the id behind it."""
    notebook = notebook_of(
        markdown("# Homework\n\n## Part A\n\n### First"),
        code_cell("assert 1", "test_first", 1),
        markdown("### Second"),
        code_cell("assert 2", "test_second", 1),
        markdown("## Part B"),
        code_cell("assert 3", "test_b_one", 1),
        code_cell("assert 4", "test_b_two", 1),
    )
    assert list(exercises(notebook).values()) == ["First", "Second", "Part B: b one", "Part B: b two"]
    assert exercises(notebook_of(code_cell("assert 1", "test_first", 1))) == {}


def test_every_cell_has_a_name_that_a_student_can_find() -> None:
    """An exercise is named by its number, other cells by how they begin, an empty one by its place."""
    notebook = notebook_of(
        markdown("# Q\n\n## Exercise 1: areas"),
        code_cell("SEED = 20\nEPOCHS = 5", "parameters"),
        code_cell("def area(): ...", "area"),
        code_cell("assert area", "test_area", 1),
        code_cell("", ""),
    )
    notebook.cells[1].metadata.nbgrader |= {"solution": False, "locked": True}
    names = CellNames(notebook)
    assert [names.cell(cell, number) for number, cell in enumerate(notebook.cells, start=1)][1:] == [
        'the cell that begins with "SEED = 20"',
        "the answer of Exercise 1",
        "the visible checks of Exercise 1",
        "cell 5",
    ]
    assert names.exercises(["area", "test_area", "unknown"]) == "Exercise 1, unknown"


@pytest.mark.parametrize("path", sorted((ROOT / "release" / "hw2").glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_exercise_of_our_homework_has_its_number(path: Path) -> None:
    """Answer and checks of an exercise have the same name, and it is short."""
    notebook = nbformat.read(path, as_version=4)
    names = CellNames(notebook)
    for grade_id, cell in known_cells(notebook).items():
        if gives_points(cell):
            assert names.exercise(grade_id).removeprefix("Exercise ").isdigit(), grade_id
