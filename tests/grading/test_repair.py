"""Cells that lost their place are found again; what is not certain is left for a person."""

from __future__ import annotations

import copy
from typing import Any

import nbformat
import pytest

from mashq.grading.repair import WrongNotebookError, repair
from tests.conftest import code_cell, essay_cell, notebook_of, tiny_notebook

ANSWER = "def area(a, b):\n    return a * b"
ESSAY = "Because sides multiply."


def release() -> Any:
    """The tiny notebook as students get it."""
    notebook = tiny_notebook()
    notebook.cells[1].source = "def area(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    notebook.cells[4].source = "YOUR ANSWER HERE"
    return notebook


def submission() -> Any:
    """The release, answered."""
    notebook = release()
    notebook.cells[1].source = ANSWER
    notebook.cells[4].source = ESSAY
    return notebook


def graded(notebook: Any) -> dict[str, str]:
    """{grade_id: source} of a notebook, in order."""
    return {c.metadata.nbgrader.grade_id: c.source for c in notebook.cells if "nbgrader" in c.metadata}


EXPECTED = graded(submission())


def test_an_untouched_structure_needs_no_repair() -> None:
    """No note, and nothing changed."""
    notebook = submission()
    before = copy.deepcopy(notebook)
    done = repair(notebook, release())
    assert (done.notes, done.attention) == ([], {})
    assert notebook == before


def strip_metadata(notebook: Any) -> None:
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


def duplicate_test(notebook: Any) -> None:
    notebook.cells.append(copy.deepcopy(notebook.cells[2]))


def delete_test(notebook: Any) -> None:
    del notebook.cells[2]


def move_test_up(notebook: Any) -> None:
    notebook.cells.insert(0, notebook.cells.pop(2))


def retype_essay(notebook: Any) -> None:
    cell = nbformat.v4.new_code_cell(ESSAY)
    cell.metadata = notebook.cells[4].metadata
    notebook.cells[4] = cell


def retype_solution(notebook: Any) -> None:
    cell = nbformat.v4.new_raw_cell(ANSWER)
    cell.metadata = notebook.cells[1].metadata
    notebook.cells[1] = cell


def edit_test(notebook: Any) -> None:
    notebook.cells[2].source = "pass"


def raise_points(notebook: Any) -> None:
    notebook.cells[2].metadata.nbgrader.points = 99
    notebook.cells[1].metadata.nbgrader.update(grade=True, points=50)


def foreign_cell(notebook: Any) -> None:
    notebook.cells.append(code_cell("x = 1", "other_question"))


def break_metadata(notebook: Any) -> None:
    notebook.cells[1].metadata["nbgrader"] = "nonsense"
    notebook.cells[2].metadata["nbgrader"] = {"grade_id": 7}


def old_schema(notebook: Any) -> None:
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).pop("schema_version", None)


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (strip_metadata, "these cells were recognised: area, test_area, why"),
        (duplicate_test, "cell test_area was there 2 times"),
        (delete_test, "cell test_area was missing and was put back"),
        (move_test_up, "cell test_area stood before the code that it tests"),
        (retype_essay, "cell why had become a code cell"),
        (retype_solution, "cell area had become a raw cell"),
        (edit_test, "cell test_area was changed; the released text is used"),
        (raise_points, ""),
        (foreign_cell, "'other_question' is not of this notebook"),
        (break_metadata, "recognised: area, test_area"),
        (old_schema, ""),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_damage_that_can_be_put_right_is(damage: Any, note: str) -> None:
    """Ids, order, types, points and locked text are those of the release; the answers are the student's."""
    notebook = submission()
    damage(notebook)
    done = repair(notebook, release())
    assert list(graded(notebook).items()) == list(EXPECTED.items())
    original = {c.metadata.nbgrader.grade_id: c for c in release().cells if "nbgrader" in c.metadata}
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader == original[cell.metadata.nbgrader.grade_id].metadata.nbgrader
            assert cell.cell_type == original[cell.metadata.nbgrader.grade_id].cell_type
    assert note in " ".join(done.notes)
    assert done.attention == {}
    nbformat.validate(notebook)


def test_a_copied_solution_keeps_the_answered_one() -> None:
    """An untouched copy of a cell never wins over the answer."""
    notebook = submission()
    notebook.cells.append(release().cells[1])
    repair(notebook, release())
    assert graded(notebook)["area"] == ANSWER


def test_two_different_essays_under_one_id_are_for_a_person() -> None:
    """Which of them counts is not for a program to say."""
    notebook = submission()
    notebook.cells.insert(5, essay_cell("Another thought.", "why", 3))
    done = repair(notebook, release())
    assert "2 different answers carry the id why" in done.attention["why"]
    assert ESSAY in [c.source for c in notebook.cells]


def test_a_deleted_essay_is_put_back_and_for_a_person() -> None:
    """The answer may stand elsewhere: never a silent zero."""
    notebook = submission()
    del notebook.cells[4]
    done = repair(notebook, release())
    assert "why" in done.attention
    assert graded(notebook)["why"] == "YOUR ANSWER HERE"


def test_a_split_solution_is_found_by_what_it_defines() -> None:
    """A stripped notebook whose function was rewritten in another cell."""
    notebook = notebook_of(
        nbformat.v4.new_markdown_cell("# Areas"),
        code_cell("import math"),
        code_cell("def helper(a):\n    return a"),
        code_cell("def area(a, b):\n    return helper(a) * b"),
    )
    done = repair(notebook, release())
    assert graded(notebook)["area"].startswith("def area(a, b):\n    return helper")
    assert list(graded(notebook)) == ["area", "test_area", "why"]
    assert "why" in done.attention


def test_another_notebook_under_this_name_is_refused() -> None:
    """The message names the cells that were found."""
    other = notebook_of(code_cell("x = 1", "q4_model"), code_cell("pass", "test_q4_model", 4))
    with pytest.raises(WrongNotebookError, match="q4_model, test_q4_model"):
        repair(other, release())
