"""A figure in words, for those who cannot see it: what it shows, not how it looks.

The words are made from what was drawn: titles, axes, curves and points. Where a picture says more than that,
the function that draws it leaves a sentence with `note`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mashq.language import gettext as _

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NOTES, _NAME = "mashq_notes", "mashq_name"  # attributes of panels and figures


def note(drawn: Axes | Figure, sentence: str) -> None:
    """Leave a sentence about what a panel shows, or about a figure whose panels need not be gone through."""
    vars(drawn).setdefault(_NOTES, []).append(sentence)


def name(ax: Axes, said: str) -> None:
    """Name a panel whose title is not enough."""
    vars(ax)[_NAME] = said


def description(figure: Figure) -> str:
    """All panels of a figure in words, in the language that is spoken; a line for each."""
    panels = [ax for ax in figure.axes if not hasattr(ax, "_colorbar")]
    heading = figure.get_suptitle()
    lines = [_("Figure: {title}.").format(title=" ".join(heading.split()))] if heading else []
    if _NOTES in vars(figure):
        return "\n".join([*lines, *vars(figure)[_NOTES]])
    for number, ax in enumerate(panels, start=1):
        title = vars(ax).get(_NAME) or ax.get_title()
        title = title or (_("panel {number}").format(number=number) if len(panels) > 1 else "")
        notes = vars(ax).get(_NOTES, [])
        said = " ".join([*notes, *_of_curves(ax), *([] if notes else [*_of_bars(ax), *_of_points(ax)])])
        lines.append(": ".join(" ".join(part.split()) for part in (title, said) if part))
    return "\n".join(line for line in lines if line)


def _of_curves(ax: Axes) -> list[str]:
    """A sentence for each curve that the legend names."""
    sentences = []
    for line in ax.get_lines():
        label = str(line.get_label())
        x, y = (np.asarray(values, float) for values in (line.get_xdata(), line.get_ydata()))
        there = np.isfinite(x) & np.isfinite(y) if x.shape == y.shape else np.zeros(0, bool)
        if label.startswith("_") or not there.any():
            continue
        x, y = x[there], y[there]
        if line.get_linestyle() == "None":
            sentences.append(_points(label, x, y))
        elif np.ptp(x) == 0 and len(x) == 2:  # a vertical line
            sentences.append(_("{label}: at {x:.3g}.").format(label=label, x=x[0]))
        elif np.ptp(y) == 0 and len(x) == 2:  # a level
            sentences.append(_("{label}: {y:.3g} throughout.").format(label=label, y=y[0]))
        elif len(x) == 1:
            sentences.append(_("{label}: {y:.3g} at {x:.3g}.").format(label=label, x=x[0], y=y[0]))
        else:
            low, high = int(np.argmin(y)), int(np.argmax(y))
            template = _(
                "{label}: from {first:.3g} at {start:.3g} to {last:.3g} at {end:.3g}, "
                "lowest {least:.3g} at {low:.3g}, highest {most:.3g} at {high:.3g}."
            )
            sentences.append(
                template.format(
                    label=label, first=y[0], start=x[0], last=y[-1], end=x[-1],
                    least=y[low], low=x[low], most=y[high], high=x[high],
                )
            )  # fmt: skip
    if sentences and (ax.get_xlabel() or ax.get_ylabel()):
        across = _("Across: {x}; up: {y}.").format(x=ax.get_xlabel() or "-", y=ax.get_ylabel() or "-")
        sentences.insert(0, across)
    return sentences


def _of_bars(ax: Axes) -> list[str]:
    """A sentence for each set of bars: their heights, from left to right."""
    from matplotlib.container import BarContainer

    heights = [
        [bar.get_height() for bar in found] for found in ax.containers if isinstance(found, BarContainer)
    ]
    template = _("Bars, from left to right: {heights}.")
    return [template.format(heights=", ".join(f"{height:.3g}" for height in bars)) for bars in heights]


def _of_points(ax: Axes) -> list[str]:
    """A sentence for each cloud of points that the legend names."""
    from matplotlib.collections import PathCollection

    clouds = [found for found in ax.collections if isinstance(found, PathCollection)]
    places = {str(cloud.get_label()): np.ma.filled(cloud.get_offsets(), np.nan) for cloud in clouds}
    return [_points(label, *points.T) for label, points in places.items() if label[:1] != "_" and len(points)]


def _points(label: str, x: Any, y: Any) -> str:
    template = _(
        "{label}: {count} points, from {left:.3g} to {right:.3g} across and {low:.3g} to {high:.3g} up."
    )
    return template.format(
        label=label, count=len(x), left=np.min(x), right=np.max(x), low=np.min(y), high=np.max(y)
    )


def of_surface(probability: np.ndarray, right: int, count: int) -> str:
    """What a panel with a decision boundary shows.

    probability: of class 1 on a mesh. right: how many of the `count` points the classifier gets right.
    """
    template = _(
        "Class 1 is predicted in {share:.0%} of the plane, and {right} of {count} points lie on the side of "
        "their class."
    )
    return template.format(share=float(np.mean(probability > 0.5)), right=right, count=count)
