"""What students read in a release fits the width of a page, and what they need not read is folded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mashq.cells import id_of, is_test
from tests.support.commands import ROOT
from tests.support.hw2 import NOTEBOOKS

pytestmark = pytest.mark.quick

WIDEST = 110  # letters of a line of code; JupyterLab shows about so many beside a file browser


def released(name: str) -> Any:
    """A released notebook."""
    return json.loads((ROOT / "release" / "hw2" / f"{name}.ipynb").read_text(encoding="utf-8"))


def named(cell: Any) -> str:
    """What to call a cell in a message."""
    return id_of(cell) or str(cell.get("id", "?"))


def wide_lines(name: str) -> list[str]:
    """The lines of code of a notebook that have too many letters, each with its cell."""
    return [
        f"{name}, {named(cell)}: {len(line)} letters: {line}"
        for cell in released(name)["cells"]
        if cell["cell_type"] == "code"
        for line in "".join(cell["source"]).splitlines()
        if len(line) >= WIDEST
    ]


def folded(cell: Any) -> bool:
    """Whether JupyterLab shows a bar with three dots in place of the code."""
    return bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))


def to_fold(name: str) -> list[str]:
    """The cells that should be folded and are not: the set-up, the visible checks, what draws the figures."""
    cells = [cell for cell in released(name)["cells"] if cell["cell_type"] == "code"]
    helpers = [cell for cell in cells if "@plots.course_figure" in "".join(cell["source"])]
    checks = [cell for cell in cells if is_test(cell) or id_of(cell).endswith("_setup")]
    return [named(cell) for cell in [*checks, *helpers] if not folded(cell)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_lines_of_code_are_short(name: str) -> None:
    """A message that runs out of the page is not read."""
    wide = wide_lines(name)
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_students_need_not_read_is_folded(name: str) -> None:
    """Folded, not removed: a click on the bar shows it."""
    missing = to_fold(name)
    assert not missing, f"{name}: not folded: {', '.join(missing)}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_answer_is_folded(name: str) -> None:
    """Where a student writes, and what the exercise runs, is in sight."""
    for cell in released(name)["cells"]:
        writes = cell["metadata"].get("nbgrader", {}).get("solution", False)
        assert not (writes and folded(cell)), f"{name}: {named(cell)} is folded, but students write there"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_solutions_are_small_enough_to_be_mailed(name: str) -> None:
    """Figures and moving boundaries included."""
    path: Path = ROOT / "solutions" / "hw2" / f"{name}.ipynb"
    assert path.stat().st_size < 1_048_576
