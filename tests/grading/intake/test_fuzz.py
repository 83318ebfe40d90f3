"""Whatever a student hands in or writes: a notebook with every released cell, on a page that does no harm."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from mashq.grading.intake.receive import receive
from mashq.grading.notebook.markup import clean_html, clean_markdown
from mashq.grading.notebook.sanitize import sanitize
from mashq.handed_in.read import SubmissionError, read_submission
from tests.support.cells import code_cell, notebook_of
from tests.support.fuzz import HALF, effort, holds, json_values, nested, texts
from tests.support.markup import HTML, MARKDOWN, problems
from tests.support.tiny_course import tiny_release, tiny_submission

pytestmark = pytest.mark.quick

PATH = Path("areas.ipynb")
RELEASE = tiny_release()
WANTED = {cell.metadata.nbgrader.grade_id: cell for cell in RELEASE.cells if "nbgrader" in cell.metadata}
TREE: dict[str, Any] = json.loads(nbformat.writes(tiny_submission()))

# -- strategies: a real submission, damaged ---------------------------------------------------------------

grade_ids = st.sampled_from([*WANTED, "other", HALF, ""]) | json_values
deep = st.sampled_from([30, 200, 450]).map(nested)
odd = json_values | deep
abouts = st.fixed_dictionaries(
    {"grade_id": grade_ids},
    optional=dict.fromkeys(
        ["points", "grade", "solution", "locked", "task", "schema_version", "checksum"], odd
    ),
)
metadata = st.fixed_dictionaries(
    {},
    optional={
        "nbgrader": abouts | odd,
        "tags": st.lists(texts) | odd,
        "name": odd,
        "collapsed": odd,
        "format": odd,
        "jupyter": odd,
    },
)
fields = {
    "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | odd,
    "source": texts | st.lists(texts) | odd,
    "input": texts | odd,
    "metadata": metadata | odd,
    "id": st.sampled_from(["a", "a b", HALF]) | odd,
    "attachments": st.dictionaries(texts, st.dictionaries(texts, odd, max_size=2), max_size=2) | odd,
    "outputs": odd,
    "execution_count": odd,
}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The submission as a file, after a few things happened to its cells and to itself."""
    tree = copy.deepcopy(TREE)
    cells: list[Any] = tree["cells"]
    for _ in range(draw(st.integers(0, 6))):
        number = draw(st.integers(0, max(len(cells) - 1, 0)))
        what = draw(st.sampled_from(["change", "lose", "drop", "double", "move", "nonsense", "new", "top"]))
        cell = cells[number] if cells else {}
        if what in ("change", "lose") and isinstance(cell, dict):
            field = draw(st.sampled_from(sorted(fields)))
            cell.pop(field, None)
            if what == "change":
                cell[field] = draw(fields[field])
        elif what == "drop" and cells:
            del cells[number]
        elif what == "double":
            cells.append(copy.deepcopy(cell))
        elif what == "move" and cells:
            cells.insert(draw(st.integers(0, len(cells))), cells.pop(number))
        elif what == "nonsense":
            cells.insert(number, draw(odd))
        elif what == "new":
            cells.insert(number, draw(st.fixed_dictionaries({}, optional=fields)))
        elif what == "top":
            field = draw(st.sampled_from(["nbformat", "nbformat_minor", "metadata", "worksheets", "cells"]))
            tree[field] = draw(
                odd | st.sampled_from([3, 4, {"kernelspec": {"name": "x"}}, [{"cells": cells}]])
            )
            if tree["cells"] is not cells:
                break
    text = json.dumps(tree, ensure_ascii=draw(st.booleans()))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])), errors="replace")


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """The submission's file with bytes lost, doubled or replaced."""
    data = bytearray(json.dumps(TREE).encode())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 40))] = draw(
            st.binary(max_size=12)
            | st.sampled_from([b"1" * 5000, b"[" * 2000, b"\\ud800", b"\0", b"}", b'"'])
        )
    return bytes(data)


def is_gradable(data: bytes) -> None:
    """Assert that a file becomes a valid notebook that can be written, with each released cell once."""
    before = copy.deepcopy(RELEASE)
    got = receive(PATH, data, RELEASE)
    assert before == RELEASE
    nbformat.validate(got.notebook)
    assert nbformat.reads(nbformat.writes(got.notebook).encode().decode(), as_version=4) == got.notebook
    cells = [cell for cell in got.notebook.cells if "nbgrader" in cell.metadata]
    found = {cell.metadata.nbgrader.grade_id: cell for cell in cells}
    assert sorted(cell.metadata.nbgrader.grade_id for cell in cells) == sorted(WANTED)
    for grade_id, wanted in WANTED.items():
        cell = found[grade_id]
        assert cell.metadata.nbgrader == wanted.metadata.nbgrader
        assert cell.cell_type == wanted.cell_type
        if wanted.metadata.nbgrader.locked:
            assert cell.source.split() == wanted.source.split()
    for sentence in map(str, (*got.notes, *got.problems)):
        assert len(sentence) < 2000
        sentence.encode()


# -- handing in -------------------------------------------------------------------------------------------


@effort
def test_any_damage_leaves_a_notebook_that_can_be_graded(examples: int) -> None:
    """Cells, metadata, ids, types and nesting of a real submission changed at random."""
    holds(examples, is_gradable, damaged())


@effort
def test_any_bytes_leave_a_notebook_that_can_be_graded(examples: int) -> None:
    """Noise, and a real submission with bytes lost or replaced."""
    holds(examples, is_gradable, st.binary(max_size=200) | torn())


@effort
def test_reading_refuses_only_with_a_reason(examples: int) -> None:
    """`read_submission` alone: a valid notebook, or a SubmissionError that names the file."""

    def body(data: bytes) -> None:
        try:
            notebook = read_submission(PATH, data).notebook
        except SubmissionError as error:
            reason = str(error)
        else:
            nbformat.validate(notebook)
            reason = str(PATH)
        assert reason.startswith(str(PATH))

    holds(examples, body, damaged() | torn() | st.binary(max_size=100))


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(TREE).replace('"nbformat": 4', f'"x": {"1" * 5000}, "nbformat": 4').encode(),
        json.dumps(TREE | {"metadata": nested(900)}).encode(),
        json.dumps(TREE | {"cells": [*TREE["cells"], {"cell_type": nested(900)}]}).encode(),
        json.dumps(TREE | {"cells": [*TREE["cells"], {"source": nested(900)}]}).encode(),
        json.dumps(TREE | {"cells": [*TREE["cells"], {"metadata": {"nbgrader": nested(900)}}]}).encode(),
        json.dumps({"nbformat": 4, "metadata": {}, "worksheets": []}).encode(),
        json.dumps(TREE).encode().replace(b"return a * b", rb"return '\ud800'"),
        json.dumps(
            TREE | {"cells": [*TREE["cells"], {"source": "", "attachments": {HALF: {HALF: HALF}}}]}
        ).encode(),
    ],
    ids=["digits", "metadata", "cell-type", "source", "nbgrader", "worksheets", "half", "half-attached"],
)
def test_files_that_trip_a_reader_can_be_graded(data: bytes) -> None:
    """Too many digits, too deep, of two formats at once, with half of an emoji."""
    is_gradable(data)


# -- pages ------------------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        *HTML,
        *MARKDOWN,
        *"<>[]()`*_~$|\\\"'&#!\n\t ",
        "\n\n",
        "```",
        "```mermaid\n",
        "    ",
        "> ",
        "- ",
        "$$",
        "<!--",
        "-->",
        "<div>",
        "</div>",
        "&lt;",
        "&#60;",
        "\x00",
        "]: javascript:",
        "](javascript:",
        "![](",
        "onerror=alert(1)",
        "https://example.org",
        "\\begin{a}",
        "\\end{a}",
    ]
)
soups = st.lists(pieces | texts, max_size=12).map("".join)


@effort
def test_no_soup_of_html_or_markdown_does_harm(examples: int) -> None:
    """Pieces of attacks in any order, as HTML and as Markdown."""

    def body(soup: str) -> None:
        clean = clean_html(soup)
        assert problems(clean) == []
        assert problems(clean_html(clean)) == []
        assert problems(markdown2html_mistune(clean_markdown(soup))) == []

    holds(examples, body, soups)


@pytest.mark.process
@effort
def test_any_output_becomes_one_that_a_file_can_hold(examples: int) -> None:
    """Outputs of any form that a kernel can publish, beside any source."""

    def body(outputs: list[Any], count: Any, soup: str) -> None:
        code = code_cell("1")
        notebook = notebook_of(code, nbformat.v4.new_markdown_cell(soup))
        code.outputs = [nbformat.from_dict(output) for output in outputs]
        code.execution_count = nbformat.from_dict(count)
        sanitize(notebook)
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()

    kinds = st.sampled_from(["stream", "error", "display_data", "execute_result"]) | json_values
    forms = st.sampled_from(
        ["text/plain", "text/html", "text/markdown", "image/png", "image/svg+xml", "x/y", HALF]
    )
    outputs = st.fixed_dictionaries(
        {"output_type": kinds},
        optional={
            "data": st.dictionaries(forms, soups | json_values, max_size=3) | json_values,
            "metadata": st.dictionaries(forms | st.just("width"), json_values, max_size=2) | json_values,
            **dict.fromkeys(["name", "text", "ename", "evalue", "traceback", "execution_count"], json_values),
        },
    )
    holds(examples, body, st.lists(outputs, max_size=3), json_values, soups)
