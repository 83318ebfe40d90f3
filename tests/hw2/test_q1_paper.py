"""Hidden checks of q1_paper: ten numbers of one training step, worked by hand, on a network of one's own.

The network follows from the identity that the student typed; whoever grades compares that with who handed it
in. Numbers may differ by rounding, 0.001 or 1 %. A number also counts when it follows from the student's own
earlier ones and at most one step of the forward pass before it is wrong, so that one slip costs only the step
it is in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest

from mashq.handed_in.decimals import with_point
from mashq.judge import OwnNumbers, Student, expect
from mashq.language import gettext as _
from mashq.own_numbers.training_step import Network, network

Numbers = Mapping[str, float]
Rule = Callable[[Numbers], float]

CELL, PAGE = "test_q1_numbers", "q1_upload"
POSITIVE = ("a1_1", "a1_2", "yhat", "loss")  # a minus that a decimal comma has lost cannot have been there

# A value below this is as close to zero as rounding is, and follows from a page of zeros, too.
SMALLEST_FOLLOWED = 0.003
# No number of any network exceeds 5.0, whichever signs, rows or columns are mixed up, and no sum of such
# numbers 10. Beyond that a sigmoid is 1 whatever it is of, and one number's tolerance hides all the others.
LARGEST_FOLLOWED = 10.0


def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z)) without overflow, whatever the student wrote for z."""
    return 0.5 * (1 + math.tanh(z / 2))


def cross_entropy(yhat: float, y: float = 1.0) -> float:
    """Natural logarithm; NaN where the loss is not defined, which is close to nothing."""
    return -(y * math.log(yhat) + (1 - y) * math.log(1 - yhat)) if 0 < yhat < 1 else math.nan


def rules_of(net: Network) -> dict[str, Rule]:
    """How each number follows from earlier ones; in the order of the calculation."""
    x, W1, b1, W2 = net.x, net.W1, net.b1, net.W2
    return {
        "z1_1": lambda v: x[0] * W1[0][0] + x[1] * W1[1][0] + b1[0],
        "z1_2": lambda v: x[0] * W1[0][1] + x[1] * W1[1][1] + b1[1],
        "a1_1": lambda v: sigmoid(v["z1_1"]),
        "a1_2": lambda v: sigmoid(v["z1_2"]),
        "z2": lambda v: v["a1_1"] * W2[0] + v["a1_2"] * W2[1] + net.b2,
        "yhat": lambda v: sigmoid(v["z2"]),
        "loss": lambda v: cross_entropy(v["yhat"], net.y),
        "db2": lambda v: v["yhat"] - net.y,
        "dW2_1": lambda v: (v["yhat"] - net.y) * v["a1_1"],
        "dW2_2": lambda v: (v["yhat"] - net.y) * v["a1_2"],
    }


FORWARD_STEPS = (("z1_1", "z1_2"), ("a1_1", "a1_2"), ("z2",), ("yhat",))


@dataclass(frozen=True)
class Answers:
    """The numbers of one student, beside those of the student's network."""

    net: Network
    given: Mapping[Any, Any]  # as the notebook has them
    own: dict[str, float] = field(default_factory=dict)  # those that are numbers
    rules: dict[str, Rule] = field(default_factory=dict)
    right: dict[str, float] = field(default_factory=dict)

    @cached_property
    def followed(self) -> Numbers:
        """The student's numbers from which others may follow: those of a size that a slip can give.

        A step of which all is zero is left out: what follows from it follows without any work.
        """
        usable = {key: value for key, value in self.own.items() if abs(value) <= LARGEST_FOLLOWED}
        for step in FORWARD_STEPS:
            if all(abs(usable.get(key, 0.0)) <= SMALLEST_FOLLOWED for key in step):
                usable = {key: value for key, value in usable.items() if key not in step}
        return usable

    def follows(self, key: str) -> bool:
        """Whether the number is what its rule makes of the student's own earlier numbers."""
        try:
            value = self.rules[key](self.followed)
        except KeyError:  # an earlier number is missing, or not of a size that a slip can give
            return False
        return key in self.own and abs(value) > SMALLEST_FOLLOWED and close(self.own[key], value)

    def slips_before(self, key: str) -> int:
        """How many steps of the forward pass before this number hold one that does not follow."""
        before = list(self.rules)[: list(self.rules).index(key)]
        steps = [step for step in FORWARD_STEPS if key not in step and step[0] in before]
        return sum(not all(self.follows(name) for name in step) for step in steps)

    def earns(self, key: str) -> bool:
        """Whether the number earns its point: it is right, or right after a single slip further up."""
        return close(self.own[key], self.right[key]) or (self.follows(key) and self.slips_before(key) <= 1)


def close(got: float, want: float) -> bool:
    """Equal up to rounding by hand; false for NaN, and for what exceeds all numbers."""
    return math.isfinite(want) and abs(got - want) <= max(0.001, 0.01 * abs(want))


def answers_of(student: Student) -> Answers:
    """The student's numbers and the right ones; the grader is told whose they are."""
    net = network(student.identity())
    rules = rules_of(net)
    right: dict[str, float] = {}
    for key, rule in rules.items():
        right[key] = rule(right)
    given = expect.mapping(student.get("answers"), "answers")
    own: dict[str, float] = {}
    for key in rules:
        try:
            own[key] = expect.number(with_point(given.get(key), key in POSITIVE), key)
        except AssertionError:  # the check of this number says so; here it only ends the follow-through
            continue
    student.keep(OwnNumbers(CELL, net.identity, own, right, {PAGE: page(net)}))
    return Answers(net, given, own, rules, right)


def advice(answers: Answers, key: str, rule: str, slips: Mapping[str, Rule]) -> str:
    """What to say about a wrong number; `rule` and `slips` as in `check`."""
    if answers.follows(key):
        return _(
            "it follows from your earlier numbers, but at least two of those are wrong; mend these first"
        )
    if any(answers.own[key] == round(answers.right[key], decimals) for decimals in (1, 2)):
        return _("it is rounded too far, keep four decimals or more")
    values = {what: slip({**answers.right, **answers.own}) for what, slip in slips.items()}
    likely = [
        what
        for what, value in values.items()
        if abs(value) > SMALLEST_FOLLOWED and close(answers.own[key], value)
    ]
    if likely:
        return _("it looks as if {what}; {rule}").format(what=_(" or ").join(likely), rule=rule)
    return rule


def check(answers: Answers, keys: tuple[str, ...], rule: str, slips: Mapping[str, Rule]) -> None:
    """Fail with a sentence for the first of the numbers that is missing or wrong.

    rule: what the student should look at. slips: what a student may have done -> what it makes of keys[0].
    """
    expect.mapping(answers.given, "answers", keys=keys)
    for key in keys:
        value = with_point(answers.given[key], key in POSITIVE)
        assert not (isinstance(value, tuple) and len(value) == 2), _(
            "answers['{key}'] is {value}, two numbers to Python, and a minus before 0 is lost: write a "
            "decimal point, not a comma"
        ).format(key=key, value=value)
        expect.number(value, f"answers['{key}']")
    for key in keys:
        if not answers.earns(key):
            known = slips if key == keys[0] else {}
            raise AssertionError(
                _("answers['{key}'] is not right: {advice}").format(
                    key=key, advice=advice(answers, key, rule, known)
                )
            )


def page(net: Network) -> str:
    """The whole step with the numbers of a network, as a table for whoever marks the student's page.

    Each result is rounded to four decimals and used so in the next line, as on paper.
    """
    x, W1, b1, W2, alpha = net.x, net.W1, net.b1, net.W2, net.alpha
    lines: list[tuple[str, str, float]] = []

    def line(name: str, calculation: str, value: float) -> float:
        lines.append((name, calculation, round(value, 4)))
        return round(value, 4)

    a, new = [], {}
    for j in (0, 1):
        sum_ = rf"{x[0]:g} \cdot ({W1[0][j]:g}) + ({x[1]:g}) \cdot ({W1[1][j]:g}) + ({b1[j]:g})"
        z = line(rf"z_{{1,{j + 1}}}", sum_, x[0] * W1[0][j] + x[1] * W1[1][j] + b1[j])
        a.append(line(rf"a_{{1,{j + 1}}}", rf"\sigma({z:.4f})", sigmoid(z)))
    sum_ = rf"{a[0]:.4f} \cdot ({W2[0]:g}) + {a[1]:.4f} \cdot ({W2[1]:g}) + ({net.b2:g})"
    z2 = line("z_2", sum_, a[0] * W2[0] + a[1] * W2[1] + net.b2)
    yhat = line(r"\hat{y}", rf"\sigma({z2:.4f})", sigmoid(z2))
    line("L", rf"-\ln {yhat:.4f}", -math.log(yhat))
    db2 = line(r"\delta_2 = \partial L/\partial b_2", f"{yhat:.4f} - {net.y:g}", yhat - net.y)
    for j in (0, 1):
        name, product_ = rf"\partial L/\partial W_{{2,{j + 1}}}", rf"{db2:.4f} \cdot {a[j]:.4f}"
        new[f"W_{{2,{j + 1}}}"] = W2[j], line(name, product_, db2 * a[j])
    for j in (0, 1):
        name = rf"\delta_{{1,{j + 1}}} = \partial L/\partial b_{{1,{j + 1}}}"
        product_ = rf"{db2:.4f} \cdot ({W2[j]:g}) \cdot {a[j]:.4f} \cdot {1 - a[j]:.4f}"
        db1 = line(name, product_, db2 * W2[j] * a[j] * (1 - a[j]))
        new[f"b_{{1,{j + 1}}}"] = b1[j], db1
        for i in (0, 1):
            name = rf"\partial L/\partial W_{{1,{i + 1}{j + 1}}}"
            new[f"W_{{1,{i + 1}{j + 1}}}"] = (
                W1[i][j],
                line(name, rf"{x[i]:g} \cdot ({db1:.4f})", x[i] * db1),
            )
    new["b_2"] = net.b2, db2
    moved = {
        name: line(rf"\text{{new}}\ {name}", rf"{old:g} - {alpha:g} \cdot ({slope:.4f})", old - alpha * slope)
        for name, (old, slope) in new.items()
    }
    rows = "".join(f"| ${name}$ | ${how}$ | ${value:.4f}$ |\n" for name, how, value in lines)
    again = after(net, moved)
    heading = _("The network of {identity}, each result rounded to four decimals and used so:")
    end = _("After the step, the output of this network is {yhat:.4f} and its loss {loss:.4f}.")
    return (
        heading.format(identity=f"`{net.identity.replace('`', ' ')}`")
        + f"\n\n{_('| result | calculation | value |')}\n|:--|:--|--:|\n{rows}\n"
        + end.format(yhat=again, loss=-math.log(again))
    )


def after(net: Network, new: Mapping[str, float]) -> float:
    """The output for the same sample with the new parameters."""
    a = [
        sigmoid(net.x[0] * new[f"W_{{1,1{j}}}"] + net.x[1] * new[f"W_{{1,2{j}}}"] + new[f"b_{{1,{j}}}"])
        for j in (1, 2)
    ]
    return sigmoid(a[0] * new["W_{2,1}"] + a[1] * new["W_{2,2}"] + new["b_2"])


@pytest.mark.grade("test_q1_numbers", points=1)
def test_hidden_pre_activations_are_the_weighted_sums_of_the_inputs(student: Student) -> None:
    """z1_1 and z1_2 are x W1 + b1, each hidden unit with its own column of W1."""
    answers = answers_of(student)
    x, W1, b1 = answers.net.x, answers.net.W1, answers.net.b1
    slips: dict[str, Rule] = {
        _("rows and columns of W1 are exchanged"): lambda v: x[0] * W1[0][0] + x[1] * W1[0][1] + b1[0],
        _("the bias is missing"): lambda v: answers.right["z1_1"] - b1[0],
        _("a minus sign is lost"): lambda v: abs(x[0]) * W1[0][0] + abs(x[1]) * W1[1][0] + b1[0],
    }
    check(answers, ("z1_1", "z1_2"), _("hidden unit j adds up x_1 W1_1j, x_2 W1_2j and its bias b1_j"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_hidden_activations_are_sigmoids(student: Student) -> None:
    """a1_1 and a1_2 are the sigmoids of z1_1 and z1_2."""
    answers = answers_of(student)
    slips: dict[str, Rule] = {
        _("tanh was used in place of the sigmoid"): lambda v: math.tanh(v["z1_1"]),
        _("the exponent has the wrong sign"): lambda v: sigmoid(-v["z1_1"]),
        _("the sigmoid was left out"): lambda v: v["z1_1"],
    }
    check(answers, ("a1_1", "a1_2"), _("a = 1 / (1 + exp(-z)) for each hidden unit"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_output_pre_activation_is_the_weighted_sum_of_the_activations(student: Student) -> None:
    """z2 is a1 W2 + b2."""
    answers = answers_of(student)
    W2, b2 = answers.net.W2, answers.net.b2
    slips: dict[str, Rule] = {
        _("the bias is missing"): lambda v: v["a1_1"] * W2[0] + v["a1_2"] * W2[1],
        _("z of the hidden layer was used in place of a"): lambda v: (
            v["z1_1"] * W2[0] + v["z1_2"] * W2[1] + b2
        ),
        _("the minus sign of a weight is lost"): lambda v: (
            v["a1_1"] * abs(W2[0]) + v["a1_2"] * abs(W2[1]) + b2
        ),
    }
    check(answers, ("z2",), _("z2 adds up a1_1 W2_1, a1_2 W2_2 and the bias b2"), slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_output_is_the_sigmoid_of_its_pre_activation(student: Student) -> None:
    """yhat is the sigmoid of z2."""
    answers = answers_of(student)
    slips: dict[str, Rule] = {
        _("the exponent has the wrong sign"): lambda v: sigmoid(-v["z2"]),
        _("the sigmoid was left out"): lambda v: v["z2"],
        _("tanh was used in place of the sigmoid"): lambda v: math.tanh(v["z2"]),
    }
    check(answers, ("yhat",), "yhat = 1 / (1 + exp(-z2))", slips)


@pytest.mark.grade("test_q1_numbers", points=0.5)
def test_loss_is_the_binary_cross_entropy(student: Student) -> None:
    """loss is the binary cross-entropy of yhat with the natural logarithm."""
    answers = answers_of(student)
    y = answers.net.y
    slips: dict[str, Rule] = {
        _("the logarithm is to base 2"): lambda v: cross_entropy(v["yhat"]) / math.log(2),
        _("the logarithm is to base 10"): lambda v: cross_entropy(v["yhat"]) / math.log(10),
        _("the label was taken as 0"): lambda v: cross_entropy(1 - v["yhat"]),
        _("the squared error was used"): lambda v: (v["yhat"] - y) * (v["yhat"] - y),
        _("half the squared error was used"): lambda v: (v["yhat"] - y) * (v["yhat"] - y) / 2,
        _("the minus sign is missing"): lambda v: -cross_entropy(v["yhat"]),
    }
    check(answers, ("loss",), _("loss = -(y ln yhat + (1 - y) ln(1 - yhat)) with the label 1"), slips)


@pytest.mark.grade("test_q1_numbers", points=1)
def test_gradient_of_the_output_bias_is_the_error_signal(student: Student) -> None:
    """db2 is yhat - y."""
    answers = answers_of(student)
    y = answers.net.y
    slips: dict[str, Rule] = {
        _("the sign is reversed"): lambda v: y - v["yhat"],
        _("the gradient was multiplied by alpha"): lambda v: answers.net.alpha * (v["yhat"] - y),
        _("a factor yhat (1 - yhat) is left over"): lambda v: (v["yhat"] - y) * v["yhat"] * (1 - v["yhat"]),
        _("the derivative of the output's sigmoid is missing"): lambda v: -1 / (v["yhat"] or math.nan),
    }
    check(answers, ("db2",), _("db2 is dL/dyhat times dyhat/dz2, and dz2/db2 is 1"), slips)


@pytest.mark.grade("test_q1_numbers", points=1)
def test_gradient_of_the_output_weights_is_error_times_activation(student: Student) -> None:
    """dW2_1 and dW2_2 are (yhat - y) a1_1 and (yhat - y) a1_2."""
    answers = answers_of(student)
    y, W2 = answers.net.y, answers.net.W2
    slips: dict[str, Rule] = {
        _("the sign is reversed"): lambda v: (y - v["yhat"]) * v["a1_1"],
        _("the gradient was multiplied by alpha"): lambda v: answers.net.alpha * (v["yhat"] - y) * v["a1_1"],
        _("z of the hidden layer was used in place of a"): lambda v: (v["yhat"] - y) * v["z1_1"],
        _("the weight was used in place of the activation"): lambda v: (v["yhat"] - y) * W2[0],
        _("a factor yhat (1 - yhat) is left over"): lambda v: (
            answers.rules["dW2_1"](v) * v["yhat"] * (1 - v["yhat"])
        ),
        _("the error signal is missing"): lambda v: v["a1_1"],
    }
    check(
        answers,
        ("dW2_1", "dW2_2"),
        _("dW2_j is the error signal of the output times a1_j"),
        slips,
    )
