"""Which changes of a cell are made, and how a mutant is named."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from bench.mutants.judging import graded_cells, mutants_of
from bench.mutants.making import mutants
from mashq.cells import known_cells
from tests.support.commands import ROOT

SOURCES = sorted((ROOT / "source" / "hw2").glob("*.ipynb"))


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
    lines = ["# another first line", ""]
    for line in known_cells(source)[grade_id].source.splitlines():
        lines += [line, ""] if line.startswith(("def ", "    ###")) else [line]
    return "\n".join(lines)
