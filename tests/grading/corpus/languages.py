"""Notebooks for kernels of other languages than Python: their own test cells, visible and hidden."""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from tests.grading.corpus.entry import PLAIN, UNTOUCHED, Entry, Hand, answer, essay, hidden
from tests.support.cells import code_cell
from tests.support.languages import BASH, R, for_kernel

# nbgrader has stubs for few languages, and asks the course for the others
CONFIG = (
    PLAIN
    + """\
c.ClearSolutions.code_stub = {"python": "pass", "bash": "false", "R": "stop('no answer')"}
"""
)


def as_python(notebook: Any) -> Any:
    """What a student gets who opens the notebook with another kernel and saves it."""
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def without_test(notebook: Any) -> Any:
    """Make the first test cell pass whatever the answer."""
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("locked"))
    cell.source = "true"
    return notebook


def bash(name: str, *cells: Any, **about: Any) -> Entry:
    """An entry of one notebook for Bash."""
    return Entry(name, {name: for_kernel(BASH, *cells)}, config=CONFIG, assignment="bash", **about)


def in_r(name: str, *cells: Any, **about: Any) -> Entry:
    """An entry of one notebook for R."""
    return Entry(name, {name: for_kernel(R, *cells)}, config=CONFIG, assignment="in-r", **about)


ENTRIES: tuple[Entry, ...] = (
    bash(
        "bash-visible",
        answer("twice() { echo $((2 * $1)); }", "twice"),
        code_cell("[ $(twice 2) -eq 4 ]", "test_twice", 2),
        code_cell("[ $(twice 5) -eq 10 ] && [ $(twice 0) -eq 0 ]", "test_more", 1),
        essay("Because.", "why", 2),
        students={
            "constant": {"twice": "twice() { echo 4; }"},
            "broken": {"twice": "twice() { echo $((2 *"},
            "untouched": UNTOUCHED,
            "kernel": Hand(change=as_python),
            "cheat": Hand({"twice": "true"}, change=without_test),
        },
    ),
    bash(
        "bash-hidden",
        answer("word=tree", "word"),
        code_cell(f'[ -n "$word" ]\n{hidden("[ ${#word} -eq 4 ]")}', "test_word", 3),
        code_cell(hidden('[ "$word" = tree ]'), "test_all_hidden", 1),
        students={"long": {"word": "word=forest"}, "four": {"word": "word=bush"}, "untouched": UNTOUCHED},
    ),
    bash(
        "bash-files",
        answer("sort -n numbers.txt | head -1 > least.txt", "least"),
        code_cell("[ $(cat least.txt) -eq 3 ]", "test_least", 1),
        files={"numbers.txt": "10\n3\n7\n"},
        students={"last": {"least": "sort -n numbers.txt | tail -1 > least.txt"}},
    ),
    bash(
        "bash-stops",
        answer("total=6", "total"),
        code_cell("false\ntotal=$((total + 1))"),
        code_cell("[ $total -eq 7 ]", "test_total", 1),
        code_cell("exit 1", "test_exit", 1),
        code_cell("[ 1 -eq 1 ]", "test_behind", 1),
        students={"none": {"total": ""}},
    ),
)
if "ir" in KernelSpecManager().find_kernel_specs():
    ENTRIES += (
        in_r(
            "r-visible",
            answer("twice <- function(x) 2 * x", "twice"),
            code_cell("stopifnot(twice(2) == 4)", "test_twice", 2),
            code_cell("stopifnot(all(twice(1:3) == c(2, 4, 6)))", "test_vector", 1),
            code_cell("if (twice(1) == 2) 1 else 0.5", "test_value", 1),
            students={
                "constant": {"twice": "twice <- function(x) 4"},
                "broken": {"twice": "twice <- function(x) 2 *"},
                "package": {"twice": "library(nothing.of.that.name)\ntwice <- function(x) 2 * x"},
                "untouched": UNTOUCHED,
            },
        ),
        in_r(
            "r-hidden",
            answer("area <- function(r) pi * r^2", "area"),
            code_cell(f"stopifnot(area(1) > 3)\n{hidden('stopifnot(area(2) > 12)')}", "test_area", 3),
            code_cell("“quotes” <- 1", "test_signs", 1),
            students={
                "line": {"area": "area <- function(r) 4 * r"},
                "signs": {"area": "area = function(r) ‘x’"},
            },
        ),
    )
