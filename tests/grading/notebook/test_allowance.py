"""Whatever a student made, the pages of who looks at it are there in seconds, with all that fits on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from mashq.grading.notebook import allowance as rules
from mashq.grading.notebook.sanitize import sanitize
from mashq.handed_in import apart
from mashq.language import speaking
from tests.support.cells import code_cell, notebook_of

pytestmark = [pytest.mark.quick, pytest.mark.process]

SECONDS = (
    12.0  # for cleaning and for a page, each; without limits most of these took minutes, some took hours
)
LETTERS = 90_000

MARKDOWN: dict[str, Callable[[int], str]] = {
    "spaces": lambda n: " " * n,
    "spaces in a line": lambda n: "a" + " " * n + "b",
    "a heading of spaces": lambda n: "# a" + " " * n + "b",
    "tabs": lambda n: "a" + "\t" * n + "b",
    "empty lines": lambda n: "a" + "\n" * n + "b",
    "headings": lambda n: "# a\n" * (n // 4),
    "links begin": lambda n: "[a](" * (n // 4),
    "brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "pictures begin": lambda n: "![a" * (n // 3),
    "stars": lambda n: "a*" * (n // 2),
    "bold in slanted": lambda n: "*a **b _c __d " * (n // 14),
    "underlines": lambda n: "_a " * (n // 3),
    "tags begin": lambda n: "a <a " * (n // 5),
    "attributes": lambda n: "a <a " + "x=1 " * (n // 4),
    "comments begin": lambda n: "a <!-- " * (n // 7),
    "ticks of many lengths": lambda n: "".join("`" * i + "a" for i in range(int((2 * n) ** 0.5))),
    "quotes": lambda n: "> " * (n // 2) + "a",
    "quotes with lines": lambda n: "> > > > a\n" * (n // 10),
    "lists in lists": lambda n: "\n".join(" " * (2 * i) + "- a" for i in range(int(n**0.5))),
    "formulas begin": lambda n: "$a " * (n // 3),
    "environments begin": lambda n: "\\begin{a} " * (n // 10),
    "brackets of formulas": lambda n: "\\\\[ " * (n // 4),
    "a table of ten thousand columns": lambda n: (
        "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + "|b" * 10_000
    ),
    "one link a thousand times": lambda n: f"[a]: https://x/{'b' * (n // 2)}\n\n" + "[a] " * (n // 8),
    "names of links": lambda n: "".join(f"[a{i}]: b\n" for i in range(n // 10)),
    "python": lambda n: "```python\n" + "a." * (n // 2) + "\n```",
    "javascript": lambda n: "```javascript\n" + "/" * 700 + "a=" * 300 + "\n```",
}


def page(notebook: Any) -> str:
    """The page that formgrader's exporter makes of a notebook."""
    return str(HTMLExporter().from_notebook_node(notebook)[0])


def shown_in_seconds(notebook: Any) -> str:
    """The page of a cleaned notebook, which is made in time."""
    start = time.process_time()
    with pytest.MonkeyPatch.context() as patch:  # tests end sooner with a third of the usual time
        patch.setattr(rules, "SECONDS", 1.0)
        sanitize(notebook)
    cleaned = time.process_time()
    html = page(notebook)
    assert cleaned - start < SECONDS
    assert time.process_time() - cleaned < SECONDS
    nbformat.validate(notebook)
    return html


@pytest.mark.parametrize("make", MARKDOWN.values(), ids=MARKDOWN)
@pytest.mark.parametrize(("letters", "count"), [(1400, 5), pytest.param(LETTERS, 1, marks=pytest.mark.long)])
def test_a_text_made_to_take_hours_is_shown_in_seconds(
    make: Callable[[int], str], letters: int, count: int
) -> None:
    """As it is, or as plain text; in a cell, in an output, and in many of both."""
    cells = [nbformat.v4.new_markdown_cell(make(letters)) for _ in range(count)]
    code = code_cell("1")
    code.outputs = [nbformat.v4.new_output("display_data", data={"text/markdown": make(letters)})]
    html = shown_in_seconds(notebook_of(*cells, code))
    assert len(html) < 20_000_000


def test_three_hundred_kilobytes_of_spaces_are_said_to_be_too_much() -> None:
    """The reader is told; what stands around them can be read."""
    cell = nbformat.v4.new_markdown_cell("My answer" + " " * 300_000 + "is this")
    assert "it would take too long to set" in shown_in_seconds(notebook_of(cell))
    assert "My answer" in cell.source
    assert "is this" in cell.source


def test_a_note_is_in_the_language_of_the_notebook() -> None:
    """It is made in another process in part, and says the same there."""
    cell = nbformat.v4.new_markdown_cell("# a" + " " * LETTERS + "b")
    with speaking("fa"):
        sanitize(notebook_of(cell))
    assert "too long" not in cell.source
    assert "متن ساده" in cell.source


def test_a_long_essay_stays_as_it_was_typed() -> None:
    """With formulas, a table and code: what is honest is not slow."""
    part = "## Why\n\nA *deep* network has `many` layers: $y = f(W x + b)$.\n\n"
    part += "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = model(x)\n```\n\n- one\n- two\n\n"
    part += "It learns from examples, step by step. " * 12
    essay = part * 30
    cell = nbformat.v4.new_markdown_cell(essay)
    sanitize(notebook_of(cell))
    assert cell.source == essay


def test_pasted_photographs_are_shown() -> None:
    """Forty megabytes of them, as Colab puts them into a text; the text around them stays as it was typed."""
    photograph = "iVBO" * 500_000
    text = f"![my scan](data:image/png;base64,{photograph}) and $x_1$\n\nWhat I *think*.\n"
    cells = [nbformat.v4.new_markdown_cell(text * 2) for _ in range(10)]
    start = time.process_time()
    sanitize(notebook_of(*cells))
    assert time.process_time() - start < SECONDS
    for cell in cells:
        assert cell.source.split("and") == [
            "![my scan](attachment:pasted-1.png) ",
            " $x_1$\n\nWhat I *think*.\n![my scan](attachment:pasted-2.png) ",
            " $x_1$\n\nWhat I *think*.\n",
        ]
    html = page(notebook_of(cells[0]))
    assert html.count(f'src="data:image/png;base64,{photograph}"') == 2


def test_a_pasted_picture_takes_no_name_that_is_taken() -> None:
    """What the student attached stays what it is; what is no picture stays where it is."""
    cell = nbformat.v4.new_markdown_cell(
        "![a](attachment:pasted-2.png) ![b](data:image/png;base64,iVBO) ![c](data:image/png;base64,iV)"
    )
    cell.attachments = {"pasted-2.png": {"image/png": "AAAA"}}
    sanitize(notebook_of(cell))
    assert "![b](attachment:pasted-3.png)" in cell.source
    assert "attachment" not in cell.source.partition("![c]")[2]
    assert {name: data["image/png"] for name, data in cell.attachments.items()} == {
        "pasted-2.png": "AAAA",
        "pasted-3.png": "iVBO",
    }


def test_a_thousand_small_pictures_are_shown_in_seconds() -> None:
    """Or as plain text, where they are more than a page can have."""
    cell = nbformat.v4.new_markdown_cell("![a](data:image/png;base64,iVBO) " * 20_000)
    assert len(shown_in_seconds(notebook_of(cell))) < 20_000_000


CODE = {
    "dots": "a." * 50_000,
    "dots in many cells": "a." * 9_000,
    "names": "a" * 100_000,
    "brackets": "(" * 100_000,
    "quotes": "'" * 100_000,
    "a text that does not end": "'''" + "\\" * 100_000,
    "spaces": "x" + " " * 100_000 + "y",
    "questions": "?a" * 50_000,
    "javascript": "%%javascript\n" + "a/" * 40_000,
    "a shell": "%%bash\n" + "$((" * 30_000,
}


@pytest.mark.parametrize("code", CODE.values(), ids=CODE)
def test_code_made_to_take_hours_is_shown_in_seconds(code: str) -> None:
    """In one cell and in many; every letter of it is still in the notebook."""
    cells = [code_cell(code) for _ in range(max(1, 100_000 // len(code)))]
    notebook = notebook_of(*cells)
    shown_in_seconds(notebook)
    assert [cell.source for cell in cells] == [code] * len(cells)


def test_code_without_colours_says_so() -> None:
    """All of the notebook's: the pages have one setting for it."""
    notebook = notebook_of(code_cell("a." * 50_000))
    html = shown_in_seconds(notebook)
    assert "without colours" in html
    assert notebook.metadata.language_info.pygments_lexer == "text"
    assert 'class="n"' not in html


@pytest.mark.parametrize("lexer", ["javascript", "perl", "nonsense", "ipython3", 7, None])
def test_code_of_a_kernel_that_names_its_own_language_is_shown(lexer: Any) -> None:
    """The kernel is the student's; what it says of itself decides little."""
    notebook = notebook_of(code_cell("x = 1 / 2\n" * 100))
    notebook.metadata["language_info"] = {"name": "a" * 100, "pygments_lexer": lexer, "file_extension": [[]]}
    assert "1" in shown_in_seconds(notebook)


def printed(text: str) -> Any:
    """A cell that printed a text, returned it, and failed with it."""
    cell = code_cell("1")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=text),
        nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=1),
        nbformat.v4.new_output("error", ename="E", evalue=text, traceback=[text]),
    ]
    return cell


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31ma" * 200_000,
        "\x1b[" + "1;" * 500_000 + "m",
        ("\x1b[" + "1;" * 50_000 + "ma") * 10,
        "\x1b[" * 500_000,
        "\x1b[" + "0" * 1_000_000,
        "\x1b]0;a\x07" * 100_000,
    ],
    ids=["colours", "one long colour", "long colours", "beginnings", "numbers", "titles"],
)
def test_printed_colours_are_shown_in_seconds(text: str) -> None:
    """A megabyte of what a terminal obeys; the letters in it stay."""
    cell = printed(text)
    shown_in_seconds(notebook_of(cell))
    assert cell.outputs[0].text.count("a") >= text.count("a") - text.count("]0;a")


def test_usual_colours_stay() -> None:
    """A trace of IPython's, and a bar of progress."""
    text = "\x1b[0;31mValueError\x1b[0m: bad\n\x1b[2K\x1b[32m###\x1b[0m"
    cell = printed(text)
    html = shown_in_seconds(notebook_of(cell))
    assert 'class="ansi-red-fg"' in html
    assert cell.outputs[0].text == text.replace("\x1b[2K", "")


def test_very_much_output_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters, outputs of a cell, outputs of the notebook."""
    monkeypatch.setattr(rules, "SHOWN", 1000)
    long = printed("x" * 600)
    sanitize(notebook_of(long))
    assert long.outputs[0].text == "x" * 600
    assert "... 200 more letters are not shown ..." in long.outputs[1].data["text/plain"]
    many = code_cell("1")
    many.outputs = [nbformat.v4.new_output("display_data", data={})] * 20_000
    sanitize(notebook_of(many))
    assert len(many.outputs) == rules.OUTPUTS_OF_A_CELL + 1
    assert "19500 more outputs are not shown" in many.outputs[-1].text


def test_a_raw_cell_of_any_text_is_shown_in_seconds() -> None:
    """It becomes text, letter by letter."""
    for text in (" " * 300_000, "<" * 300_000, "\n" * 300_000, "`[*_$" * 60_000):
        assert "pre" in shown_in_seconds(notebook_of(nbformat.v4.new_raw_cell(text)))


def test_formulas_of_a_megabyte_are_shown_as_text() -> None:
    """A page would set each; it shows what was written."""
    cell = code_cell("1")
    cell.outputs = [nbformat.v4.new_output("display_data", data={"text/latex": "$$a$$" * 100_000})]
    sanitize(notebook_of(cell))
    assert list(cell.outputs[0].data) == ["text/plain"]


def test_a_process_that_dies_costs_the_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory, or killed by hand: the text is shown as it is, and grading goes on."""

    def ask(*_: Any, **__: Any) -> Any:
        raise apart.TooMuchError(apart.TOO_LARGE)

    monkeypatch.setattr(apart, "ask", ask)
    cells = [nbformat.v4.new_markdown_cell(text) for text in ("*a* " * 3000, "*b*")]
    sanitize(notebook_of(*cells))
    assert "shown as plain text" in cells[0].source
    assert cells[1].source == "*b*"
