"""The 2-2-1 network of hw2's question 1: everybody trains one of their own by hand, for one step.

A network is put together from a row of each of three tables, in one of eight arrangements. The rows are
chosen so that every network is as much work as every other: all numbers have one decimal, one input is 2 or
-2 and the other 3 or -3 of the other sign, two of the four weights and one of the two biases of the hidden
layer are negative, one of the two weights of the output and its bias are; no sigmoid saturates; no result is
zero, and no two results of a network are equal. `bench/own_numbers.py` shows it for all of them, and finds
other tables.

The results themselves are worked out by students, and nowhere in this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from mashq.own_numbers import draw, normalised

EXERCISE = "hw2 q1_paper"
INPUT, LABEL, LEARNING_RATE = (3.0, -2.0), 1.0, 0.5

# Two weights and a bias of the hidden unit that is more on than off, as they stand before it is arranged.
ON = (
    (0.1, 0.2, 0.4), (0.2, 0.3, 0.1), (0.2, 0.4, 0.3), (0.2, 0.4, 0.5),
    (0.3, 0.4, 0.2), (0.3, 0.5, 0.2), (0.3, 0.5, 0.4), (0.4, 0.6, 0.1),
    (0.4, 0.6, 0.3), (0.4, 0.7, 0.3), (0.4, 0.7, 0.5), (0.4, 0.8, 0.5),
    (0.5, 0.8, 0.2), (0.6, 0.8, 0.1), (0.6, 0.9, 0.1), (0.6, 0.9, 0.3),
)  # fmt: skip
# The same of the unit that is more off than on.
OFF = (
    (-0.8, -0.9, -0.3), (-0.8, -0.9, -0.2), (-0.7, -0.9, -0.5), (-0.7, -0.8, -0.4),
    (-0.7, -0.8, -0.3), (-0.6, -0.7, -0.5), (-0.6, -0.7, -0.4), (-0.6, -0.5, -0.1),
    (-0.5, -0.4, -0.2), (-0.5, -0.4, -0.1), (-0.4, -0.3, -0.2), (-0.4, -0.2, -0.1),
    (-0.3, -0.2, -0.4), (-0.3, -0.1, -0.2), (-0.2, -0.1, -0.5), (-0.2, -0.1, -0.4),
)  # fmt: skip
# The weights from these two units to the output, and the output's bias.
OUTPUT = (
    (0.2, -0.8, -0.1), (0.2, -0.4, -0.3), (0.2, -0.3, -0.5), (0.4, -0.6, -0.3),
    (0.4, -0.3, -0.2), (0.5, -0.8, -0.1), (0.5, -0.6, -0.2), (0.5, -0.4, -0.2),
    (0.5, -0.2, -0.6), (0.6, -0.8, -0.4), (0.6, -0.8, -0.3), (0.6, -0.3, -0.4),
    (0.7, -0.6, -0.4), (0.8, -0.7, -0.4), (0.8, -0.5, -0.6), (0.9, -0.8, -0.5),
)  # fmt: skip
# Whether the hidden units change places, whether the inputs do, and whether the input changes its sign (with
# it the weights of the hidden layer). None of it changes the loss.
EITHER = (False, True)
ARRANGEMENTS = tuple(product(EITHER, EITHER, EITHER))


@dataclass(frozen=True)
class Network:
    """A sample and the parameters before the step; W1[i][j] leads from input i to hidden unit j."""

    identity: str  # normalised
    x: tuple[float, float]
    W1: tuple[tuple[float, float], tuple[float, float]]
    b1: tuple[float, float]
    W2: tuple[float, float]
    b2: float
    y: float = LABEL
    alpha: float = LEARNING_RATE


def network(identity: object) -> Network:
    """The network of an identity. Raises IdentityError, a ValueError, when it is none."""
    return arranged(normalised(identity), *draw(identity, EXERCISE, ON, OFF, OUTPUT, ARRANGEMENTS))


def arranged(
    identity: str,
    on: tuple[float, float, float],
    off: tuple[float, float, float],
    output: tuple[float, float, float],
    arrangement: tuple[bool, bool, bool],
) -> Network:
    """The network of a row of each table."""
    units_change, inputs_change, sign_changes = arrangement
    sign = -1.0 if sign_changes else 1.0
    units = (off, on) if units_change else (on, off)
    order = (1, 0) if inputs_change else (0, 1)
    first, second = ((sign * units[0][i], sign * units[1][i]) for i in order)
    return Network(
        identity=identity,
        x=(sign * INPUT[order[0]], sign * INPUT[order[1]]),
        W1=(first, second),
        b1=(units[0][2], units[1][2]),
        W2=(output[1], output[0]) if units_change else (output[0], output[1]),
        b2=output[2],
    )
