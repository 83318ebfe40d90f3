"""Problems as data: said where they are shown, kept as JSON, never sorted by their words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mashq.language import speaking
from mashq.problems import Kind, Problem, Sentence

CUT_OFF = Sentence.of("is cut off; ask for the file again")
UNREADABLE = Problem(Kind.FILE, Sentence.of("the file {reason}", reason=CUT_OFF))


def test_a_problem_is_said_in_the_language_of_its_reader() -> None:
    """The sentence within the sentence too; `str` is English, whatever is spoken."""
    with speaking("fa"):
        assert str(UNREADABLE) == "the file is cut off; ask for the file again"
        assert UNREADABLE.said().startswith("فایل تحویل‌شده: ")
        assert "ask for" not in UNREADABLE.said()
    assert UNREADABLE.said() == str(UNREADABLE)


def test_a_problem_comes_back_from_json() -> None:
    """With its kind, its cell and what is filled in; equal ones are one."""
    size = Problem(Kind.PERSON, Sentence.of("{size:.1f} MB in {name!r}", size=2.0, name="ب\n{c}"), "why")
    for problem in (UNREADABLE, size):
        back = Problem.from_json(json.loads(json.dumps(problem.as_json())))
        assert {back, problem} == {problem}
        assert str(back) == str(problem)


def test_half_a_letter_becomes_a_question_mark() -> None:
    """JSON can carry it into a sentence, and no file could hold the sentence."""
    for sentence in (Sentence.plain("a\ud83db"), Sentence.of("{name}", name="a\ud83db")):
        assert str(sentence) == "a?b"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"kind": "weather", "sentence": CUT_OFF.as_json(), "cell": ""},
        {"kind": "file", "sentence": "is cut off", "cell": ""},
        {"kind": "file", "sentence": {"template": "{name}", "arguments": {}}, "cell": ""},
        {"kind": "file", "sentence": {"template": "{", "arguments": {}}, "cell": ""},
        {"kind": "file", "sentence": {"template": "{0}", "arguments": {}}, "cell": ""},
        {"kind": "file", "sentence": {"template": "{a.b}", "arguments": {"a": 1}}, "cell": ""},
        {"kind": "file", "sentence": {"template": "a", "arguments": []}, "cell": ""},
        {"kind": "file", "sentence": CUT_OFF.as_json()},
    ],
)
def test_json_that_is_no_problem_is_refused(value: Any) -> None:
    """When it is read, not when it is shown."""
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        Problem.from_json(value)
