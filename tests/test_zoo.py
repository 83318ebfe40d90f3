"""Answers of the zoo lose or keep the points that their file says, through the real judge."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mashq.judge import Judgement
from mashq.judge.run import judge_notebook
from mashq.zoo import fill_in, read_answer
from tests.conftest import ROOT

ZOO = ROOT / "tests" / "hw2" / "zoo"
NOTEBOOK = {"q3": "q3_playground", "q4": "q4_hoda", "q5": "q5_xnor", "q6": "q6_mnist"}

# answer → (test cells that lose points, a word of the sentence that the student reads)
WRONG = {
    "backprop_without_relu_derivative": ({"test_q5_backprop"}, "W1"),
    "backprop_through_updated_weights": ({"test_q5_backprop"}, "W1"),
    "train_memorised_weights": ({"test_q5_train"}, "seed"),
    "forward_ends_python": ({"test_q5_forward"}, "ended the kernel"),
    "hoda_sigmoid_output": ({"test_q4_model"}, "softmax"),
    "mnist_without_zero_grad": ({"test_q6_train"}, "gradient"),
    "mnist_accuracy_in_percent": ({"test_q6_accuracy"}, "between 0 and 1"),
}


def judged(path: Path) -> tuple[Judgement, dict[str, float]]:
    """The judgement of an answer, and the points of its notebook's test cells."""
    answer = read_answer(path)
    name = NOTEBOOK[next(iter(answer.cells))[:2]]
    source = nbformat.read(ROOT / "source" / "hw2" / f"{name}.ipynb", as_version=4)
    notebook = fill_in(source, source, answer.cells)
    check_file = ROOT / "tests" / "hw2" / f"test_{name}.py"
    judgement = judge_notebook(notebook, check_file, whole=False, allow_stand_in=True)
    tests = [c.metadata.nbgrader for c in source.cells if c.metadata.get("nbgrader", {}).get("points")]
    return judgement, {t.grade_id: t.points for t in tests if t.grade_id.startswith("test_")}


def test_every_wrong_answer_is_expected_here() -> None:
    """A file without an expectation would prove nothing."""
    assert {path.stem for path in (ZOO / "wrong").glob("*.py")} == WRONG.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_points_where_it_is_wrong(name: str) -> None:
    """On its own cell, with a sentence that helps; cells of other questions keep their points."""
    judgement, points = judged(ZOO / "wrong" / f"{name}.py")
    cells, word = WRONG[name]
    for grade_id in cells:
        score = judgement.score(grade_id)
        assert score is not None
        assert score < points[grade_id]
    messages = [r.message for r in judgement.results if r.grade_id in cells and r.outcome == "failed"]
    assert any(word in message for message in messages), messages


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ZOO / "odd").glob("*.py")), ids=lambda p: p.stem)
def test_an_odd_but_right_answer_keeps_all_points(path: Path) -> None:
    """There is more than one way to be right."""
    judgement, points = judged(path)
    assert {grade_id: judgement.score(grade_id) for grade_id in points} == points
