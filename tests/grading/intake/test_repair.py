"""Cells that lost their place are found again; what is not certain is left for a person."""

from __future__ import annotations

import copy
from typing import Any

import nbformat
import pytest

from mashq.cells import likeness, released_code
from mashq.grading.intake.repair import Repair, WrongNotebookError, is_answered, repair
from tests.support.cells import code_cell, essay_cell, notebook_of
from tests.support.tiny_course import tiny_release, tiny_submission

pytestmark = pytest.mark.quick

ANSWER = "def area(a, b):\n    return a * b"
ESSAY = "Because sides multiply."


def graded(notebook: Any) -> dict[str, str]:
    """{grade_id: source} of a notebook, in order."""
    return {c.metadata.nbgrader.grade_id: c.source for c in notebook.cells if "nbgrader" in c.metadata}


def asked(done: Repair) -> dict[str, str]:
    """{grade_id: why a person must look}."""
    return {problem.cell: str(problem.sentence) for problem in done.problems}


EXPECTED = graded(tiny_submission())


def test_an_untouched_structure_needs_no_repair() -> None:
    """No note, and nothing changed."""
    notebook = tiny_submission()
    before = copy.deepcopy(notebook)
    done = repair(notebook, tiny_release())
    assert (done.notes, done.problems) == ([], [])
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
    notebook = tiny_submission()
    damage(notebook)
    done = repair(notebook, tiny_release())
    assert list(graded(notebook).items()) == list(EXPECTED.items())
    original = {c.metadata.nbgrader.grade_id: c for c in tiny_release().cells if "nbgrader" in c.metadata}
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader == original[cell.metadata.nbgrader.grade_id].metadata.nbgrader
            assert cell.cell_type == original[cell.metadata.nbgrader.grade_id].cell_type
    assert note in " ".join(map(str, done.notes))
    assert done.problems == []
    nbformat.validate(notebook)


def test_a_copied_solution_keeps_the_answered_one() -> None:
    """An untouched copy of a cell never wins over the answer."""
    notebook = tiny_submission()
    notebook.cells.append(tiny_release().cells[1])
    repair(notebook, tiny_release())
    assert graded(notebook)["area"] == ANSWER


def test_two_different_essays_under_one_id_are_for_a_person() -> None:
    """Which of them counts is not for a program to say."""
    notebook = tiny_submission()
    notebook.cells.insert(5, essay_cell("Another thought.", "why", 3))
    done = repair(notebook, tiny_release())
    assert "2 different answers carry the id why" in asked(done)["why"]
    assert ESSAY in [c.source for c in notebook.cells]


def test_a_deleted_essay_is_put_back_and_for_a_person() -> None:
    """The answer may stand elsewhere: never a silent zero."""
    notebook = tiny_submission()
    del notebook.cells[4]
    done = repair(notebook, tiny_release())
    assert "why" in asked(done)
    assert graded(notebook)["why"] == "YOUR ANSWER HERE"


def test_a_split_solution_is_found_by_what_it_defines() -> None:
    """A stripped notebook whose function was rewritten in another cell."""
    notebook = notebook_of(
        nbformat.v4.new_markdown_cell("# Areas"),
        code_cell("import math"),
        code_cell("def helper(a):\n    return a"),
        code_cell("def area(a, b):\n    return helper(a) * b"),
    )
    done = repair(notebook, tiny_release())
    assert graded(notebook)["area"].startswith("def area(a, b):\n    return helper")
    assert list(graded(notebook)) == ["area", "test_area", "why"]
    assert "why" in asked(done)


def two_functions() -> tuple[Any, Any]:
    """A release with two solution cells, each with its test cell; and its answer."""
    stub = "def {0}(a):\n    raise NotImplementedError()"
    cells = [
        nbformat.v4.new_code_cell("import math\nimport os"),
        code_cell(stub.format("square"), "square"),
        code_cell("assert square(1) == 1", "test_square", 1),
        code_cell(stub.format("cube"), "cube"),
        code_cell("assert cube(1) == 1", "test_cube", 1),
    ]
    released, answered = notebook_of(*cells), copy.deepcopy(notebook_of(*cells))
    answered.cells[1].source = "def square(a):\n    return a * a"
    answered.cells[3].source = "def cube(a):\n    return a**3"
    return released, answered


def merge_into_first(notebook: Any) -> None:
    notebook.cells[1].source += "\n\n" + notebook.cells.pop(3).source


def merge_into_last(notebook: Any) -> None:
    notebook.cells[3].source += "\n\n" + notebook.cells.pop(1).source


def stub_below_answer(notebook: Any) -> None:
    notebook.cells.insert(2, copy.deepcopy(two_functions()[0].cells[1]))


def answer_above_stub(notebook: Any) -> None:
    answer = code_cell(notebook.cells[3].source)
    notebook.cells[3:4] = [answer, copy.deepcopy(two_functions()[0].cells[3])]


def first_answer_last(notebook: Any) -> None:
    notebook.cells.append(notebook.cells.pop(1))


def imports_lost(notebook: Any) -> None:
    del notebook.cells[0]


def imports_as_text(notebook: Any) -> None:
    notebook.cells[0] = nbformat.v4.new_markdown_cell(notebook.cells[0].source)


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (merge_into_first, "the answer of cell cube stood in cell square"),
        (merge_into_last, "the answer of cell square stood in cell cube"),
        (stub_below_answer, "an untouched copy of cell square was left out"),
        (answer_above_stub, "the answer of cell cube was written in another cell"),
        (first_answer_last, "cell test_square stood before the code that it tests"),
        (imports_lost, 'the given imports "import math" were missing'),
        (imports_as_text, 'the given cell "import math" had become a markdown cell'),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_no_test_cell_meets_a_stub_in_place_of_the_answer(damage: Any, note: str) -> None:
    """Run in order, every visible check passes, as it did for the student."""
    released, notebook = two_functions()
    damage(notebook)
    done = repair(notebook, released)
    assert note in " ".join(map(str, done.notes))
    assert done.problems == []
    seen: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, seen)
    assert "math" in seen
    assert graded(notebook).keys() == graded(released).keys()


def test_edited_imports_are_left_alone() -> None:
    """Who adds an import, or moves one, has not lost it."""
    released, notebook = two_functions()
    notebook.cells[0].source = "import os\nimport sys\n\nimport math"
    assert repair(notebook, released).notes == []


def test_an_essay_below_its_cell_is_for_a_person() -> None:
    """nbgrader gives an untouched cell a zero, though the answer stands right below."""
    notebook = tiny_release()
    notebook.cells.insert(5, nbformat.v4.new_markdown_cell(ESSAY))
    done = repair(notebook, tiny_release())
    assert "a new cell stands beside it" in asked(done)["why"]
    assert repair(tiny_release(), tiny_release()).problems == []


def test_both_sides_of_a_merge_are_for_a_person() -> None:
    """The code cannot run; which side is meant is not for a program to say."""
    notebook = tiny_submission()
    notebook.cells[1].source = f"<<<<<<< HEAD\n{ANSWER}\n=======\n{ANSWER}\n>>>>>>> mine"
    done = repair(notebook, tiny_release())
    assert "both sides of a git merge" in asked(done)["test_area"]


def test_a_notebook_is_known_by_its_cells() -> None:
    """By ids or by text, whatever its name; another notebook is not."""
    notebook = tiny_submission()
    assert likeness(notebook, tiny_release()) == 1
    strip_metadata(notebook)
    assert likeness(notebook, tiny_release()) > 0.5
    assert likeness(two_functions()[1], tiny_release()) == 0
    assert is_answered(tiny_submission(), tiny_release())
    assert not is_answered(tiny_release(), tiny_release())


def test_another_notebook_under_this_name_is_refused() -> None:
    """The message names the cells that were found."""
    other = notebook_of(code_cell("x = 1", "q4_model"), code_cell("pass", "test_q4_model", 4))
    with pytest.raises(WrongNotebookError, match="q4_model, test_q4_model"):
        repair(other, tiny_release())


def test_a_given_cell_that_was_changed_keeps_its_released_code() -> None:
    """For when it stops; known by the lines that it shares, or by its place. Own cells have none."""
    release = notebook_of(
        code_cell("import math\nimport json"),
        code_cell("def area(a, b):\n    raise NotImplementedError", "area"),
        code_cell("points = [1, 2]\nprint(points)"),
        code_cell("assert area(1, 1) == 1", "test_area", 1),
    )
    notebook = copy.deepcopy(release)
    notebook.cells[0].source = "import seaborn\nimport math\nimport json"
    notebook.cells[1].source = ANSWER
    notebook.cells[2].source = "points = read('/content/points.csv')"
    notebook.cells.insert(0, code_cell("from google.colab import drive"))
    repair(notebook, release)

    kept = [released_code(cell) for cell in notebook.cells]
    assert kept == ["", "import math\nimport json", "", "points = [1, 2]\nprint(points)", ""]
