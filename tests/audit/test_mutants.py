"""Mutants of the reference: which changes are made, and whether the hidden checks notice them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.audit.mutants import (
    Equivalent,
    Mutant,
    Verdict,
    graded_cells,
    mutants,
    mutants_of,
    read_equivalent,
    run_mutants,
    tally,
)
from mashq.errors import CheckError
from mashq.grading.notebook.judging import course_kernels
from mashq.judge.limits import Limits
from mashq.sandbox import Kernels
from tests.support.commands import ROOT
from tests.support.tiny_course import TINY_CHECKS, tiny_notebook

pytestmark = pytest.mark.quick

EQUIVALENT = ROOT / "tests" / "hw2" / "zoo" / "equivalent.toml"
SOURCES = sorted((ROOT / "source" / "hw2").glob("*.ipynb"))
ONE_SQUARE = "\n".join(TINY_CHECKS.splitlines()[:10]).replace("points=1", "points=2")


def afters(code: str) -> set[str]:
    """The statements that take the place of a single one."""
    return {mutant.source for mutant in mutants(code)}


@pytest.mark.parametrize(
    ("code", "some"),
    [
        ("y = a - b", {"y = a + b", "y = b - a", "y = a", "y = b"}),
        ("y = x @ W.T", {"y = x * W.T", "y = W.T @ x", "y = x @ W"}),
        ("y = a < b", {"y = a <= b", "y = a > b"}),
        ("y = 0", {"y = 1", "y = -1"}),
        ("y = 0.5", {"y = 1.5", "y = -0.5", "y = 1.0"}),
        ("y = -x", {"y = x"}),
        ("y = True", {"y = False"}),
        ("y = x[1:n]", {"y = x[0:n]", "y = x[:n]", "y = x[1:]"}),
        ("y = np.mean(x, axis=1)", {"y = np.sum(x, axis=1)", "y = np.mean(x, axis=0)", "y = np.mean(x)"}),
        ("y = np.exp(x)", {"y = np.exp(-x)", "y = x"}),
        ("y = f(a, b)", {"y = f(b, a)", "y = f(a)", "y = f(b)"}),
        ("y = relu(x)", {"y = sigmoid(x)", "y = x"}),
        ("y = (a > 0).mean()", {"y = a > 0", "y = (a > 0).sum()"}),
        ("y = not a", {"y = a"}),
        ("y = a and b", {"y = a or b", "y = a", "y = b"}),
        ("y = b if a else c", {"y = b if not a else c"}),
        ("y = [a for a in b if a]", {"y = [a for a in b]"}),
        ("y = ['relu', z]", {"y = ['sigmoid', z]", "y = ['relu']", "y = [z]"}),
        ("model.train()", {"model.eval()"}),
        ("s += n", {"s -= n", "s = n"}),
        ("while a:\n    break", {"while not a:\n    break", "while a:\n    continue"}),
        ("def f():\n    return (a, b)", {"def f():\n    return (b, a)"}),
        ("a = b\nc = d", {"pass\nc = d", "a = b\npass"}),
    ],
)
def test_the_changes_that_students_make_by_mistake(code: str, some: set[str]) -> None:
    """One example of each kind of change."""
    assert some <= afters(code)


@pytest.mark.parametrize(
    "code",
    [
        "print(1 + 2)",
        "y: Literal[1] = z",
        "y = f'{x + 1}'",
        "def f(a=1):\n    '''Text.'''\n    ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION",
    ],
    ids=["print", "annotation", "f-string", "outside"],
)
def test_what_no_grade_depends_on_stays(code: str) -> None:
    """Printed text, annotations and what a student does not write; the only statement of a body too."""
    assert mutants(code) == []


def test_every_mutant_is_another_program() -> None:
    """All parse, none is the reference or another mutant, and ids differ, also for equal statements."""
    code = "a = b + 1\nc = [d + 1, d + 1]\na = b + 1"
    found = mutants(code)
    assert len({mutant.source for mutant in found} | {code}) == len(found) + 1
    assert len({mutant.id for mutant in found}) == len(found)
    assert all(ast.parse(mutant.source) for mutant in found)
    assert mutants(code) == found  # nothing is left of one mutant in the next


def test_a_mutant_says_where_and_what() -> None:
    """Line of the cell, and code before and after with a little of what is around it."""
    found = {mutant.change: mutant for mutant in mutants("# first\n\ny = np.sum(x,\n    axis=1)")}
    assert found["axis=1 → axis=0"].line == 4
    assert found["axis=1 → axis=0"].source == "y = np.sum(x, axis=0)"


def test_quotes_and_line_breaks_leave_the_ids() -> None:
    """A formatter may run over the reference."""
    one, other = "y = f(x[0], 'relu', a=1 + b)", 'y = f(\n    x[0],\n    "relu",\n    a=(1 + b),\n)'
    assert [mutant.id for mutant in mutants(other)] == [mutant.id for mutant in mutants(one)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_comments_and_blank_lines_leave_the_ids(path: Path) -> None:
    """The ids of the cells that are graded, as the list of equivalent mutants names them."""
    source = nbformat.read(path, as_version=4)
    for grade_id in graded_cells(source):
        found = mutants_of(source, grade_id)
        again = mutants(_with_regions(source, grade_id))
        assert [mutant.id for mutant in again] == [mutant.id for mutant in found]
        assert len({mutant.id for mutant in found}) == len(found) > 0


def _with_regions(source: Any, grade_id: str) -> str:
    """A cell with other comments and blank lines."""
    cell = next(c for c in source.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    lines = ["# another first line", ""]
    for line in cell.source.splitlines():
        lines += [line, ""] if line.startswith(("def ", "    ###")) else [line]
    return "\n".join(lines)


def judged(folder: Path, checks: str) -> dict[str, Verdict]:
    """The verdicts on the mutants of the tiny course's only function, by what is returned."""
    check_file = folder / "test_areas.py"
    check_file.write_text(checks)
    verdicts = run_mutants(tiny_notebook(), "area", check_file)
    return {verdict.mutant.after: verdict for verdict in verdicts}


@pytest.mark.process
def test_good_checks_kill_every_mutant(tmp_path: Path) -> None:
    """A square and a rectangle tell a product from everything that is near it."""
    verdicts = judged(tmp_path, TINY_CHECKS)
    assert verdicts.keys() == {f"return {code}" for code in ("a / b", "a + b", "a", "b")}
    assert {verdict.killed_by for verdict in verdicts.values()} == {"test_area"}
    assert "off by" in verdicts["return a + b"].said


@pytest.mark.process
def test_a_missing_check_leaves_survivors(tmp_path: Path) -> None:
    """A check whose square has the side 1 does not notice which side was taken."""
    verdicts = judged(tmp_path, ONE_SQUARE.replace("3, 3), 9", "1, 1), 1"))
    assert {after for after, verdict in verdicts.items() if verdict.survived} == {
        f"return {code}" for code in ("a / b", "a", "b")
    }


@pytest.mark.process
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


def test_a_survivor_needs_a_reason() -> None:
    """Each verdict counts once; what is listed and killed, or cannot be judged, is a complaint too."""
    listed = {"a": Equivalent("x → y", "the same"), "b": Equivalent("x → z", "the same")}
    a, b, c, d, e = (Mutant(name, 1, "x", "y", "y") for name in "abcde")
    killed = [Verdict(one, killed_by="test_x", said="wrong") for one in (b, c)]
    result = tally([Verdict(a), *killed, Verdict(d), Verdict(e, unclear=True)], listed)
    assert [v.mutant for v in (*result.equivalent, *result.killed, *result.surviving)] == [a, c, d]
    assert not result.is_clean
    assert [line.split(":")[0] for line in result.complaints()] == [
        "d survives",
        "e cannot be judged",
        "b is not equivalent",
    ]
    assert tally([Verdict(a), killed[1]], listed).is_clean


def test_equivalent_mutants_exist_and_have_a_reason() -> None:
    """An entry names a mutant of today's reference, by its id and by what it changes."""
    found: dict[str, list[Mutant]] = {}
    for path in SOURCES:
        source = nbformat.read(path, as_version=4)
        found |= {grade_id: mutants_of(source, grade_id) for grade_id in graded_cells(source)}
    for grade_id, entries in read_equivalent(EQUIVALENT).items():
        changes = {mutant.id: mutant.change for mutant in found[grade_id]}
        assert {key: entry.change for key, entry in entries.items()}.items() <= changes.items()
        assert all(len(entry.reason.split()) > 3 for entry in entries.values())


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
