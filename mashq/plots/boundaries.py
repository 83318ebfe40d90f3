"""What a classifier of two inputs makes of the plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.plots import _style, _words
from mashq.plots._style import BLUE, VERMILION, WIDTH
from mashq.plots.curves import loss_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    Predict = Callable[[np.ndarray], np.ndarray]

_FINE_MESH = 200  # points along each side of the one big panel
_COARSE_MESH = 80  # and of each small one, where a finer mesh would not be seen
_SHADES = 21  # of the plane; a picture of more is several times as large a file
_MARGIN = 0.12  # of the data's range, on each side
_PROBABILITY = N_("predicted probability of class 1")
_TICKS = (0, 0.25, 0.5, 0.75, 1)


class _Surface(NamedTuple):
    """Everything one panel shows: points (n, 2), labels (n,), mesh axes (m,) and probabilities (m, m).

    right: how many of the points are on the side of their class, by the classifier itself; the mesh is too
    coarse for points near the boundary.
    """

    x: np.ndarray
    y: np.ndarray
    across: np.ndarray
    up: np.ndarray
    probability: np.ndarray
    right: int


@_style.course_figure
def decision_boundary(
    predict: Predict, x: ArrayLike, y: ArrayLike, ax: Axes | None = None, title: str | None = None
) -> Figure:
    """Shade the plane by predicted probability, with the 0.5 contour and the points of both classes.

    predict: float64 array (n, 2) -> probability of class 1 in [0, 1], shape (n,) or (n, 1).
    x: points, shape (n, 2). y: their classes, 0 or 1, shape (n,) or (n, 1).
    ax: draw there (then without a colour bar) instead of on a new figure.
    Raises ValueError for other shapes, classes or predictions.
    """
    surface = surface_of(predict, x, y, _FINE_MESH, "")
    size = float(np.clip(8000 / len(surface.x), 20, 80))
    if ax is None:
        figure, (ax,) = _style.new_figure(width=6.6, height=5.7)
        figure.colorbar(draw_surface(ax, surface, size), ax=ax, label=_(_PROBABILITY), ticks=_TICKS)
        figure.legend(loc="outside lower center", ncols=3)  # beside the panel it hides no point
    else:
        figure = _style.figure_of(ax)
        draw_surface(ax, surface, size)
        ax.legend(loc="best")
    _style.label_panel(ax, title, "$x_1$", "$x_2$")
    return figure


@_style.course_figure
def boundary_and_loss(
    predict: Predict,
    x: ArrayLike,
    y: ArrayLike,
    losses: ArrayLike,
    epochs: int | None = None,
    title: str | None = None,
) -> Figure:
    """A classifier on its way: its decision boundary beside its loss, from one epoch to the next.

    predict, x, y: as in `decision_boundary`. losses: one an epoch so far, shape (n,), n above 0.
    epochs: how long the training will be, so that the axis stays while it goes on; None for n.
    Raises ValueError for what `decision_boundary` and `loss_curve` refuse, and when epochs is below n.
    """
    done = len(_style.array(losses, "losses"))
    length = done if epochs is None else _style.whole(epochs, "epochs", done)
    surface = surface_of(predict, x, y, _COARSE_MESH, "")
    figure, (left, right) = _style.new_figure(1, 2, height=4.4)
    draw_surface(left, surface, size=float(np.clip(8000 / len(surface.x), 20, 80)))
    left.legend(loc="upper right", fontsize=8)
    _style.label_panel(left, _("Decision boundary"), "$x_1$", "$x_2$")
    loss_curve(losses, ax=right)
    right.set_xlim(0.5, length + 0.5)
    if title:
        figure.suptitle(title)
    return figure


@_style.course_figure
def boundary_grid(
    predictors: Mapping[str, Mapping[str, Predict]],
    data: Mapping[str, tuple[ArrayLike, ArrayLike]],
    scores: Mapping[str, Mapping[str, float]] | None = None,
) -> Figure:
    """Decision boundaries of many classifiers: a row for each dataset, a column for each activation.

    predictors: dataset -> activation -> predict, as in `decision_boundary`.
    data: dataset -> (x, y), as in `decision_boundary`.
    scores: dataset -> activation -> accuracy in [0, 1], shown in the title of the panel.
    Raises ValueError when names do not match or a panel's input is wrong (the message names the panel).
    """
    rows, columns = _names(predictors, data)
    texts = {(row, column): _title(row, column, scores) for row in rows for column in columns}
    surfaces = {
        (row, column): surface_of(
            predictors[row][column], *_pair(data, row), _COARSE_MESH, f"{row}, {column}: "
        )
        for row in rows
        for column in columns
    }
    side = min((WIDTH - 0.8) / len(columns), 3.2)  # 0.8 inches for the names of the rows
    width, height = max(side * len(columns) + 0.8, 4.6), (side + 0.3) * len(rows) + 1.1
    figure, axes = _style.new_figure(len(rows), len(columns), width=width, height=height)
    for i, (ax, (panel, surface)) in enumerate(zip(axes, surfaces.items(), strict=True)):
        shading = draw_surface(ax, surface, size=9, ticks=5, smooth=False)
        ax.set_title(texts[panel], fontsize=9.5)
        _words.name(ax, f"{panel[0]}, {texts[panel]}")
        first = i % len(columns) == 0  # the panels of a row share their points and so the axis
        ax.tick_params(labelsize=8, labelleft=first)
        if first:
            ax.set_ylabel("$x_2$")
            _name_row(ax, panel[0])
    for ax in axes[-len(columns) :]:
        ax.set_xlabel("$x_1$")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), markerscale=2)
    figure.colorbar(
        shading, ax=axes, location="bottom", label=_(_PROBABILITY), ticks=_TICKS, aspect=50, pad=0.01
    )
    return figure


def _name_row(ax: Axes, name: str) -> None:
    ax.annotate(
        name,
        (0, 0.5),
        (-52, 0),  # points: left of the widest tick labels and the axis label
        xycoords="axes fraction",
        textcoords="offset points",
        rotation=90,
        va="center",
        fontweight="bold",
    )


def _names(
    predictors: Mapping[str, Mapping[str, Any]], data: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Datasets and activations in the order given, after checking that every pair is there."""
    if not predictors or not all(predictors.values()):
        raise ValueError(_("predictors is empty. Expected {dataset: {activation: predict}}"))
    if missing := [row for row in predictors if row not in data]:
        template = _("data lacks {names}, which predictors has")
        raise ValueError(template.format(names=_style.names(missing)))
    rows = list(predictors)
    columns = list(predictors[rows[0]])
    for row in rows:
        if set(predictors[row]) != set(columns):
            template = _(
                "predictors should have the same activations for every dataset: "
                "{first!r} has {expected}, but {row!r} has {got}"
            )
            got = _style.names(list(predictors[row]))
            raise ValueError(template.format(first=rows[0], expected=_style.names(columns), row=row, got=got))
    return rows, columns


def _pair(data: Mapping[str, Any], row: str) -> tuple[Any, Any]:
    pair = data[row]
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        template = _("data[{row!r}] should be a pair (x, y), got {type}")
        raise ValueError(template.format(row=row, type=type(pair).__name__))
    return pair[0], pair[1]


def _title(row: str, column: str, scores: Mapping[str, Mapping[str, float]] | None) -> str:
    if scores is None:
        return column
    if row not in scores or column not in scores[row]:
        raise ValueError(_("scores lacks [{row!r}][{column!r}]").format(row=row, column=column))
    score = _style.array(scores[row][column], f"scores[{row!r}][{column!r}]")
    if score.size != 1 or not 0 <= score.item() <= 1:
        template = _("scores[{row!r}][{column!r}] should be an accuracy between 0 and 1, got {score}")
        raise ValueError(template.format(row=row, column=column, score=score))
    return _("{name}: {share:.1%} accuracy").format(name=column, share=score.item())


def surface_of(predict: Predict, x: Any, y: Any, mesh: int, where: str) -> _Surface:
    """Check the points and ask the classifier about a mesh around them; `where` begins error messages."""
    x = _style.array(x, f"{where}x")
    if x.ndim != 2 or x.shape[1] != 2 or not len(x):
        template = _("{where}x should have shape (n, 2) with n above 0, got {shape}")
        raise ValueError(template.format(where=where, shape=x.shape))
    if not np.isfinite(x).all():
        raise ValueError(_("{where}x holds NaN or infinity").format(where=where))
    y = _style.labels_array(y, f"{where}y", len(x), _("points in x"))
    if not np.isin(y, (0, 1)).all():
        template = _("{where}y should hold the classes 0 and 1 only, got {classes}")
        raise ValueError(template.format(where=where, classes=sorted(set(y.tolist()))[:5]))
    low, high = x.min(axis=0), x.max(axis=0)
    margin = np.where(high > low, _MARGIN * (high - low), 1.0)
    across, up = (np.linspace(low[i] - margin[i], high[i] + margin[i], mesh) for i in range(2))
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    probability = _probabilities(predict, points, where)
    right = int(np.sum((_probabilities(predict, x, where) > 0.5) == (y == 1)))
    return _Surface(x, y, across, up, probability.reshape(mesh, mesh), right)


def _probabilities(predict: Predict, points: np.ndarray, where: str) -> np.ndarray:
    """What the classifier says about points (n, 2), float64 (n,), after checking it."""
    asked = points.astype(float)  # a copy, so that the drawn points stay as they are
    probability = _style.array(predict(asked), where + _("the result of {name}").format(name="predict"))
    if probability.shape not in ((len(points),), (len(points), 1)):
        template = _("{where}predict should return one probability per point, shape {wanted}, got {got}")
        raise ValueError(template.format(where=where, wanted=(len(points),), got=probability.shape))
    if not np.isfinite(probability).all():
        template = _("{where}predict returns NaN or infinity. Did the training diverge?")
        raise ValueError(template.format(where=where))
    if probability.min() < -1e-6 or probability.max() > 1 + 1e-6:
        template = _(
            "{where}predict should return probabilities between 0 and 1, got {low:.3g} to {high:.3g}. "
            "Is the sigmoid of the output missing?"
        )
        raise ValueError(template.format(where=where, low=probability.min(), high=probability.max()))
    return probability.ravel().astype(float)


def draw_surface(
    ax: Axes, surface: _Surface, size: float, ticks: int = 7, smooth: bool = True
) -> ScalarMappable:
    """One panel without labels; returns the shading, for a colour bar.

    size: area of a point in points^2. ticks: at most so many steps between the ticks of an axis.
    smooth: False for a small panel, where nobody sees the mesh, and whose image is half as large a file then.
    """
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.ticker import MaxNLocator

    across, up, probability = surface.across, surface.up, surface.probability
    shading = ax.imshow(
        probability,
        extent=(across[0], across[-1], up[0], up[-1]),
        origin="lower",
        aspect="auto",
        cmap=LinearSegmentedColormap.from_list("classes", ["#8CC0E3", "#FFFFFF", "#F6BC92"], N=_SHADES),
        vmin=0,
        vmax=1,
        interpolation="bilinear" if smooth else "nearest",
    )
    ax.set_box_aspect(1)
    ax.grid(False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    if probability.min() < 0.5 < probability.max():
        ax.contour(across, up, probability, levels=[0.5], colors="black", linewidths=1.6)
    else:
        text = _("class {label} everywhere").format(label=int(probability.min() >= 0.5))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
        ax.text(0.5, 0.03, text, transform=ax.transAxes, ha="center", fontsize=8, bbox=box, zorder=4)
    for label, marker, colour in ((0, "o", BLUE), (1, "^", VERMILION)):
        chosen = surface.x[surface.y == label]
        ax.scatter(
            chosen[:, 0], chosen[:, 1], s=size, marker=marker, color=colour, edgecolors="white",
            linewidths=min(0.02 * size, 0.8), label=_("class {label}").format(label=label), zorder=3,
        )  # fmt: skip
    ax.plot([], [], color="black", linewidth=1.6, label=_("boundary (0.5)"))
    _words.note(ax, _words.of_surface(probability, surface.right, len(surface.x)))
    return shading
