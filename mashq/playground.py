"""A small network to play with in a notebook: its boundary and its loss, live while it learns.

In a front end that shows widgets there are controls, and each choice trains anew; elsewhere the same picture
stands still. The activations are the notebook's own.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mashq import datasets, plots
from mashq.language import gettext as _

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Function = Callable[[np.ndarray], np.ndarray]
    Activations = Mapping[str, tuple[Function, Function]]  # name -> (function, its derivative)

POINTS, NOISE = 300, 0.05  # of a dataset, to train on, and as many fresh ones; noise as a standard deviation
EPOCHS = 600
FRAMES = sorted({int(epoch) for epoch in np.geomspace(1, EPOCHS, 20)})  # most happens in the first epochs
MOST_UNITS = 8
LEARNING_RATES = (0.03, 0.1, 0.3, 1.0, 3.0)
STARTS = 10  # different starting weights to choose from


@dataclass(frozen=True)
class Choice:
    """What the controls stand at."""

    dataset: str = "circle"
    activation: str = "tanh"
    hidden: int = 3  # units
    learning_rate: float = 1.0
    start: int = 1  # which starting weights, from 1


@dataclass(frozen=True)
class Moment:
    """A network on its way."""

    losses: tuple[float, ...]  # after each epoch so far, mean cross-entropy of the training points
    predict: Function  # points (n, 2) -> probabilities of class 1, (n,)
    accuracy: float  # on fresh points


def playground(activations: Activations, seed: int = 0, live: bool | None = None) -> None:
    """Show a training, with controls for the dataset, the network and the learning rate.

    activations: name -> (function, derivative), each from an array to an array of the same shape.
    seed: decides points and starting weights.
    live: True for widgets, False for a still figure; None for widgets where they are shown.
    Raises ValueError when there is no activation.
    """
    if not activations:
        raise ValueError(_("activations is empty. Expected {'tanh': (tanh, tanh_derivative), ...}"))
    choice = Choice(activation="tanh" if "tanh" in activations else next(iter(activations)))
    *_moments, last = training(choice, activations, seed)
    figure = picture(choice, last, seed)
    if _widgets_are_shown() if live is None else live:
        _show_controls(choice, activations, seed, _png(figure))


def training(choice: Choice, activations: Activations, seed: int = 0) -> Iterator[Moment]:
    """Train one network 2-hidden-1 by gradient descent on all points; gives its state at each of `FRAMES`."""
    x, y, x_fresh, y_fresh = points(choice.dataset, seed)
    function, derivative = activations[choice.activation]
    rng = np.random.default_rng([seed, choice.start])
    W1, W2 = rng.normal(size=(2, choice.hidden)), rng.normal(size=(choice.hidden, 1))
    b1, b2 = np.zeros((1, choice.hidden)), np.zeros((1, 1))
    losses: list[float] = []
    while len(losses) < EPOCHS:
        z1 = x @ W1 + b1
        a1 = function(z1)
        error = (_probability(a1 @ W2 + b2) - y) / len(x)
        back = error @ W2.T * derivative(z1)
        step = choice.learning_rate
        W1, W2 = W1 - step * (x.T @ back), W2 - step * (a1.T @ error)
        b1, b2 = b1 - step * back.sum(axis=0, keepdims=True), b2 - step * error.sum(axis=0, keepdims=True)

        predict = partial(_predict, function, W1, b1, W2, b2)
        yhat = np.clip(predict(x), 1e-6, 1 - 1e-6)  # keeps the logarithms finite
        losses.append(-float(np.mean(np.log(np.where(y[:, 0] == 1, yhat, 1 - yhat)))))
        if len(losses) in FRAMES:
            right = (predict(x_fresh) > 0.5) == (y_fresh[:, 0] == 1)
            yield Moment(tuple(losses), predict, float(right.mean()))


def points(dataset: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training points (n, 2) and classes (n, 1), then fresh ones; for equal seeds those of the notebook."""
    x, y = datasets.load_playground(dataset, POINTS, NOISE, seed)
    x_fresh, y_fresh = datasets.load_playground(dataset, POINTS, NOISE, seed + 1)
    return x, y[:, None], x_fresh, y_fresh[:, None]


def picture(choice: Choice, moment: Moment, seed: int = 0) -> Figure:
    """The boundary among the fresh points, and the losses so far."""
    x_fresh, y_fresh = points(choice.dataset, seed)[2:]
    title = _("Epoch {epoch}: {share:.1%} of the fresh points are right")
    title = title.format(epoch=len(moment.losses), share=moment.accuracy)
    return plots.boundary_and_loss(moment.predict, x_fresh, y_fresh, moment.losses, EPOCHS, title)


def _predict(
    function: Function, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray, x: np.ndarray
) -> np.ndarray:
    """Probabilities of class 1, shape (n,), for points x, (n, 2)."""
    return _probability(function(x @ W1 + b1) @ W2 + b2)[:, 0]


def _probability(z: np.ndarray) -> np.ndarray:
    """The sigmoid of the output; with logaddexp nothing overflows."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))


def _png(figure: Figure) -> bytes:
    """A figure as a PNG file; closed, so that no cell shows it as well."""
    from matplotlib import pyplot as plt

    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    return file.getvalue()


def _widgets_are_shown() -> bool:
    """Whether the running cell came from a front end that shows widgets.

    JupyterLab, Notebook 7 and VS Code name the cell in the metadata of their request; Colab has a package of
    its own. nbclient, with which nbgrader, nbconvert, `mashq validate` and the judge run notebooks, names
    none: nobody could move a slider there, and it would save the widgets' state into the notebook.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return False
    if "google.colab" in sys.modules:
        return True
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and "cellId" in kernel.get_parent().get("metadata", {})


def _show_controls(choice: Choice, activations: Activations, seed: int, first: bytes) -> None:
    """Show the controls above a picture that follows the training; `first` is a PNG file."""
    import ipywidgets as widgets
    from IPython.display import display

    wide = {"style": {"description_width": "10em"}, "layout": {"width": "24em"}}
    slider = {"continuous_update": False, **wide}  # trains when the mouse lets go
    controls = {
        "dataset": widgets.Dropdown(
            options=datasets.PLAYGROUND, value=choice.dataset, description=_("dataset"), **wide
        ),
        "activation": widgets.Dropdown(
            options=list(activations), value=choice.activation, description=_("activation"), **wide
        ),
        "hidden": widgets.IntSlider(
            choice.hidden, min=1, max=MOST_UNITS, description=_("hidden units"), **slider
        ),
        "learning_rate": widgets.SelectionSlider(
            options=LEARNING_RATES, value=choice.learning_rate, description=_("learning rate"), **slider
        ),
        "start": widgets.IntSlider(
            choice.start, min=1, max=STARTS, description=_("starting weights"), **slider
        ),
    }
    again = widgets.Button(description=_("Train again"), icon="play")
    shown = widgets.Image(value=first, format="png", layout={"max_width": "100%"})
    trouble = widgets.Label()
    tasks: list[asyncio.Task[None]] = []

    async def train() -> None:
        chosen = Choice(**{name: control.value for name, control in controls.items()})
        try:
            for moment in training(chosen, activations, seed):
                shown.value = _png(picture(chosen, moment, seed))
                await asyncio.sleep(0.02)  # here a new choice is heard
        except Exception as error:  # of the student's functions; a task would keep it to itself
            trouble.value = f"{type(error).__name__}: {error}"

    def restart(_event: Any) -> None:
        trouble.value = ""
        for task in tasks:
            task.cancel()
        tasks[:] = [asyncio.get_running_loop().create_task(train())]

    for control in controls.values():
        control.observe(restart, names="value")
    again.on_click(restart)
    flow = {"flex_flow": "row wrap"}
    panel = widgets.VBox([widgets.Box([*controls.values(), again], layout=flow), trouble, shown])
    # The picture too, for where the notebook is read later and no kernel runs.
    still = {"image/png": base64.b64encode(first).decode()}
    display({**panel._repr_mimebundle_(), **still}, raw=True)
