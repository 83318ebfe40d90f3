"""Hidden checks of q6_mnist, a multilayer perceptron and its training loop in PyTorch.

Models and loaders are built in the student's process from plain arrays; expected values come from the NumPy
definitions in this file, and the test images and their labels stay here.

A mistake is paid for in its own exercise. What stands at the end of the network is asked by one check, what
between its layers by others. A check of the loops that fails runs again with right functions of Exercises 1
and 2. Where mlp or history fail, see `own_terms` and `share_with_right_pieces`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from mashq import datasets
from mashq.judge import Student, Tensor, builds_on, expect, threshold
from mashq.language import gettext as _
from mashq.language import marked as N_

pytestmark = pytest.mark.dataset("mnist")

Array = np.ndarray[Any, np.dtype[np.float64]]
Labels = np.ndarray[Any, np.dtype[np.int64]]
Layers = list[tuple[Array, Array]]  # weights (in, out) and bias (out,) of each linear layer
Network = Callable[[Any], Array]  # images (n, ...) to logits (n, 10)

SIZES = (784, 256, 128, 10)
COUNT = sum(a * b + b for a, b in pairwise(SIZES))  # 235,146
CLASSES = SIZES[-1]
HISTORY = ("train_loss", "train_acc", "val_loss", "val_acc")
RTOL, ATOL = 1e-4, 1e-5  # PyTorch computes in float32
TRAINING_S = 120.0  # limit of a whole training in a check; it takes about 10 s
# Right functions of the earlier exercises, for the student's process; nothing in here is asked for later.
WITH_NETWORK = """
import torch

def MLP():
    first, second, last = (torch.nn.Linear(a, b) for a, b in ((784, 256), (256, 128), (128, 10)))
    return torch.nn.Sequential(torch.nn.Flatten(), first, torch.nn.ReLU(), second, torch.nn.ReLU(), last)

def accuracy(logits, y):
    return float((logits.argmax(dim=1) == y).float().mean())
"""
WEIGHTED = N_("add up each batch's mean times its number of samples, then divide by all samples")


# -- definitions ------------------------------------------------------------------------------------------


def log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def targets(y: Labels, smoothing: float) -> Array:
    """One-hot rows, or with label smoothing (1 - s) one-hot + s / classes."""
    return np.asarray((1 - smoothing) * np.eye(CLASSES)[y] + smoothing / CLASSES)


def cross_entropy(z: Array, y: Labels, smoothing: float = 0.0) -> float:
    """Mean cross-entropy of logits z, shape (n, 10), against labels y, shape (n,)."""
    return float(-(targets(y, smoothing) * log_softmax(z)).sum(axis=1).mean())


def share_right(z: Array, y: Labels) -> float:
    return float((z.argmax(axis=1) == y).mean())


def sgd_epoch(
    x: Array,
    y: Labels,
    weights: Array,
    bias: Array,
    batch: int,
    rate: float,
    momentum: float,
    smoothing: float,
) -> tuple[Array, Array]:
    """Weights (10, d) and bias (10,) of softmax regression after one pass, with PyTorch's momentum rule."""
    v_weights, v_bias = np.zeros_like(weights), np.zeros_like(bias)
    for i in range(0, len(y), batch):
        x_batch, y_batch = x[i : i + batch], y[i : i + batch]
        probabilities = np.exp(log_softmax(x_batch @ weights.T + bias))
        delta = (probabilities - targets(y_batch, smoothing)) / len(y_batch)
        v_weights, v_bias = momentum * v_weights + delta.T @ x_batch, momentum * v_bias + delta.sum(axis=0)
        weights, bias = weights - rate * v_weights, bias - rate * v_bias
    return weights, bias


def perceptron(x: Array, parameters: list[Array]) -> Array:
    """Logits of the network of the exercise; parameters W1, b1, W2, b2, W3, b3 with W of shape (out, in)."""
    W1, b1, W2, b2, W3, b3 = parameters
    h1 = np.maximum(0, x.reshape(len(x), -1) @ W1.T + b1)
    return np.asarray(np.maximum(0, h1 @ W2.T + b2) @ W3.T + b3)


# What may stand behind a linear layer. All but relu between them and nothing at the end costs points in
# Exercise 1, where it belongs, and none in Exercise 3.
BETWEEN: tuple[Callable[[Array], Array], ...] = (
    lambda z: np.maximum(0, z),
    lambda z: z,
    np.tanh,
    lambda z: (1 + np.tanh(z / 2)) / 2,
)
AT_THE_END: tuple[Callable[[Array], Array], ...] = (
    lambda z: z,
    lambda z: np.exp(log_softmax(z)),
    log_softmax,
    lambda z: np.maximum(0, z),
)


def arrangements(weights: Sequence[Array], biases: Sequence[Array], width: int) -> Iterator[Layers]:
    """The orders in which all weights and biases make layers from `width` inputs to the classes."""
    if not weights and not biases and width == CLASSES:
        yield []
    for i, stored in enumerate(weights):
        for W in (stored, stored.T):
            for j, bias in enumerate(biases):
                if W.shape == (width, len(bias)):
                    others = [*weights[:i], *weights[i + 1 :]], [*biases[:j], *biases[j + 1 :]]
                    yield from ([(W, bias), *rest] for rest in arrangements(*others, len(bias)))


def networks(parameters: Sequence[Array]) -> Iterator[Network]:
    """The networks of linear layers that these parameters, in any order and orientation, may stand for."""
    if len(parameters) > 6 or sum(p.size for p in parameters) > 4 * COUNT:
        return
    squeezed = [np.squeeze(p) for p in parameters]  # a bias may be a row
    weights, biases = ([p for p in squeezed if p.ndim == axes] for axes in (2, 1))
    for layers in arrangements(weights, biases, SIZES[0]):
        for bends in product(BETWEEN, repeat=len(layers) - 1):
            for end in AT_THE_END:
                yield partial(run, layers, (*bends, end))


def run(layers: Layers, bends: Sequence[Callable[[Array], Array]], x: Any) -> Array:
    """What a network of linear layers, each with something behind it, makes of images."""
    a: Array = np.asarray(x, np.float64).reshape(len(x), -1)
    with np.errstate(all="ignore"):  # what overflows agrees with nothing
        for (W, bias), bend in zip(layers, bends, strict=True):
            a = bend(a @ W + bias)
    return a


def shift(images: Array, down: Array, right: Array) -> Array:
    """Images (n, h, w), each moved by its own fraction of a pixel, down and right shape (n,), from -1 to 1.

    Bilinear, with zeros coming in at the edges.
    """
    n, height, width = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))

    def corner(i: int, j: int) -> Array:
        return np.asarray(padded[:, 1 + i : 1 + i + height, 1 + j : 1 + j + width])

    moved = np.zeros_like(images)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            share = np.maximum(0, 1 - np.abs(down + i)) * np.maximum(0, 1 - np.abs(right + j))
            moved += share.reshape(n, 1, 1) * corner(i, j)
    return moved


# -- helpers ----------------------------------------------------------------------------------------------


def tensor(array: Any) -> Tensor:
    """Numbers as PyTorch expects them: float32, or int64 for labels."""
    values = np.asarray(array)
    return Tensor(values.astype(np.int64 if values.dtype.kind in "iu" else np.float32))


def images_like(rng: np.random.Generator, n: int) -> Array:
    return rng.normal(size=(n, 1, 28, 28))


def small_problem(rng: np.random.Generator, d: int = 5) -> tuple[Array, Labels, Array, Array]:
    """x (27, d), y, weights and bias of a linear model that does badly on the last three samples only.

    In batches of 8 the last one has 3 samples, so an average over batches is far from one over samples.
    """
    weights, bias, x = rng.normal(size=(CLASSES, d)), rng.normal(size=CLASSES), rng.normal(size=(27, d))
    z = x @ weights.T + bias
    y = z.argmax(axis=1)
    y[5:24:6] = (y[5:24:6] + 1) % CLASSES  # a few mistakes before them
    y[24:] = z[24:].argmin(axis=1)
    return x, y, weights, bias


BATCH = 8

# A linear model with given weights, its data in uneven batches, a loss function and an optimizer.
LINEAR = """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(x, y), batch_size=batch)
model = torch.nn.Linear(x.shape[1], len(bias))
with torch.no_grad():
    model.weight.copy_(weights)
    model.bias.copy_(bias)
loss_function = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)
"""
TRAIN = "result = train_one_epoch(model, loader, loss_function, optimizer)\n"
EVALUATE = "result = evaluate(model, loader, loss_function)\n"

# The same with layers that act differently in training: BatchNorm with given statistics and Dropout.
NORMALISED = """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(x, y), batch_size=batch)
norm, linear = torch.nn.BatchNorm1d(x.shape[1]), torch.nn.Linear(x.shape[1], len(bias))
with torch.no_grad():
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    linear.weight.copy_(weights)
    linear.bias.copy_(bias)
model = torch.nn.Sequential(norm, torch.nn.Dropout(0.5), linear)
loss_function = torch.nn.CrossEntropyLoss()
"""


def drive(student: Student, code: str, problem: tuple[Array, Labels, Array, Array], **settings: Any) -> Any:
    """Run `code` in the student's process on a small problem."""
    x, y, weights, bias = (tensor(each) for each in problem)
    plain = {"batch": BATCH, "rate": 0.0, "momentum": 0.0, "smoothing": 0.0} | settings
    return student.eval(code, x=x, y=y, weights=weights, bias=bias, **plain)


def pair(value: Any, name: str) -> tuple[Any, Any]:
    """(loss, accuracy)."""
    fits = isinstance(value, (tuple, list)) and len(value) == 2
    assert fits, _(
        "{name} should return two numbers, (loss, accuracy): is the return statement missing?"
    ).format(name=name)
    return value[0], value[1]


def check_loss(value: Any, z: Array, y: Labels, name: str, hint: str, smoothing: float = 0.0) -> None:
    """Compare the loss in (loss, accuracy) with that of the logits z over all samples."""
    loss = expect.number(pair(value, name)[0], _("the loss that {name} returns").format(name=name))
    expect.close(
        loss,
        cross_entropy(z, y, smoothing),
        _("the loss that {name} returns").format(name=name),
        RTOL,
        ATOL,
        hint,
    )


def check_accuracy(value: Any, z: Array, y: Labels, name: str) -> None:
    """Compare the accuracy in (loss, accuracy) with that of the logits z over all samples."""
    share = expect.number(
        pair(value, name)[1], _("the accuracy that {name} returns").format(name=name), low=0, high=1
    )
    expect.close(
        share,
        share_right(z, y),
        _("the accuracy that {name} returns").format(name=name),
        RTOL,
        ATOL,
        _(WEIGHTED),
    )


def check_parameters(got: Any, want: tuple[Array, Array], when: str, hint: str) -> None:
    """Compare the weights and biases of the linear model with those computed here."""
    values = expect.items(
        got, _("the weights and the biases of a small linear model {when}").format(when=when), 2
    )
    for value, wanted, name in zip(values, want, (_("weights"), _("biases")), strict=True):
        expect.close(
            value,
            wanted,
            _("the {name} of a small linear model {when}").format(name=name, when=when),
            1e-3,
            ATOL,
            hint,
            seen=False,
        )


def epochs_of(student: Student) -> int:
    """How many epochs the locked cell of the notebook asks for."""
    return int(expect.number(student.get("EPOCHS"), "EPOCHS", low=1, high=1000))


def series(student: Student) -> dict[str, Array]:
    """The four lists of history, one number an epoch."""
    epochs = epochs_of(student)
    history = expect.mapping(student.get("history"), "history", keys=HISTORY)
    lists = {}
    for key in HISTORY:
        name = f"history[{key!r}]"
        lists[key] = expect.array(history[key], name)
        assert lists[key].ndim == 1, _("{name} should be a list of plain numbers").format(name=name)
        assert len(lists[key]) == epochs, _(
            "{name} should have one number for each of the {epochs} epochs, but has {count}"
        ).format(name=name, epochs=epochs, count=len(lists[key]))
    return lists


def parameters_of(value: Any, name: str) -> list[Array]:
    """The parameters of a model as arrays, in its own order."""
    return [
        expect.array(p, _("a parameter of {name}").format(name=name))
        for p in expect.items(value, _("the parameters of {name}").format(name=name))
    ]


def network_of_mlp(student: Student) -> Network:
    """The network that the weights and biases of mlp make, which is also what mlp computes.

    Whatever else mlp does, digits count as read when these numbers read them.
    """

    def find() -> Network:
        student.call("mlp.eval")
        parameters = parameters_of(student.eval("[p for p in mlp.parameters()]"), "mlp")
        candidates = list(networks(parameters))
        assert candidates, _(
            "the parameters of mlp are not the weights and biases of linear layers from 784 "
            "pixels to 10 digits: train the network of Exercise 1"
        )
        images = datasets.load_mnist("hidden")[0]
        x = datasets.normalise_mnist(images[:50])
        z = expect.array(student.call("mlp", tensor(x), timeout=60), "mlp(images)", (len(x), CLASSES))
        for network in candidates:
            own = network(x)
            if np.allclose(z, own, rtol=1e-3, atol=1e-3 * float(np.abs(own).max())):
                return network
        raise AssertionError(
            _(
                "mlp gives other numbers than its weights and biases do: train the network of "
                "Exercise 1, linear layers with ReLU between them, and keep it as mlp"
            )
        )

    return student.remember("the network of mlp", find)


def accuracy_of(network: Network, images: Any, labels: Labels) -> float:
    """Accuracy of a network on images (n, 28, 28) with grey values from 0 to 255."""
    return share_right(network(datasets.normalise_mnist(images)), labels)


@cache
def new_digits() -> tuple[Any, Labels]:
    """The test images as input, in a new order and each moved by up to half a pixel along each axis; labels.

    They are the same for everybody, and are made once in a process that grades many notebooks.
    """
    rng = np.random.default_rng(6)
    images, labels = datasets.load_mnist("hidden")
    order = rng.permutation(len(labels))
    down, right = rng.uniform(-0.5, 0.5, size=(2, len(labels)))
    return datasets.normalise_mnist(shift(images[order].astype(np.float64), down, right)), labels[order]


def hidden_accuracy(network: Network) -> float:
    """Accuracy on the new digits."""
    x, labels = new_digits()
    return share_right(network(x), labels)


def assert_history_of(network: Network, lists: dict[str, Array]) -> None:
    """The last validation accuracy is that of mlp on the validation images."""
    last = expect.number(lists["val_acc"][-1], _("the last val_acc in history"), low=0, high=1)
    difference = abs(last - accuracy_of(network, *datasets.load_mnist("validation")))
    assert difference < 0.002, _(
        "the last val_acc in history is {difference:.1%} away from what mlp reaches on the "
        "validation images: is it the history of another network, or not of the validation "
        "images?"
    ).format(difference=difference)


# -- exercise 1: MLP --------------------------------------------------------------------------------------


@pytest.mark.grade("test_q6_model", points=0.25)
def test_logits_have_one_row_for_each_image(student: Student, rng: np.random.Generator) -> None:
    """Any number of images, one as well, gives logits (n, 10), and each row depends on its own image only."""
    code = "net = MLP()\nnet.eval()\n[net(x) for x in batches], [net(x[-1:]) for x in batches]"
    batches = [tensor(images_like(rng, n)) for n in (1, 2, 7, 64)]
    reply = expect.items(
        student.eval(code, batches=batches), _("MLP()(x) for batches and for single images"), 2
    )
    together, alone = (expect.items(z, _("MLP()(x) for four batches"), len(batches)) for z in reply)
    for batch, z, last in zip(batches, together, alone, strict=True):
        n = len(batch.array)
        z = expect.array(z, _("MLP()(x) for {n} images").format(n=n), (n, CLASSES))
        assert n == 1 or np.ptp(z, axis=0).max() > 0, _("MLP gives all images the same logits")
        hint = _("an image gives other logits alone than in a batch: flatten each image by itself")
        expect.close(last, z[-1:], _("MLP()(x) for one image"), RTOL, ATOL, hint, seen=False)


@pytest.mark.grade("test_q6_model", points=0.75)
def test_layers_have_the_sizes_asked_for(student: Student, rng: np.random.Generator) -> None:
    """784-256-128-10 with biases, 235,146 parameters, and random initial values."""
    code = """
from contextlib import suppress

nets = [MLP(), MLP()]
for net in nets:
    with suppress(Exception):  # what forward does is the business of other checks
        net(x)  # lazy layers have no parameters before
[list(net.parameters()) for net in nets]
"""
    replies = expect.items(student.eval(code, x=tensor(images_like(rng, 2))), _("two new MLPs"), 2)
    # A bias may be a row of shape (1, n).
    first, second = ([np.squeeze(p) for p in parameters_of(net, "MLP()")] for net in replies)
    assert first, _("MLP() has no parameters: keep the layers in self, in __init__")
    count = sum(np.size(p) for p in first)
    assert count == COUNT, _(
        "MLP() has {count:,} parameters, and 784-256-128-10 with biases has {wanted:,}"
    ).format(count=count, wanted=COUNT)
    # Sorted, since a weight may be stored (out, in) or (in, out).
    shapes = sorted(tuple(sorted(np.shape(p))) for p in first)
    wanted = [tuple(sorted(shape)) for a, b in pairwise(SIZES) for shape in ((a, b), (b,))]
    assert shapes == sorted(wanted), _(
        "MLP(): the layers should be 784-256, 256-128 and 128-10, each with biases"
    )
    assert all(np.ptp(p) > 0 for p in first if np.ndim(p) == 2), _("MLP(): the initial weights are all equal")
    different = any(not np.array_equal(p, q) for p, q in zip(first, second, strict=False))
    assert different, _("two new MLPs have the same weights: leave the initial values to PyTorch, at random")


@pytest.mark.grade("test_q6_model", points=0.75)
def test_network_is_not_linear(student: Student, rng: np.random.Generator) -> None:
    """f(x) - f(0) turns round with x and doubles with it when f is affine, and not for this network."""
    x = images_like(rng, 20)
    inputs = [tensor(factor * x) for factor in (0, 1, -1, 2, 1)]
    reply = student.eval("net = MLP()\nnet.eval()\n[net(x) for x in inputs]", inputs=inputs)
    replies = expect.items(reply, _("MLP()(x) for five batches"), len(inputs))
    zero, there, back, double, again = (expect.array(z, "MLP()(x)", (20, CLASSES)) for z in replies)
    expect.close(again, there, _("MLP()(x) for the same images again"), RTOL, ATOL, seen=False)
    bend = max(np.abs(there + back - 2 * zero).max(), np.abs(double - 2 * there + zero).max())
    assert bend > 1e-3 * np.abs(there - zero).max(), _(
        "MLP is linear up to a constant, so its three layers do no more than one: ReLU belongs between them"
    )


@pytest.mark.grade("test_q6_model", points=0.75)
def test_outputs_are_logits(student: Student, rng: np.random.Generator) -> None:
    """The network ends with a linear layer: both signs, neither probabilities nor their logarithms."""
    x = 10 * images_like(rng, 50)
    code = "net = MLP()\nnet.eval()\nnet(x), net(reverse)"
    reply = student.eval(code, x=tensor(x), reverse=tensor(x[::-1]))
    z, reverse = expect.items(reply, _("MLP()(x) for two batches"), 2)
    z = expect.array(z, "MLP()(x)", (50, CLASSES))
    expect.close(reverse, z[::-1], _("MLP()(x) for the same images in reverse order"), RTOL, 1e-3, seen=False)
    assert not np.allclose(z.sum(axis=1), 1, atol=1e-3), _(
        "the ten outputs of MLP add up to 1: end with the linear layer, the loss does the softmax"
    )
    assert not np.allclose(np.exp(z).sum(axis=1), 1, atol=1e-3), _(
        "the outputs of MLP are log-probabilities: end with the linear layer, the loss does the softmax"
    )
    assert z.min() < 0 < z.max(), _(
        "the outputs of MLP all have one sign: nothing should follow the last linear layer"
    )


@pytest.mark.grade("test_q6_model", points=0.5)
def test_network_agrees_with_the_definition(student: Student, rng: np.random.Generator) -> None:
    """With given weights the outputs are those of relu, relu and a linear layer, whatever follows on that."""
    parameters = []
    for a, b in pairwise(SIZES):
        parameters += [rng.normal(size=(b, a)) / np.sqrt(a / 2), rng.normal(size=b)]
    x = images_like(rng, 9)
    code = """
import torch

net = MLP()
net.eval()
fits = True
with torch.no_grad():
    net(x)  # lazy layers have no parameters before
    for p in net.parameters():
        for value in values:
            if value.shape == p.squeeze().shape:
                p.copy_(value.reshape(p.shape))
                break
            if value.T.shape == p.squeeze().shape:
                p.copy_(value.T.reshape(p.shape))
                break
        else:
            fits = False
    out = net(x) if fits else None
out
"""
    z = student.eval(code, x=tensor(x), values=[tensor(p) for p in parameters])
    assert z is not None, _("MLP(): a parameter has another shape than those of the layers 784-256-128-10")
    hint = _("flatten, linear, relu, linear, relu, linear, in this order, and nothing else")
    want = perceptron(x, parameters)
    values = expect.array(z, _("MLP()(x) with given weights"), want.shape)
    if not any(np.allclose(values, end(want), rtol=1e-3, atol=1e-3) for end in AT_THE_END):
        expect.close(z, want, _("MLP()(x) with given weights"), 1e-3, 1e-3, hint, seen=False)


# -- exercise 2: accuracy ---------------------------------------------------------------------------------


@pytest.mark.grade("test_q6_accuracy", points=1)
def test_accuracy_is_the_share_of_right_predictions(student: Student, rng: np.random.Generator) -> None:
    """Random logits in batches of several sizes, about half of them right."""
    for n in (1, 2, 10, 37, 128):
        z = rng.normal(size=(n, CLASSES))
        y = np.where(rng.random(n) < 0.5, z.argmax(axis=1), rng.integers(CLASSES, size=n))
        got = expect.number(
            student.call("accuracy", tensor(z), tensor(y)), "accuracy(logits, y)", low=0, high=1
        )
        hint = _(
            "{n} samples: compare the place of each row's largest logit with the label, and divide by {n}"
        ).format(n=n)
        expect.close(got, share_right(z, y), "accuracy(logits, y)", RTOL, ATOL, hint)


@pytest.mark.grade("test_q6_accuracy", points=0.5)
def test_accuracy_reaches_both_ends(student: Student, rng: np.random.Generator) -> None:
    """All right is 1 and none right is 0, also where every logit is negative or very large."""
    for offset, scale in ((0.0, 1.0), (-50.0, 1.0), (0.0, 1e4)):
        z = offset + scale * rng.normal(size=(25, CLASSES))
        right = z.argmax(axis=1)
        wrong = (right + rng.integers(1, CLASSES, size=25)) % CLASSES
        for y, want, what in ((right, 1.0, _("all 25 are right")), (wrong, 0.0, _("none of 25 is right"))):
            got = expect.number(
                student.call("accuracy", tensor(z), tensor(y)), _("accuracy where {what}").format(what=what)
            )
            expect.close(
                got,
                want,
                _("accuracy where {what}").format(what=what),
                RTOL,
                ATOL,
                _("it runs from 0 to 1, and logits may be any numbers"),
            )


@pytest.mark.grade("test_q6_accuracy", points=0.5)
def test_accuracy_is_a_plain_float(student: Student, rng: np.random.Generator) -> None:
    """The result is a Python float."""
    z, y = rng.normal(size=(40, CLASSES)), rng.integers(CLASSES, size=40)
    y[:20] = z[:20].argmax(axis=1)
    shares = []
    for labels in (y, (y + 1) % CLASSES):
        got = student.call("accuracy", tensor(z), tensor(labels))
        assert not isinstance(got, np.ndarray), _(
            "accuracy returns a tensor or an array; .item() makes a plain float of it"
        )
        shares.append(expect.number(got, "accuracy(logits, y)", low=0))
        assert isinstance(got, float), _("accuracy should return a float, but returns {type}").format(
            type=type(got).__name__
        )
    assert shares[0] != shares[1], _("accuracy gives the same for the right labels and for others")


# -- exercise 3: the training loop ------------------------------------------------------------------------


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_train_one_epoch_averages_the_loss(student: Student, rng: np.random.Generator) -> None:
    """With learning rate 0 the weights stay, and the loss is that of all samples together."""
    x, y, weights, bias = problem = small_problem(rng)
    result = drive(student, LINEAR + TRAIN + "result", problem)
    hint = _("{weighted}, and give the loss the logits as they are").format(weighted=_(WEIGHTED))
    check_loss(result, x @ weights.T + bias, y, "train_one_epoch", hint)
    # All samples in one batch: whatever its step does, the figures are those of the weights before it.
    result = drive(student, LINEAR + TRAIN + "result", problem, batch=len(y), rate=0.3)
    hint = _("measure each batch before its step, on the logits that its loss was computed from")
    check_loss(result, x @ weights.T + bias, y, "train_one_epoch", hint)


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_train_one_epoch_averages_the_accuracy(student: Student, rng: np.random.Generator) -> None:
    """With learning rate 0 the weights stay, and the accuracy is that of all samples together."""
    x, y, weights, bias = problem = small_problem(rng)
    result = drive(student, LINEAR + TRAIN + "result", problem)
    check_accuracy(result, x @ weights.T + bias, y, "train_one_epoch")


@pytest.mark.grade("test_q6_train", points=1)
@builds_on(WITH_NETWORK)
def test_one_epoch_is_one_sgd_step_for_each_batch(student: Student, rng: np.random.Generator) -> None:
    """The weights after two epochs are those of plain SGD, computed here on the same batches."""
    x, y, weights, bias = problem = small_problem(rng)
    # Gradients that are never cleared add up, which is a momentum of 1.
    heaped = sgd_epoch(x, y, weights, bias, BATCH, rate=0.3, momentum=1.0, smoothing=0.0)[0]
    for code, epochs in ((TRAIN, 1), (TRAIN + TRAIN, 2)):
        got = drive(student, LINEAR + code + "[model.weight, model.bias]", problem, rate=0.3)
        want = weights, bias
        for _epoch in range(epochs):
            want = sgd_epoch(x, y, *want, BATCH, rate=0.3, momentum=0.0, smoothing=0.0)
        moved = expect.array(
            expect.items(got, _("the weights and the biases of a small linear model"), 2)[0],
            _("the weights of a small linear model"),
            weights.shape,
        )
        assert not np.allclose(moved, weights, atol=1e-6), _(
            "train_one_epoch leaves the weights as they were: are loss.backward() and "
            "optimizer.step() there, in this order and with zero_grad before both?"
        )
        assert not np.allclose(moved, heaped, rtol=1e-3, atol=ATOL), _(
            "train_one_epoch adds up the gradients of all batches: optimizer.zero_grad() is missing"
        )
        hint = _("for each batch once: zero_grad, backward, step, with the loss of the logits as they are")
        check_parameters(got, want, _("after {epochs} epoch(s)").format(epochs=epochs), hint)


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_train_one_epoch_uses_its_arguments(student: Student, rng: np.random.Generator) -> None:
    """Another loss function (smoothed labels) and another optimizer (momentum) are used as given."""
    x, y, weights, bias = problem = small_problem(rng)
    settings = {"rate": 0.1, "momentum": 0.9, "smoothing": 0.3}
    got = drive(student, LINEAR + TRAIN + "[model.weight, model.bias]", problem, **settings)
    want = sgd_epoch(x, y, weights, bias, BATCH, **settings)
    hint = _("use the loss_function and the optimizer that come as arguments, one step for each batch")
    check_parameters(got, want, _("after an epoch with smoothed labels and momentum"), hint)


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_train_one_epoch_switches_to_training_mode(student: Student, rng: np.random.Generator) -> None:
    """A model that comes in evaluation mode trains in training mode: BatchNorm collects statistics."""
    x, y = (problem := small_problem(rng))[:2]
    prepare = "model.eval()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.01)\n"
    mean = rng.uniform(5, 9, size=5)
    code = NORMALISED + prepare + TRAIN + "int(norm.num_batches_tracked), norm.running_mean"
    reply = drive(student, code, problem, mean=tensor(mean), variance=tensor(np.ones(5)))
    count, value = expect.items(reply, _("what BatchNorm has collected"), 2)
    batches = expect.number(count, _("batches seen in training mode"), low=0, high=1e6)
    needed = -(-len(y) // BATCH)
    assert batches >= needed, _(
        "the model was in training mode for {batches:.0f} of {needed} batches: call model.train() first"
    ).format(batches=batches, needed=needed)
    # After n batches BatchNorm holds 0.9^n of its first mean; the rest is an average of the batches' means.
    kept = 0.9**batches
    held = expect.array(value, _("the mean that BatchNorm has collected"), (5,))
    collected = (held - kept * mean) / (1 - kept)
    means = np.stack([x[i : i + BATCH].mean(axis=0) for i in range(0, len(y), BATCH)])
    inside = (collected > means.min(axis=0) - 1e-3) & (collected < means.max(axis=0) + 1e-3)
    assert inside.all(), _(
        "the model was in training mode, but BatchNorm has not collected the means of the "
        "loader's batches: give the model each batch x as it comes"
    )


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_evaluate_averages_the_loss(student: Student, rng: np.random.Generator) -> None:
    """The loss, with the loss function given, is that of all samples together."""
    x, y, weights, bias = problem = small_problem(rng)
    for smoothing in (0.0, 0.3):
        result = drive(student, LINEAR + EVALUATE + "result", problem, smoothing=smoothing)
        hint = _(
            "{weighted}; use the loss_function that comes as an argument, on the logits as they are"
        ).format(weighted=_(WEIGHTED))
        check_loss(result, x @ weights.T + bias, y, "evaluate", hint, smoothing)


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_evaluate_averages_the_accuracy(student: Student, rng: np.random.Generator) -> None:
    """The accuracy is that of all samples together."""
    x, y, weights, bias = problem = small_problem(rng)
    result = drive(student, LINEAR + EVALUATE + "result", problem)
    check_accuracy(result, x @ weights.T + bias, y, "evaluate")


@pytest.mark.grade("test_q6_train", points=0.5)
@builds_on(WITH_NETWORK)
def test_evaluate_changes_nothing(student: Student, rng: np.random.Generator) -> None:
    """A model with BatchNorm and Dropout is put into evaluation mode, judged so, and stays as it is."""
    x, y, weights, bias = problem = small_problem(rng)
    mean, variance = rng.normal(size=5), rng.uniform(0.5, 2, size=5)
    code = """
model.train()
before = [value.clone() for value in model.state_dict().values()]
result = evaluate(model, loader, loss_function)
same = all(torch.equal(old, new) for old, new in zip(before, model.state_dict().values()))
[result, same, all(p.grad is None for p in model.parameters())]
"""
    # Equal batches: how to weigh them is the business of other checks.
    settings = {"batch": 9, "mean": tensor(mean), "variance": tensor(variance)}
    reply = drive(student, NORMALISED + code, problem, **settings)
    result, same, no_gradient = expect.items(reply, _("evaluate, and whether the model is as before"), 3)
    assert same is True, _(
        "evaluate changes the model (weights, or what BatchNorm has collected): model.eval(), and no step"
    )
    assert no_gradient is True, _(
        "evaluate computes gradients, which only training needs: no backward, and torch.no_grad()"
    )
    z = (x - mean) / np.sqrt(variance + 1e-5) @ weights.T + bias
    hint = _("this model has Dropout and BatchNorm, so it has to be in evaluation mode")
    check_loss(result, z, y, "evaluate", hint)


# mlp in the notebook's own terms: mean loss and accuracy on the training images, then on the validation
# images, accuracy by the function of Exercise 2, and whether mlp is a network of Exercise 1.
FIGURES = """
import torch
from mashq import datasets

figures = []
network.eval()
for images in datasets.mnist_loaders(batch_size=BATCH_SIZE, seed=SEED)[:2]:
    loss = share = samples = 0
    with torch.no_grad():
        for x, y in images:
            z = network(x)
            loss += float(torch.nn.functional.cross_entropy(z, y)) * len(y)
            share += float(accuracy(z, y)) * len(y)
            samples += len(y)
    figures.append([loss / samples, share / samples])
"""
OWN_TERMS = "network = mlp\n" + FIGURES + "[*figures, type(mlp) is type(MLP())]"

# The training of the exercise, by the student's own train_one_epoch.
REPLAY = """
import torch
from mashq import datasets

torch.manual_seed(SEED)
network = MLP()
loader = datasets.mnist_loaders(batch_size=BATCH_SIZE, seed=SEED)[0]
optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
for _ in range(epochs):
    train_one_epoch(network, loader, torch.nn.CrossEntropyLoss(), optimizer)
"""


def own_terms(student: Student) -> list[tuple[float, float]]:
    """Loss and accuracy of mlp on training and on validation images, by the student's own MLP and accuracy.

    Raises AssertionError where they are not to be had, or mlp is no MLP. No student reads its sentence.
    """

    def ask() -> list[tuple[float, float]]:
        *parts, is_own = expect.items(student.eval(OWN_TERMS, timeout=TRAINING_S), "mlp", 3)
        assert is_own is True
        return figures_of(parts)

    return student.remember("own terms", ask)


def figures_of(parts: Any) -> list[tuple[float, float]]:
    """What `FIGURES` gave: loss and accuracy on training and on validation images."""
    pairs = [expect.items(part, "mlp", 2) for part in expect.items(parts, "mlp", 2)]
    return [(expect.number(loss, "mlp"), expect.number(share, "mlp")) for loss, share in pairs]


def ends_with(lists: Mapping[str, Array], figures: tuple[float, float]) -> bool:
    """Whether the validation curves end with these figures."""
    return all(
        np.isclose(lists[key][-1], figure, rtol=0.005, atol=1e-3)
        for key, figure in zip(("val_loss", "val_acc"), figures, strict=True)
    )


def share_with_right_pieces(student: Student) -> float | None:
    """The share of hidden digits that the student's training reads once Exercises 1 and 2 are right.

    None unless the fault is theirs: mlp is what the training of the exercise makes of the student's own MLP,
    or that training stops with an error before an epoch is over, which it does not do with right functions.
    """
    right = student.given(WITH_NETWORK)

    def replay() -> float | None:
        """With right functions."""
        code = REPLAY + "[p for p in network.parameters()]"
        parameters = parameters_of(right.eval(code, timeout=TRAINING_S, epochs=epochs_of(student)), "mlp")
        shapes = [shape for a, b in pairwise(SIZES) for shape in ((b, a), (b,))]
        if [np.shape(p) for p in parameters] != shapes:
            return None
        return hidden_accuracy(lambda x: perceptron(np.asarray(x), parameters))

    def stopped() -> bool:
        """Whether the student's own functions raise an error."""
        history = student.get("history")
        if not isinstance(history, dict) or any(np.size(values) for values in history.values()):
            return False
        try:
            student.eval(REPLAY, timeout=TRAINING_S, epochs=1)
        except AssertionError:
            return True
        return False

    def as_good_as_possible() -> bool:
        """Whether mlp ends about where the exercise's training leads with the student's own functions.

        On the training images, too: who trains on the validation images is better than that on those alone.
        """
        code = REPLAY + FIGURES + "figures"
        possible = figures_of(student.eval(code, timeout=TRAINING_S, epochs=epochs_of(student)))
        pairs = zip(own_terms(student), possible, strict=True)
        return all(own <= 1.2 * best + 0.02 for (own, _share), (best, _best) in pairs)

    def ask() -> float | None:
        """Each training takes seconds: what rules the share out sooner comes first."""
        try:
            if not stopped():
                own_terms(student)
                share = replay()
                return share if share is not None and share >= 0.95 and as_good_as_possible() else None
            return replay()
        except AssertionError:
            return None

    return student.remember("share with right pieces", ask)


@pytest.mark.grade("test_q6_train", points=0.5)
def test_history_has_one_entry_an_epoch(student: Student) -> None:
    """Four lists of EPOCHS numbers in their ranges, a training loss that falls, and an end that fits mlp.

    Accuracies are measured with the student's own function, whose ranges are the business of Exercise 2.
    """
    lists = series(student)
    for key in ("train_loss", "val_loss"):
        assert (lists[key] > 0).all(), _(
            "history[{key!r}] should hold mean losses, which are above 0"
        ).format(key=key)
    assert lists["train_loss"][-1] < lists["train_loss"][0], _("the training loss in history does not fall")
    assert lists["train_loss"].max() < np.log(CLASSES), _(
        "the training loss in history exceeds ln 10, the cost of guessing: is it a mean over samples?"
    )
    try:
        for key in ("train_acc", "val_acc"):
            inside = (lists[key] >= 0).all() and (lists[key] <= 1).all()
            assert inside, _("history[{key!r}] should hold fractions between 0 and 1").format(key=key)
        assert lists["train_acc"][-1] > lists["train_acc"][0], _(
            "the training accuracy in history does not rise"
        )
        assert_history_of(network_of_mlp(student), lists)  # any four such lists would do else
    except AssertionError as first:
        unless_in_own_terms(student, lists, first)


def unless_in_own_terms(student: Student, lists: Mapping[str, Array], first: AssertionError) -> None:
    """Raise an error unless the history ends as it should, by the student's own MLP and accuracy."""
    try:
        fits = ends_with(lists, own_terms(student)[1])
    except AssertionError:
        fits = False
    if not fits:
        raise first


# Measured with SEED 0 to 23 on MNIST; the stand-in gives 0.9754, sd 0.0033.
@pytest.mark.grade("test_q6_train", points=1.5)
@threshold(
    N_("accuracy of mlp on new images, normalised as in the loaders"), 0.95, mean=0.9716, sd=0.0026, runs=24
)
def test_mlp_reads_new_digits(student: Student) -> float:
    """mlp recognises more than 95 % of the test images, each moved by up to half a pixel."""
    try:
        share = hidden_accuracy(network_of_mlp(student))
    except AssertionError:
        share_then = share_with_right_pieces(student)
        if share_then is None:
            raise
        return share_then
    if share < 0.95 and (share_then := share_with_right_pieces(student)) is not None:
        return share_then
    return share


@pytest.mark.grade("test_q6_train", points=0.5)
def test_history_is_that_of_mlp(student: Student) -> None:
    """The last validation accuracy is that of mlp on the validation images, and about that on hidden ones."""
    lists = series(student)
    try:
        network = network_of_mlp(student)
        assert_history_of(network, lists)
        difference = abs(lists["val_acc"][-1] - hidden_accuracy(network))
        assert difference < 0.03, _(
            "the last val_acc in history is {difference:.1%} away from what mlp reaches on other "
            "images: is it the history of another network, or not of the validation images?"
        ).format(difference=difference)
    except AssertionError as first:
        unless_in_own_terms(student, lists, first)
