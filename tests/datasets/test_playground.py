"""The four datasets of TensorFlow Playground."""

from __future__ import annotations

import numpy as np
import pytest

from mashq.datasets import PLAYGROUND, load_playground

pytestmark = pytest.mark.quick

names = pytest.mark.parametrize("name", PLAYGROUND)


@names
def test_shapes_and_types_are_as_documented(name: str) -> None:
    x, y = load_playground(name)
    assert x.shape == (400, 2)
    assert x.dtype == np.float64
    assert y.shape == (400,)
    assert y.dtype == np.int64
    assert np.abs(x).max() < 2.5


@names
@pytest.mark.parametrize(("n", "ones"), [(2, 1), (401, 200), (1000, 500)])
def test_classes_are_balanced(name: str, n: int, ones: int) -> None:
    _, y = load_playground(name, n=n)
    assert np.bincount(y, minlength=2).tolist() == [n - ones, ones]


@names
def test_a_seed_gives_the_same_points_again(name: str) -> None:
    first, again, other = (load_playground(name, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@names
def test_classes_come_in_random_order(name: str) -> None:
    _, y = load_playground(name)
    assert 150 < np.count_nonzero(np.diff(y)) < 250


def test_without_noise_the_classes_are_what_they_are_said_to_be() -> None:
    x, y = load_playground("circle", noise=0)
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() < radius[y == 0].min()
    x, y = load_playground("xor", noise=0)
    np.testing.assert_array_equal(y == 1, x[:, 0] * x[:, 1] > 0)
    x, y = load_playground("gauss", noise=0)
    assert x[y == 1].mean() > 0.5 > -0.5 > x[y == 0].mean()
    x, y = load_playground("spiral", noise=0)
    angle = np.arctan2(x[:, 0], x[:, 1]) + np.pi * (y == 0)
    turns = np.hypot(*x.T) / (5 / 3) * 1.75
    away = (angle / (2 * np.pi) - turns + 0.5) % 1 - 0.5
    np.testing.assert_allclose(away, 0, atol=1e-9)


@names
def test_only_gauss_can_be_separated_by_a_line(name: str) -> None:
    x, y = load_playground(name, n=1000)
    inputs = np.column_stack([x, np.ones(len(x))])
    line, *_ = np.linalg.lstsq(inputs, 2.0 * y - 1, rcond=None)
    accuracy = np.mean((inputs @ line > 0) == (y == 1))
    assert accuracy > 0.98 if name == "gauss" else accuracy < 0.75


def test_noise_shifts_points_by_that_standard_deviation() -> None:
    """The noise comes last, so the same seed without noise gives the places before the shift."""
    noisy, _ = load_playground("xor", n=5000, noise=0.2, seed=1)
    clean, _ = load_playground("xor", n=5000, noise=0, seed=1)
    assert np.std(noisy - clean) == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "moons"}, "unknown dataset 'moons'; expected one of circle, xor, gauss, spiral"),
        ({"name": "xor", "n": 1}, "n is 1"),
        ({"name": "xor", "noise": -0.1}, "noise is -0.1"),
        ({"name": "xor", "noise": float("nan")}, "noise is nan"),
    ],
)
def test_impossible_requests_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_playground(**arguments)  # type: ignore[arg-type]
