"""Names and formats of files, and metadata of older versions.

Two things cannot be entries, because nbgrader refuses them where the release is made: ids of cells with dots
or with letters other than a-z (its schema says `^[a-zA-Z0-9_\\-]*$`), and sources with metadata of schema 1
or 2. The second are here as instructors get them through: `nbgrader update` brings the sources to schema 3
first, and students hand in the old metadata.
"""

from __future__ import annotations

from typing import Any

from nbgrader.nbgraderformat import MetadataValidator

from tests.grading.corpus.entry import Entry, Hand, answer, essay, one
from tests.support.cells import code_cell, notebook_of


def of_minor(minor: int) -> Any:
    """A notebook of nbformat 4.`minor`; cells have ids of their own from 4.5 on."""
    notebook = notebook_of(
        answer("n = 4", f"n-{minor}"),
        code_cell("assert n == 4", f"test-{minor}", 1),
        code_cell("n / 2", f"value-{minor}", 2),
    )
    notebook.nbformat_minor = minor
    if minor < 5:
        for cell in notebook.cells:
            del cell["id"]
    return notebook


def alike(*more: Any) -> Any:
    """A notebook whose cells have the ids of another one, too; as Jupyter wrote it before 2021."""
    notebook = notebook_of(answer("n = 4", "n"), code_cell("assert n == 4", "test", 1), *more)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    return notebook


def shorter_only(notebook: Any) -> Any:
    """Hand in one of the two, and not the other."""
    return notebook if len(notebook.cells) == 2 else None


def without_last(notebook: Any) -> Any:
    """Delete the last cell."""
    del notebook.cells[-1]
    return notebook


def updated(version: int) -> Any:
    """A source whose metadata was of an older schema, after `nbgrader update`."""
    notebook = notebook_of(answer("old = 1", "old"), code_cell("assert old == 1", "test_old", 1))
    for cell in notebook.cells:
        del cell.metadata.nbgrader["task"]
        cell.metadata.nbgrader["schema_version"] = version
    return MetadataValidator().upgrade_notebook_metadata(notebook)


def with_schema(version: int) -> Hand:
    """The release with metadata of an older schema, as somebody with an older nbgrader hands it in."""

    def change(notebook: Any) -> Any:
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            about.pop("task", None)
            if version < 2:
                about.pop("cell_type", None)
            about["schema_version"] = version
        return notebook

    return Hand(change=change)


ENTRIES = (
    Entry(
        "nbformat",
        {f"minor-{minor}": of_minor(minor) for minor in range(6)},
        students={"wrong": {f"n-{minor}": "n = 3" for minor in range(6)}},
        assignment="nbformat",
    ),
    Entry(
        "nbformat-lost-cell",
        {"minor-4": of_minor(4)},
        students={"lost": Hand(change=without_last)},
        assignment="nbformat-lost-cell",
        differences={
            ("lost", "minor-4", "value-4"): "nbgrader leaves a deleted test to a person; mashq puts it back"
        },
    ),
    Entry(
        "nbformat-one-of-two",
        {"alike-1": alike(), "alike-2": alike(code_cell("n / 2", "value", 2))},
        students={"first": Hand(change=shorter_only)},
        assignment="nbformat-one-of-two",
    ),
    one(
        "notebook with spaces",
        answer("n = 1", "a-b_c--d"),
        code_cell("assert n == 1", "-test-", 1),
        code_cell("assert n", "0", 1),
        code_cell("assert n < 2", "_", 1),
        essay("Text.", "UPPER-lower_9", 1),
        students={"wrong": {"a-b_c--d": "n = 2"}},
    ),
    one(
        "تمرین یک",
        answer("n = 1", "n"),
        code_cell("assert n == 1", "test_n", 1),
        students={"wrong": {"n": "n = 2"}},
    ),
    one(
        "q1.2 (final)",
        answer("n = 1", "n"),
        code_cell("assert n == 1", "test_n", 1),
        students={"wrong": {"n": "n = 2"}},
    ),
    one(
        "assignment with spaces",
        answer("n = 1", "n"),
        code_cell("assert n == 1", "test_n", 1),
        students={"wrong": {"n": "n = 2"}, "two words": {"n": "n = 2"}, "علی": {}},
        assignment="تمرین 1 (Problem Set)",
    ),
    Entry(
        "old-schema",
        {"old-1": updated(1), "old-2": updated(2), "old-3": updated(3)},
        students={"wrong": {"old": "old = 2"}, "z-1": with_schema(1), "z-2": with_schema(2)},
        assignment="old-schema",
        differences={
            (student, notebook, "test_old"): "nbgrader ends at the first submission with old metadata, and "
            "grades nobody behind it; mashq takes metadata from the release"
            for student in ("z-1", "z-2")
            for notebook in ("old-1", "old-2", "old-3")
        },
    ),
    one(
        "no-config",
        answer("n = 1", "n"),
        code_cell("assert n == 1", "test_n", 1),
        students={"wrong": {"n": "n = 2"}},
        config=None,
    ),
)
