"""What students make of a release, beside right and wrong answers.

Answers with `exit()` and `quit()` are left out: a kernel ends some time after the cell that asks for it, so
that nbgrader grades such a submission in one run and gives it up in the next. `os._exit` ends it at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import nbformat

from mashq.cells import id_of
from tests.grading.corpus.entry import SETTINGS, UNTOUCHED, Answers, Hand, answer, given, one
from tests.support.cells import code_cell

MIXED = "students"  # each submission of it may fail without harm to others

SUM = (
    answer("def plus(a, b):\n    return a + b", "plus"),
    code_cell("assert plus(1, 2) == 3", "test_plus", 2),
    answer("def minus(a, b):\n    return a - b", "minus"),
    code_cell("assert minus(5, 2) == 3", "test_minus", 1),
)


def sums() -> list[Any]:
    """Two exercises of one answer and one test."""
    return copy.deepcopy(list(SUM))


def unlocked(*cells: Any) -> tuple[Any, ...]:
    """Cells whose metadata calls nothing locked; nbgrader takes tests for locked all the same."""
    for cell in cells:
        cell.metadata.nbgrader["locked"] = False
    return cells


def without(*grade_ids: str) -> Callable[[Any], Any]:
    """Leave cells out."""

    def change(notebook: Any) -> Any:
        notebook.cells = [cell for cell in notebook.cells if id_of(cell) not in grade_ids]
        return notebook

    return change


def with_source(grade_id: str, source: str) -> Callable[[Any], Any]:
    """Write other text into a cell, which may be locked."""

    def change(notebook: Any) -> Any:
        for cell in notebook.cells:
            if id_of(cell) == grade_id:
                cell.source = source
        return notebook

    return change


def with_points(**points: float) -> Callable[[Any], Any]:
    """Write other points into the metadata of cells."""

    def change(notebook: Any) -> Any:
        for cell in notebook.cells:
            if id_of(cell) in points:
                cell.metadata.nbgrader["points"] = points[id_of(cell)]
        return notebook

    return change


def with_cells(*sources: str, at: int) -> Callable[[Any], Any]:
    """Add ordinary cells of code in one place; -1 is the end."""

    def change(notebook: Any) -> Any:
        place = len(notebook.cells) if at == -1 else at
        notebook.cells[place:place] = [nbformat.v4.new_code_cell(source) for source in sources]
        return notebook

    return change


def doubled(grade_id: str, source: str | None = None) -> Callable[[Any], Any]:
    """Paste a copy of a cell behind it, perhaps with other text."""

    def change(notebook: Any) -> Any:
        place = next(i for i, cell in enumerate(notebook.cells) if id_of(cell) == grade_id)
        again = copy.deepcopy(notebook.cells[place])
        again.id = "again"
        again.source = again.source if source is None else source
        notebook.cells.insert(place + 1, again)
        return notebook

    return change


def empty(notebook: Any) -> Any:
    """Hand in a notebook without cells."""
    notebook.cells = []
    return notebook


def stripped(notebook: Any) -> Any:
    """Lose the metadata of all cells, as some editors do."""
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def upside_down(notebook: Any) -> Any:
    """Move the second exercise before the first."""
    notebook.cells = notebook.cells[2:] + notebook.cells[:2]
    return notebook


def test_first(notebook: Any) -> Any:
    """Move the first test before its answer."""
    notebook.cells[0], notebook.cells[1] = notebook.cells[1], notebook.cells[0]
    return notebook


test_first.__test__ = False  # type: ignore[attr-defined]


def as_markdown(notebook: Any) -> Any:
    """Turn the first answer into text."""
    cell = notebook.cells[0]
    notebook.cells[0] = nbformat.v4.new_markdown_cell(cell.source, metadata=cell.metadata, id=cell.id)
    return notebook


def plus(body: str, **more: str) -> Answers:
    """Another answer to the first exercise."""
    return {"plus": body, **more}


ENTRIES = (
    one(
        "answers-that-stop",
        *sums(),
        assignment=MIXED,
        students={
            "raises": plus("def plus(a, b):\n    raise RuntimeError('no')"),
            "raises-above": plus("raise RuntimeError('above')\ndef plus(a, b):\n    return a + b"),
            "raises-below": plus("def plus(a, b):\n    return a + b\nraise RuntimeError('below')"),
            "no-python": plus("def plus(a, b)\n    return a + b"),
            "indent": plus("  def plus(a, b):\nreturn a"),
            "untouched": UNTOUCHED,
            "half": {"minus": "# YOUR CODE HERE\nraise NotImplementedError()"},
            "blank": {"plus": "", "minus": "# nothing"},
        },
    ),
    one(
        "odd-errors",
        *sums(),
        assignment=MIXED,
        students={
            "bad-str": plus(
                "class Odd(Exception):\n    def __str__(self):\n        raise ValueError('again')\n\n"
                "def plus(a, b):\n    raise Odd"
            ),
            "bad-repr": plus(
                "class Odd:\n    def __repr__(self):\n        raise ValueError('again')\n"
                "    def __eq__(self, other):\n        return False\n\n"
                "def plus(a, b):\n    return Odd()\n\nOdd()"
            ),
            "keyboard": plus("def plus(a, b):\n    raise KeyboardInterrupt"),
            "base": plus("def plus(a, b):\n    raise BaseException('base')"),
            "stop": plus("def plus(a, b):\n    raise StopIteration"),
            "group": plus("def plus(a, b):\n    raise ExceptionGroup('two', [ValueError(1), TypeError(2)])"),
            "chain": plus(
                "def plus(a, b):\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n"
                "        raise KeyError('x') from e"
            ),
            "deep": plus("def plus(a, b):\n    return plus(b, a)"),
        },
    ),
    one(
        "system-exit",
        *sums(),
        assignment=MIXED,
        students={
            "in-function": plus("import sys\n\ndef plus(a, b):\n    sys.exit(1)"),
            "at-once": plus("def plus(a, b):\n    return a + b\n\nraise SystemExit"),
            "main-guard": plus(
                "import sys\n\ndef plus(a, b):\n    return a + b\n\ndef main():\n    return 0\n\n"
                "if __name__ == '__main__':\n    sys.exit(main())"
            ),
        },
    ),
    one(
        "shadows",
        code_cell("def same(a, b):\n    assert a == b, f'{a} is not {b}'"),
        answer("def plus(a, b):\n    return a + b", "plus"),
        code_cell("same(plus(1, 2), 3)", "test_plus", 1),
        code_cell("assert abs(plus(.1, .2) - .3) < 1e-9\nassert len([plus]) == 1", "test_builtins", 1),
        assignment=MIXED,
        students={
            "helper": plus("def plus(a, b):\n    return 0\n\ndef same(a, b):\n    pass"),
            "builtins": plus("def plus(a, b):\n    return 5\nabs = len = lambda x: 0"),
            "names": plus("list = [1]\nsum = 3\nprint = None\n\ndef plus(a, b):\n    return a + b"),
            "equal": plus(
                "class Any:\n    def __eq__(self, other):\n        return True\n\n"
                "def plus(a, b):\n    return Any()"
            ),
            "error": plus("AssertionError = None\n\ndef plus(a, b):\n    return 0"),
        },
    ),
    one(
        "cells-added",
        given("def same(a, b):\n    assert a == b", "helper"),
        *sums(),
        code_cell("same(plus(2, 2), 4)", "test_same", 1),
        assignment=MIXED,
        students={
            "asserts": Hand(change=with_cells("assert plus(0, 0) == 0", "assert minus(1, 1) == 0", at=3)),
            "failing": Hand(change=with_cells("assert plus(0, 0) == 1", "1 / 0", at=3)),
            "helper-anew": Hand(
                {"plus": "def plus(a, b):\n    return 0"},
                change=with_cells("def same(a, b):\n    pass", at=-1),
            ),
            "helper-before": Hand(
                {"plus": "def plus(a, b):\n    return 0"},
                change=with_cells("def same(a, b):\n    pass", at=3),
            ),
            "top": Hand(change=with_cells("import math\nx = undefined_name\ny = 1", "print('hello')", at=0)),
            "state": Hand(change=with_cells("plus = minus", at=2)),
        },
    ),
    one(
        "tests-changed",
        *sums(),
        students={
            "easier": Hand(
                {"plus": "def plus(a, b):\n    return 0"}, change=with_source("test_plus", "assert True")
            ),
            "harder": Hand(change=with_source("test_plus", "assert plus(1, 2) == 4")),
            "test-blank": Hand({"minus": "minus = 0"}, change=with_source("test_minus", "")),
            "points": Hand({"minus": "minus = 0"}, change=with_points(test_plus=50, test_minus=0)),
            "answer-points": Hand(change=with_points(plus=3)),
        },
        assignment=MIXED,
    ),
    one(
        "test-without-lock",
        *unlocked(*sums()),
        students={
            "commented-out": Hand(
                {"plus": "def plus(a, b):\n    return 0"},
                change=with_source("test_plus", "# assert plus(1, 2) == 3"),
            ),
            "made-harder": Hand(change=with_source("test_plus", "assert plus(1, 2) == 4")),
        },
        assignment=MIXED,
    ),
    one(
        "test-deleted",
        *sums(),
        students={
            "deleted-right": Hand(change=without("test_plus")),
            "deleted-wrong": Hand({"plus": "plus = 0"}, change=without("test_plus")),
            "deleted-both": Hand(change=without("test_plus", "test_minus")),
            "deleted-answer": Hand(change=without("plus")),
        },
        assignment=MIXED,
        differences={
            (student, "test-deleted", cell): "nbgrader leaves a deleted test to a person; mashq puts it back"
            for student, cell in (
                ("deleted-right", "test_plus"),
                ("deleted-wrong", "test_plus"),
                ("deleted-both", "test_plus"),
                ("deleted-both", "test_minus"),
            )
        },
    ),
    one(
        "test-put-back",
        *sums(),
        students={
            "right-answer": Hand(change=without("test_plus")),
            "wrong-answer": Hand({"plus": "plus = 0"}, change=without("test_plus")),
            "both": Hand(change=without("test_plus", "test_minus")),
        },
        config=SETTINGS,
    ),
    one(
        "cells-lost",
        *sums(),
        students={
            "empty": Hand(change=empty),
            "stripped": Hand(change=stripped),
        },
        assignment=MIXED,
        differences={
            (
                "stripped",
                "cells-lost",
                cell,
            ): "nbgrader finds no cell without its metadata, and leaves all to "
            "a person; mashq recognises the cells by what they hold"
            for cell in ("test_plus", "test_minus")
        },
    ),
    one(
        "cells-moved",
        *sums(),
        students={
            "upside-down": Hand(change=upside_down),
            "test-first": Hand(change=test_first),
            "markdown": Hand(change=as_markdown),
        },
        assignment=MIXED,
        differences={
            (
                "test-first",
                "cells-moved",
                "test_plus",
            ): "nbgrader runs a test where it stands, above the answer here; mashq moves it behind the answer"
        },
    ),
    one(
        "cells-doubled",
        *sums(),
        students={
            "twice-same": Hand(change=doubled("plus")),
            "twice-corrected": Hand(
                {"plus": "def plus(a, b):\n    return 0"},
                change=doubled("plus", "def plus(a, b):\n    return a + b"),
            ),
            "twice-spoilt": Hand(change=doubled("plus", "def plus(a, b):\n    return 0")),
            "twice-test": Hand(change=doubled("test_plus")),
            "twice-changed": Hand(change=doubled("test_plus", "assert plus(1, 2) == 7")),
        },
        assignment="cells-doubled",
        differences={
            (
                student,
                "cells-doubled",
                cell,
            ): "nbgrader ends at the first submission with a cell that is there "
            "twice, and grades nobody behind it; mashq takes one of the two"
            for student in ("twice-same", "twice-corrected", "twice-spoilt", "twice-test", "twice-changed")
            for cell in ("test_plus", "test_minus")
        },
    ),
    one(
        "loops",
        *sums(),
        students={
            "loops": plus("def plus(a, b):\n    while True:\n        pass"),
            "loops-at-once": plus("while True:\n    pass"),
            "sleeps": plus("import time\n\ndef plus(a, b):\n    time.sleep(60)\n    return a + b"),
        },
        config=SETTINGS,
    ),
    one(
        "kills-python",
        *sums(),
        students={"hard": plus("import os\n\ndef plus(a, b):\n    os._exit(0)")},
        assignment=MIXED,
        differences={
            ("hard", "kills-python", "test_minus"): "nbgrader gives up a submission whose kernel ends; mashq "
            "starts a new one, and only the cell that ended it waits for a person"
        },
    ),
    one(
        "ignored-warnings",
        answer("import warnings\n\ndef old():\n    return 1", "old"),
        code_cell("assert old() == 1", "test_old", 1),
        students={
            "user": {
                "old": "import warnings\n\ndef old():\n    warnings.warn('x', UserWarning)\n    return 1"
            },
            "future": {
                "old": "import warnings\n\ndef old():\n    warnings.warn('x', FutureWarning)\n    return 1"
            },
        },
        config=SETTINGS,
    ),
    one(
        "own-stub",
        answer("value = 1", "value"),
        code_cell("assert value == 1", "test_value", 1),
        students={"untouched": UNTOUCHED, "stub": {"value": "pass"}},
        config=SETTINGS,
    ),
    one(
        "one-stub-for-two",
        answer("first = 1", "first"),
        code_cell("assert first == 1", "test_first", 1),
        answer("second = 2", "second"),
        code_cell("assert second == 2", "test_second", 1),
        assignment=MIXED,
        students={
            "first-only": {"second": "# YOUR CODE HERE\nraise NotImplementedError()"},
            "second-only": {"first": "# YOUR CODE HERE\nraise NotImplementedError()"},
            "both-in-one": {
                "first": "first = 1\nsecond = 2",
                "second": "# YOUR CODE HERE\nraise NotImplementedError()",
            },
        },
    ),
)
