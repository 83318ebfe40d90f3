"""The notebooks with which nbgrader tests itself, and the course of its manual, as far as the wheel has them.

Left out are those that nbgrader refuses on purpose (`bad-*`, `blank-*`, `duplicate-grade-ids`, `too-new`,
`test-v0` to `-v2`), and those without any cell of nbgrader's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import nbgrader

from tests.grading.corpus.entry import SETTINGS, UNTOUCHED, Entry, Hand

PACKAGE = Path(nbgrader.__file__).parent
APPS = "tests/apps/files"
STEPS = "tests/preprocessors/files"
PAGES = "tests/ui-tests/files"
MANUAL = "docs/source/user_guide"
UNCHANGED, CHANGED = "submitted-unchanged", "submitted-changed"
ASSIGNMENT = "from-nbgrader"


def is_there() -> bool:
    """Whether this wheel has its tests and its manual."""
    return all((PACKAGE / folder).is_dir() for folder in (APPS, STEPS, PAGES, MANUAL))


def read(path: str) -> Any:
    """One of its notebooks with the kernel of this machine."""
    notebook = nbformat.read(PACKAGE / f"{path}.ipynb", as_version=4)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata.kernelspec = nbformat.from_dict(spec)
    return notebook


def text(path: str) -> str:
    """One of its other files."""
    return (PACKAGE / path).read_text()


def entry(folder: str, source: str, students: Mapping[str, str | None], **about: Any) -> Entry:
    """An entry of one notebook.

    students : the notebook that each hands in, from the same folder; None for the release
    """

    def hand(name: str) -> Hand:
        return Hand(change=lambda released: read(f"{folder}/{name}"))

    place = folder.split("/")[1]
    return Entry(
        f"{place}-{source}",
        {f"{place}-{source}": read(f"{folder}/{source}")},
        {
            "right": UNTOUCHED,
            **{s: UNTOUCHED if name is None else hand(name) for s, name in students.items()},
        },
        assignment=ASSIGNMENT,
        **about,
    )


def without_nose(notebook: str) -> dict[tuple[str, str, str], str]:
    """Two of its test cells import a package that no Python of today can run."""
    return {
        ("right", notebook, cell): "a package is missing where grading runs: a person decides"
        for cell in ("correct_squares", "squares_invalid_input")
    }


def of_manual(assignment: str) -> Entry:
    """The course of nbgrader's manual, with the two students whom it has."""

    def hand(student: str) -> Hand:
        names = iter(("problem1", "problem2"))
        return Hand(change=lambda released: read(f"{MANUAL}/submitted/{student}/ps1/{next(names)}"))

    folder = f"{MANUAL}/source/{assignment}"
    return Entry(
        f"manual-{assignment}",
        {f"{assignment}-{name}": read(f"{folder}/{name}") for name in ("problem1", "problem2")},
        {"right": UNTOUCHED, "bitdiddle": hand("bitdiddle"), "hacker": hand("hacker")},
        assignment=ASSIGNMENT,
    )


def autotests() -> tuple[Entry, ...]:
    """Tests that nbgrader writes itself, from the values of the instructor's answers."""
    settings = {"autotests.yml": text(f"{APPS}/autotests.yml")}
    return tuple(
        entry(APPS, f"autotest-{name}", students, outside=settings)
        for name, students in {
            "simple": {"unchanged": "autotest-simple-unchanged", "changed": "autotest-simple-changed"},
            "hashed": {"unchanged": "autotest-hashed-unchanged", "changed": "autotest-hashed-changed"},
            "multi": {"unchanged": "autotest-multi-unchanged", "changed": "autotest-multi-changed"},
            "hidden": {
                "unchanged": "autotest-hidden-unchanged",
                "changed": "autotest-hidden-changed-right",
                "wrong": "autotest-hidden-changed-wrong",
            },
        }.items()
    )


def entries() -> tuple[Entry, ...]:
    """All of them; none where the wheel lacks them."""
    if not is_there():
        return ()
    data = {"data.txt": text(f"{APPS}/data.txt")}
    both = {"changed": CHANGED, "unchanged": UNCHANGED}
    return (
        entry(
            APPS,
            UNCHANGED,
            {
                **both,
                "test": "submitted-grade-cell-changed",
                "locked": "submitted-locked-cell-changed",
                "cheat": "submitted-cheat-attempt",
                "cheat-2": "submitted-cheat-attempt-alternative",
            },
        ),
        entry(
            STEPS,
            UNCHANGED,
            {
                **both,
                "test": "submitted-grade-cell-changed",
                "locked": "submitted-locked-cell-changed",
                "answer-type": "submitted-answer-cell-type-changed",
                "test-type": "submitted-grade-cell-type-changed",
            },
        ),
        entry(PAGES, UNCHANGED, both),
        entry(APPS, "test", {"output": "test-with-output"}),
        entry(APPS, "test-hidden-tests", {}),
        entry(APPS, "open_relative_file", {}, files=data),
        entry(APPS, "timeout", {}, config=SETTINGS),
        entry(APPS, "validating-environment-variable", {}),
        entry(APPS, "validation-zero-points", {}),
        entry(STEPS, "test", {}, differences=without_nose("preprocessors-test")),
        entry(STEPS, "test_taskcell", {}, differences=without_nose("preprocessors-test_taskcell")),
        entry(STEPS, "manually-graded-code-cell", {}),
        of_manual("ps1"),
        *autotests(),
    )


ENTRIES = entries()
