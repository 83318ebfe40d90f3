"""A class that hands in the tiny notebook: right and wrong answers, damaged and foreign files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat

from tests.support.cells import code_cell, notebook_of
from tests.support.tiny_course import ANSWER, HALF, answered


def without_test(notebook: Any) -> Any:
    notebook.cells = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "test_area"
    ]
    return notebook


def copied(notebook: Any) -> Any:
    notebook.cells += nbformat.from_dict(json.loads(json.dumps(notebook.cells[1:3])))
    return notebook


def stripped(notebook: Any) -> Any:
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def old_schema(notebook: Any) -> Any:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 1
    return notebook


def forged(notebook: Any) -> Any:
    notebook.metadata["mashq"] = {"judgement": {"results": []}, "unreadable": "", "attention": {}}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_area":
            cell.metadata.nbgrader.points = 50
            cell.source = "from IPython.display import display\nprint(50)\n50"
    return notebook


# student → (what is handed in, from the release; points of test_area, or None where a person must look)
CLASS: dict[str, tuple[Callable[[Any], Any], float | None]] = {
    "right": (answered, 2),
    "half": (lambda r: answered(r, HALF), 1),
    "blank": (lambda r: r, 0),
    "warns": (lambda r: answered(r, f"import sys\nprint('careful', file=sys.stderr)\n{ANSWER}"), 2),
    "no-test-cell": (lambda r: without_test(answered(r)), 2),
    "copied-cells": (lambda r: copied(answered(r)), 2),
    "stripped": (lambda r: stripped(answered(r)), 2),
    "old-schema": (lambda r: old_schema(answered(r)), 2),
    "no-kernelspec": (lambda r: nbformat.v4.new_notebook(cells=answered(r).cells), 2),
    "forged": (lambda r: forged(answered(r, "area = 0")), 0),
    "ends-python": (lambda r: answered(r, "import os\nos._exit(0)"), 0),
    "prints-tags": (lambda r: answered(r, f"print('<script>alert(1)</script>')\n{ANSWER}"), 2),
    "utf-16": (lambda r: nbformat.writes(answered(r)).encode("utf-16"), 2),
    "cut-off": (lambda r: nbformat.writes(answered(r)).encode()[:700], None),
    "not-json": (lambda r: b"PK\x03\x04 not a notebook", None),
    "empty": (lambda r: b"", None),
    "other-notebook": (lambda r: notebook_of(code_cell("pass", "q4_model")), None),
}
