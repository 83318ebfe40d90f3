"""Which of the cells that stopped cost points: these come first, and those are not blamed that cost none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashq.feedback.page import stops_in_words
from mashq.judge import Judgement
from mashq.judge.run import judge_notebook
from tests.support.cells import code_cell, notebook_of

CHECKS = """
import pytest
from mashq.judge import builds_on

@pytest.mark.grade("test_area", points=2)
def test_area(student):
    assert student.call("area", 2, 3) == 6, "area(2, 3) is wrong"

@pytest.mark.grade("test_volume", points=3)
@builds_on("def area(a, b):\\n    return a * b")
def test_volume(student):
    assert student.call("volume", 2, 3, 4) == 24, "volume(2, 3, 4) is wrong"
"""
AREA = "def area(a, b):\n    return a * b"
VOLUME = "def volume(a, b, c):\n    return area(a, b) * c"


def judge(folder: Path, *own: str, area: str = AREA, volume: str = VOLUME) -> Judgement:
    """Judge a notebook with two exercises, of which the second builds on the first; own cells above."""
    check_file = folder / "test_bodies.py"
    check_file.write_text(CHECKS)
    cells = [code_cell(source) for source in own]
    cells += [code_cell(area, "area"), code_cell("pass", "test_area", 2)]
    cells += [code_cell(volume, "volume"), code_cell("pass", "test_volume", 3)]
    return judge_notebook(notebook_of(*cells), check_file, run_all=False)


def waiting(judgement: Judgement) -> list[str]:
    """The cells that wait for a person."""
    return [problem.cell for problem in judgement.problems if problem.needs_attention]


def test_an_exercise_that_lost_nothing_does_not_wait(tmp_path: Path) -> None:
    """Its check passes with a right function of the exercise before it, whose package is missing."""
    judgement = judge(tmp_path, area=f"import seaborn as sns\n{AREA}")
    assert waiting(judgement) == ["test_area"]
    assert judgement.score("test_volume") == 3


def test_an_own_mistake_does_not_wait_for_a_package_that_another_exercise_lacks(tmp_path: Path) -> None:
    """The second exercise fails with a right function of the first, too: that is no fault of the package."""
    judgement = judge(tmp_path, area=f"import seaborn as sns\n{AREA}", volume=VOLUME.replace("* c", "+ c"))
    assert waiting(judgement) == ["test_area"]
    assert judgement.score("test_volume") == 0


def test_the_stops_that_cost_points_come_first_and_all_of_them_are_shown(tmp_path: Path) -> None:
    """Harmless ones above, also more than the page has room for, hide none."""
    harmless = [f"import nothing_{n}" for n in range(5)]
    judgement = judge(tmp_path, *harmless, area=f"{AREA}\nx = = 1", volume=f"torch.zeros(1)\n{VOLUME}")
    assert judgement.costly == 2
    assert len(judgement.stops) == 7
    first, second, third = map(str, judgement.stops[:3])
    assert first.startswith('the answer cell area stopped in line 3, "x = = 1", with SyntaxError: invalid')
    assert second.startswith(
        "the answer cell volume stopped in line 1, \"torch.zeros(1)\", with NameError: name 'torch' is not"
    )
    assert "import nothing_0" in third
    stops = [stop.as_json() for stop in judgement.stops]
    assert len(stops_in_words({"stops": stops, "costly": 2})) == 3
    assert len(stops_in_words({"stops": stops, "costly": 5})) == 5


def test_an_answer_that_stops_behind_what_it_gives_costs_nothing(tmp_path: Path) -> None:
    """It is told behind what cost points."""
    judgement = judge(tmp_path, area=f"{AREA}\nprint(area())", volume=f"import seaborn\n{VOLUME}")
    assert judgement.costly == 1
    assert [str(stop).split(" stopped")[0] for stop in judgement.stops] == [
        "the answer cell volume",
        "the answer cell area",
    ]


def test_the_cause_is_the_answer_that_stopped_in_the_head_of_its_function(tmp_path: Path) -> None:
    """`np = None` above: the error is in the second line of a function's head, which gives its name."""
    head = "def area(\n    a: np.ndarray,\n    b: float,\n):\n    return a * b"
    judgement = judge(tmp_path, "import numpy as np", "np = None", area=head)
    (result,) = judgement.of("test_area")
    assert result.message == (
        "the answer cell area stopped in line 2 with AttributeError, so that area is not defined"
    )
    assert str(judgement.stops[0]).startswith(
        "the answer cell area stopped in line 2, \"a: np.ndarray,\", with AttributeError: 'NoneType'"
    )
    assert judgement.costly == 1


@pytest.mark.parametrize(
    "line",
    [
        "import matplotlib.pyplot as plt\nplt.style.use('seaborn')",
        "%%black",
        "import os\nos.chdir('/content')",
        "%load_ext nb_black",
        "open('/content/drive/MyDrive/x.csv')",
        "raise RuntimeError('Found no NVIDIA driver on your system.')",
        "int(input('n'))",
    ],
)
def test_points_that_a_line_of_an_answer_costs_only_here_wait_for_a_person(line: str, tmp_path: Path) -> None:
    """As those of a missing package do; the line is named."""
    judgement = judge(tmp_path, area=f"{line}\n{AREA}")
    assert waiting(judgement) == ["test_area"]
    (problem,) = judgement.problems
    assert line.splitlines()[-1].replace("%%black", "`%%black`") in str(problem)
    assert "points were lost by it: such a line may work where it was written" in str(
        problem
    ) or "No module named 'nb_black'; points were lost by it: install the package" in str(problem)


@pytest.mark.parametrize(
    "line",
    [
        "import matplotlib, matplotlib.pyplot as plt\nmatplotlib.use('TkAgg')\nplt.figure()",
        "%matplotlib widget",
    ],
)
def test_an_answer_that_asks_for_windows_stops_nowhere(line: str, tmp_path: Path) -> None:
    """Figures are drawn without them."""
    judgement = judge(tmp_path, area=f"{line}\n{AREA}")
    assert judgement.score("test_area") == 2
    assert not judgement.stops
