"""Decimal commas: read as points where they can mean nothing else, and left alone everywhere else."""

from __future__ import annotations

import pytest

from mashq.handed_in.decimals import decimal_points, with_point

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('answers["z"] = 0,5', 'answers["z"] = 0.5'),
        ('answers["z"] = -0,0634  # rounded', 'answers["z"] = -0.0634  # rounded'),
        ("  answers['z']=+12,25 ", "  answers['z']=+12.25 "),
    ],
)
def test_a_comma_between_digits_is_a_point_in_a_dict_of_numbers(typed: str, meant: str) -> None:
    """Python cannot even read the second, and forgets the minus of the last answer."""
    first = "answers: dict[str, float] = {}\n"
    assert decimal_points(first + typed) == first + meant


def test_a_variable_that_is_a_number_may_have_one_too() -> None:
    assert decimal_points("rate: float = 0,05") == "rate: float = 0.05"


@pytest.mark.parametrize(
    "code",
    [
        'answers = {}\nanswers["z"] = 0,5',  # nothing says that these are numbers
        'sizes: dict[str, tuple] = {}\nsizes["hidden"] = 15,30',
        'answers: dict[str, float] = {}\nother["z"] = 0,5',
        'answers: dict[str, float] = {}\nanswers["z"] = 0, 5',  # a space: no decimal comma
        'answers: dict[str, float] = {}\nanswers["z"], b = 0,5',
        'answers: dict[str, float] = {}\nanswers["z"] = 1,2,3',
        "answers: dict[str, float] = {}\nprint(0,5)",
        "answers: dict[str, float] = {",  # no Python at all
    ],
)
def test_every_other_comma_stays(code: str) -> None:
    assert decimal_points(code) == code


@pytest.mark.parametrize(
    ("value", "positive", "read"),
    [
        ((0, 5), True, 0.5),
        ((0, 5), False, (0, 5)),  # may have been -0,5
        ((-1, 3), False, -1.3),
        ((12, 25), False, 12.25),
        ((0, -5), True, (0, -5)),
        ((1, 2, 3), True, (1, 2, 3)),
        ((True, False), True, (True, False)),
        ([0, 5], True, [0, 5]),
        (0.5, True, 0.5),
    ],
)
def test_a_pair_is_a_number_where_it_can_be_only_one(value: object, positive: bool, read: object) -> None:
    assert with_point(value, positive) == read
