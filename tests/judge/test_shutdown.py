"""A cell that ends its own kernel costs what it gave and nothing else, and it is the one that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mashq.judge import Judgement
from mashq.judge.run import judge_notebook
from tests.support.cells import code_cell, notebook_of
from tests.support.tiny_course import TINY_CHECKS

# Lines that people write so that Python starts anew, or forgets all names.
HARMLESS = (
    "import IPython\nIPython.Application.instance().kernel.do_shutdown(True)",
    "get_ipython().kernel.do_shutdown(restart=True)",
    "get_ipython().exit_now = True",
    "exit()",
    "quit",
    "import os\nos.kill(os.getpid(), 9)",
    "%reset -f",
    "get_ipython().run_line_magic('reset', '-f')",
)
LATER = "import os, threading\nthreading.Timer(0.3, os._exit, (1,)).start()"
RIGHT = "def area(a, b):\n    return sides(a, b)"
WAIT = "import time\ntime.sleep(0.6)"


def judge(folder: Path, *cells: Any) -> Judgement:
    """Judge these cells, and a test cell of two points behind them."""
    check_file = folder / "test_areas.py"
    check_file.write_text(TINY_CHECKS)
    return judge_notebook(notebook_of(*cells, code_cell("pass", "test_area", 2)), check_file, run_all=False)


def test_a_line_that_starts_the_kernel_anew_costs_nothing(tmp_path: Path) -> None:
    """Not in an own cell, whatever the line: what stands behind it, and before it, is there."""
    own = [code_cell(f"{line}\nafter_{n} = {n}") for n, line in enumerate(HARMLESS)]
    needs = " + ".join(f"after_{n}" for n in range(len(HARMLESS)))
    cells = [
        code_cell("def sides(a, b):\n    return a * b"),
        *own,
        code_cell(f"import time\ntime.sleep(0.3)\n{needs}", "more"),
        code_cell(RIGHT, "area"),
    ]
    judgement = judge(tmp_path, *cells)
    assert judgement.score("test_area") == 2
    assert not judgement.problems
    assert judgement.costly == 0
    assert not judgement.stops


@pytest.mark.long
@pytest.mark.parametrize(
    "behind", [[code_cell(WAIT)], []], ids=["dies in a cell behind", "dies in a call of a check"]
)
def test_a_cell_behind_which_the_kernel_dies_is_left_out_itself(behind: list[Any], tmp_path: Path) -> None:
    """Neither the cell nor the call that runs a moment later is blamed: they run once more without it."""
    slow = code_cell("import time\ndef area(a, b):\n    time.sleep(0.6)\n    return a * b", "area")
    judgement = judge(tmp_path, code_cell("first = 1"), code_cell(LATER), *behind, slow)
    assert judgement.score("test_area") == 2
    (stop,) = map(str, judgement.stops)
    assert stop.startswith('the cell that begins with "import os, threading" stopped: the kernel died soon')


def test_points_that_such_a_cell_costs_wait_for_a_person(tmp_path: Path) -> None:
    """Its helper is missing: the check says which cell that is, and the student is on the list."""
    helper = code_cell(f"{LATER}\ndef sides(a, b):\n    return a * b")
    judgement = judge(tmp_path, helper, code_cell(RIGHT, "area"), code_cell(WAIT))
    assert judgement.score("test_area") is None
    assert judgement.costly == 1
    assert "so that sides is not defined" in judgement.of("test_area")[0].message
    (problem,) = [problem for problem in judgement.problems if problem.needs_attention]
    assert "import os, threading" in str(problem)
    assert problem.cell == "test_area"
