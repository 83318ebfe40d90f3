"""Mutants held against hidden checks: who is killed, who survives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from bench.mutants.equivalent import read_equivalent, tally
from bench.mutants.judging import Verdict, run_mutants
from bench.mutants.making import mutants
from mashq.errors import CheckError
from mashq.grading.notebook.judging import course_kernels
from mashq.judge.limits import Limits
from mashq.sandbox import Kernels
from tests.support.commands import ROOT
from tests.support.tiny_course import TINY_CHECKS, tiny_notebook

pytestmark = pytest.mark.long

EQUIVALENT = ROOT / "tests" / "hw2" / "zoo" / "equivalent.toml"
ONE_SQUARE = "\n".join(TINY_CHECKS.splitlines()[:10]).replace("points=1", "points=2")


def judged(folder: Path, checks: str) -> dict[str, Verdict]:
    """The verdicts on the mutants of the tiny course's only function, by what is returned."""
    check_file = folder / "test_areas.py"
    check_file.write_text(checks)
    verdicts = run_mutants(tiny_notebook(), "area", check_file)
    return {verdict.mutant.after: verdict for verdict in verdicts}


def test_good_checks_kill_every_mutant(tmp_path: Path) -> None:
    """A square and a rectangle tell a product from everything that is near it."""
    verdicts = judged(tmp_path, TINY_CHECKS)
    assert verdicts.keys() == {f"return {code}" for code in ("a / b", "a + b", "a", "b")}
    assert {verdict.killed_by for verdict in verdicts.values()} == {"test_area"}
    assert "off by" in verdicts["return a + b"].said


def test_a_missing_check_leaves_survivors(tmp_path: Path) -> None:
    """A check whose square has the side 1 does not notice which side was taken."""
    verdicts = judged(tmp_path, ONE_SQUARE.replace("3, 3), 9", "1, 1), 1"))
    assert {after for after, verdict in verdicts.items() if verdict.survived} == {
        f"return {code}" for code in ("a / b", "a", "b")
    }


def test_a_mutant_that_hangs_is_killed(tmp_path: Path) -> None:
    """A loop without end is stopped by the limit of a call, and the next mutant is judged."""
    code = "def area(a, b):\n    total = 0\n    while b > 0:\n        total += a\n        b -= 1\n"
    source = tiny_notebook()
    source.cells[1].source = code = f"{code}    return total"
    chosen = [mutant for mutant in mutants(code) if mutant.change in ("b -= 1 → pass", "b > 0 → b >= 0")]
    (tmp_path / "test_areas.py").write_text(TINY_CHECKS)
    verdicts = run_mutants(
        source, "area", tmp_path / "test_areas.py", chosen=chosen, limits=Limits(cell_s=1, call_s=1)
    )
    said = {verdict.mutant.after: verdict.said for verdict in verdicts if verdict.killed_by}
    assert said.keys() == {"pass", "b >= 0"}
    assert "did not finish within 1 s" in said["pass"]


def test_without_a_right_reference_nothing_is_said(tmp_path: Path) -> None:
    """Checks that the reference fails would kill every mutant."""
    with pytest.raises(CheckError, match="reference of area"):
        judged(tmp_path, ONE_SQUARE.replace("3, 3), 9", "3, 3), 8"))


@pytest.fixture(scope="module")
def walled() -> Iterator[Kernels]:
    """Warm kernels for all mutants of this module."""
    kernels = course_kernels("auto")
    yield kernels
    kernels.close()


@pytest.mark.slow
@pytest.mark.parametrize("grade_id", ["q5_activations", "q5_forward", "q5_backprop", "q5_train"])
def test_every_mutant_of_q5_loses_points_or_is_right(grade_id: str, walled: Kernels) -> None:
    """A survivor without a reason shows a check that is missing."""
    source = nbformat.read(ROOT / "source" / "hw2" / "q5_xnor.ipynb", as_version=4)
    check_file = ROOT / "tests" / "hw2" / "test_q5_xnor.py"
    verdicts = run_mutants(source, grade_id, check_file, kernels=walled)
    assert tally(verdicts, read_equivalent(EQUIVALENT).get(grade_id, {})).complaints() == []
