"""Counting the words of essays, as a student does it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mashq.student.essays import count_words, words_in
from tests.support.cells import essay_cell, notebook_of

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Two words.", 2),
        ("A **bold** claim -- with $x = 3 + 4$ and $$\\sum_i a_i$$ in it", 9),
        ("state-of-the-art isn't 0.5", 3),
        ("نیم\u200cفاصله یک واژه است", 4),
        ('<div dir="rtl">\n\nیک متن\n\n</div>', 2),
        ("see https://example.org/a/b and `relu(z)`", 4),
        ("| a | b |\n|---|---|\n| c | d |", 4),
    ],
)
def test_words_are_counted_as_people_count_them(text: str, count: int) -> None:
    """A formula is one word; tags, rules of tables and addresses are none."""
    assert words_in(text) == count


def test_each_essay_is_named_with_its_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its heading; what was left as released has none; how many are asked for is said where known."""
    written, left = essay_cell("Because it does.", "q_a", 5), essay_cell("YOUR ANSWER HERE", "q_b", 5)
    written.metadata["mashq"] = {"words": [150, 250]}
    head = nbformat.v4.new_markdown_cell
    notebook = notebook_of(head("## Exercise 1: why"), written, head("## Exercise 2: how"), left)
    nbformat.write(notebook, tmp_path / "essays.ipynb")
    count_words(tmp_path / "essays.ipynb")
    assert capsys.readouterr().out.splitlines() == [
        "Exercise 1: 3 words; 150 to 250 are asked for",
        "Exercise 2: 0 words",
    ]


def test_a_mark_scheme_is_no_part_of_the_essay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The instructor's own notebook says how long its model essay is."""
    scheme = "### BEGIN MARK SCHEME\n3 points for the word product.\n### END MARK SCHEME"
    nbformat.write(
        notebook_of(essay_cell(f"Sides multiply.\n\n{scheme}", "q_a", 5)), tmp_path / "essays.ipynb"
    )
    count_words(tmp_path / "essays.ipynb")
    assert capsys.readouterr().out.endswith(": 2 words\n")


def test_a_notebook_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In Colab the notebook is no file of the machine; nothing fails."""
    count_words(tmp_path / "q2.ipynb")
    (tmp_path / "q3.ipynb").write_text("{")
    count_words(tmp_path / "q3.ipynb")
    assert capsys.readouterr().out.count("save the notebook under that name") == 2
