"""A decision boundary while it learns: one picture a moment, with a slider, and a still picture of some.

Nothing is fetched from a network. Where scripts do not run, the last moment is shown; where only images are
shown, some of the moments side by side.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mashq.language import gettext as _
from mashq.plots import _style, _words
from mashq.plots.boundaries import draw_surface, surface_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    Predict = Callable[[np.ndarray], np.ndarray]

_MESH = 80  # points along each side of a panel
_SIDE = 3.1  # inches
_DPI = 72  # of the moving picture, which has many frames
_COLOURS = 32  # of a frame; its file is a third of that with all colours
_STILL = 5  # moments of the still picture

_PAGE = """<div id="{id}" class="mashq-film" dir="ltr">
<img src="data:image/png;base64,{last}" alt="{words}" style="max-width:100%"></div>
<script>(function () {{
  var box = document.getElementById("{id}"), frames = {frames}, titles = {titles}, timer = null;
  if (!box || box.querySelector("input")) return;
  var image = box.querySelector("img"), bar = document.createElement("div");
  var play = document.createElement("button"), slider = document.createElement("input");
  var said = document.createElement("output");
  slider.type = "range"; slider.min = 0; slider.max = frames.length - 1; slider.style.width = "20em";
  slider.setAttribute("aria-label", {moment}); play.type = "button";
  function show(k) {{
    slider.value = k; said.textContent = " " + titles[k];
    image.src = "data:image/png;base64," + frames[k];
  }}
  function stop() {{ clearInterval(timer); timer = null; play.textContent = {play}; }}
  play.onclick = function () {{
    if (timer) {{ stop(); return; }}
    var k = +slider.value < frames.length - 1 ? +slider.value : -1;
    play.textContent = {pause};
    timer = setInterval(function () {{ show(++k); if (k >= frames.length - 1) stop(); }}, 500);
  }};
  slider.oninput = function () {{ stop(); show(+slider.value); }};
  bar.append(play, slider, said); box.prepend(bar); stop(); show(frames.length - 1);
}})();</script>"""


def boundary_film(
    moments: Mapping[str, Mapping[int, Predict]],
    data: Mapping[str, tuple[ArrayLike, ArrayLike]],
    title: str | None = None,
) -> None:
    """Show how the decision boundaries of one or more trainings moved: a picture a moment, with a slider.

    moments: name of the training -> epoch -> predict, as in `decision_boundary`; the same epochs for all.
    data: name -> (x, y), as in `decision_boundary`.
    Raises ValueError when there is no moment, epochs or names differ, or a panel's input is wrong.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    epochs = _epochs(moments, data)
    surfaces = {
        (name, epoch): surface_of(moments[name][epoch], *data[name], _MESH, f"{name}, {epoch}: ")
        for name in moments
        for epoch in epochs
    }
    chosen = [epochs[i] for i in np.unique(np.linspace(0, len(epochs) - 1, _STILL).round().astype(int))]
    frames = []
    for epoch in epochs:
        frame = _frame(surfaces, list(moments), epoch)
        frames.append(_png(frame, _DPI, _COLOURS))
        plt.close(frame)
    still = _still(surfaces, list(moments), chosen, title)
    words = _words.description(still)
    picture = _png(still, _style.STYLE["figure.dpi"], 2 * _COLOURS)
    plt.close(still)
    page = _PAGE.format(
        id="mashq-film-" + hashlib.sha256("".join(frames).encode()).hexdigest()[:12],
        last=frames[-1],
        words=html.escape(words, quote=True),
        frames=json.dumps(frames),
        titles=json.dumps([_("after epoch {epoch}").format(epoch=epoch) for epoch in epochs]),
        moment=json.dumps(_("epoch")),
        play=json.dumps("▶ " + _("play")),
        pause=json.dumps("❚❚ " + _("pause")),
    )
    bundle = {"text/html": page, "image/png": picture, "text/plain": words}
    display(bundle, raw=True, metadata={"image/png": {"alt": words}})


def _epochs(moments: Mapping[str, Mapping[int, Any]], data: Mapping[str, Any]) -> list[int]:
    """The epochs that all trainings share, after checking that they do."""
    if not moments or not all(moments.values()):
        raise ValueError(_("moments is empty. Expected {name: {epoch: predict}}"))
    if missing := [name for name in moments if name not in data]:
        raise ValueError(_("data lacks {names}, which moments has").format(names=_style.names(missing)))
    epochs = [sorted(moment) for moment in moments.values()]
    if any(other != epochs[0] for other in epochs):
        raise ValueError(_("moments should have the same epochs for every training"))
    return epochs[0]


@_style.course_figure
def _frame(surfaces: Mapping[tuple[str, int], Any], names: list[str], epoch: int) -> Figure:
    """One moment of all trainings."""
    figure, axes = _style.new_figure(1, len(names), width=_SIDE * len(names), height=_SIDE + 0.3)
    for ax, name in zip(axes, names, strict=True):
        draw_surface(ax, surfaces[name, epoch], size=_size(surfaces[name, epoch], 14), ticks=5, smooth=False)
        _style.label_panel(ax, _("{name}, epoch {epoch}").format(name=name, epoch=epoch), "$x_1$", "$x_2$")
    return figure


@_style.course_figure
def _still(
    surfaces: Mapping[tuple[str, int], Any], names: list[str], epochs: list[int], title: str | None
) -> Figure:
    """Some moments side by side, a row for each training."""
    side = _style.WIDTH / len(epochs)
    height = (side + 0.25) * len(names) + (0.4 if title else 0.1)
    figure, axes = _style.new_figure(len(names), len(epochs), height=height)
    panels = [(name, epoch) for name in names for epoch in epochs]
    for ax, panel in zip(axes, panels, strict=True):
        draw_surface(ax, surfaces[panel], size=_size(surfaces[panel], 7), ticks=3, smooth=False)
        name, epoch = panel
        ax.set_title(_("{name}, epoch {epoch}").format(name=name, epoch=epoch), fontsize=9)
        ax.tick_params(labelsize=7)
    if title:
        figure.suptitle(title)
    return figure


def _size(surface: Any, least: float) -> float:
    """Of a point, in points^2: few points may be large."""
    return float(np.clip(400 / len(surface.x), least, 40))


def _png(figure: Figure, dpi: float, colours: int) -> str:
    """A figure as a PNG file in base64, with so many colours."""
    from PIL import Image

    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    image = Image.open(file).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    small = io.BytesIO()
    image.save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()
