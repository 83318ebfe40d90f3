"""Pictures of networks and of activation functions."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.plots import _style, _words
from mashq.plots._style import BLUE, GREEN, GREY, VERMILION, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_UNITS = 8  # a wider layer shows its first and last _END_UNITS units with dots between
_END_UNITS = 3
_SCALE = 0.5  # inches from one unit to the next
_NARROWEST_GAP, _WIDEST_GAP = 1.8, 5.0  # between layers, in units; a small network stays together
_SAMPLES = 501  # odd, so that limits around zero sample the kink of ReLU itself
_FUNCTION, _DERIVATIVE = "$f(z)$", N_("derivative $f'(z)$")


@_style.course_figure
def network_diagram(
    sizes: Sequence[int],
    labels: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a fully connected network, its layers from left to right.

    sizes: units per layer, input first, e.g. (2, 3, 1); at least two layers.
    labels: one name per layer; by default input, hidden 1, ..., output.
    Layers of more than 8 units are shortened with dots; the number of units stands below each layer.
    Raises ValueError for fewer than two layers, sizes below 1, or a wrong number of labels.
    """
    units = _style.array(sizes, "sizes")
    if units.ndim != 1 or len(units) < 2 or units.dtype.kind not in "iu" or units.min() < 1:
        template = _("sizes should be two or more whole numbers above 0, like (2, 3, 1), got {sizes!r}")
        raise ValueError(template.format(sizes=sizes))
    if labels is None:
        middle = [_("hidden {number}").format(number=i) for i in range(1, len(units) - 1)]
        labels = [_("input"), *(middle if len(middle) != 1 else [_("hidden")]), _("output")]
    if isinstance(labels, str) or len(labels) != len(units):
        template = _("labels should be one name for each of the {count} layers, got {labels!r}")
        raise ValueError(template.format(count=len(units), labels=labels))

    layers = [_unit_heights(int(size)) for size in units]
    tallest = max(max(heights) for heights in layers)
    # inches
    room = WIDTH if ax is None else ax.get_position().width * _style.figure_of(ax).get_figwidth()
    gap = float(np.clip((room / _SCALE - 3) / (len(units) - 1), _NARROWEST_GAP, _WIDEST_GAP))
    texts = [textwrap.fill(label, int(6 * gap)) for label in labels]
    size_line = -tallest - 0.9 - 0.36 * max(text.count("\n") + 1 for text in texts)
    half, bottom, top = (len(units) - 1) * gap / 2 + 1.5, size_line - 0.6, tallest + 0.6
    figure, ax = _style.panel(ax, height=_SCALE * (top - bottom) + (0.35 if title else 0))
    small = min(1.0, room / (2 * half) / _SCALE)  # text shrinks with the circles where room is short
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(-half, half)
    ax.set_ylim(bottom, top)
    places = [(i - (len(units) - 1) / 2) * gap for i in range(len(units))]
    for (x0, left), (x1, right) in pairwise(zip(places, layers, strict=True)):
        _draw_connections(ax, x0, left, x1, right)
    for i, (x, heights) in enumerate(zip(places, layers, strict=True)):
        _draw_layer(ax, i, len(units), int(units[i]), heights, x, 9 * small)
        look: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 10 * small}
        ax.text(x, -tallest - 0.7, texts[i], fontweight="bold", **look)
        ax.text(x, size_line, _style.units(int(units[i])), color=GREY, **look)
    if title:
        ax.set_title(title)
    listed = ", ".join(
        f"{label}: {_style.units(int(size))}" for label, size in zip(labels, units, strict=True)
    )
    _words.note(
        ax, _("A network, each unit linked to all of the next layer. {layers}.").format(layers=listed)
    )
    return figure


def _unit_heights(size: int) -> list[float]:
    """The heights of the units that are drawn, first unit on top, centred on zero."""
    shown = size if size <= _MOST_UNITS else 2 * _END_UNITS + 1
    heights = [(shown - 1) / 2 - i for i in range(shown)]
    if size > _MOST_UNITS:
        del heights[_END_UNITS]  # the place of the dots
    return heights


def _unit_name(layer: int, layers: int, unit: int, size: int) -> str:
    """x for inputs, y-hat for outputs and a, with its layer, between."""
    if layer == 0:
        return rf"$x_{{{unit}}}$"
    if layer == layers - 1:
        return r"$\hat{y}$" if size == 1 else rf"$\hat{{y}}_{{{unit}}}$"
    return rf"$a_{{{layer},{unit}}}$"


def _draw_connections(ax: Axes, x0: float, left: list[float], x1: float, right: list[float]) -> None:
    from matplotlib.collections import LineCollection

    lines = [[(x0, start), (x1, end)] for start in left for end in right]
    colour, width = ("#777777", 1.0) if len(lines) <= 24 else ("#999999", 0.5)
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width))


def _draw_layer(
    ax: Axes, layer: int, layers: int, size: int, heights: list[float], x: float, fontsize: float
) -> None:
    from matplotlib.patches import Circle

    colour = BLUE if layer == 0 else VERMILION if layer == layers - 1 else GREEN
    for i, height in enumerate(heights):
        unit = i + 1 if i < len(heights) / 2 or size <= _MOST_UNITS else size - len(heights) + i + 1
        ax.add_patch(Circle((x, height), 0.38, facecolor="white", edgecolor=colour, linewidth=2, zorder=3))
        name = _unit_name(layer, layers, unit, size)
        ax.text(x, height, name, ha="center", va="center", fontsize=fontsize, zorder=4)
    if size > _MOST_UNITS:
        ax.scatter([x] * 3, [0.2, 0.0, -0.2], s=8, color=colour, zorder=3)


@_style.course_figure
def activation_curves(
    functions: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    derivatives: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
    limits: tuple[float, float] = (-5, 5),
) -> Figure:
    """Draw each activation function in its own panel, with its derivative when one is given.

    functions: name -> function of a float64 array (n,) that returns an array (n,).
    derivatives: the same names (or some of them) -> derivative.
    limits: the smallest and the largest input z.
    Raises ValueError when there is no function, a derivative has no function, limits are not two rising
    numbers, or a function returns something else than one finite number per input.
    """
    from matplotlib.ticker import MaxNLocator

    derivatives = derivatives or {}
    if not functions:
        raise ValueError(_("functions is empty. Expected names and functions, like {'relu': relu}"))
    if unknown := [name for name in derivatives if name not in functions]:
        template = _("derivatives has {names}, but functions has {known}")
        known = _style.names(list(functions))
        raise ValueError(template.format(names=_style.names(unknown), known=known))
    ends = _style.array(limits, "limits")
    if ends.shape != (2,) or not np.isfinite(ends).all() or ends[0] >= ends[1]:
        template = _("limits should be two rising numbers, like (-5, 5), got {limits!r}")
        raise ValueError(template.format(limits=limits))
    z = np.linspace(float(ends[0]), float(ends[1]), _SAMPLES)
    values = {name: _values(function, z, name) for name, function in functions.items()}
    slopes = {
        name: _values(function, z, _("derivative of {name}").format(name=name))
        for name, function in derivatives.items()
    }

    columns = min(len(functions), 4)
    rows = math.ceil(len(functions) / columns)
    width = WIDTH if columns > 1 else 5.0
    figure, axes = _style.new_figure(rows, columns, width=width, height=2.9 * rows + 0.3)
    for ax, (name, value) in zip(axes, values.items(), strict=False):
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.axvline(0, color=GREY, linewidth=0.8)
        ax.plot(z, value, color=BLUE, label=_FUNCTION)
        if name in slopes:
            ax.plot(z, slopes[name], color=VERMILION, linestyle="--", label=_(_DERIVATIVE))
        ax.set_xlim(z[0], z[-1])
        _style.label_panel(ax, name, _("input $z$"), "")
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    for ax in axes[len(functions) :]:
        ax.remove()
    for ax in axes[: len(functions) : columns]:
        ax.set_ylabel(_("output"))
    curves = {line.get_label(): line for ax in figure.axes for line in ax.get_lines()}
    shown = [curves[text] for text in (_FUNCTION, _(_DERIVATIVE)) if text in curves]
    figure.legend(handles=shown, loc="outside lower center", ncols=2)
    return figure


def _values(function: Callable[[np.ndarray], np.ndarray], z: np.ndarray, name: str) -> np.ndarray:
    """What a function makes of the inputs; a copy of z goes in, so that changing it in place does no harm."""
    result = _style.array(function(z.copy()), _("the result of {name}").format(name=name))
    if result.shape != z.shape:
        template = _("{name} should return an array of the shape of its input, {wanted}, got {got}")
        raise ValueError(template.format(name=name, wanted=z.shape, got=result.shape))
    if not np.isfinite(result).all():
        template = _("{name} returns NaN or infinity for an input between {low:g} and {high:g}")
        raise ValueError(template.format(name=name, low=z[0], high=z[-1]))
    return result
