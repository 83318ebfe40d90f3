"""Images of digits, and how often one is taken for another."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from mashq.language import gettext as _
from mashq.plots import _style, _words
from mashq.plots._style import GREY, VERMILION, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike


@_style.course_figure
def digit_grid(
    images: ArrayLike,
    labels: ArrayLike | None = None,
    predictions: ArrayLike | None = None,
    rows: int = 2,
    columns: int = 8,
) -> Figure:
    """Show the first rows x columns images, ink dark on white; wrong predictions get a cross and a frame.

    images: shape (n, h, w), (n, 1, h, w) or, square and flattened, (n, s * s); higher values are more ink.
    labels, predictions: class labels, shape (n,).
    Raises ValueError for other shapes, no images, or lengths that differ.
    """
    pictures = _pictures(images)
    truth = None if labels is None else _style.labels_array(labels, "labels", len(pictures), _("images"))
    guess = None
    if predictions is not None:
        guess = _style.labels_array(predictions, "predictions", len(pictures), _("images"))
    rows, columns = _style.whole(rows, "rows", 1), _style.whole(columns, "columns", 1)
    pictures = pictures[: rows * columns]
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)

    side = min(WIDTH / columns, 1.6)
    width = max(side * columns, 4.0)
    heading = textwrap.fill(_heading(truth, guess), int(12 * width))
    height = rows * (side + (0.2 if heading else 0)) + (0.2 * (heading.count("\n") + 1) if heading else 0)
    figure, axes = _style.new_figure(rows, columns, width=width, height=height)
    low, high = float(pictures.min()), float(pictures.max())
    for ax in axes[len(pictures) :]:
        ax.remove()
    for i, (ax, picture) in enumerate(zip(axes, pictures, strict=False)):
        ax.imshow(picture, cmap="gray_r", vmin=low, vmax=max(high, low + 1), interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, edgecolor="#DDDDDD")
        if truth is not None or guess is not None:
            _caption(
                ax, None if truth is None else int(truth[i]), None if guess is None else int(guess[i]), side
            )
    if heading:
        figure.suptitle(heading, fontsize=10)
    size = "{} × {}".format(*pictures.shape[1:])
    titles = ", ".join(ax.get_title() for ax in axes if ax.get_title())
    said = _("{count} images of {size} pixels.").format(count=len(pictures), size=size)
    _words.note(figure, f"{said} {titles}".strip())
    return figure


def _pictures(images: Any) -> np.ndarray:
    """The images as an array of shape (n, h, w)."""
    pictures = _style.array(images, "images")
    if pictures.ndim == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    if pictures.ndim == 2 and pictures.shape[1] and math.isqrt(pictures.shape[1]) ** 2 == pictures.shape[1]:
        side = math.isqrt(pictures.shape[1])
        pictures = pictures.reshape(-1, side, side)
    if pictures.ndim != 3:
        template = _("images should have shape (n, h, w) or (n, s * s), got {shape}")
        raise ValueError(template.format(shape=pictures.shape))
    if not pictures.size:
        raise ValueError(_("images is empty: shape {shape}").format(shape=pictures.shape))
    return pictures


def _caption(ax: Axes, truth: int | None, guess: int | None, side: float) -> None:
    size = min(9.0, 12 * side)  # points; side in inches
    if truth is not None and guess is not None and truth != guess:
        caption = _("✗ {guess} (is {truth})").format(guess=guess, truth=truth)
        ax.set_title(caption, fontsize=size, color=VERMILION, fontweight="bold", pad=4)
        ax.spines[:].set(edgecolor=VERMILION, linewidth=3)
    else:
        ax.set_title(str(truth if guess is None else guess), fontsize=size, pad=4)


def _heading(truth: np.ndarray | None, guess: np.ndarray | None) -> str:
    if guess is None:
        return "" if truth is None else _("Above each image: its label")
    if truth is None:
        return _("Above each image: the predicted digit")
    return _("Above each image: the predicted digit; ✗ and a frame mark a wrong one (in brackets: the label)")


@_style.course_figure
def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, classes: int = 10, ax: Axes | None = None
) -> Figure:
    """Count which class is taken for which; below each count its share of the row (of the true class).

    y_true, y_pred: class labels 0 ... classes - 1, shape (n,), n above 0.
    Raises ValueError for other shapes, lengths that differ, labels outside that range, or no labels.
    """
    from matplotlib.colors import PowerNorm

    truth = _style.labels_array(y_true, "y_true")
    guess = _style.labels_array(y_pred, "y_pred", len(truth), _("labels in y_true"))
    classes = _style.whole(classes, "classes", 2)
    if not len(truth):
        raise ValueError(_("y_true is empty"))
    for name, values in (("y_true", truth), ("y_pred", guess)):
        if values.min() < 0 or values.max() >= classes:
            template = _("{name} should lie between 0 and {most}, got {low} to {high}")
            raise ValueError(
                template.format(name=name, most=classes - 1, low=values.min(), high=values.max())
            )
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, guess), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    new, side = ax is None, min(max(0.68 * classes, 3.6), WIDTH - 1.4)
    figure, ax = _style.panel(ax, width=side + 1.4, height=side + 0.6)
    # The square root lifts the few mistakes of a good classifier out of the white.
    shading = ax.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, vmin=0, vmax=1))
    if new:
        bar = figure.colorbar(shading, ax=ax, label=_("share of the true class (%)"), shrink=0.8)
        bar.set_ticks([0, 0.01, 0.05, 0.1, 0.25, 0.5, 1], labels=["0", "1", "5", "10", "25", "50", "100"])
    for row, column in np.ndindex(counts.shape):
        number, share = int(counts[row, column]), float(shares[row, column])
        text = f"{number:,}\n{_percent(share)}" if number else "0"
        colour = "white" if share > 0.3 else "black" if number else GREY
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    ax.grid(False)
    ax.set_xticks(range(classes))
    ax.set_yticks(range(classes))
    ax.spines[:].set_visible(True)
    title = _("Confusion matrix: {share:.1%} of {count:,} right")
    title = title.format(share=float((truth == guess).mean()), count=len(truth))
    mistakes = counts * ~np.eye(classes, dtype=bool)
    if mistakes.any():
        row, column = np.unravel_index(int(mistakes.argmax()), counts.shape)
        template = _("The commonest mistake: class {true} is taken for {predicted}, {count} of {total}.")
        total = int(counts[row].sum())
        said = template.format(true=row, predicted=column, count=int(counts[row, column]), total=total)
        _words.note(ax, said)
    _style.label_panel(ax, title, _("predicted class"), _("true class"))
    return figure


def _percent(share: float) -> str:
    """A share above 0 as a whole percentage that is never rounded to 0 or up to 100."""
    if share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
