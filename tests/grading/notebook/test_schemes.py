"""What only graders see in a graded notebook: mark schemes, and links to what was handed in beside it."""

from __future__ import annotations

import os

import pytest

from mashq.grading.notebook.schemes import GRADERS_ONLY, show_to_graders
from tests.support.cells import essay_cell, notebook_of, task_cell

pytestmark = pytest.mark.quick

TASK = "Hand in q1.pdf."


def test_a_scheme_stands_behind_its_essay() -> None:
    """And is tagged, so that feedback can leave it out."""
    notebook = notebook_of(essay_cell("Sides multiply.", "why", 3))
    show_to_graders(notebook, {"why": "3 points for the word product.", "other": "no"}, {})
    essay, scheme = notebook.cells
    assert essay.source == "Sides multiply."
    assert "3 points for the word product." in scheme.source
    assert scheme.metadata.tags == [GRADERS_ONLY]


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("q1.pdf", "[`q1.pdf`](./q1.pdf)"),
        ("my scan (2).PDF", "[`my scan (2).PDF`](./my%20scan%20%282%29.PDF)"),
        ("مشق.jpg", "[`مشق.jpg`](./%D9%85%D8%B4%D9%82.jpg)"),
        (os.fsdecode(b"caf\xe9.png"), "[`caf?.png`](./caf%E9.png)"),
        ("a`](http://x) <b>.png", "[`a ](http://x) <b>.png`](./a%60%5D%28http%3A//x%29%20%3Cb%3E.png)"),
    ],
    ids=["plain", "spaces", "persian", "no utf-8", "markdown"],
)
def test_a_scan_is_linked_behind_the_task(name: str, link: str) -> None:
    """Whatever people and archives call it; nothing in a name becomes Markdown or HTML."""
    notebook = notebook_of(task_cell(TASK, "upload", 10))
    show_to_graders(notebook, {}, {name: b"scan", "notes.html": b"<script>"})
    assert notebook.cells[1].source == f"**Handed in** (graders only): {link}"


def test_a_missing_scan_is_said() -> None:
    """No grader looks for a file that is not there."""
    notebook = notebook_of(task_cell(TASK, "upload", 10))
    show_to_graders(notebook, {}, {"notes.txt": b"later"})
    assert "no PDF and no photograph lies beside the notebook" in notebook.cells[1].source
