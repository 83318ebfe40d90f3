"""Hidden checks of q4_hoda: preprocessing, three Keras classifiers, and what they make of unseen digits.

A Keras model cannot leave the student's process, so short driver programs use it there and send back plain
data. Labels stay here. A model may be Sequential, functional or a subclass that its first call builds, so the
drivers call it on images before they look at its weights.

A mistake is paid for in its own exercise. What the last layer ends with is asked by one check; the others
take the sums before it, whatever follows them. A check of the training that fails runs again with right
functions of the earlier exercises. Where the trained networks fail, see `fault_lies_earlier`.

What a trained model reads is measured on what its weights and biases make of an image, see `from_its_layers`:
whatever else a class does when it is called, digits count as read when its layers read them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mashq import datasets
from mashq.judge import Student, builds_on, expect, threshold
from mashq.language import gettext as _
from mashq.language import marked as N_

pytestmark = pytest.mark.dataset("hoda")

Array = npt.NDArray[Any]

# The three networks of the locked cell q4_parameters and how many parameters they have.
NETWORKS: dict[tuple[int, ...], int] = {(): 260, (15,): 550, (50, 30, 15): 3455}
KEYS = N_(
    "its keys should be the tuples (), (15,) and (50, 30, 15), each holding what train() returned for it"
)
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
# Keras names the metric "accuracy" after the word given to compile; these other words mean the same here.
OTHER_NAMES = {"acc": "accuracy", "categorical_accuracy": "accuracy"}

# Departure from linearity that counts: measured 0.09 or more for eleven activations of Keras (least for
# hard_sigmoid, 0.4 for relu), below 1e-6 without.
BEND = 0.005

TRAIN_S = 120.0  # limit of one training in a check; a few epochs take about 2 s

BUILD = """
import numpy as np
model = build_model(tuple(hidden))
output = np.asarray(model(x))
"""
COUNT = "sum(int(np.prod(w.shape)) for w in model.weights)"
WEIGHTS = "[np.asarray(w) for w in model.weights]"
INVENTED = 0.25  # an accuracy that far from the model's is no other training's, but none
DECOYS = 10  # of the 200 images that a decoy test set holds, so many are different

# Right functions of the earlier exercises, for the student's process; nothing in here is asked for later.
# `course_arrays` is known to the drivers below, which put its arrays into the place of the notebook's.
WITH_MODEL = """
import keras
import numpy as np
from mashq import datasets

LEARNING_RATE = 0.005  # as in q4_parameters

def preprocess(x, y):
    return x.astype("float32") / 255, np.eye(10, dtype="float32")[y]

def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], steps_per_execution=50)
    return model

def course_arrays():
    x_train, y_train, x_test, y_test = datasets.load_hoda()
    arrays = *preprocess(x_train, y_train), *preprocess(x_test, y_test)
    return dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays))
"""

# `arrays` may bring decoys for x_test, y_test: noise with labels. A model that is only validated on them does
# not know them afterwards.
TRAIN = f"""
import numpy as np
names = getattr(train, "__globals__", {{}})
if "course_arrays" in globals():
    arrays = {{**course_arrays(), **arrays}}
kept = {{name: names[name] for name in arrays if name in names}}
names.update(arrays)
try:
    result = train(tuple(hidden), epochs=epochs)
finally:
    for name in arrays:
        names.pop(name, None)
    names.update(kept)
answer = None
if isinstance(result, (tuple, list)) and len(result) == 2 and callable(result[0]):
    model, history = result
    output = np.asarray(model(x))
    history = getattr(history, "history", history)
    answer = {{"history": history, "output": output, "parameters": {COUNT}, "weights": {WEIGHTS}}}
answer
"""


@cache
def hidden_digits() -> tuple[Array, Array]:
    """The judge's images and their labels; made once in a process that grades many notebooks."""
    return datasets.load_hoda(split="hidden")


@cache
def known_digits() -> tuple[Array, Array]:
    """The test images of the notebook and their labels."""
    *_course, pixels, labels = datasets.load_hoda()
    return pixels, labels


def parameters_of(hidden: Sequence[int]) -> int:
    """Weights and biases of dense layers from 25 inputs through `hidden` to 10 outputs."""
    sizes = [25, *hidden, 10]
    return sum((n + 1) * m for n, m in pairwise(sizes))


def as_input(pixels: Array) -> Array:
    """Pixels from 0 to 255 as a network takes them, float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(255)


def random_images(rng: np.random.Generator, n: int) -> Array:
    return rng.random((n, 25), dtype=np.float32)


def probabilities(output: Any, name: str, n: int) -> Array:
    """The output of a network for n images, after checking that each row is a distribution."""
    p = expect.array(output, name, shape=(n, 10))
    assert p.min() >= 0, _(
        "{name}: some outputs are negative, but probabilities are not: is the last layer softmax?"
    ).format(name=name)
    with np.errstate(over="ignore"):
        off = float(np.abs(p.sum(axis=1) - 1).max())
    assert off < max(1e-3, 4 * expect.precision(output)), _(
        "{name}: the ten outputs of an image do not sum to 1 (off by {off:.2g}): is the last layer softmax?"
    ).format(name=name, off=off)
    return p


def curves_of(history: Any, name: str, epochs: int) -> dict[str, Array]:
    """The four curves of a history, each with one number for every epoch."""
    raw: dict[str, Any] = {}
    for key, values in expect.mapping(history, name).items():
        prefix = "val_" if str(key).startswith("val_") else ""
        word = str(key).removeprefix("val_")
        raw[prefix + OTHER_NAMES.get(word, word)] = values
    for key in CURVES:
        assert key in raw, _(
            "{name} lacks {key!r}: compile with metrics=['accuracy'], fit with validation_data "
            "and return `.history`"
        ).format(name=name, key=key)
        got = len(expect.array(raw[key], f"{name}[{key!r}]", shape=(None,)))
        assert got == epochs, _(
            "{name}[{key!r}] has {got} entries after {epochs} epochs: one for each epoch is needed"
        ).format(name=name, key=key, got=got, epochs=epochs)
    return {key: expect.array(raw[key], f"{name}[{key!r}]") for key in CURVES}


def trained(
    student: Student, hidden: Sequence[int], epochs: int, x: Array, arrays: dict[str, Array] | None = None
) -> dict[str, Any]:
    """What `train(hidden, epochs)` returns: history, output of the model for x, number of its parameters.

    arrays : what stands for x_test, y_test and so on while it runs
    """
    inputs: dict[str, Any] = {"hidden": list(hidden), "epochs": epochs, "x": x, "arrays": arrays or {}}
    answer = student.eval(TRAIN, timeout=TRAIN_S, **inputs)
    assert answer is not None, _(
        "train() should return two things, the model and its history: `return model, history`"
    )
    return expect.mapping(answer, "train()", keys=("history", "output", "parameters", "weights"))


def accuracy(p: Array, labels: Array) -> float:
    return float(np.mean(p.argmax(axis=1) == labels))


def unseen(rng: np.random.Generator) -> tuple[Array, Array]:
    """The judge's 5,000 images as input, and their labels.

    Hoda is public: another order and a grey level or two more or less make a table of known images useless
    (they change the accuracies of the reference by less than 0.2 %).
    """
    pixels, labels = hidden_digits()
    order = rng.permutation(len(labels))
    changed = pixels[order].astype(np.int64) + rng.integers(-2, 3, size=pixels.shape)
    return as_input(np.clip(changed, 0, 255)), labels[order]


def hidden_accuracy(student: Student, hidden: tuple[int, ...], rng: np.random.Generator) -> float:
    """Share of the judge's images that `models[hidden]` reads correctly."""
    x, labels = unseen(rng)
    code = f"""
import numpy as np
model = models.get(tuple(hidden))
None if model is None else (np.asarray(model(x)), {WEIGHTS})
"""
    reply = student.eval(code, hidden=list(hidden), x=x)
    assert reply is not None, _("models has no key {hidden}: {keys}").format(hidden=hidden, keys=_(KEYS))
    output, weights = expect.items(
        reply, _("the output and the weights of models[{hidden}]").format(hidden=hidden), 2
    )
    return accuracy(from_its_layers(output, weights, x, f"models[{hidden}]"), labels)


# -- q4_preprocess: 3 points


def preprocessed(student: Student, x: Array, y: Array) -> tuple[Any, Any]:
    return pair_of(student.call("preprocess", x, y))


def pair_of(result: Any) -> tuple[Any, Any]:
    pair = isinstance(result, (tuple, list)) and len(result) == 2
    assert pair, _("preprocess(x, y) should return two arrays, the images and the labels: `return x, y`")
    return result[0], result[1]


def random_digits(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return rng.integers(0, 256, size=(n, 25), dtype=np.uint8), rng.integers(0, 10, size=n)


def kinds_of(pixels: Array) -> dict[str, Array]:
    """The kinds of pixels, for sentences about images that the student does not see."""
    return {
        _("pixels of 0"): pixels == 0,
        _("pixels between 0 and 255"): (pixels > 0) & (pixels < 255),
        _("pixels of 255"): pixels == 255,
    }


def expect_pixels(got: Any, pixels: Array) -> None:
    name = _("x of preprocess(x, y)")
    x = expect.array(got, name, shape=pixels.shape)
    assert getattr(got, "dtype", None) == np.float32, _(
        "{name}: expected an array of float32, got {dtype}: convert with astype('float32')"
    ).format(name=name, dtype=getattr(got, "dtype", _("a list")))
    low, high = x.min(), x.max()
    assert 0 <= low <= high <= 1, _(
        "{name}: should lie in [0, 1], but goes from {low:.4g} to {high:.4g}: divide by 255"
    ).format(name=name, low=low, high=high)
    expect.close(
        x,
        pixels / 255,
        name,
        rtol=1e-5,
        hint=_("pixel 0 becomes 0 and pixel 255 becomes 1, with no other change"),
        kinds=kinds_of(pixels),
    )


def expect_one_hot(got: Any, labels: Array) -> None:
    name = _("y of preprocess(x, y) with {count} labels").format(count=len(labels))
    y = expect.array(got, name, shape=(len(labels), 10))
    single_ones = np.isin(y, (0, 1)).all(axis=1) & (y.sum(axis=1) == 1)
    assert single_ones.all(), _("{name}: every row should hold a single 1 and nine 0").format(name=name)
    first = int(np.argmax(y.argmax(axis=1) != labels))  # the first wrong row, or row 0 when all are right
    column = y[first].argmax()
    assert column == labels[first], _(
        "{name}: label {label} has its 1 in column {column}, counting from 0"
    ).format(name=name, label=labels[first], column=column)


@pytest.mark.grade("test_q4_preprocess", points=1)
def test_pixels_become_float32_between_0_and_1(student: Student, rng: np.random.Generator) -> None:
    """Fresh images come back as float32, every pixel divided by 255, whatever the range of these pixels."""
    pixels, labels = random_digits(rng, 137)
    for images in (pixels, 30 + pixels // 2):  # 0 to 255, and 30 to 157
        x, _ = preprocessed(student, images, labels)
        expect_pixels(x, images)


@pytest.mark.grade("test_q4_preprocess", points=1)
def test_labels_become_one_hot_rows(student: Student, rng: np.random.Generator) -> None:
    """Fresh labels come back as rows with a 1 in the label's column."""
    pixels, labels = random_digits(rng, 240)
    _, y = preprocessed(student, pixels, labels)
    expect_one_hot(y, labels)


@pytest.mark.grade("test_q4_preprocess", points=0.5)
def test_a_few_labels_still_make_ten_columns(student: Student, rng: np.random.Generator) -> None:
    """Batches that miss some classes, a batch of one image too, get ten columns."""
    for digits in ([2, 5, 2], [7], [1, 0]):
        labels = np.array(digits)
        _, y = preprocessed(student, random_digits(rng, len(labels))[0], labels)
        expect_one_hot(y, labels)


@pytest.mark.grade("test_q4_preprocess", points=0.5)
def test_preprocess_leaves_its_arguments_alone(student: Student, rng: np.random.Generator) -> None:
    """Preparing the same arrays twice gives the same result twice and does not change them."""
    pixels, labels = random_digits(rng, 50)
    code = "first = preprocess(x, y)\nagain = preprocess(x, y)\n(first, again, x, y)"
    reply = student.eval(code, x=pixels, y=labels)
    first, again, pixels_after, labels_after = expect.items(
        reply, _("preprocess twice, and x, y afterwards"), 4
    )
    unchanged = np.array_equal(pixels_after, pixels) and np.array_equal(labels_after, labels)
    assert unchanged, _(
        "preprocess changes the arrays that it is given: compute new ones and leave these as they are"
    )
    for name, one, other, shape in zip(
        "xy", pair_of(first), pair_of(again), ((50, 25), (50, 10)), strict=True
    ):
        want = expect.array(one, _("{name} of preprocess(x, y)").format(name=name), shape=shape)
        expect.close(
            other,
            want,
            _("{name} of a second preprocess(x, y)").format(name=name),
            hint=_("it should be that of the first call"),
            seen=False,
        )


# -- q4_model: 4 points ----------------------------------------------------------------------------------


def expect_parameters(student: Student, hidden: tuple[int, ...], rng: np.random.Generator) -> None:
    reply = student.eval(BUILD + COUNT, hidden=list(hidden), x=random_images(rng, 2))
    got = expect.number(reply, _("the number of parameters of build_model({hidden})").format(hidden=hidden))
    layers = " → ".join(map(str, [25, *hidden, 10]))
    assert got == parameters_of(hidden), _(
        "build_model({hidden}) has {got:g} parameters, but dense layers of {layers} units have "
        "another number: add (inputs + 1) × units of each layer"
    ).format(hidden=hidden, got=got, layers=layers)


@pytest.mark.grade("test_q4_model", points=0.5)
def test_the_three_networks_have_the_right_number_of_parameters(
    student: Student, rng: np.random.Generator
) -> None:
    """(), (15,) and (50, 30, 15) have 260, 550 and 3455 parameters, and () is the default."""
    for hidden in NETWORKS:
        expect_parameters(student, hidden, rng)
    code = f"import numpy as np\nmodel = build_model()\nmodel(x)\n{COUNT}"
    reply = student.eval(code, x=random_images(rng, 2))
    default = expect.number(reply, _("the number of parameters of build_model()"))
    assert default == NETWORKS[()], _(
        "build_model() should make the network without hidden layers, but has {default:g} parameters"
    ).format(default=default)


@pytest.mark.grade("test_q4_model", points=0.5)
def test_other_hidden_layers_are_built_as_asked(student: Student, rng: np.random.Generator) -> None:
    """Tuples that the notebook does not name give networks of those sizes, in that order."""
    for hidden in ((7, 9), (3, 20, 6, 11), tuple(rng.integers(2, 40, size=2).tolist())):
        expect_parameters(student, hidden, rng)


def softmax(z: Array, axis: int = 1) -> Array:
    with np.errstate(all="ignore"):  # what overflows agrees with nothing
        p = np.exp(z - z.max(axis=axis, keepdims=True))
        return np.asarray(p / p.sum(axis=axis, keepdims=True))


def endings(z: Array) -> Iterator[Array]:
    """What may follow on the sums of the last layer. All but the first cost points in another check."""
    yield softmax(z)
    yield z
    yield (1 + np.tanh(z / 2)) / 2
    yield softmax(z, axis=0)
    yield softmax(softmax(z))


# What may follow on a hidden layer, ReLU first: another activation costs points in Exercise 2, and none here.
ACTIVATIONS: tuple[Callable[[Array], Array], ...] = (
    lambda z: np.maximum(z, 0),
    lambda z: z,
    lambda z: (1 + np.tanh(z / 2)) / 2,
    np.tanh,
    lambda z: np.logaddexp(0, z),
    lambda z: z / (1 + np.abs(z)),
    lambda z: z * (1 + np.tanh(z / 2)) / 2,
    lambda z: z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))) / 2,  # GELU, nearly
    lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
    *(lambda z, slope=slope: np.where(z > 0, z, slope * z) for slope in (0.01, 0.1, 0.2, 0.3)),
    lambda z: np.clip(z, 0, 6),
    lambda z: np.clip(z / 6 + 0.5, 0, 1),
)
MOST_WEIGHTS = 100_000  # numbers; no network of the exercise has more than four thousand


def arrangements(kernels: Sequence[Array], biases: Sequence[Array], width: int) -> Iterator[list[Any]]:
    """The orders in which all kernels and biases make dense layers from `width` inputs to ten outputs."""
    if not kernels and not biases and width == 10:
        yield []
    for i, stored in enumerate(kernels):
        for kernel in (stored, stored.T):
            for j, bias in enumerate(biases):
                if kernel.shape == (width, len(bias)):
                    others = [*kernels[:i], *kernels[i + 1 :]], [*biases[:j], *biases[j + 1 :]]
                    yield from ([(kernel, bias), *rest] for rest in arrangements(*others, len(bias)))


def from_its_layers(output: Any, weights: Any, x: Array, name: str) -> Array:
    """The outputs for the images x that the model's weights and biases give; they are those of the model.

    Raises AssertionError where they are not: then something else than the layers has made the output.
    """
    given = expect.array(output, name, (len(x), 10))
    of_a_weight = _("a weight of {name}").format(name=name)
    arrays = [expect.array(w, of_a_weight) for w in expect.items(weights, of_a_weight)]
    if len(arrays) <= 8 and sum(w.size for w in arrays) <= MOST_WEIGHTS:
        squeezed = [np.squeeze(w) for w in arrays]  # a bias may be a row
        kernels, biases = ([w for w in squeezed if w.ndim == axes] for axes in (2, 1))
        for layers in arrangements(kernels, biases, 25):
            for bends in product(ACTIVATIONS, repeat=len(layers) - 1):
                some = given[:100], x[:100]
                if (
                    bends
                    and bends[0] is not ACTIVATIONS[0]
                    and not any(fits(some[0], p) for p in endings(run(layers, bends, some[1])))
                ):
                    continue
                for p in endings(run(layers, bends, x)):
                    if fits(given, p):
                        return p
    raise AssertionError(
        _(
            "{name} gives other outputs than dense layers with its weights and biases do: keep the network "
            "that build_model made, as the training left it"
        ).format(name=name)
    )


def as_they_are(z: Array) -> Array:
    return z


def run(layers: Sequence[Any], bends: Sequence[Callable[[Array], Array]], x: Array) -> Array:
    """The sums of the last of these layers, with an activation after each of the others."""
    z = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):  # what overflows agrees with nothing
        for (kernel, bias), bend in zip(layers, [*bends, as_they_are], strict=True):
            z = bend(z @ kernel + bias)
    return z


def fits(output: Array, expected: Array) -> bool:
    """Whether two outputs are the same up to what half precision rounds off."""
    with np.errstate(all="ignore"):
        spread = float(np.abs(expected - expected.mean(axis=0)).mean())
        return float(np.abs(output - expected).mean()) < 0.1 * spread


def sums_behind(output: Array) -> Iterator[Array]:
    """The sums of the last layer, up to a constant of an image or class, by what may follow on them."""
    with np.errstate(all="ignore"):
        if output.min() >= 0:
            log = np.log(np.maximum(output, 1e-30))
            yield log - log[:, :1]
        if output.min() < 0 or np.abs(output.sum(axis=1) - 1).max() > 1e-2:  # no softmax
            yield output
            if output.min() >= 0 and output.max() <= 1:
                p = np.clip(output, 1e-7, 1 - 1e-7)
                yield np.log(p / (1 - p))
                yield np.log(p)


def bend(student: Student, hidden: tuple[int, ...], rng: np.random.Generator) -> float:
    """How far the sums of the last layer are from affine in the pixels, relative to their range.

    An affine f has f(u) + f(w) = 2 f((u + w) / 2).
    """
    u, w = 2 * rng.standard_normal((2, 60, 25)).astype(np.float32)
    x = np.concatenate([u, w, (u + w) / 2])
    reply = student.eval(BUILD + "output", hidden=list(hidden), x=x)
    output = expect.array(
        reply, _("the output of build_model({hidden})").format(hidden=hidden), shape=(len(x), 10)
    )
    bent = []
    for z in sums_behind(output):
        at_u, at_w, between = np.split(z, 3)
        scale = np.abs(at_u - at_w).mean()
        assert scale > 0, _("build_model({hidden}) gives all images the same output").format(hidden=hidden)
        bent.append(float(np.abs(at_u + at_w - 2 * between).mean() / scale))
    return min(bent) * min(1, BEND / (2 * expect.precision(reply)))  # coarse numbers are bent by themselves


@pytest.mark.grade("test_q4_model", points=0.75)
def test_outputs_are_probabilities(student: Student, rng: np.random.Generator) -> None:
    """Every image gets ten numbers that are not negative and sum to 1: one softmax of the last layer."""
    for hidden, n in (((), 1), ((15,), 37), ((50, 30, 15), 64)):
        output = student.eval(BUILD + "output", hidden=list(hidden), x=3 * random_images(rng, n))
        probabilities(
            output, _("the output of build_model({hidden}) for {n} images").format(hidden=hidden, n=n), n
        )
    assert bend(student, (), rng) < BEND, _(
        "build_model(()) is more than a dense layer with softmax: use softmax only in the last "
        "layer, once, and no other activation there"
    )


@pytest.mark.grade("test_q4_model", points=0.75)
def test_hidden_layers_are_not_linear(student: Student, rng: np.random.Generator) -> None:
    """Hidden layers bend the function: sums that are affine in the pixels would need no hidden layer."""
    for hidden in ((12,), (15,), (50, 30, 15)):
        assert bend(student, hidden, rng) > BEND, _(
            "build_model({hidden}) is as linear as a network without hidden layers: give every "
            "hidden layer an activation, relu"
        ).format(hidden=hidden)


@pytest.mark.grade("test_q4_model", points=0.25)
def test_every_hidden_layer_has_relu(student: Student, rng: np.random.Generator) -> None:
    """The output is what the weights of the model give with ReLU after each hidden layer."""
    for sizes in ((12,), (15, 8)):
        assert has_relu(student, sizes, rng), _(
            "build_model({sizes}) does not compute what dense layers with relu do: which activation does "
            "each hidden layer have?"
        ).format(sizes=sizes)


def has_relu(student: Student, hidden: tuple[int, ...], rng: np.random.Generator) -> bool:
    """Whether build_model(hidden) computes what its weights give with ReLU after each hidden layer.

    A model that keeps its weights in another form than dense layers do is believed.
    """
    x = 2 * rng.standard_normal((40, 25)).astype(np.float32)
    code = BUILD + "output, [np.asarray(w) for w in model.weights]"
    reply = student.eval(code, hidden=list(hidden), x=x)
    output, values = expect.items(
        reply, _("the output and the weights of build_model({hidden})").format(hidden=hidden), 2
    )
    coarse = 16 * expect.precision(output)
    output = expect.array(
        output, _("the output of build_model({hidden})").format(hidden=hidden), shape=(len(x), 10)
    )
    name = _("a weight of build_model({hidden})").format(hidden=hidden)
    weights = [
        expect.array(w, name)
        for w in expect.items(values, _("the weights of build_model({hidden})").format(hidden=hidden))
    ]
    a = z = np.asarray(x, np.float64)
    for n, m in pairwise([25, *hidden, 10]):
        kernels, biases = ([w for w in weights if w.shape == shape] for shape in ((n, m), (m,)))
        if len(kernels) != 1 or len(biases) != 1:
            return True
        with np.errstate(all="ignore"):
            z = a @ kernels[0] + biases[0]
        a = np.maximum(z, 0)
    # hidden layers may be in half precision, and the output in another
    return any(np.allclose(output, p, rtol=max(0.02, coarse), atol=1e-3) for p in endings(z))


@pytest.mark.grade("test_q4_model", points=0.5)
def test_the_optimizer_is_adam_with_the_given_rate(student: Student, rng: np.random.Generator) -> None:
    """The model is compiled with Adam at the learning rate of the parameters cell."""
    code = """
optimizer = getattr(build_model(tuple(hidden)), "optimizer", None)
optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # Keras wraps it in mixed precision
rate = None if optimizer is None else float(optimizer.learning_rate)
(type(optimizer).__name__, rate, float(LEARNING_RATE))
"""
    for hidden in NETWORKS:
        what = _("the optimizer of build_model({hidden}), its learning rate and LEARNING_RATE").format(
            hidden=hidden
        )
        name, rate, given = expect.items(student.eval(code, hidden=list(hidden)), what, 3)
        assert rate is not None, _(
            "build_model({hidden}) returns a model without an optimizer: call model.compile(...)"
        ).format(hidden=hidden)
        name = name if isinstance(name, str) else _("something else")
        assert name == "Adam", _("build_model({hidden}) is compiled with {name}, not with Adam").format(
            hidden=hidden, name=name
        )
        got = expect.number(rate, _("the learning rate of build_model({hidden})").format(hidden=hidden))
        wanted = expect.number(given, "LEARNING_RATE")
        assert np.isclose(got, wanted, rtol=1e-4), _(
            "Adam of build_model({hidden}) has the learning rate {got:g}, not LEARNING_RATE: use "
            "keras.optimizers.Adam(LEARNING_RATE)"
        ).format(hidden=hidden, got=got)


@pytest.mark.grade("test_q4_model", points=0.5)
def test_loss_is_cross_entropy_and_metric_is_accuracy(student: Student, rng: np.random.Generator) -> None:
    """What the compiled model reports equals cross-entropy and accuracy, worked out here from its outputs."""
    code = f"""{BUILD}
import keras
given = None
try:
    report = model.evaluate(x, y, batch_size=len(x), verbose=0, return_dict=True)
    given = float(model.compute_loss(y=y, y_pred=keras.ops.convert_to_tensor(p)))
except Exception as error:
    report = report if isinstance(report, dict) else f"{{type(error).__name__}}: {{error}}"
(output, report, given)
"""
    x, labels = random_images(rng, 300), rng.integers(0, 10, size=300)
    one_hot = np.eye(10, dtype=np.float32)[labels]
    known = rng.dirichlet(np.ones(10), size=300).astype(np.float32)
    reply = student.eval(code, hidden=[15], x=x, y=one_hot, p=known, report=None)
    output, report, on_known = expect.items(reply, _("the output and the report of build_model((15,))"), 3)
    scores = expect.array(output, _("the output of build_model((15,))"), (len(x), 10))
    assert isinstance(report, dict), _(
        "build_model((15,)) cannot compare its outputs with one-hot labels of shape (n, 10); "
        "compile it with categorical cross-entropy ({error})"
    ).format(error=" ".join(str(report).split())[:120])
    figures = {OTHER_NAMES.get(str(k), str(k)): v for k, v in report.items()}
    loss = expect.number(figures.get("loss"), _("the loss that build_model((15,)) reports"))

    def is_loss_of(got: float, p: Array) -> bool:
        wanted = -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-7)).mean()
        return bool(np.isclose(got, wanted, rtol=max(1e-3, 4 * expect.precision(output))))

    if np.abs(scores.sum(axis=1) - 1).max() < 1e-2:
        right = is_loss_of(loss, scores)
    else:  # the softmax is the business of another check; here, the loss of given probabilities or of sums
        got = expect.number(on_known, _("the loss that build_model((15,)) reports"))
        right = is_loss_of(got, known) or is_loss_of(got, softmax(known))
    assert right, _(
        "the loss of build_model((15,)) is not the categorical cross-entropy of its outputs: "
        'loss="categorical_crossentropy", with softmax only in the last layer and from_logits '
        "left out"
    )
    assert "accuracy" in figures, _(
        "build_model((15,)) reports no accuracy: compile it with metrics=['accuracy']"
    )
    share = expect.number(figures["accuracy"], _("the accuracy that build_model((15,)) reports"))
    assert abs(share - accuracy(scores, labels)) < 0.005, _(
        "the accuracy that build_model((15,)) reports is not the share of images whose largest "
        "output is at the label"
    )


@pytest.mark.grade("test_q4_model", points=0.25)
def test_every_call_makes_a_new_model(student: Student, rng: np.random.Generator) -> None:
    """Two models of the same shape share neither weights nor optimizer."""
    code = """
import numpy as np
one, other = build_model(tuple(hidden)), build_model(tuple(hidden))
before = [np.asarray(model(x)) for model in (one, other)]
one.set_weights([2 * w for w in one.get_weights()])
after = [np.asarray(model(x)) for model in (one, other)]
optimizers = [getattr(model, "optimizer", None) for model in (one, other)]
(*before, *after, optimizers[0] is None or optimizers[0] is not optimizers[1])
"""
    for hidden in NETWORKS:
        x, what = random_images(rng, 9), _("two models of build_model({hidden})").format(hidden=hidden)
        *outputs, own_optimizers = expect.items(student.eval(code, hidden=list(hidden), x=x), what, 5)
        name = _("the output of build_model({hidden})").format(hidden=hidden)
        one, other, one_after, other_after = (expect.array(value, name, (len(x), 10)) for value in outputs)
        assert not np.allclose(one, one_after, atol=1e-5), _(
            "the output of build_model({hidden}) does not change when all its weights are doubled"
        ).format(hidden=hidden)
        assert np.allclose(other, other_after, atol=1e-5), _(
            "two calls of build_model({hidden}) give models that share their weights: make the "
            "layers inside the function"
        ).format(hidden=hidden)
        assert own_optimizers is True, _(
            "two calls of build_model({hidden}) share one optimizer, which remembers the first "
            "model: make the optimizer inside the function"
        ).format(hidden=hidden)


# -- q4_train: 5 points ----------------------------------------------------------------------------------


FEW = "train((15,), epochs=5)"


def few_epochs(student: Student) -> tuple[dict[str, Any], Array, Array]:
    """What FEW returns, with the output for the judge's images, the decoys and the test images; and these.

    Those images follow on each other, and so do their labels.
    """

    def train() -> tuple[dict[str, Any], Array, Array]:
        rng = np.random.default_rng(5)
        x, labels = unseen(rng)
        noise = rng.random((DECOYS, 25), dtype=np.float32)
        repeated, one_hot = np.tile(noise, (200 // DECOYS, 1)), np.tile(np.eye(10), (200 // DECOYS, 1))
        pixels, known = known_digits()
        images = np.concatenate([x, noise, as_input(pixels)])
        arrays = {"x_test": repeated, "y_test": one_hot.astype(np.float32)}
        answer = trained(student, (15,), 5, images, arrays)
        return answer, images, np.concatenate([labels, np.arange(DECOYS), known])

    return student.remember(FEW, train)


@pytest.mark.grade("test_q4_train", points=0.5)
@builds_on(WITH_MODEL)
def test_train_runs_as_many_epochs_as_asked(student: Student) -> None:
    """The history has loss and accuracy, of training and validation, for each of the epochs asked for."""
    answer = few_epochs(student)[0]
    curves_of(answer["history"], _("the history of {few}").format(few=FEW), 5)


@pytest.mark.grade("test_q4_train", points=0.5)
@builds_on(WITH_MODEL)
def test_train_builds_the_network_asked_for(student: Student, rng: np.random.Generator) -> None:
    """The trained model has the hidden layers that train() was given."""
    answer = trained(student, (8, 6), 1, random_images(rng, 2))
    got = expect.number(answer["parameters"], _("the number of parameters of train((8, 6), epochs=1)"))
    assert got == parameters_of((8, 6)), _(
        "train((8, 6), epochs=1) returns a model with {got:g} parameters, not the network (8, "
        "6): build it with build_model(hidden)"
    ).format(got=got)


@pytest.mark.grade("test_q4_train", points=0.5)
@threshold(
    N_("accuracy on hidden images after train((15,), epochs=5)"),
    at_least=0.5,
    mean=0.8754,
    sd=0.0085,
    runs=44,
)
def test_a_few_epochs_of_training_teach_something(student: Student) -> float:
    """The loss falls, and the model that train() returns is the one that learnt.

    The bar is low so that slower activations reach it too (sigmoid: 0.75).
    """
    try:
        share = learnt_in_a_few_epochs(student)
    except AssertionError:
        share = 0.0
    return share if share >= 0.5 else learnt_in_a_few_epochs(student.given(WITH_MODEL))


def learnt_in_a_few_epochs(student: Student) -> float:
    answer, images, labels = few_epochs(student)
    curves = curves_of(answer["history"], _("the history of {few}").format(few=FEW), 5)
    loss = curves["loss"]
    assert loss[-1] < loss[0], _(
        "the training loss does not fall in 5 epochs: is the model fitted to x_train and y_train?"
    )
    name = _("the model of {few}").format(few=FEW)
    outputs = from_its_layers(answer["output"], answer["weights"], images, name)
    places = np.cumsum([len(hidden_digits()[1]), DECOYS])
    (p, decoys, tests), (labels, of_decoys, of_tests) = np.split(outputs, places), np.split(labels, places)
    assert any(told(curves["val_loss"], *pair) for pair in ((decoys, of_decoys), (tests, of_tests))), _(
        "no val_loss in the history of {few} is the loss of the model that it returns: return the history of "
        "the training that made this model, validated on x_test, y_test"
    ).format(few=FEW)
    assert accuracy(decoys, of_decoys) < 0.75, _(
        "train() fits the model to x_test, y_test: fit it to x_train, y_train alone, and give "
        "the test images to validation_data only"
    )
    share = accuracy(p, labels)
    assert share > 0.25, _(
        "after {few} the model reads {share:.0%} of hidden images, hardly more than by guessing: "
        "is it the one that was fitted, was it fitted to pixels from 0 to 1 (divided by 255), and do "
        "images and labels stand in the same order?"
    ).format(few=FEW, share=share)
    return share


def told(losses: Array, p: Array, labels: Array) -> bool:
    """Whether one of the losses is the cross-entropy of these outputs: of the last epoch, or a better one."""
    with np.errstate(all="ignore"):
        loss = -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-7)).mean()
    return bool(np.isclose(losses, loss, rtol=0.05, atol=0.02).any())


def the_three(student: Student) -> Mapping[tuple[int, ...], Mapping[str, Any]]:
    """Of each of the three networks: its history, its parameters and its output for the student's x_test."""
    code = f"""
import numpy as np
answers = []
for hidden in networks:
    model, history = models.get(tuple(hidden)), histories.get(tuple(hidden))
    answer = {{"model": model is not None, "history": getattr(history, "history", history)}}
    if model is not None:
        answer["images"], answer["output"] = np.asarray(x_test), np.asarray(model(x_test))
        answer["weights"] = {WEIGHTS}
        answer["parameters"] = {COUNT}
    answers.append(answer)
answers
"""
    reply = student.eval(code, networks=[list(hidden) for hidden in NETWORKS])
    answers = expect.items(reply, _("models and histories"), len(NETWORKS))
    three = {}
    for hidden, value in zip(NETWORKS, answers, strict=True):
        answer = expect.mapping(
            value, _("models and histories of {hidden}").format(hidden=hidden), keys=("model", "history")
        )
        assert answer["model"] is True, _("models has no key {hidden}: {keys}").format(
            hidden=hidden, keys=_(KEYS)
        )
        assert answer["history"] is not None, _("histories has no key {hidden}: {keys}").format(
            hidden=hidden, keys=_(KEYS)
        )
        three[hidden] = expect.mapping(
            answer, f"models[{hidden}]", keys=("images", "output", "parameters", "weights")
        )
    return three


def epochs_of(student: Student) -> int:
    """EPOCHS of the locked cell."""
    return int(expect.number(student.get("EPOCHS"), "EPOCHS", low=1, high=1000))


# What the student's own training left behind, in its own terms: what evaluate makes of x_test, y_test as the
# notebook has them is what the history ends with, and the model is one of build_model.
OWN_TERMS = f"""
answers = []
for hidden in networks:
    model, history = models[tuple(hidden)], histories[tuple(hidden)]
    report = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    answer = [float(report["loss"]), getattr(history, "history", history)["val_loss"], {COUNT}]
    model = build_model(tuple(hidden))
    model(x_test[:1])
    answers.append([*answer, {COUNT}])
answers
"""


def assert_trained_by_own_terms(student: Student) -> None:
    """The dicts hold what train() gave for EPOCHS epochs, with build_model and preprocess as they are."""
    answers = student.eval(OWN_TERMS, timeout=TRAIN_S, networks=[list(hidden) for hidden in NETWORKS])
    epochs, counts = epochs_of(student), set()
    for value in expect.items(answers, _("models and histories"), len(NETWORKS)):
        loss, losses, parameters, built = expect.items(value, _("models and histories"), 4)
        assert isinstance(losses, list | tuple | np.ndarray)
        assert np.shape(losses) == (epochs,)
        assert isinstance(loss, float)
        assert np.isclose(loss, float(losses[-1]), rtol=1e-3, equal_nan=True)
        assert isinstance(parameters, int)
        assert parameters == built
        counts.add(parameters)


def fault_lies_earlier(student: Student, *, stopped: bool = False) -> Mapping[tuple[int, ...], float]:
    """The share of hidden images that each network reads after train() with Exercises 1 and 2 right.

    Empty unless the student's own dicts hold what their own train() gave, and that train() makes all three
    networks as they should be once those functions are right.

    stopped : whether it is enough that train() raises an error with the student's own functions, so that the
        dicts could not be filled
    """

    def own() -> bool:
        try:
            assert_trained_by_own_terms(student)
        except (AssertionError, TypeError, ValueError):
            return False
        return True

    def raises() -> bool:
        """Whether the student's own functions end the training with an error, and right ones do not."""
        arguments = ((), 1, np.zeros((1, 25), np.float32))
        try:
            trained(student.given(WITH_MODEL), *arguments)
        except AssertionError:
            return False
        try:
            trained(student, *arguments)
        except AssertionError:
            return student.eval("all(key in models for key in NETWORKS)") is False
        return False

    def shares() -> Mapping[tuple[int, ...], float]:
        x, labels = unseen(np.random.default_rng(6))
        found = {}
        try:
            for hidden in NETWORKS:
                answer = trained(student.given(WITH_MODEL), hidden, epochs_of(student), x)
                curves_of(answer["history"], "train()", epochs_of(student))
                if answer["parameters"] != NETWORKS[hidden]:
                    return {}
                output = from_its_layers(answer["output"], answer["weights"], x, "train()")
                found[hidden] = accuracy(output, labels)
                if found[hidden] < 0.85:
                    return {}
        except AssertionError:
            return {}
        return found

    if student.remember("own terms", own) or (stopped and student.remember("raises", raises)):
        return student.remember("right pieces", shares)
    return {}


@pytest.mark.grade("test_q4_train", points=1)
def test_models_and_histories_hold_the_three_networks(student: Student) -> None:
    """Both dicts have the three keys, each with its own trained network and EPOCHS epochs."""
    try:
        assert_three_networks(student)
    except AssertionError:
        if not fault_lies_earlier(student):
            raise


def of_the_test_images(answer: Mapping[str, Any], hidden: tuple[int, ...], count: int) -> Array:
    """What the layers of one of the three make of the student's x_test."""
    images = expect.array(answer["images"], "x_test", (count, 25))
    return from_its_layers(answer["output"], answer["weights"], images, f"models[{hidden}]")


def assert_three_networks(student: Student) -> None:
    epochs = epochs_of(student)
    labels = known_digits()[1]
    for hidden, answer in the_three(student).items():
        got = expect.number(
            answer["parameters"], _("the number of parameters of models[{hidden}]").format(hidden=hidden)
        )
        assert got == NETWORKS[hidden], _(
            "models[{hidden}] has {got:g} parameters: it is not the network {hidden}"
        ).format(hidden=hidden, got=got)
        told = curves_of(answer["history"], f"histories[{hidden}]", epochs)["val_accuracy"][-1]
        output = of_the_test_images(answer, hidden, len(labels))
        assert abs(told - accuracy(output, labels)) < INVENTED, _(
            "the last val_accuracy of histories[{hidden}] is far from what models[{hidden}] "
            "reaches: keep the history of the training that made this model"
        ).format(hidden=hidden)


@pytest.mark.grade("test_q4_train", points=0.5)
def test_histories_belong_to_the_models(student: Student) -> None:
    """Each history ends with the accuracy that its model has on the 200 test images."""
    try:
        assert_histories_belong(student)
    except AssertionError:
        if not fault_lies_earlier(student):
            raise


def assert_histories_belong(student: Student) -> None:
    epochs = epochs_of(student)
    labels = known_digits()[1]
    for hidden, answer in the_three(student).items():
        curves = curves_of(answer["history"], f"histories[{hidden}]", epochs)
        output = of_the_test_images(answer, hidden, len(labels))
        assert abs(curves["val_accuracy"][-1] - accuracy(output, labels)) < 0.011, (  # two of the 200 images
            _(
                "the last val_accuracy of histories[{hidden}] is not that of models[{hidden}] on "
                "x_test, y_test: validate on them, and keep model and history of the same training"
            ).format(hidden=hidden)
        )


def reads_hidden_images(student: Student, hidden: tuple[int, ...], rng: np.random.Generator) -> float:
    """The accuracy of `models[hidden]`; where an earlier exercise is at fault, that of train() without it."""
    try:
        share = hidden_accuracy(student, hidden, rng)
    except AssertionError:
        if not (shares := fault_lies_earlier(student, stopped=True)):
            raise
        return shares[hidden]
    if share < 0.85 and (shares := fault_lies_earlier(student, stopped=True)):
        return shares[hidden]
    return share


@pytest.mark.grade("test_q4_train", points=0.5)
@threshold(N_("accuracy of models[()] on hidden images"), at_least=0.85, mean=0.8996, sd=0.0017, runs=44)
def test_no_hidden_layer_reads_hidden_images(student: Student, rng: np.random.Generator) -> float:
    """Softmax alone reads more than 85 % of images that the notebook never loads."""
    return reads_hidden_images(student, (), rng)


@pytest.mark.grade("test_q4_train", points=0.5)
@threshold(N_("accuracy of models[(15,)] on hidden images"), at_least=0.85, mean=0.9258, sd=0.0045, runs=44)
def test_one_hidden_layer_reads_hidden_images(student: Student, rng: np.random.Generator) -> float:
    """One hidden layer reads more than 85 % of images that the notebook never loads."""
    return reads_hidden_images(student, (15,), rng)


@pytest.mark.grade("test_q4_train", points=1)
@threshold(
    N_("accuracy of models[(50, 30, 15)] on hidden images"), at_least=0.85, mean=0.9261, sd=0.0109, runs=44
)
def test_three_hidden_layers_read_hidden_images(student: Student, rng: np.random.Generator) -> float:
    """Three hidden layers read more than 85 % of images that the notebook never loads."""
    return reads_hidden_images(student, (50, 30, 15), rng)
