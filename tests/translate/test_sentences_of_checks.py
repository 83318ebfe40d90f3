"""What checks say in Persian stands on pages from right to left, and code in it keeps its order there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mashq.course.folder import CourseFolder
from mashq.translate.bidi import LETTERS
from mashq.translate.catalogue import check_units, forms, read_catalogue

pytestmark = pytest.mark.quick

COURSE = CourseFolder(Path(__file__).parents[2])
ISOLATED = re.compile("[\u2066\u2068][^\u2066-\u2069]*\u2069")
PERSIAN = re.compile(f"[{LETTERS}]")
NO_BRACKET = rf"[^()\[\]{LETTERS}]*"
CODE = re.compile(
    r"[A-Za-z0-9_)\]}][(\[]"  # a call, an entry
    rf"|[(\[](?:{NO_BRACKET},{NO_BRACKET})?[)\]]"  # a tuple, an interval, a shape
    r"|[A-Za-z0-9_)\]}'\"]\s?[+*/=<>×−→≠]\s?[A-Za-z0-9_(\[{'\"]"  # a formula
    r"|[A-Za-z0-9_)\]}] - [A-Za-z0-9_(\[{]"
    r"|\d-\d|(?<!\w)[-−]\d"  # layer sizes, a signed number
    r"|[{}]"  # whatever is filled in
)


def not_isolated(sentence: str) -> list[str]:
    """What of a Persian sentence a page could show in another order: code outside of U+2068 ... U+2069."""
    return CODE.findall(ISOLATED.sub(" ", sentence)) if PERSIAN.search(sentence) else []


def test_code_in_the_sentences_of_checks_keeps_its_order() -> None:
    """Calls, tuples, intervals, formulas and placeholders stand in isolates; docs/languages.md says how."""
    catalogue = read_catalogue(COURSE, "hw2", "fa")
    messages = {unit.text: catalogue.get(unit.text) for unit in check_units(COURSE, "hw2")}
    sentences = [form for message in messages.values() if message is not None for form in forms(message)]
    assert len(sentences) > 300
    found = {sentence: parts for sentence in sentences if (parts := not_isolated(sentence))}
    assert found == {}
    unpaired = [s for s in sentences if re.search("[\u2066-\u2069]", ISOLATED.sub(" ", s))]
    assert unpaired == []


@pytest.mark.parametrize(
    "code",
    [
        "train()",
        "1 / (1 + exp(-z))",
        "[0, 1)",
        "(15,)",
        "()",
        "784-256-128-10",
        "-1000",
        "yhat - y",
        "alpha = 0",
        'loss="categorical_crossentropy"',
        "models[key]",
        "{hidden}",
    ],
)
def test_code_that_is_not_isolated_is_found(code: str) -> None:
    """Each kind of it; with the marks it is not, and neither are names and numbers."""
    assert not_isolated(f"خروجی {code} درست نیست")
    assert not_isolated(f"خروجی \u2068{code}\u2069 درست نیست") == []
    assert not_isolated("train: تابع train_one_epoch (یک بار) بیش از 85 % یا 0.5 با one-hot") == []
