"""Hidden checks of q1_paper: ten numbers of one training step, worked by hand.

Only the dict `answers` comes from the student; the parameters of the exercise are constants here. Numbers may
differ by rounding, 0.001 or 1 %. A number also counts when it follows from the student's own earlier ones
and at most one step of the forward pass before it is wrong, so that one slip costs only the step it is in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mashq.judge import Student, expect
from mashq.language import gettext as _

Numbers = Mapping[str, float]
Rule = Callable[[Numbers], float]

# The locked cell q1_parameters, with its arrays of shape (1, n), (n, 1) and (1, 1) written flat.
X = (2.0, -1.0)
Y = 1.0
W1 = ((0.3, -0.5), (0.2, 0.1))
B1 = (0.1, -0.2)
W2 = (0.5, -0.8)
B2 = -0.3
ALPHA = 0.5

# A value below this follows from zeros as well as from a calculation, so it earns no follow-through.
SMALLEST_FOLLOWED = 0.01


def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z)) without overflow, whatever the student wrote for z."""
    return 0.5 * (1 + math.tanh(z / 2))


def cross_entropy(yhat: float) -> float:
    """Natural logarithm; NaN where the loss is not defined, which is close to nothing."""
    return -(Y * math.log(yhat) + (1 - Y) * math.log(1 - yhat)) if 0 < yhat < 1 else math.nan


# How each number follows from earlier ones; in the order of the calculation.
RULES: dict[str, Rule] = {
    "z1_1": lambda v: X[0] * W1[0][0] + X[1] * W1[1][0] + B1[0],
    "z1_2": lambda v: X[0] * W1[0][1] + X[1] * W1[1][1] + B1[1],
    "a1_1": lambda v: sigmoid(v["z1_1"]),
    "a1_2": lambda v: sigmoid(v["z1_2"]),
    "z2": lambda v: v["a1_1"] * W2[0] + v["a1_2"] * W2[1] + B2,
    "yhat": lambda v: sigmoid(v["z2"]),
    "loss": lambda v: cross_entropy(v["yhat"]),
    "db2": lambda v: v["yhat"] - Y,
    "dW2_1": lambda v: (v["yhat"] - Y) * v["a1_1"],
    "dW2_2": lambda v: (v["yhat"] - Y) * v["a1_2"],
}
FORWARD_STEPS = (("z1_1", "z1_2"), ("a1_1", "a1_2"), ("z2",), ("yhat",))

RIGHT: dict[str, float] = {}
for _key, _rule in RULES.items():
    RIGHT[_key] = _rule(RIGHT)


def close(got: float, want: float) -> bool:
    """Equal up to rounding by hand; false for NaN."""
    return abs(got - want) <= max(0.001, 0.01 * abs(want))


def follows(key: str, own: Numbers) -> bool:
    """Whether the number is what its rule makes of the student's own earlier numbers."""
    try:
        value = RULES[key](own)
    except KeyError:  # an earlier number is missing
        return False
    return key in own and abs(value) > SMALLEST_FOLLOWED and close(own[key], value)


def slips_before(key: str, own: Numbers) -> int:
    """How many steps of the forward pass before this number hold one that does not follow."""
    before = list(RULES)[: list(RULES).index(key)]
    steps = [step for step in FORWARD_STEPS if key not in step and step[0] in before]
    return sum(not all(follows(name, own) for name in step) for step in steps)


def right(key: str, own: Numbers) -> bool:
    """Whether the number earns its point: it is right, or right after a single slip further up."""
    return close(own[key], RIGHT[key]) or (follows(key, own) and slips_before(key, own) <= 1)


def advice(key: str, own: Numbers, rule: str, slips: Mapping[str, Rule]) -> str:
    """What to say about a wrong number; `rule` and `slips` as in `check`."""
    if follows(key, own):
        return _(
            "it follows from your earlier numbers, but at least two of those are wrong; mend these first"
        )
    if any(own[key] == round(RIGHT[key], decimals) for decimals in (1, 2)):
        return _("it is rounded too far, keep four decimals or more")
    for what, slip in slips.items():
        value = slip({**RIGHT, **own})
        if abs(value) > SMALLEST_FOLLOWED and close(own[key], value):
            return _("it looks as if {what}; {rule}").format(what=what, rule=rule)
    return rule


def check(student: Student, keys: tuple[str, ...], rule: str, slips: Mapping[str, Rule]) -> None:
    """Fail with a sentence for the first of the numbers that is missing or wrong.

    rule: what the student should look at. slips: what a student may have done -> what it makes of keys[0].
    """
    answers: dict[Any, Any] = expect.mapping(student.get("answers"), "answers", keys=keys)
    for key in keys:
        expect.number(answers[key], f"answers['{key}']")
    own: dict[str, float] = {}
    for key in RULES:
        try:
            own[key] = expect.number(answers.get(key), key)
        except AssertionError:  # another check says so; here it only ends the follow-through
            continue
    for key in keys:
        if not right(key, own):
            known = slips if key == keys[0] else {}
            raise AssertionError(
                _("answers['{key}'] is not right: {advice}").format(
                    key=key, advice=advice(key, own, rule, known)
                )
            )


@pytest.mark.grade("test_q1_numbers", points=1)
def test_hidden_pre_activations_are_the_weighted_sums_of_the_inputs(student: Student) -> None:
    """z1_1 and z1_2 are x W1 + b1, each hidden unit with its own column of W1."""
    slips: dict[str, Rule] = {
        _("rows and columns of W1 are exchanged"): lambda v: X[0] * W1[0][0] + X[1] * W1[0][1] + B1[0],
        _("the bias is missing"): lambda v: RIGHT["z1_1"] - B1[0],
        _("the minus sign of the second input is lost"): lambda v: X[0] * W1[0][0] - X[1] * W1[1][0] + B1[0],
    }
    check(student, ("z1_1", "z1_2"), _("hidden unit j adds up x_1 W1_1j, x_2 W1_2j and its bias b1_j"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_hidden_activations_are_sigmoids(student: Student) -> None:
    """a1_1 and a1_2 are the sigmoids of z1_1 and z1_2."""
    slips: dict[str, Rule] = {
        _("tanh was used in place of the sigmoid"): lambda v: math.tanh(v["z1_1"]),
        _("the exponent has the wrong sign"): lambda v: sigmoid(-v["z1_1"]),
        _("the sigmoid was left out"): lambda v: v["z1_1"],
    }
    check(student, ("a1_1", "a1_2"), _("a = 1 / (1 + exp(-z)) for each hidden unit"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_output_pre_activation_is_the_weighted_sum_of_the_activations(student: Student) -> None:
    """z2 is a1 W2 + b2."""
    slips: dict[str, Rule] = {
        _("the bias is missing"): lambda v: v["a1_1"] * W2[0] + v["a1_2"] * W2[1],
        _("z of the hidden layer was used in place of a"): lambda v: (
            v["z1_1"] * W2[0] + v["z1_2"] * W2[1] + B2
        ),
        _("the minus sign of the second weight is lost"): lambda v: (
            v["a1_1"] * W2[0] - v["a1_2"] * W2[1] + B2
        ),
    }
    check(student, ("z2",), _("z2 adds up a1_1 W2_1, a1_2 W2_2 and the bias b2"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_output_is_the_sigmoid_of_its_pre_activation(student: Student) -> None:
    """yhat is the sigmoid of z2."""
    slips: dict[str, Rule] = {
        _("the exponent has the wrong sign"): lambda v: sigmoid(-v["z2"]),
        _("the sigmoid was left out"): lambda v: v["z2"],
        _("tanh was used in place of the sigmoid"): lambda v: math.tanh(v["z2"]),
    }
    check(student, ("yhat",), "yhat = 1 / (1 + exp(-z2))", slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_loss_is_the_binary_cross_entropy(student: Student) -> None:
    """loss is the binary cross-entropy of yhat with the natural logarithm."""
    slips: dict[str, Rule] = {
        _("the logarithm is to base 2"): lambda v: cross_entropy(v["yhat"]) / math.log(2),
        _("the logarithm is to base 10"): lambda v: cross_entropy(v["yhat"]) / math.log(10),
        _("the label was taken as 0"): lambda v: cross_entropy(1 - v["yhat"]),
        _("the squared error was used"): lambda v: (v["yhat"] - Y) * (v["yhat"] - Y),
        _("half the squared error was used"): lambda v: (v["yhat"] - Y) * (v["yhat"] - Y) / 2,
        _("the minus sign is missing"): lambda v: -cross_entropy(v["yhat"]),
    }
    check(student, ("loss",), _("loss = -(y ln yhat + (1 - y) ln(1 - yhat)) with the label 1"), slips)


@pytest.mark.grade("test_q1_numbers", points=1)
def test_gradient_of_the_output_bias_is_the_error_signal(student: Student) -> None:
    """db2 is yhat - y."""
    slips: dict[str, Rule] = {
        _("the sign is reversed"): lambda v: Y - v["yhat"],
        _("the gradient was multiplied by alpha"): lambda v: ALPHA * (v["yhat"] - Y),
        _("a factor yhat (1 - yhat) is left over"): lambda v: (v["yhat"] - Y) * v["yhat"] * (1 - v["yhat"]),
        _("the derivative of the output's sigmoid is missing"): lambda v: -1 / (v["yhat"] or math.nan),
    }
    check(student, ("db2",), _("db2 is dL/dyhat times dyhat/dz2, and dz2/db2 is 1"), slips)


@pytest.mark.grade("test_q1_numbers", points=1)
def test_gradient_of_the_output_weights_is_error_times_activation(student: Student) -> None:
    """dW2_1 and dW2_2 are (yhat - y) a1_1 and (yhat - y) a1_2."""
    slips: dict[str, Rule] = {
        _("the sign is reversed"): lambda v: (Y - v["yhat"]) * v["a1_1"],
        _("the gradient was multiplied by alpha"): lambda v: ALPHA * (v["yhat"] - Y) * v["a1_1"],
        _("z of the hidden layer was used in place of a"): lambda v: (v["yhat"] - Y) * v["z1_1"],
        _("the weight was used in place of the activation"): lambda v: (v["yhat"] - Y) * W2[0],
        _("a factor yhat (1 - yhat) is left over"): lambda v: RULES["dW2_1"](v) * v["yhat"] * (1 - v["yhat"]),
        _("the error signal is missing"): lambda v: v["a1_1"],
    }
    check(
        student,
        ("dW2_1", "dW2_2"),
        _("dW2_j is the error signal of the output times a1_j"),
        slips,
    )
