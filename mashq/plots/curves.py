"""How loss and accuracy develop during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.plots import _style
from mashq.plots._style import BLUE, COLOURS, GREY, MARKERS, VERMILION, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

# What Keras and the course's PyTorch loop call the four curves, and where each belongs.
_CURVES = {
    "loss": ("loss", "training"),
    "train_loss": ("loss", "training"),
    "val_loss": ("loss", "validation"),
    "accuracy": ("accuracy", "training"),
    "acc": ("accuracy", "training"),
    "train_accuracy": ("accuracy", "training"),
    "train_acc": ("accuracy", "training"),
    "val_accuracy": ("accuracy", "validation"),
    "val_acc": ("accuracy", "validation"),
}
_PANELS = (N_("loss"), N_("accuracy"))
_PARTS = (N_("training"), N_("validation"))
_HELD_OUT = (N_("validation"), N_("test"))  # what Keras calls val_loss may come from test images
_MOST_MARKERS = 25  # more epochs than this and the markers would run into one another

# panel ("loss" or "accuracy") -> part ("training" or "validation") -> one value per epoch
_Curves = dict[str, dict[str, np.ndarray]]


@_style.course_figure
def training_curves(history: Mapping[str, ArrayLike], title: str | None = None) -> Figure:
    """Draw loss and accuracy against the epoch, training solid and validation dashed.

    history: loss, accuracy (in [0, 1]), val_loss, val_accuracy, or the names train_loss, train_acc, val_acc;
    one value an epoch in each. A panel without curves is left out.
    Raises ValueError for unknown names, unequal lengths, no values, or accuracies outside [0, 1].
    """
    curves = _read(history, "history")
    figure, axes = _panels(list(curves), title)
    for ax, (panel, parts) in zip(axes, curves.items(), strict=True):
        for part, values in parts.items():
            colour, marker = (BLUE, "o") if part == "training" else (VERMILION, "s")
            _draw(ax, values, part, colour, marker if len(values) <= _MOST_MARKERS else "", _(part))
        _finish(ax, panel)
        ax.legend(loc="best")
    return figure


@_style.course_figure
def compare_curves(
    histories: Mapping[str, Mapping[str, ArrayLike]], title: str | None = None, held_out: str = "validation"
) -> Figure:
    """Draw the loss and accuracy of several runs: a colour for each run, training solid, validation dashed.

    histories: name of the run -> history, as in `training_curves`; runs may differ in length.
    held_out: what the dashed curves were measured on, "validation" or "test".
    Raises ValueError for no runs and for what `training_curves` refuses (the message names the run).
    """
    if held_out not in _HELD_OUT:
        template = _("held_out should be one of {names}, got {got!r}")
        raise ValueError(template.format(names=_style.names(_HELD_OUT), got=held_out))
    if not isinstance(histories, Mapping) or not histories:
        raise ValueError(_("histories is empty or no dict. Expected {name of the run: history}"))
    runs = {str(name): _read(history, f"histories[{name!r}]") for name, history in histories.items()}
    looks = {run: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, run in enumerate(runs)}
    panels = [panel for panel in _PANELS if any(panel in curves for curves in runs.values())]
    figure, axes = _panels(panels, title, extra_height=0.6)
    drawn = [(run, panel, parts) for run, curves in runs.items() for panel, parts in curves.items()]
    longest = max(len(values) for *_run, parts in drawn for values in parts.values())
    every = 1 if longest <= _MOST_MARKERS else longest // 10
    for run, panel, parts in drawn:
        colour, marker = looks[run]
        for part, values in parts.items():
            said = f"{run}, {_(held_out if part == 'validation' else part)}"
            _draw(axes[panels.index(panel)], values, part, colour, marker, said, every)
    for ax, panel in zip(axes, panels, strict=True):
        _finish(ax, panel)
    _run_legend(figure, looks, {part for *_run, parts in drawn for part in parts}, held_out)
    return figure


@_style.course_figure
def loss_curve(losses: ArrayLike, title: str | None = None, ax: Axes | None = None, first: int = 1) -> Figure:
    """Draw one loss per epoch.

    losses: shape (n,), n above 0. first: the epoch of the first one; 0 where it is that of the untrained
    network. Raises ValueError for another shape or when no value is finite.
    """
    values = _series(losses, "losses")
    figure, ax = _style.panel(ax, width=6.0)
    marker = "o" if len(values) <= _MOST_MARKERS else ""
    _draw(ax, values, "training", BLUE, marker, _("loss"), first=first)
    _finish(ax, "loss")
    ax.set_title(title or _("Training loss"))
    return figure


def _read(history: Any, name: str) -> _Curves:
    """Sort a history into panels and parts, and check it."""
    if hasattr(history, "history"):
        template = _("{name} is a Keras History object. Expected its dict: pass {name}.history")
        raise ValueError(template.format(name=name))
    if not isinstance(history, Mapping) or not history:
        template = _("{name} is empty or no dict. Expected lists under 'loss', 'accuracy', ...")
        raise ValueError(template.format(name=name))
    if unknown := [key for key in history if key not in _CURVES]:
        template = _("{name} has unknown keys: {keys}. Known are {known}")
        known = _style.names(list(_CURVES))
        raise ValueError(template.format(name=name, keys=_style.names(unknown), known=known))
    curves: _Curves = {}
    lengths: dict[str, int] = {}
    for key, values in history.items():
        panel, part = _CURVES[key]
        if part in curves.get(panel, {}):
            template = _("{name} has the {part} {panel} twice, under two names")
            raise ValueError(template.format(name=name, part=_(part), panel=_(panel)))
        series = _series(values, f"{name}[{key!r}]")
        if panel == "accuracy" and (np.nanmin(series) < 0 or np.nanmax(series) > 1):
            template = _("{name} should lie between 0 and 1, but reaches {most:g}. Divide percentages by 100")
            raise ValueError(template.format(name=f"{name}[{key!r}]", most=np.nanmax(np.abs(series))))
        curves.setdefault(panel, {})[part] = series
        lengths[key] = len(series)
    if len(set(lengths.values())) > 1:
        template = _("{name} should have one value an epoch under each key, got lengths {lengths}")
        raise ValueError(template.format(name=name, lengths=lengths))
    return {
        panel: {part: curves[panel][part] for part in _PARTS if part in curves[panel]}
        for panel in _PANELS
        if panel in curves
    }


def _series(values: Any, name: str) -> np.ndarray:
    """One curve, float64 (n,). Single NaNs leave gaps: a loss that diverges is worth seeing."""
    series = _style.array(values, name).astype(float)
    if series.ndim != 1 or not len(series):
        template = _("{name} should be a list of one or more numbers, got shape {shape}")
        raise ValueError(template.format(name=name, shape=series.shape))
    if not np.isfinite(series).any():
        template = _("{name} holds only NaN or infinity. Did the training diverge?")
        raise ValueError(template.format(name=name))
    return series


def _panels(panels: list[str], title: str | None, extra_height: float = 0.0) -> tuple[Figure, list[Axes]]:
    width = WIDTH if len(panels) > 1 else 6.0
    figure, axes = _style.new_figure(1, len(panels), width=width, height=3.6 + extra_height)
    if title:
        figure.suptitle(title)
    return figure, axes


def _draw(
    ax: Axes,
    values: np.ndarray,
    part: str,
    colour: str,
    marker: str,
    label: str,
    every: int = 1,
    first: int = 1,
) -> None:
    ax.plot(
        np.arange(first, first + len(values)),
        values,
        color=colour,
        linestyle="-" if part == "training" else "--",
        marker=marker,
        markevery=every,
        label=label,
    )


def _finish(ax: Axes, panel: str) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    epochs = [np.asarray(line.get_xdata()) for line in ax.get_lines()]
    if max(map(len, epochs)) == 1:
        ax.set_xlim(epochs[0][0] - 0.5, epochs[0][0] + 0.5)
    if panel == "accuracy":
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, -0.02), min(high, 1.02))  # room for a marker, but no 110 %
        _style.label_panel(ax, _("Accuracy"), _("epoch"), _("accuracy (%)"))
    else:
        if ax.dataLim.y0 >= 0 and ax.dataLim.y1 > 0:
            ax.set_ylim(0, 1.07 * ax.dataLim.y1)  # from zero: a loss that hardly falls should look so
        _style.label_panel(ax, _("Loss"), _("epoch"), _("loss"))


def _run_legend(figure: Figure, looks: dict[str, tuple[str, str]], parts: set[str], held_out: str) -> None:
    """Colours and markers stand for runs, line styles for training and what was held out."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=marker, label=run) for run, (colour, marker) in looks.items()
    ]
    for part, style, said in (("training", "-", "training"), ("validation", "--", held_out)):
        if part in parts:
            handles.append(Line2D([], [], color=GREY, linestyle=style, label=_(said)))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 5), handlelength=3)
