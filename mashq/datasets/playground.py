"""The four two-dimensional datasets of TensorFlow Playground, in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

PLAYGROUND = ("circle", "xor", "gauss", "spiral")

SCALE = 3.0  # the Playground draws on [-6, 6]; divided by this, inputs suit small networks

Points = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def load_playground(name: str, n: int = 400, noise: float = 0.1, seed: int = 0) -> tuple[Points, Labels]:
    """Points of two classes in the plane, in random order.

    Coordinates are those of TensorFlow Playground divided by 3, so nearly all lie in [-2, 2].
    Both classes have n/2 points (an odd n gives class 0 one more). `noise` is the standard
    deviation of the shift added to every coordinate, in the same units, after the class is fixed.

    - `circle`: a disc (class 1) inside a ring (class 0).
    - `xor`: class 1 where x and y have the same sign, class 0 where they differ.
    - `gauss`: two round clouds, class 1 at the upper right; the only ones that a line separates.
    - `spiral`: two arms of one and three quarter turns.

    Returns x, float64 (n, 2), and y, int64 (n,) in {0, 1}; the same arguments give the same points.
    Raises ValueError for an unknown name, n < 2 or negative noise.

    >>> x, y = load_playground("xor", n=6, seed=1)
    >>> x.shape, int(y.sum())
    ((6, 2), 3)
    """
    if name not in _MAKERS:
        raise ValueError(f"unknown dataset {name!r}; expected one of {', '.join(PLAYGROUND)}")
    if n < 2:
        raise ValueError(f"n is {n}; expected at least 2 points, one of each class")
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise is {noise}; expected a standard deviation of 0 or more")
    rng = np.random.default_rng([seed, PLAYGROUND.index(name)])
    y = np.arange(n) % 2
    x = np.empty((n, 2))
    for label in (0, 1):
        x[y == label] = _MAKERS[name](rng, int((y == label).sum()), label) / SCALE
    x += rng.normal(0.0, noise, x.shape)
    order = rng.permutation(n)
    return x[order], y[order].astype(np.int64)


# The makers give (n, 2) points of one class in the units of the Playground.


def _circle(rng: np.random.Generator, n: int, label: int) -> Points:
    radius = rng.uniform(0.0, 2.5, n) if label else rng.uniform(3.5, 5.0, n)
    angle = rng.uniform(0.0, 2 * np.pi, n)
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


def _xor(rng: np.random.Generator, n: int, label: int) -> Points:
    x, y = rng.uniform(0.3, 5.3, (2, n))  # 0.3: room between the quarters
    side = rng.choice([-1.0, 1.0], n)
    return np.column_stack([side * x, side * y if label else -side * y])


def _gauss(rng: np.random.Generator, n: int, label: int) -> Points:
    centre = 2.0 if label else -2.0
    return rng.normal(centre, np.sqrt(0.5), (n, 2))


def _spiral(rng: np.random.Generator, n: int, label: int) -> Points:
    along = (np.arange(n) + rng.uniform(0.0, 1.0, n)) / n
    angle = 1.75 * 2 * np.pi * along + (0.0 if label else np.pi)
    radius = 5.0 * along
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


_MAKERS: dict[str, Callable[[np.random.Generator, int, int], Points]] = {
    "circle": _circle,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
}
