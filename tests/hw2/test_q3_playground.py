"""Hidden checks of q3_playground: four activations, their derivatives, and 16 small trainings.

The trainings are run again here, with this file's own activations and its own copy of the notebook's trainer,
so the figures of `results` are compared with figures that the student's code has never touched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from mashq.datasets import PLAYGROUND, load_playground
from mashq.judge import Student, expect
from mashq.language import gettext as _

Array = np.ndarray[Any, np.dtype[np.float64]]

# The settings of the locked cell q3_parameters; SEED is read from the notebook.
POINTS, NOISE = 300, 0.05
HIDDEN, STARTS, EPOCHS, LEARNING_RATE = 3, 10, 600, 1.0
SOLVED = 0.9  # accuracy from which a dataset counts as solved

# A student's float32, or another formula for the same function, moves the training by rounding errors.
# Measured over seeds 0 to 200: accuracies by up to 0.057 on spiral, where all networks get stuck and rounding
# decides where; no other accuracy and no epoch changed at all.
ACCURACY_TOLERANCE = 0.01
SPIRAL_TOLERANCE = 0.1
EPOCH_TOLERANCE = 3  # and 5 % of the epoch
TIE = 0.01  # networks whose training loss is within this share of the smallest may all be the leader


def _sigmoid(z: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
}
DERIVATIVES: dict[str, Callable[[Array], Array]] = {
    "linear": np.ones_like,
    "sigmoid": lambda z: _sigmoid(z) * _sigmoid(-z),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(np.float64),
}
NAMES = [*FUNCTIONS, *(f"{name}_derivative" for name in FUNCTIONS)]


# -- activations --------------------------------------------------------------------------------------------


def _expected(name: str, z: Array) -> Array:
    """The value of one of NAMES at z."""
    base = name.removesuffix("_derivative")
    return (FUNCTIONS if name == base else DERIVATIVES)[base](z)


def _signs(z: Array) -> dict[str, Array]:
    """The kinds of entries of z, for sentences about values that the student does not see."""
    return {_("negative z"): z < 0, _("z = 0"): z == 0, _("positive z"): z > 0}


def _check_function(student: Student, name: str, rng: np.random.Generator, hint: str) -> None:
    """Values at random points on both sides of zero, and at zero."""
    z = np.concatenate([[0.0], rng.uniform(0.1, 4.0, 6), rng.uniform(-4.0, -0.1, 6)])
    got, want = student.call(name, z), FUNCTIONS[name](z)
    expect.close(got, want, f"{name}(z)", rtol=1e-4, atol=1e-6, hint=hint, kinds=_signs(z))


def _check_derivative(student: Student, name: str, rng: np.random.Generator, hint: str) -> None:
    """Values against the central difference of the true function, away from the corner of ReLU."""
    z = np.concatenate([rng.uniform(0.1, 4.0, 6), rng.uniform(-4.0, -0.1, 6)])
    h = 1e-5
    slope = (FUNCTIONS[name](z + h) - FUNCTIONS[name](z - h)) / (2 * h)
    called = f"{name}_derivative"
    got = student.call(called, z)
    expect.close(got, slope, f"{called}(z)", rtol=1e-4, atol=1e-6, hint=hint, kinds=_signs(z))


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_linear_and_its_slope(student: Student, rng: np.random.Generator) -> None:
    """linear returns its argument and linear_derivative returns an array of ones."""
    _check_function(student, "linear", rng, _("linear returns its argument as it is"))
    _check_derivative(student, "linear", rng, _("the slope of f(z) = z is the same everywhere"))


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_sigmoid_agrees_with_the_definition(student: Student, rng: np.random.Generator) -> None:
    """sigmoid is 1 / (1 + exp(-z))."""
    _check_function(student, "sigmoid", rng, _("sigmoid(z) is 1 / (1 + exp(-z)); mind the sign of z"))


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_sigmoid_derivative_is_the_slope_of_sigmoid(student: Student, rng: np.random.Generator) -> None:
    """sigmoid_derivative(z) is the slope of the sigmoid at z."""
    hint = _("compare with (sigmoid(z + h) - sigmoid(z - h)) / (2 h); the argument is z, not sigmoid(z)")
    _check_derivative(student, "sigmoid", rng, hint)


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_tanh_and_its_slope(student: Student, rng: np.random.Generator) -> None:
    """tanh is the hyperbolic tangent and tanh_derivative(z) its slope at z."""
    _check_function(student, "tanh", rng, "tanh(z) is (exp(z) - exp(-z)) / (exp(z) + exp(-z))")
    hint = _("compare with (tanh(z + h) - tanh(z - h)) / (2 h); the argument is z, not tanh(z)")
    _check_derivative(student, "tanh", rng, hint)


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_relu_and_its_slope(student: Student, rng: np.random.Generator) -> None:
    """relu is max(0, z); its slope is 1 for positive z, 0 for negative z, and 0, 1/2 or 1 at the corner."""
    _check_function(student, "relu", rng, _("relu(z) is z where z > 0 and 0 elsewhere"))
    _check_derivative(student, "relu", rng, _("the slope of relu is that of the branch on which z lies"))
    corner = expect.array(student.call("relu_derivative", np.zeros(3)), "relu_derivative(0)", shape=(3,))
    assert np.isin(corner, (0.0, 0.5, 1.0)).all(), _("relu_derivative(0) is neither 0 nor 1/2 nor 1")


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_large_inputs_stay_finite(student: Student) -> None:
    """Sigmoid, tanh, ReLU and their derivatives give their limits, and no NaN, at -1000, -50, 50 and 1000."""
    z = np.array([-1000.0, -50.0, 50.0, 1000.0])
    for name in NAMES:
        if name.startswith("linear"):
            continue
        got, called = student.call(name, z), f"{name}([-1000, -50, 50, 1000])"
        finite = not isinstance(got, np.ndarray) or np.isfinite(got).all()
        assert finite, _(
            "{called} contains NaN or infinity: exp(1000) overflows, so use a form that avoids it"
        ).format(called=called)
        hint = _("far from 0 every curve is flat or a straight line")
        kinds = {f"z = {value:.0f}": z == value for value in z}
        expect.close(got, _expected(name, z), called, rtol=1e-4, atol=1e-6, hint=hint, kinds=kinds)


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_every_shape_is_kept(student: Student, rng: np.random.Generator) -> None:
    """From no axis to three, a result has the shape of its argument and is made entry by entry.

    The student's own values for one axis are the measure: what is wrong with them costs points elsewhere.
    """
    z = rng.uniform(0.1, 3.0, 24) * np.tile([1.0, -1.0], 12)
    for name in NAMES:
        flat = expect.array(
            student.call(name, z), _("{name}(z) for z of shape (24,)").format(name=name), shape=z.shape
        )
        assert name not in FUNCTIONS or np.ptp(flat) > 0, _("{name}(z) is the same for every z").format(
            name=name
        )
        for shape in [(), (1,), (4, 3), (1, 6), (2, 3, 4)]:
            size = math.prod(shape)
            got = student.call(name, z[-size:].reshape(shape))
            what = _("{name}(z) for z of shape {shape}").format(name=name, shape=shape)
            same = np.allclose(
                expect.array(got, what, shape), flat[-size:].reshape(shape), rtol=1e-4, atol=1e-6
            )
            assert same, _(
                "{what}: the same entries give other values than in one row; each entry of the result "
                "depends on the same entry of z only"
            ).format(what=what)


@pytest.mark.grade("test_q3_activations", points=0.5)
def test_the_argument_is_not_changed(student: Student, rng: np.random.Generator) -> None:
    """The functions leave the array that they are given as it was."""
    spread = 0.0
    for name in NAMES:
        z = rng.uniform(-3.0, 3.0, (4, 5))
        reply = student.eval(f"[{name}(z), {name}(z), z]", z=z.copy())
        result, again, after = expect.items(
            reply, _("{name}(z) twice, and z afterwards").format(name=name), 3
        )
        values = expect.array(result, f"{name}(z)")
        spread += np.ptp(values) if values.size else 0.0
        unchanged = np.array_equal(expect.array(after, "z", shape=z.shape), z)
        assert unchanged, _(
            "{name}(z) changes the array z that it is given; work on a copy, z.copy()"
        ).format(name=name)
        same = np.shape(again) == values.shape and np.allclose(again, values, rtol=1e-4, atol=1e-6)
        assert same, _(
            "{name}(z), asked again, gives other values: the same z should give the same each time"
        ).format(name=name)
    assert spread > 0, _("all functions give the same value for every z")


# -- the experiments, run again -----------------------------------------------------------------------------


class Training(NamedTuple):
    """One pair. After each epoch the network with the smallest training loss leads; its accuracy counts."""

    curve: Array  # accuracy of the leader after each epoch, (EPOCHS,)
    finalists: Array  # accuracies after the last epoch of all that lead but for rounding, the leader's first

    @property
    def epochs_to_90(self) -> int | None:
        """First epoch, counted from 1, with an accuracy of 0.9 or more; None where there is none."""
        reached = np.flatnonzero(self.curve >= SOLVED)
        return int(reached[0]) + 1 if len(reached) else None


def _forward(x: Array, weights: tuple[Array, ...], activation: str) -> tuple[Array, Array, Array]:
    W1, W2, b1, b2 = weights
    z1 = x @ W1 + b1
    a1 = FUNCTIONS[activation](z1)
    return z1, a1, _sigmoid(a1 @ W2 + b2)


@cache
def experiment(dataset: str, activation: str, seed: int) -> Training:
    """Train the networks of one pair, side by side."""
    x, labels = load_playground(dataset, POINTS, NOISE, seed)
    x_fresh, fresh_labels = load_playground(dataset, POINTS, NOISE, seed + 1)
    y, y_fresh = labels[:, None], fresh_labels[:, None]
    rng = np.random.default_rng(seed)
    W1, W2 = rng.normal(size=(STARTS, 2, HIDDEN)), rng.normal(size=(STARTS, HIDDEN, 1))
    b1, b2 = np.zeros((STARTS, 1, HIDDEN)), np.zeros((STARTS, 1, 1))
    curve = np.empty(EPOCHS)
    z1, a1, yhat = _forward(x, (W1, W2, b1, b2), activation)
    for epoch in range(EPOCHS):
        dz2 = (yhat - y) / len(x)
        dz1 = dz2 @ W2.swapaxes(1, 2) * DERIVATIVES[activation](z1)
        W1 = W1 - LEARNING_RATE * (x.T @ dz1)
        W2 = W2 - LEARNING_RATE * (a1.swapaxes(1, 2) @ dz2)
        b1 = b1 - LEARNING_RATE * dz1.sum(axis=1, keepdims=True)
        b2 = b2 - LEARNING_RATE * dz2.sum(axis=1, keepdims=True)
        z1, a1, yhat = _forward(x, (W1, W2, b1, b2), activation)
        loss = -np.mean(np.log(np.clip(np.where(y == 1, yhat, 1 - yhat), 1e-6, 1 - 1e-6)), axis=(1, 2))
        leader = int(np.argmin(loss))
        leading = (W1[leader], W2[leader], b1[leader], b2[leader])
        curve[epoch] = np.mean((_forward(x_fresh, leading, activation)[-1] > 0.5) == y_fresh)
    accuracies = np.mean((_forward(x_fresh, (W1, W2, b1, b2), activation)[-1] > 0.5) == y_fresh, axis=(1, 2))
    order = np.argsort(loss)
    return Training(curve, accuracies[order][: int(np.sum(loss <= loss.min() * (1 + TIE)))])


def solved(dataset: str, activation: str, seed: int) -> bool:
    """Whether a pair reaches 90 % after the last epoch."""
    return bool(experiment(dataset, activation, seed).curve[-1] >= SOLVED)


def solved_by_a_line(seed: int) -> set[str]:
    """Datasets that the network with linear hidden units solves."""
    return {dataset for dataset in PLAYGROUND if solved(dataset, "linear", seed)}


def unsolved(seed: int) -> set[str]:
    """Datasets that no activation solves."""
    return {dataset for dataset in PLAYGROUND if not any(solved(dataset, name, seed) for name in FUNCTIONS)}


def sooner_on_circle(seed: int) -> str:
    """Which of tanh and sigmoid reaches 90 % on the circle after fewer epochs."""

    def epochs(activation: str) -> int:
        return experiment("circle", activation, seed).epochs_to_90 or EPOCHS + 1

    return min(("tanh", "sigmoid"), key=epochs)


# -- reading the student's answers --------------------------------------------------------------------------


def _seed(student: Student) -> int:
    seed = student.get("SEED")
    usable = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= 10_000
    assert usable, _("SEED should stay the whole number that the cell of settings gives it")
    return int(seed)


def _entries(student: Student, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The entries of `results` for some pairs (dataset, activation), each with both keys and a number."""
    results = expect.mapping(student.get("results"), "results")
    entries = {}
    for dataset, activation in pairs:
        row = expect.mapping(results.get(dataset, {}), f"results[{dataset!r}]", keys=[activation])
        name = _entry(dataset, activation)
        entry = expect.mapping(row[activation], name, keys=["accuracy", "epochs_to_90"])
        accuracy = expect.number(entry["accuracy"], f"{name}['accuracy']", low=0)
        entries[dataset, activation] = {**entry, "accuracy": accuracy}
    return entries


def _entry(dataset: str, activation: str) -> str:
    return f"results[{dataset!r}][{activation!r}]"


def _finding(student: Student, key: str, allowed: tuple[str, ...]) -> set[str]:
    """The names in one entry of `findings`: a text, or a collection of texts, in any order and case."""
    value = expect.mapping(student.get("findings"), "findings", keys=[key])[key]
    name = f"findings[{key!r}]"
    given = value.split(",") if isinstance(value, str) else value
    is_text = isinstance(given, list | tuple | set) and all(isinstance(item, str) for item in given)
    assert is_text, _("{name} should be a name in quotes, or a list of names").format(name=name)
    names = {item.strip().lower() for item in given}
    strange = sorted(names - set(allowed))
    assert not strange, _("{name}: {strange!r} is not among the names to choose from: {names}").format(
        name=name, strange=strange[0], names=", ".join(allowed)
    )
    assert names, _("{name} names nothing").format(name=name)
    return names


# -- checks of the experiments ------------------------------------------------------------------------------


@pytest.mark.grade("test_q3_experiments", points=0.5)
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_accuracies_are_those_of_the_trainings(student: Student, activation: str) -> None:
    """The four accuracies of one activation agree with trainings that the judge ran itself."""
    seed = _seed(student)
    for (dataset, _activation), entry in _entries(student, product(PLAYGROUND, [activation])).items():
        name, accuracy = f"{_entry(dataset, activation)}['accuracy']", entry["accuracy"]
        assert accuracy <= 1, _("{name} should be a share between 0 and 1, not a percentage").format(
            name=name
        )
        finalists = experiment(dataset, activation, seed).finalists
        tolerance = SPIRAL_TOLERANCE if dataset == "spiral" else ACCURACY_TOLERANCE
        agrees = np.abs(finalists - accuracy).min() <= tolerance
        rounded = not agrees and bool(np.isclose(np.round(finalists, 1), accuracy).any())
        assert not rounded, _("{name} is rounded too far; keep the number that train returns").format(
            name=name
        )
        assert agrees, _(
            "{name} is not what the trainer ends with; take the accuracy after the last epoch, "
            "keep the settings, and mend Exercise 1 first if it loses points"
        ).format(name=name)


@pytest.mark.grade("test_q3_experiments", points=0.375)
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_epochs_to_90_are_those_of_the_trainings(student: Student, activation: str) -> None:
    """The four epochs_to_90 of one activation agree with trainings that the judge ran itself."""
    seed = _seed(student)
    differences = []
    for (dataset, _activation), entry in _entries(student, product(PLAYGROUND, [activation])).items():
        name = f"{_entry(dataset, activation)}['epochs_to_90']"
        got, want = entry["epochs_to_90"], experiment(dataset, activation, seed).epochs_to_90
        if want is None:
            assert got is None, _(
                "{name} should be None: that training never reaches an accuracy of 0.9"
            ).format(name=name)
            continue
        assert got is not None, _(
            "{name} is None, but with the given trainer the accuracy does reach 0.9"
        ).format(name=name)
        difference = expect.number(got, name) - want
        assert abs(difference) <= EPOCH_TOLERANCE + 0.05 * want, _(
            "{name} is not the first epoch at which the accuracy is 0.9 or more, with epochs counted from 1"
        ).format(name=name)
        differences.append(difference)
    assert set(differences) != {-1.0}, _(
        "epochs_to_90 is one too small everywhere: the first epoch is number 1"
    )
    shifted = len(differences) > 1 and len(set(differences)) == 1 and differences[0] != 0
    assert not shifted, _(
        "epochs_to_90 is off by the same number everywhere: count the epochs from 1, for the first one"
    )


@pytest.mark.grade("test_q3_experiments", points=1)
def test_findings_about_the_linear_activation(student: Student) -> None:
    """The findings say which dataset a straight line separates and on which linear units fail."""
    seed = _seed(student)
    _entries(student, product(PLAYGROUND, ["linear"]))
    by_a_line = _finding(student, "linearly_separable", PLAYGROUND)
    fails_on = _finding(student, "linear_fails_on", PLAYGROUND)
    truth = solved_by_a_line(seed)
    assert by_a_line == truth, _(
        "findings['linearly_separable'] should name what linear hidden units bring to 0.9 or more"
    )
    assert fails_on == set(PLAYGROUND) - truth, _(
        "findings['linear_fails_on'] should name each dataset on which linear ends below 0.9, and no other"
    )


@pytest.mark.grade("test_q3_experiments", points=0.75)
def test_finding_about_tanh_and_sigmoid(student: Student) -> None:
    """The findings say which of tanh and sigmoid needs fewer epochs on the circle."""
    seed = _seed(student)
    _entries(student, product(["circle"], ["tanh", "sigmoid"]))
    sooner = _finding(student, "sooner_on_circle", ("tanh", "sigmoid"))
    assert sooner == {sooner_on_circle(seed)}, _(
        "findings['sooner_on_circle'] should name the one with the smaller epochs_to_90 in the row of circle"
    )


@pytest.mark.grade("test_q3_experiments", points=0.75)
def test_finding_about_the_unsolved_dataset(student: Student) -> None:
    """The findings name the dataset that three hidden units of no kind solve."""
    seed = _seed(student)
    _entries(student, product(PLAYGROUND, FUNCTIONS))
    names = _finding(student, "unsolved_by_all", PLAYGROUND)
    assert names == unsolved(seed), _(
        "findings['unsolved_by_all'] should name the dataset on which all four activations end below 0.9"
    )
