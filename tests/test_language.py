"""The languages that mashq speaks: its catalogue is whole, and nothing that people read stays behind."""

from __future__ import annotations

import ast
import contextvars
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import messages
from mashq import language
from mashq.language import gettext, language_of, ngettext, set_language, speaking, spoken
from tests.support.cells import notebook_of

ROOT = Path(__file__).parents[1]
LANGUAGES = sorted(path.parts[-3] for path in (ROOT / "mashq" / "locale").glob("*/LC_MESSAGES/mashq.po"))
SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? +[a-z]{2,}")
TRANSLATED = ("_", "N_", "ngettext")
SAID = ("StudentError", "NoAnswerError", "AssertionError", "Finding")  # to a student


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_catalogue_is_whole(name: str) -> None:
    """Nothing missing, stale or fuzzy, and the placeholders of the English messages.

    `python bench/messages.py LANGUAGE` brings a catalogue up to date.
    """
    assert list(messages.problems(name)) == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (('msgstr "میانه"', 'msgstr ""'), "not translated: 'median'"),
        (('#: mashq/report/page.py\nmsgid "Time"', '#, fuzzy\nmsgid "Time"'), "not translated: 'Time'"),
        (('msgid "Time"', 'msgid "Tide"'), "stale: 'Tide'"),
        (("{name:g}", "{name:g}"), ""),
        (
            ('msgstr "یک \u2068{type}\u2069"', 'msgstr "یک \u2068{kind}\u2069"'),
            "other placeholders or tags: 'a {type}'",
        ),
    ],
    ids=["empty", "fuzzy", "stale", "whole", "placeholder"],
)
def test_faults_of_a_catalogue_are_found(
    damage: tuple[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a copy of the Persian one."""
    content = language.catalogue_path(language.PACKAGE, "mashq", "fa").read_text(encoding="utf-8")
    copy = tmp_path / "mashq.po"
    copy.write_text(content.replace(*damage), encoding="utf-8")
    monkeypatch.setattr(messages, "catalogue_path", lambda *_: copy)
    found = list(messages.problems("fa"))
    assert (expected in found) if expected else found == []


CHECKS = sorted((ROOT / "tests" / "hw2").glob("test_*.py"))
SPOKEN = [
    ROOT / "mashq" / folder for folder in ("judge/expect.py", "judge/student.py", "student/validate.py")
]


@pytest.mark.parametrize("path", [*CHECKS, *SPOKEN], ids=lambda path: path.stem)
def test_no_sentence_goes_past_the_catalogue(path: Path) -> None:
    """What a check asserts or raises, and hints, stand inside `_()`, as constants that can be looked up."""
    untranslated = [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for said in _said(statement)
        for node in _outside_gettext(said)
        if SENTENCE.search(re.sub(r"\{[^}]*\}", "X", _text(node)))
    ]
    assert untranslated == []


def _said(node: ast.AST) -> Sequence[ast.AST]:
    """The expressions in which a sentence for a student is made."""
    if isinstance(node, ast.Assert) and node.msg is not None:
        return [node.msg]
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        hints = [keyword.value for keyword in node.keywords if keyword.arg == "hint"]
        return [*node.args, *hints] if name in SAID or ast.unparse(node.func).startswith("expect.") else hints
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("hint", "what", "says", "advice"):
        return [node.value]
    return []


def _outside_gettext(node: ast.AST) -> list[ast.Constant | ast.JoinedStr]:
    """The texts in an expression that are not given to gettext, nor to the student's process."""
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in TRANSLATED and not isinstance(node.args[0], ast.JoinedStr):
            return []
        if name in ("eval", "call", "each", "get"):
            return []
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return [node]
    return [text for child in ast.iter_child_nodes(node) for text in _outside_gettext(child)]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)[2:-1]


COURSE_PO = (
    b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "median"\nmsgstr "course"\n'
)


def test_a_course_s_words_come_before_the_package_s() -> None:
    """And English is spoken again after the block, and where nobody knows better."""
    with speaking("fa", COURSE_PO):
        assert gettext("median") == "course"
        assert gettext("mean") == "میانگین"
        assert ngettext("one thing", "things", 3) == "things"
        assert spoken() == "fa"
        with speaking("en"):
            assert gettext("mean") == "mean"
        assert gettext("mean") == "میانگین"
    assert (gettext("median"), spoken()) == ("median", "en")
    with speaking("tlh"):
        assert gettext("mean") == "mean"


def test_a_process_can_speak_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every context, as each cell of a notebook has its own; a block's language comes before it."""
    monkeypatch.setattr(language, "_process", "en")  # what pytest puts back
    set_language("fa")
    assert (gettext("mean"), spoken()) == ("میانگین", "fa")
    assert contextvars.Context().run(gettext, "mean") == "میانگین"
    with speaking("en"):
        assert (gettext("mean"), spoken()) == ("mean", "en")
        assert ngettext("{number:,} unit", "{number:,} units", 2) == "{number:,} units"
    with speaking("fa", COURSE_PO):
        assert gettext("median") == "course"
    assert gettext("median") == "میانه"
    set_language("de")  # a language that only a course has words of
    assert (gettext("mean"), spoken()) == ("mean", "de")
    set_language("en")
    assert (gettext("mean"), spoken()) == ("mean", "en")


def test_a_persian_notebook_shows_its_texts_from_the_right() -> None:
    """Also those of which a student deleted the frame; an English one has no such output."""
    say = "import mashq.language; mashq.language.set_language({!r})"
    shell = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from IPython.utils.capture import capture_output\n"
        "shell = InteractiveShell.instance()\n"
        "with capture_output() as shown:\n    shell.run_cell({!r})\n"
        "print(*[sorted(output.data) for output in shown.outputs])\n"
    )
    for name, kinds in (("fa", "['text/html']"), ("en", "")):
        code = shell.format(say.format(name))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == kinds


@pytest.mark.parametrize("name", ["", "xx", "Persian", "../../fa"])
def test_what_is_no_language_is_refused(name: str) -> None:
    """With what to write instead; the language stays."""
    with pytest.raises(ValueError, match=r"is no language\. Write its code, as in set_language\('fa'\)"):
        set_language(name)
    assert spoken() == "en"


def test_who_speaks_english_imports_no_catalogues() -> None:
    """Babel takes time to import, which figures need only in another language."""
    code = (
        "import sys, mashq.plots, mashq.playground; from mashq.language import set_language;"
        "mashq.plots.loss_curve([2.0, 1.0]); set_language('en'); assert 'babel' not in sys.modules;"
        "set_language('fa'); print(ascii(mashq.plots.loss_curve([2.0, 1.0]).axes[0].get_ylabel()))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (ascii("زیان"), "")


@pytest.mark.parametrize(
    "about",
    [
        None,
        {},
        "fa",
        *({"language": named} for named in (None, "../../fa", 3, "xx", "fa-IR-x", "no language")),
    ],
)
def test_a_notebook_without_a_usable_language_is_english(about: object) -> None:
    """Whatever stands there: a path is made of it."""
    notebook = notebook_of()
    notebook.metadata["mashq"] = about
    assert language_of(notebook) == "en"
    notebook.metadata["mashq"] = {"language": "fa"}
    assert language_of(notebook) == "fa"


def test_a_sentence_that_cannot_be_filled_in_stays_english() -> None:
    """A wrong placeholder in a catalogue must not keep a check from deciding."""
    words = 'msgid "z is {a}"\nmsgstr "z {b} است"\n\nmsgid "y is {a}"\nmsgstr "y {a} است"\n'
    with speaking("fa", words.encode()):
        assert gettext("z is {a}").format(a=1) == "z is 1"
        assert gettext("y is {a}").format(a=1) == "y 1 است"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("backprop: W2 باید دو برابر شود", "rtl"),
        ("آزمون", "rtl"),
        ("forward: expected shape (1, 1)", "ltr"),
        ("", "ltr"),
    ],
)
def test_a_persian_sentence_may_begin_with_a_name_of_python(sentence: str, expected: str) -> None:
    """The first letter alone, by which browsers guess, would turn it round."""
    assert language.text_direction(sentence) == expected
