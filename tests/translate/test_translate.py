"""hw2 in Persian: the same cells, points and code, and a catalogue in which nothing is missing or damaged."""

from __future__ import annotations

import ast
import io
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from typer.testing import CliRunner

from mashq.cells import about, is_test
from mashq.cli.app import app
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.judge.run import judge_notebook
from mashq.language import catalogue_path, language_of
from mashq.release.release import release_assignment
from mashq.translate import bidi, markdown, python
from mashq.translate.catalogue import (
    assignment_units,
    lookup_in,
    read_by_checks,
    read_catalogue,
)
from mashq.translate.checking import faults, problems
from mashq.translate.nbgrader_steps import let_figures_speak
from mashq.translate.notebook import Unit, translate, units
from mashq.zoo.answers import fill_in
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import ROOT, nbgrader
from tests.support.direction import turned_around
from tests.support.hw2 import NOTEBOOKS
from tests.support.tiny_course import make_tiny_course

pytestmark = pytest.mark.long

COURSE = CourseFolder(ROOT)


def source(name: str) -> Any:
    """A source notebook."""
    return nbformat.read(ROOT / "source" / "hw2" / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def kept() -> frozenset[str]:
    """The strings that hidden checks read."""
    return read_by_checks(COURSE, "hw2")


@pytest.fixture(scope="module")
def persian(kept: frozenset[str]) -> Callable[[str], Any]:
    """`persian(name)`: the source notebook in Persian."""
    lookup = lookup_in(read_catalogue(COURSE, "hw2", "fa"))

    def make(name: str) -> Any:
        notebook = source(name)
        translate(notebook, lookup, "rtl", kept)
        return notebook

    return make


# -- the catalogue ----------------------------------------------------------------------------------------


def test_the_persian_catalogue_is_complete() -> None:
    """Nothing missing, fuzzy or stale, and no placeholder, formula or code lost; run `mashq translations`."""
    found = problems(COURSE, "hw2", "fa", read_catalogue(COURSE, "hw2", "fa"))
    assert not found, f"{len(found)} to do:\n" + "\n".join(map(str, found[:20]))


WRONG = {
    "placeholder lost": ("string", "{name} is empty", "خالی است", "placeholders missing: {name}"),
    "format changed": ("string", "loss {a:.4f}", "زیان {a:.2f}", r"placeholders missing: \{a:.4f\}"),
    "percent lost": ("check", "%d of them are wrong", "همه نادرست‌اند", "placeholders missing: %d"),
    "formula changed": (
        "markdown",
        "With $x = 1$ it holds.",
        "با $x = 2$ برقرار است.",
        r"missing: \$x = 1\$",
    ),
    "code changed": (
        "markdown",
        "Call `fit()`.",
        "تابع `fit` را صدا بزنید.",
        r"inline code missing: `fit\(\)`",
    ),
    "link lost": ("markdown", "See [this](a.html).", "این را ببینید.", r"HTML and links missing: \(a.html\)"),
    "left in English": ("markdown", "Look at it again.", "Look again.", "no letter of the language"),
    "formula in a plot": ("string", "slope $m$", "شیب $m$", "which plots draw in the wrong order"),
}


@pytest.mark.parametrize(("kind", "text", "translation", "says"), WRONG.values(), ids=WRONG)
def test_a_damaged_translation_is_named(kind: str, text: str, translation: str, says: str) -> None:
    """What got lost is said."""
    unit = Unit(text, kind, "a.ipynb", "cell")
    assert any(re.search(says, fault) for fault in faults(unit, translation, "fa"))


@pytest.mark.parametrize(
    ("kind", "text", "translation"),
    [
        ("markdown", r"$$y = 1 \text{ if true}$$", r"$$y = 1 \text{ اگر درست}$$"),
        ("string", "{n} layer{'s' * (n > 1)}", "{n} لایه"),
        ("markdown", "Use NumPy (`np`).", "از NumPy (`np`) بهره بگیرید."),
        ("comment", "XNOR", "XNOR"),
    ],
)
def test_a_good_translation_is_left_alone(kind: str, text: str, translation: str) -> None:
    """Words within formulas may change, an English plural's ending may go, proper names may stay."""
    assert list(faults(Unit(text, kind, "a.ipynb", "cell"), translation, "fa")) == []


def test_the_command_keeps_marks_and_drops_nothing(tmp_path: Path) -> None:
    """A new text comes empty, a changed one fuzzy, a removed one goes to the end; then it is complete."""
    course = make_tiny_course(tmp_path / "course")
    run = CliRunner()
    command = ["translations", "ps1", "--language", "fa", "--course", str(course)]
    first = run.invoke(app, command)
    assert first.exit_code == 3
    path = catalogue_path(course, "ps1", "fa")
    count = len({unit.text for unit in assignment_units(CourseFolder(course), "ps1")})
    assert f"{count} texts, {count} missing, 0 fuzzy, 0 stale, 0 wrong" in first.output

    catalog = read_po(io.BytesIO(path.read_bytes()), locale="fa")
    for message in catalog:
        if message.id:
            message.string = f"متن {message.id}"
    content = io.BytesIO()
    write_po(content, catalog)
    path.write_bytes(content.getvalue())
    assert run.invoke(app, command).exit_code == 0
    complete = path.read_bytes()
    assert run.invoke(app, command).exit_code == 0
    assert path.read_bytes() == complete, "an update without changes rewrites nothing"

    file = course / "source" / "ps1" / "areas.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[3].source = "Why is the area of every rectangle a product?"
    notebook.cells[5].source = ""
    nbformat.write(notebook, file)
    changed = run.invoke(app, command)
    assert changed.exit_code == 3
    assert "0 missing, 1 fuzzy, 0 stale" in changed.output
    assert '#~ msgid "That was all."' in path.read_text(encoding="utf-8")


def test_plain_errors(tmp_path: Path) -> None:
    """No such language, no catalogue yet, no such assignment."""
    course = make_tiny_course(tmp_path / "course")
    with pytest.raises(CourseError, match="begin it with `mashq translations ps1 --language de`"):
        release_assignment(course, "ps1", "de")
    with pytest.raises(CourseError, match="'persian' is no language"):
        release_assignment(course, "ps1", "persian")
    with pytest.raises(CourseError, match=r"has no assignment 'ps2'; it has: ps1\. Did you mean 'ps1'"):
        assignment_units(CourseFolder(course), "ps2")


# -- the notebooks ----------------------------------------------------------------------------------------


class Bare(ast.NodeTransformer):
    """Empties strings, and sorts the placeholders of f-strings."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        fields = sorted(ast.dump(part) for part in node.values if isinstance(part, ast.FormattedValue))
        return ast.Constant(repr([part for part in fields if "BinOp(left=Constant(value='s')" not in part]))


def skeleton(code: str) -> str:
    """A cell's program without comments and strings, with every placeholder."""
    return ast.dump(Bare().visit(ast.parse(code)))


def looked_up(code: str) -> list[str]:
    """The strings that a program looks up or compares, outside of what it says to people."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Subscript | ast.Compare):
            inner = node.slice if isinstance(node, ast.Subscript) else node
            found += [part.value for part in ast.walk(inner) if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.keyword) and node.arg in (
            "loc",
            "layout",
            "dtype",
            "activation",
            "metrics",
        ):
            found += [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return sorted(map(repr, found))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_cells_and_code_are_the_same(name: str, persian: Callable[[str], Any]) -> None:
    """Ids, types, metadata with points, and the program but for its strings and comments."""
    english, other = source(name), persian(name)
    assert [(c.id, c.cell_type, c.metadata) for c in english.cells] == [
        (c.id, c.cell_type, c.metadata) for c in other.cells
    ]
    for before, after in zip(english.cells, other.cells, strict=True):
        if before.cell_type == "code":
            assert skeleton(before.source) == skeleton(after.source), after.id
            assert looked_up(before.source) == looked_up(after.source), after.id


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_only_what_people_read_is_translated(name: str, kept: frozenset[str]) -> None:
    """A translation that changes every text leaves keys, options and what checks compare as they were."""
    english, other = source(name), source(name)
    translate(other, lambda text: f"ب {text}", "rtl", kept)
    for before, after in zip(english.cells, other.cells, strict=True):
        if before.cell_type == "code":
            assert skeleton(before.source) == skeleton(after.source), after.id
            assert looked_up(before.source) == looked_up(after.source), after.id
            assert re.findall("### .*", before.source) == re.findall("### .*", after.source)
    texts = {unit.text for unit in units(english, "", kept) if unit.kind == "string"}
    for machine in ("constrained", "circle", "xor", "spiral", "gauss", "upper left", "val_loss", "q1.pdf"):
        assert machine not in texts


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_text_translated_to_itself_changes_nothing(name: str, kept: frozenset[str]) -> None:
    """Markdown survives up to the wrapping of lines, and the program is the same program."""
    english, same = source(name), source(name)
    translate(same, lambda text: text, "ltr", kept)
    for before, after in zip(english.cells, same.cells, strict=True):
        if before.cell_type == "markdown":
            assert before.source.split() == after.source.split()
        else:
            assert ast.dump(ast.parse(before.source)) == ast.dump(ast.parse(after.source))


CODE_CELL = '''
import os
path = "data set.csv"
os.environ["MY NAME"] = "value"
choices = {"left half": 1, "right half of it": 2}  # which half
print(f"found {choices['left half']:>3} of {len(path)!r} {{braces}}", sep="a b")
def area(side):
    """The area of a square.

    side : a length
    """
    ### BEGIN SOLUTION
    verdict = "too small" if side < 0 else "fine"
    assert side > 0, (
        f"side should be positive, "
        "but is {" f"{side:.1f}"
    )
    ### END SOLUTION
    return side * side
plt.plot(x, label="the loss", loc="upper left")
'''


def test_which_texts_of_code_are_found() -> None:
    """Comments, docstrings and what is shown; no path, key, option or marker of nbgrader."""
    code = python.read(CODE_CELL)
    found = [piece.text for piece in python.pieces(code, code.machine_read() | {"data set.csv"})]
    assert found == [
        "right half of it",
        "which half",
        "found {choices['left half']:>3} of {len(path)!r} {{braces}}",
        "The area of a square.",
        "side : a length",
        "too small",
        "fine",
        "side should be positive, but is {{{side:.1f}",
        "the loss",
    ]


def test_a_cell_can_say_more_and_less() -> None:
    """`translate` and `keep` in a source cell's metadata, which no release shows."""
    cell = code_cell('moments = ["before", "after"]\nhalf = "left half"')
    cell.metadata["mashq"] = {"translate": ["before"], "keep": ["left half"]}
    assert [unit.text for unit in units(notebook_of(cell), "")] == ["before"]


def test_a_translation_cannot_bring_code() -> None:
    """A placeholder that the original does not have is refused: it would run in a student's kernel."""
    notebook = notebook_of(code_cell("print(f'{n} images')"))
    with pytest.raises(CourseError, match=r"the placeholders should be \{n\}"):
        translate(notebook, lambda text: "{n} و {__import__('os').getcwd()}", "rtl")


def test_strings_are_quoted_so_that_they_mean_the_translation() -> None:
    """Quotation marks, backslashes and line ends of a translation."""
    said = "a 'b' \"c\" \\d\nnew"
    notebook = notebook_of(code_cell("print('two words')"))
    translate(notebook, lambda text: said, "ltr")
    printed: list[str] = []
    exec(notebook.cells[0].source, {"print": printed.append})
    assert printed == [said]


# -- right to left ----------------------------------------------------------------------------------------


def test_markdown_keeps_its_frame() -> None:
    """Lists, tables, fences, formulas, HTML and markers stay; tables are mirrored, the cell is framed."""
    text = "\n".join(
        [
            "## One",
            "two",
            "words",
            "1. first `a = {}` item",
            "   more of it",
            "",
            "| a name | $|x|$ |",
            "|:--|--:|",
            "| the value | (1, 2) |",
            "",
            "```python",
            "the code = 1",
            "```",
            "$$",
            "a = b",
            "$$",
            "<details><summary>A hint</summary>",
            "",
            "### BEGIN MARK SCHEME",
        ]
    )
    done = markdown.translate(text, lambda piece: f"ب {piece.text}", "rtl")
    assert done == "\n".join(
        [
            '<div dir="rtl">',
            "",
            "## ب One",
            f"{markdown.TO_THE_RIGHT}ب two words</span>",
            "1. ب first \u2066`a = {}`\u2069 item more of it",
            "",
            "| ب a name | $|x|$ |",
            "|--:|:--|",
            "| ب the value | \u2066(1, 2)\u2069 |",
            "",
            "```python",
            "the code = 1",
            "```",
            "$$",
            "a = b",
            "$$",
            "<details><summary>ب A hint</summary>",
            "",
            "### BEGIN MARK SCHEME",
            "",
            "</div>",
        ]
    )


LINES = st.sampled_from(
    [
        *("two words", "more words  ", "# A heading #", "a title", "===", "- an item", "  - [x] a task"),
        *("1) one", "> a quotation", "> - in it", "   more of it", "\tcode", "```python", "```", "~~~", ""),
        *("$$", "$$a|b$$", "| a cell | $|x|$ |", "|---|:-:|", "a | b", "--|--", "</details>", "***", "\\"),
        *("<details><summary>a hint</summary>", "<!-- a note", "-->", "### BEGIN MARK SCHEME"),
        *("[a]: http://b.c", "\x00 \r words\u2028 \xa0"),
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_texts_stand_where_they_are_said_to_stand(source: str) -> None:
    """Whatever a cell holds: in their order, apart, and all that is between them stays."""
    found = markdown.pieces(source)
    assert all(piece.start < piece.end for piece in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    done = markdown.translate(source, lambda piece: "X")
    starts, ends = [piece.start for piece in found], [piece.end for piece in found]
    between = [source[a:b] for a, b in zip([0, *ends], [*starts, len(source)], strict=True)]
    assert done == "X".join(between)


def test_a_block_ends_where_markdown_ends_it() -> None:
    """Titles with a line below, tables without outer bars, and code that is only indented."""
    text = "A long\ntitle\n===\n\n    indented = code of it\n\na name | a value\n--|--\nfor one | for two"
    assert [piece.text for piece in markdown.pieces(text)] == [
        "A long title",
        "a name",
        "a value",
        "for one",
        "for two",
    ]


def test_numbers_keep_their_order_in_persian() -> None:
    """Signs, sums, intervals and layer sizes; formulas and links are left alone."""
    marked = bidi.isolated("شبکهٔ 2-2-1 با -0.5 در [0, 1) و $a-1$ و [متن 1](a-1.html)")
    assert marked == (
        "شبکهٔ \u20662-2-1\u2069 با \u2066-0.5\u2069 در \u2066[0, 1)\u2069 و $a-1$ و [متن 1](a-1.html)"
    )
    assert bidi.marked("بایاس -0.2 و {x-1}") == "بایاس \u200e-0.2 و {x-1}"
    assert bidi.marked("bias -0.2") == "bias -0.2"


# -- the release ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose hw2 nbgrader has released in Persian."""
    course = tmp_path_factory.mktemp("course")
    for part in ("source", "tests/hw2", "locale"):
        shutil.copytree(ROOT / part, course / part)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbgrader(course, "generate_assignment", "hw2", "--Translate.language=fa")
    return course


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_release_knows_its_language(name: str, released: Path) -> None:
    """It says so, has what English has, and essays are written right to left."""
    path = Path("release") / "hw2" / f"{name}.ipynb"
    notebook = nbformat.read(released / path, as_version=4)
    english = nbformat.read(ROOT / path, as_version=4)
    assert language_of(notebook) == "fa"
    assert language_of(english) == "en"
    assert notebook.metadata["mashq"]["minutes"] == english.metadata["mashq"]["minutes"]

    def about(cell: Any) -> dict[str, Any]:
        return {k: v for k, v in cell.metadata.get("nbgrader", {}).items() if k != "checksum"}

    assert [(c.id, c.cell_type, about(c)) for c in notebook.cells] == [
        (c.id, c.cell_type, about(c)) for c in english.cells
    ]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert cell.source.startswith('<div dir="rtl">\n\n')
            assert cell.source.endswith("\n\n</div>")
        if cell.cell_type == "markdown" and about(cell).get("solution"):
            assert "پاسخ شما." in cell.source


SPEAKS = 'import mashq.language\nmashq.language.set_language("fa")  # زبان شکل‌ها'


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_program_is_the_same_but_for_the_language_of_the_figures(name: str, released: Path) -> None:
    """Which the first cell says, after it has installed mashq; in the English release nothing does."""
    path = Path("release") / "hw2" / f"{name}.ipynb"
    persian = nbformat.read(released / path, as_version=4)
    english = nbformat.read(ROOT / path, as_version=4)
    setup = next(cell for cell in persian.cells if cell.cell_type == "code")
    assert setup.id == f"{name[:2]}_setup"
    assert setup.metadata.nbgrader.locked
    assert setup.source.endswith(f"\n{SPEAKS}")
    setup.source = setup.source.removesuffix(f"\n{SPEAKS}")
    for before, after in zip(english.cells, persian.cells, strict=True):
        if before.cell_type == "code":
            assert skeleton(before.source) == skeleton(after.source), after.id
            assert ".set_language(" not in before.source


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import mashq", f"import mashq\n{SPEAKS}"),
        (
            "import os\nfrom mashq import plots  # us\nplots",
            f"import os\nfrom mashq import plots  # us\n{SPEAKS}\nplots",
        ),
        (
            "%matplotlib inline\nimport mashq.plots as p\n",
            f"%matplotlib inline\nimport mashq.plots as p\n{SPEAKS}\n",
        ),
        ("import mashqy  # not mashq\nprint('import mashq')", None),
        ("from .mashq import plots", None),
    ],
    ids=["alone", "among others", "after a magic", "another package", "a file"],
)
def test_figures_are_told_right_after_the_first_import(code: str, expected: str | None) -> None:
    """So that the first figure knows it, and the value of a cell's last line is shown; once in a notebook."""
    notebook = notebook_of(code_cell("x = 1"), code_cell(code), code_cell(code))
    let_figures_speak(notebook, "fa")
    assert [cell.source for cell in notebook.cells] == ["x = 1", expected or code, code]


def test_no_line_goes_into_an_answer() -> None:
    """Whose text is the student's, and is compared with what was released."""
    answer = code_cell("import mashq", "answer")
    notebook = notebook_of(answer, code_cell("import mashq"))
    let_figures_speak(notebook, "fa")
    assert [cell.source for cell in notebook.cells] == ["import mashq", f"import mashq\n{SPEAKS}"]


def test_two_notebooks_speak_each_its_own_language() -> None:
    """Every cell of it, while the other runs too."""
    label = "from mashq import plots\nplots.loss_curve([2.0, 1.0]).axes[0].get_ylabel()"
    english, persian = (notebook_of(*(code_cell(s) for s in ("import mashq", label, label))) for _ in "ab")
    let_figures_speak(persian, "fa")
    first, second = NotebookClient(english, timeout=120), NotebookClient(persian, timeout=120)
    with first.setup_kernel(), second.setup_kernel():
        for index in range(3):
            second.execute_cell(persian.cells[index], index)
            first.execute_cell(english.cells[index], index)
    assert [_value(cell) for cell in persian.cells[1:]] == ["'زیان'"] * 2
    assert [_value(cell) for cell in english.cells[1:]] == ["'loss'"] * 2


def _value(cell: Any) -> str:
    (value,) = (
        output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result"
    )
    return str(value)


@pytest.mark.parametrize(
    "name",
    [
        n if n in ("q1_paper", "q5_xnor") else pytest.param(n, marks=pytest.mark.slow)
        for n in NOTEBOOKS
        if n != "q2_theory"
    ],
)
def test_the_persian_solution_earns_all_points(
    name: str, released: Path, persian: Callable[[str], Any]
) -> None:
    """The reference in Persian, judged by the same hidden checks."""
    release = nbformat.read(released / "release" / "hw2" / f"{name}.ipynb", as_version=4)
    notebook = fill_in(release, persian(name))
    judgement = judge_notebook(notebook, ROOT / "tests" / "hw2" / f"test_{name}.py", allow_stand_in=True)
    cells = [about(cell) for cell in filter(is_test, notebook.cells)]
    assert {c["grade_id"]: judgement.score(c["grade_id"]) for c in cells} == {
        c["grade_id"]: c["points"] for c in cells
    }
    printed = [line for line in _printed(notebook) if bidi.LETTER.search(line)]
    assert printed
    assert turned_around(printed) == []


def _printed(notebook: Any) -> list[str]:
    """The lines of text that the cells show; the text of a picture is read aloud, and not shown."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    outputs = [output for output in outputs if "image/png" not in output.get("data", {})]
    texts = [
        o.text if o.output_type == "stream" else o.get("data", {}).get("text/plain", "") for o in outputs
    ]
    return [line for text in texts for line in text.split("\n")]


# What a cell prints in English, with its Persian, and what is shown.
ROWS = [
    ('print("slopes ", [0.0, 1.0])', {"slopes": "شیب‌ها"}, "شیب‌ها\u200e  [0.0, 1.0]"),
    ('print(f"the shape {(2, 3)}")', {"the shape {(2, 3)}": "شکل {(2, 3)}"}, "شکل \u200e(2, 3)"),
    (
        'print(f"loss {-0.5:.3f}  accuracy {0.25:.2f}")',
        {"loss {-0.5:.3f}  accuracy {0.25:.2f}": "زیان {-0.5:.3f}  دقت {0.25:.2f}"},
        "زیان \u200e-0.500  دقت \u200e0.25",
    ),
    ('print(f"epoch {3}: " + "[1, 2]")', {"epoch {3}:": "دورهٔ {3}:"}, "دورهٔ \u200e3: [1, 2]"),
    ('print("seed", 7)', {"seed": "بذر"}, "بذر\u200e 7"),
    (
        'print(f"{2} of {6} seeds were right")',
        {"{2} of {6} seeds were right": "{2} بذر از {6} بذر درست بود"},
        "2 بذر از 6 بذر درست بود",
    ),
]


@pytest.mark.parametrize(("code", "words", "shown"), ROWS)
def test_what_is_printed_behind_a_word_keeps_its_order(
    code: str, words: dict[str, str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row of names and values is read from left to right; a sentence needs no marks."""
    notebook = notebook_of(nbformat.v4.new_code_cell(code))
    translate(notebook, words.get, "rtl")
    exec(notebook.cells[0].source, {})
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_browser_turns_around_what_has_no_marks() -> None:
    """The test of the notebooks sees it."""
    rows = [shown for _, _, shown in ROWS]
    assert turned_around(rows) == []
    assert len(turned_around([row.replace("\u200e", "") for row in rows])) == 3


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_line_of_code_is_turned_around(name: str, persian: Callable[[str], Any]) -> None:
    """Every line with Persian in it, as an editor shows it: from left to right."""
    sources = [cell.source for cell in persian(name).cells if cell.cell_type == "code"]
    lines = [line for text in sources for line in text.split("\n") if bidi.LETTER.search(line)]
    assert lines
    assert turned_around(lines) == []
