"""`np.random.seed = 42`: a slip that takes a function from a library costs nothing, or its cause is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mashq.judge import Judgement
from mashq.judge.run import judge_notebook
from tests.support.cells import code_cell, notebook_of

CHECKS = """
import pytest
from mashq.errors import StudentError

@pytest.mark.grade("test_draw", points=1)
def test_the_seed_decides(student):
    first, again = (student.call("draw", 3) for _ in range(2))
    assert first == again, "the same seed gives other numbers"

@pytest.mark.grade("test_draw", points=1)
def test_a_check_seeds_itself(student):
    student.eval("import numpy, random\\nnumpy.random.seed(1)\\nrandom.seed(1)\\nnumpy.random.rand(2)")
"""
DRAW = "def draw(seed):\n    np.random.seed(seed)\n    return float(np.random.rand())"


def judge(folder: Path, *cells: Any) -> Judgement:
    """Judge these cells, and a test cell of two points behind them."""
    check_file = folder / "test_draws.py"
    check_file.write_text(CHECKS)
    return judge_notebook(notebook_of(*cells, code_cell("pass", "test_draw", 2)), check_file, run_all=False)


def test_a_library_keeps_the_functions_that_cells_assign_to(tmp_path: Path) -> None:
    """In an own cell and in an answer, whole parts of a library too; the line is named, and costs nothing."""
    judgement = judge(
        tmp_path,
        code_cell("import numpy as np\nimport random\nnp.random.seed = 42\nnp.random.seed(3)"),
        code_cell("np.random = None\nnp.float64 = 8\n\nrandom.seed = 1"),
        code_cell(f"np.random.rand = 5\n{DRAW}", "draw"),
    )
    assert judgement.score("test_draw") == 2
    assert judgement.costly == 0
    first, *others = map(str, judgement.stops)
    assert first == (
        'the cell that begins with "import numpy as np" assigns to numpy.random.seed in line 3, '
        '"np.random.seed = 42": that is a function, to be called as numpy.random.seed(...); it was put back, '
        "and costs nothing behind that line"
    )
    assert [text.split(" in line")[0].split()[-1] for text in others] == ["numpy.random", "numpy.random.rand"]


def test_a_function_in_the_place_of_another_stays(tmp_path: Path) -> None:
    """That is no slip, but how one looks who calls it."""
    count = "import numpy as np\nseed, calls = np.random.seed, []\n"
    count += "def counted(value):\n    calls.append(value)\n    seed(value)\nnp.random.seed = counted"
    draw = DRAW.replace("return", "assert calls\n    return")
    judgement = judge(tmp_path, code_cell(count), code_cell(draw, "draw"))
    assert judgement.score("test_draw") == 2
    assert not judgement.stops


def test_a_function_that_takes_one_away_is_named_where_points_are_lost(tmp_path: Path) -> None:
    """The seed never took effect; what is asked next does not suffer from it."""
    draw = DRAW.replace("np.random.seed(seed)", "np.random.seed = seed")
    judgement = judge(tmp_path, code_cell("import numpy as np"), code_cell(draw, "draw"))
    assert judgement.score("test_draw") == 1
    assert judgement.costly == 1
    (said,) = map(str, judgement.stops)
    assert said.startswith(
        "what the checks of test_draw call assigns to numpy.random.seed: that is a function"
    )


def test_a_test_cell_may_take_a_function_away(tmp_path: Path) -> None:
    """As a visible test does that forbids a function; behind it, the function is there again."""
    test = code_cell("import numpy as np\nnp.dot = None\nassert np.dot is None", "test_first", 0)
    judgement = judge(tmp_path, test, code_cell(f"np.dot([1], [1])\n{DRAW}", "draw"))
    assert judgement.score("test_draw") == 2
    assert not judgement.stops
    assert not [output for output in test.outputs if output.output_type == "error"]
