"""`--anonymous`: no name is left anywhere, and the numbers tell nothing but who is who in the next report."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from mashq.errors import CourseError
from mashq.report.anonymous import Mask, anonymise, numbers
from mashq.report.page import render
from tests.support.classes import CODE, class_of, handed, unreadable

pytestmark = pytest.mark.quick

NAMES = {
    "sara_karimi": ["sara@uni.example", "Sara", "Karimi"],
    "99120042": ["Reza", "Ahmadi"],
    "زهرا سادات": [],
}


def test_no_name_is_left_in_the_page() -> None:
    """Not in messages, paths, file names, comments, nor in the code of a pair."""
    said = "FileNotFoundError: /home/karimi_s/hw2/sara-karimi.csv, 'Reza Ahmadi.ipynb', زهرا سادات, 99120042"
    doubt = unreadable("is not certain: it may be 'Homework of SARA.ipynb'")
    code = f"# by Sara Karimi, 99120042\n{CODE}\n# زهرا سادات\nauthor = 'reza'\n"
    data = class_of(
        handed("sara_karimi", "+-", code, said),
        handed("99120042", "--", code, said),
        handed("زهرا سادات", "++", code),
        names=NAMES,
        problems={"sara_karimi": [doubt]},
    )
    page = render(anonymise(data, {"sara_karimi": 4711, "99120042": 8150, "زهرا سادات": 1234}))
    shown = page.partition("<script>const")[0].casefold()  # without Vega's own text
    for name in ("sara", "karimi", "reza", "ahmadi", "99120042", "زهرا", "سادات"):
        assert name.casefold() not in shown, name
    for number in (4711, 8150, 1234):
        assert f"student {number}" in page
    assert "author = " in page


def test_the_order_is_that_of_the_numbers() -> None:
    """Wherever students are listed."""
    data = class_of(*(handed(student, "+-") for student in ("amy", "ben", "cat")))
    anonymous = anonymise(data, {"amy": 300, "ben": 100, "cat": 200})
    assert list(anonymous.scores.students) == ["student 100", "student 200", "student 300"]
    assert [one.student for one in anonymous.notebooks] == ["student 100", "student 200", "student 300"]
    assert anonymous.grades.keys() == {(student, "test_area") for student in anonymous.scores.students}


def test_numbers_stay_and_are_nobodys_twice(tmp_path: Path) -> None:
    """New students get new ones; only the owner may read the file."""
    first = numbers(tmp_path / ".mashq" / "numbers.json", [f"s{n}" for n in range(40)])
    later = numbers(tmp_path / ".mashq" / "numbers.json", [f"s{n}" for n in range(60)])
    assert first.items() <= later.items()
    assert len(set(later.values())) == 60
    assert list(first.values()) != sorted(first.values())
    path = tmp_path / ".mashq" / "numbers.json"
    assert json.loads(path.read_text()) == later
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[1]", '{"amy": "one"', "5"])
def test_a_damaged_file_of_numbers_is_not_replaced(content: str, tmp_path: Path) -> None:
    """Everybody's number would change without a word."""
    path = tmp_path / ".mashq" / "numbers.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(CourseError, match=r"numbers\.json cannot be used"):
        numbers(path, ["amy"])
    assert path.read_text() == content


def test_names_inside_words_stay() -> None:
    """A student called `ali` does not change `validate` or `alias`."""
    mask = Mask({"ali": 17}, {})
    assert mask.text("validate(ali, alias, Ali's)") == "validate(student 17, alias, student 17's)"


def test_names_are_found_however_they_are_written() -> None:
    """In another case, with other signs between the parts, with accents of their own."""
    mask = Mask({"josé-maría": 5}, {})
    decomposed = unicodedata.normalize("NFD", "JOSÉ_MARÍA")
    for text in ("josé-maría", "José María", decomposed, "/tmp/josé_maría/x"):
        assert "student 5" in mask.text(text), text


def test_a_first_name_of_two_is_nobodys() -> None:
    """The wrong number would be worse than none; the whole name is still that of one."""
    mask = Mask({"a1": 11, "a2": 12}, {"a1": ["Sara", "Karimi"], "a2": ["Sara", "Ahmadi"]})
    assert mask.text("Sara, A2, ahmadi") == "a student, student 12, student 12"
