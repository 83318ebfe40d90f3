"""The look of the course's figures, and how a notebook comes to show each of them once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np

from mashq.language import gettext as _
from mashq.language import ngettext
from mashq.plots import _words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")

# Okabe and Ito, "Color Universal Design" (2008): told apart with every common kind of colour blindness.
# Their yellow is left out because it is too faint for lines on white.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
GREY = "#595959"

WIDTH = 9.0  # inches: the width of a notebook's output at 100 dots per inch

STYLE: dict[str, Any] = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so figures look the same everywhere
    "font.size": 10,
    "text.color": "black",
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": "black",
    "axes.titlecolor": "black",
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.prop_cycle": f"cycler('color', {list(COLOURS)})",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#DDDDDD",
    "grid.linestyle": "-",
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.0,
    "legend.fontsize": 9,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "legend.facecolor": "white",
    "legend.edgecolor": "#DDDDDD",
    "legend.labelcolor": "black",
    "figure.titlesize": 12,
    "figure.constrained_layout.w_pad": 0.06,  # inches
}


@contextmanager
def _course_style() -> Iterator[None]:
    """Apply the style for a while.

    Not `matplotlib.rc_context`: that restores every setting, and so it would undo the `interactive` flag
    which the notebook backend sets when the first figure loads it, and later plain plots would not show.
    """
    from matplotlib import rcParams

    before = {key: rcParams[key] for key in STYLE}
    rcParams.update(STYLE)
    try:
        yield
    finally:
        rcParams.update(before)


def course_figure(function: Callable[P, Figure]) -> Callable[P, Figure]:
    """Decorate a function that returns a figure: it draws in the course's style, and is shown once.

    Whoever cannot see the figure has it in words, see `in_words`. The function may be a notebook's own.
    Raises ValueError, when it is called, where it returns no figure.
    """

    @functools.wraps(function)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with _course_style():
            figure = function(*args, **kwargs)
        if not hasattr(figure, "axes") or not hasattr(figure, "savefig"):
            template = _("{name} should return the figure that it draws, got {type}")
            raise ValueError(template.format(name=function.__name__, type=type(figure).__name__))
        _latest[:] = [figure]
        # An attribute of this one figure, because a figure that the caller made is not of a class of ours.
        vars(figure)["_repr_mimebundle_"] = functools.partial(_shown, figure)
        return figure

    return styled


_latest: list[Figure] = []  # the figure drawn last


def in_words(figure: Figure | None = None) -> str:
    """What a figure shows, in words; by default the one that was drawn last.

    The same words go with the figure into the notebook, as its text and as the alternative text of its image,
    which is read out where a page is made of the notebook. Raises ValueError when none was drawn yet.
    """
    if figure is None and not _latest:
        raise ValueError(_("no figure was drawn yet: run a cell that draws one, then this one"))
    return _words.description(figure if figure is not None else _latest[0])


def _shown(
    figure: Figure, include: object = None, exclude: object = None
) -> tuple[dict[str, str], dict[str, Any]]:
    """The words of a figure that a notebook is about to show; takes it from the list of those to be shown.

    IPython calls this before it draws the figure as the value of a cell's last line. The drawing is left to
    IPython's own formatter, and with it the choice of PNG or SVG.
    """
    import matplotlib
    from matplotlib import pyplot as plt

    if "inline" in matplotlib.get_backend():  # an interactive window or widget stays open
        plt.close(figure)
    words = in_words(figure)
    if not words:
        return {}, {}
    return {"text/plain": words}, {"image/png": {"alt": words}}


def new_figure(
    rows: int = 1, columns: int = 1, *, width: float = WIDTH, height: float = 3.6, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of rows x columns panels, row by row; width and height in inches."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, layout="constrained", **options
    )
    return figure, list(axes.ravel())


def panel(ax: Axes | None, **size: Any) -> tuple[Figure, Axes]:
    """A panel to draw in, with its figure: the one that is given, or a new one of this size."""
    if ax is not None:
        return figure_of(ax), ax
    figure, (new,) = new_figure(**size)
    return figure, new


def figure_of(ax: Axes) -> Figure:
    """The figure that holds a panel (the outermost one, should the panel be in a subfigure)."""
    figure = ax.figure
    if figure is None:
        raise ValueError(_("ax was removed from its figure. Make a new one with fig, ax = plt.subplots()"))
    root: Figure = figure.figure
    return root


def label_panel(ax: Axes, title: str | None, xlabel: str, ylabel: str) -> None:
    """Title and axis labels of one panel."""
    if title:
        ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)


def units(number: int) -> str:
    """`1 unit`, `3 units`, `3,455 units`."""
    return ngettext("{number:,} unit", "{number:,} units", number).format(number=number)


def whole(value: Any, name: str, least: int) -> int:
    """A whole number that is at least so large; ValueError otherwise."""
    if not isinstance(value, int | np.integer) or value < least:
        template = _("{name} should be a whole number of {least} or more, got {value!r}")
        raise ValueError(template.format(name=name, least=least, value=value))
    return int(value)


def names(values: Sequence[object]) -> str:
    """Names for an error message: `'loss', 'accuracy'`."""
    return ", ".join(repr(value) for value in values)


def array(values: Any, name: str) -> np.ndarray:
    """Lists, arrays and tensors (torch's too, with or without gradient) as a numeric NumPy array.

    Raises ValueError when they are not numbers or form no rectangular array.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    elif isinstance(values, list | tuple):
        values = [value.detach().cpu() if hasattr(value, "detach") else value for value in values]
    try:
        result = np.asarray(values)
    except (ValueError, TypeError) as error:
        template = _("{name} is not a regular array of numbers: {error}")
        raise ValueError(template.format(name=name, error=error)) from None
    if result.dtype.kind not in "biuf":
        template = _("{name} should hold real numbers, got {type} of {dtype}")
        raise ValueError(template.format(name=name, type=type(values).__name__, dtype=result.dtype))
    return result


def labels_array(values: Any, name: str, length: int | None = None, things: str = "") -> np.ndarray:
    """Class labels as an int64 array of shape (n,); (n, 1) is taken as (n,).

    length, things: how many there should be, one for each of what.
    Raises ValueError for other shapes (one-hot rows with the way out), fractions, or another length.
    """
    result = array(values, name)
    if result.ndim == 2 and result.shape[1] == 1:
        result = result[:, 0]
    if result.ndim == 2:
        template = _(
            "{name} should have shape (n,), got {shape}. "
            "One row of scores or one-hot numbers each? Use {name}.argmax(axis=1)"
        )
        raise ValueError(template.format(name=name, shape=result.shape))
    if result.ndim != 1:
        template = _("{name} should have shape (n,), got {shape}")
        raise ValueError(template.format(name=name, shape=result.shape))
    if length is not None and len(result) != length:
        template = _("{name} should have one entry for each of the {length} {things}, got {count}")
        raise ValueError(template.format(name=name, length=length, things=things, count=len(result)))
    if not np.isfinite(result).all() or not np.array_equal(result, np.floor(result)):
        template = _("{name} should be whole numbers (class labels), got fractions, NaN or infinity")
        raise ValueError(template.format(name=name))
    return result.astype(np.int64)
