"""Numbers of one's own: the same identity, however it is typed, gives the same numbers everywhere."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashq.language import speaking
from mashq.own_numbers import IdentityError, draw, normalised

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    "typed",
    [
        "98123456",
        " 9812 3456\t",
        "۹۸۱۲۳۴۵۶",
        "٩٨١٢٣٤٥٦",
        "９８１２３４５６",
        "\u200f98123456\u200f",
        "9812\u200c3456",
        "\ufeff98123456",
        98123456,
    ],
)
def test_a_student_number_is_the_same_however_it_is_typed(typed: object) -> None:
    """Spaces, marks that nobody sees, and digits of other scripts."""
    assert normalised(typed) == "98123456"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sara.Ahmadi", "sara.ahmadi"), ("علي كريمي", "علی کریمی"), ("STRASSE", "straße"), ("a–b", "a-b")],
)
def test_names_are_the_same_in_capitals_and_from_another_keyboard(one: str, other: str) -> None:
    """Arabic yeh and kaf are the Persian ones."""
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize("nothing", ["", "   ", "\u200f\u200c", None, 1.5, ["98123456"], True, "9" * 81])
def test_what_is_no_identity_is_said_with_what_to_write(nothing: object) -> None:
    """Empty, of another type, or too long."""
    with pytest.raises(IdentityError, match=r"identity (is empty|should be|has 81 letters)"):
        normalised(nothing)


def test_the_message_is_in_the_language_of_the_notebook() -> None:
    with speaking("fa"), pytest.raises(IdentityError, match="خالی"):
        normalised("")


@given(st.text(max_size=30))
def test_what_was_compared_once_compares_equal_again(text: str) -> None:
    """An identity that is normalised already stays as it is."""
    try:
        plain = normalised(text)
    except IdentityError:
        return
    assert normalised(plain) == plain


def test_numbers_stay_what_they_were_when_they_were_handed_out() -> None:
    """Written down here: a change of the drawing would give a running class other numbers."""
    assert draw("98123456", "ps1 areas", [1.2, 1.5, 1.8], "abcdefg", range(1000)) == (1.5, "e", 64)
    assert draw("۹۸ ۱۲۳۴۵۶", "ps1 areas", [1.2, 1.5, 1.8], "abcdefg", range(1000)) == (1.5, "e", 64)


def test_another_exercise_draws_other_numbers_and_each_comes_equally_often() -> None:
    """Of 3000 students, about 600 get each of five numbers; two exercises agree for about a fifth."""
    first = [draw(number, "one", range(5))[0] for number in range(3000)]
    second = [draw(number, "two", range(5))[0] for number in range(3000)]
    assert all(500 < count < 700 for count in Counter(first).values())
    assert 500 < sum(a == b for a, b in zip(first, second, strict=True)) < 700
