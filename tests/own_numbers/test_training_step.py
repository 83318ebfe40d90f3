"""The networks of q1: all can be worked out by hand, none is harder than another, no two are alike."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import numpy as np
import pytest

from bench.own_numbers import TOLERANCE, all_networks, faults, hardness, results, rounded_by_hand
from mashq.own_numbers.training_step import ON, arranged, network
from tests.support.commands import ROOT

pytestmark = pytest.mark.quick

SOME = random.Random(1).sample(range(32_768), 3000)


def test_no_network_has_a_fault_and_all_are_equally_hard() -> None:
    """3000 of the 32,768; `python bench/own_numbers.py` looks at each of them."""
    networks = list(all_networks())
    assert len(networks) == 32_768
    assert {fault for place in SOME for fault in faults(networks[place])} == set()
    assert len({hardness(networks[place]) for place in SOME}) == 1


def test_a_network_that_is_not_fair_is_found_out() -> None:
    """Two equal units give equal results; a large weight saturates a sigmoid."""
    plain = (False, False, False)
    assert "two results are equal to four decimals" in faults(
        arranged("", ON[0], ON[0], (0.5, -0.5, -0.3), plain)
    )
    assert "a sigmoid saturates" in faults(
        arranged("", (2.0, 0.1, 0.3), (-0.4, -0.2, -0.1), (0.5, -0.4, -0.2), plain)
    )


def test_rounding_on_paper_stays_far_within_what_the_checks_forgive() -> None:
    """Whoever rounds to four decimals after each step is off by less than a fifth of the tolerance."""
    networks = list(all_networks())
    worst = max(
        abs(value - results(networks[place])[name])
        for place in SOME
        for name, value in rounded_by_hand(networks[place]).items()
    )
    assert worst < TOLERANCE / 5


def test_the_gradients_are_the_slopes_of_the_loss() -> None:
    """What `bench/own_numbers.py` takes for right agrees with nudging every parameter."""
    net = network("98123456")
    x, W1, b1 = np.array(net.x), np.array(net.W1), np.array(net.b1)

    def loss(theta: np.ndarray) -> float:
        hidden = 1 / (1 + np.exp(-(x @ theta[:4].reshape(2, 2) + theta[4:6])))
        return float(-np.log(1 / (1 + np.exp(-(hidden @ theta[6:8] + theta[8])))))

    theta = np.concatenate([W1.ravel(), b1, net.W2, [net.b2]])
    right = results(net)
    names = ["dW1_11", "dW1_12", "dW1_21", "dW1_22", "db1_1", "db1_2", "dW2_1", "dW2_2", "db2"]
    for place, name in enumerate(names):
        nudge = np.zeros(9)
        nudge[place] = 1e-6
        assert right[name] == pytest.approx((loss(theta + nudge) - loss(theta - nudge)) / 2e-6, abs=1e-8)
    assert right["loss"] == pytest.approx(loss(theta))


def test_neighbours_have_other_numbers() -> None:
    """Of 500 students with numbers in a row, hardly any two share a network."""
    networks = {(n.x, n.W1, n.b1, n.W2, n.b2) for n in (network(98_000_000 + i) for i in range(500))}
    assert len(networks) > 490


@pytest.mark.process
def test_the_network_needs_neither_numpy_nor_nbgrader_nor_a_sandbox() -> None:
    """A plain Python with nothing but mashq draws the same numbers."""
    code = (
        "import json, sys; from mashq.own_numbers.training_step import network; net = network('98123456');"
        "heavy = {'numpy', 'nbgrader', 'mashq.sandbox', 'mashq.judge'};"
        "print(json.dumps([net.W1, sorted(heavy & {*sys.modules})]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert json.loads(done.stdout) == [[list(row) for row in network("98123456").W1], []]
