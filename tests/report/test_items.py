"""Item analysis against figures worked out by hand, and the usual reading of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mashq.report.items import analyse, part_items, question_items
from tests.support.classes import class_of, handed

pytestmark = pytest.mark.quick

# Four students by three items of one point. The first item against the sum of the others: (1, 1, 0, 0) with
# (2, 1, 1, 0). Deviations (.5, .5, -.5, -.5) and (1, 0, 0, -1): r = 1 / sqrt(1 * 2) = 0.7071. The second,
# (1, 1, 0, 0) with (2, 1, 1, 0), is the same. The third, (1, 0, 1, 0) with (2, 2, 0, 0):
# deviations (.5, -.5, .5, -.5) and (1, 1, -1, -1): r = 0.
BY_HAND = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=float)


def test_discrimination_is_the_correlation_with_everything_else() -> None:
    """Worked out by hand above: 0.7071, 0.7071 once more, and 0."""
    found = analyse(BY_HAND, np.ones(3))
    rest = (2, 1, 1, 0)
    assert [sum(row[1:]) for row in BY_HAND.tolist()] == list(rest)
    assert found[0].discrimination == pytest.approx(math.sqrt(0.5))
    assert found[2].discrimination == pytest.approx(0)
    assert [item.difficulty for item in found] == [0.5, 0.5, 0.5]


def test_the_interval_is_fishers() -> None:
    """Of r = 0.7071 with 4 pairs: tanh(0.8814 - 1.96) to tanh(0.8814 + 1.96)."""
    found = analyse(BY_HAND, np.ones(3))[0]
    assert found.interval == pytest.approx((-0.7927, 0.9932), abs=1e-4)


def test_points_weigh_in_the_rest_and_partial_points_count() -> None:
    """An item of 3 points moves the rest three times as far; a share of the points is no pass or fail."""
    shares = np.array([[1, 1, 0.5], [1, 0, 1], [0, 1, 0], [0, 0, 0.25]])
    found = analyse(shares, np.array([1, 3, 2]))
    expected = np.corrcoef(shares[:, 0], 3 * shares[:, 1] + 2 * shares[:, 2])[0, 1]
    assert found[0].discrimination == pytest.approx(expected)
    assert found[2].difficulty == pytest.approx(0.4375)


def test_who_has_no_grade_is_left_out() -> None:
    """Of that item, and the item of that student's rest; nothing is a zero."""
    shares = np.vstack([BY_HAND, [math.nan, 1, 1]])
    found = analyse(shares, np.ones(3))
    assert (found[0].students, found[1].students) == (4, 5)
    assert found[0].discrimination == pytest.approx(math.sqrt(0.5))
    rest = [1, 1, 0.5, 0, 1]
    assert found[1].discrimination == pytest.approx(
        np.corrcoef([1, 1, 0, 0, 1], [1, 0.5, 0.5, 0, 1])[0, 1]
    ), rest


def test_an_item_that_all_pass_tells_nothing() -> None:
    """Its figure cannot be said, whatever the rest."""
    found = analyse(np.array([[1, 1], [1, 0], [1, 1.0]]), np.ones(2))[0]
    assert (found.discrimination, found.interval, found.reading.word) == (None, None, "cannot be said")
    assert found.hardness == "easy"


def test_the_usual_reading() -> None:
    """The limits 0, 0.2, 0.3 and 0.4; a weak item that nearly all pass is no reason to worry."""
    rng = np.random.default_rng(0)
    ability = rng.normal(size=400)
    rest = np.clip(0.5 + 0.2 * ability, 0, 1)
    against, strong = (ability < 0).astype(float), (ability > 0).astype(float)
    easy = np.ones(400)
    easy[rng.choice(400, 8, replace=False)] = 0
    found = analyse(np.stack([rest, against, strong, easy], axis=1), np.array([100, 1, 1, 1]))
    words = [item.reading.word for item in found[1:]]
    assert words[:2] == ["against the rest", "strong"]
    assert words[2] in ("weak, as all pass", "against the rest")


def test_checks_of_a_class() -> None:
    """Four students and three checks, the table above."""
    signs = {"amy": "+++", "ben": "++-", "cat": "--+", "dan": "---"}
    items = part_items(class_of(*(handed(student, passed) for student, passed in signs.items())))
    assert [item.name for item in items] == ["test_0", "test_1", "test_2"]
    assert [item.figures.difficulty for item in items] == [0.5, 0.5, 0.5]
    assert items[0].figures.discrimination == pytest.approx(math.sqrt(0.5))
    assert items[2].figures.discrimination == pytest.approx(0)


def test_questions_of_a_class() -> None:
    """One question has no rest to go with."""
    (item,) = question_items(class_of(handed("amy", "++"), handed("ben", "+-"), handed("cat", "--")))
    assert (item.figures.difficulty, item.figures.discrimination) == (0.5, None)
