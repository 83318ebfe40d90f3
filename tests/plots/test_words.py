"""Figures for those who cannot see them, and boundaries that move: what goes into the notebook."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matplotlib
import nbformat
import numpy as np
import pytest
from IPython.core import display_functions
from nbclient import NotebookClient

from mashq import plots
from mashq.language import speaking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

matplotlib.use("Agg")

POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
CLASSES = np.array([0, 0, 1, 1])


def side(column: int) -> Callable[[np.ndarray], np.ndarray]:
    """A classifier that says class 1 where one of the coordinates is above a half."""
    return lambda points: np.asarray(points[:, column] > 0.5, float)


@plots.course_figure
def own_figure() -> Figure:
    """What a notebook draws by itself."""
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots()
    ax.plot([1, 2, 3], [5.0, 1.0, 4.0], label="loss")
    ax.scatter([0, 1], [2, 3], label="points")
    ax.set(title="Mine", xlabel="epoch", ylabel="value")
    drawn: Figure = figure
    return drawn


def test_words_tell_how_a_curve_runs() -> None:
    """Beginning, end, lowest and highest value, each with its place."""
    words = plots.in_words(own_figure())
    assert words.startswith("Mine: Across: epoch; up: value. ")
    assert "loss: from 5 at 1 to 4 at 3, lowest 1 at 2, highest 5 at 1." in words
    assert "points: 2 points, from 0 to 1 across and 2 to 3 up." in words


def test_words_tell_the_heights_of_bars_and_where_a_vertical_line_stands() -> None:
    """A line from bottom to top is a place, not a curve."""
    from matplotlib import pyplot as plt

    @plots.course_figure
    def bars() -> Figure:
        figure, ax = plt.subplots()
        ax.bar(range(3), [2.0, -1.0, 0.5])
        ax.axvline(1, label="here")
        ax.set(title="Scores")
        drawn: Figure = figure
        return drawn

    assert plots.in_words(bars()) == "Scores: here: at 1. Bars, from left to right: 2, -1, 0.5."


@pytest.mark.parametrize(("column", "right"), [(0, 4), (1, 2)])
def test_words_tell_how_many_points_a_boundary_gets_right(column: int, right: int) -> None:
    """The share of the plane and the points on their side are those of the classifier."""
    words = plots.in_words(plots.decision_boundary(side(column), POINTS, CLASSES))
    assert words == (
        f"Class 1 is predicted in 50% of the plane, and {right} of 4 points lie on the side of their class."
    )


def test_words_count_points_that_the_mesh_is_too_coarse_for() -> None:
    """As the classifier counts them, and as the title of a panel has it, close to the boundary, too."""
    rng = np.random.default_rng(3)
    near = rng.uniform(-1, 1, (60, 2)) * [0.001, 1] + [0.01, 0]
    points = np.concatenate([[[-1.0, -1.0], [1.0, 1.0]], near])
    predict: Callable[[np.ndarray], np.ndarray] = lambda x: np.asarray(x[:, 0] > 0.01, float)  # noqa: E731
    classes = predict(points).astype(int)
    classes[:7] = 1 - classes[:7]
    grid = plots.boundary_grid({"gauss": {"relu": predict}}, {"gauss": (points, classes)})
    assert "55 of 62 points" in plots.in_words(grid)
    assert "55 of 62 points" in plots.in_words(plots.decision_boundary(predict, points, classes))


def test_words_name_each_panel_of_a_grid() -> None:
    """Dataset and activation, so that sixteen panels can be told apart."""
    predictors = {name: {"relu": side(0), "tanh": side(1)} for name in ("xor", "circle")}
    data = dict.fromkeys(predictors, (POINTS, CLASSES))
    lines = plots.in_words(plots.boundary_grid(predictors, data)).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "xor, relu",
        "xor, tanh",
        "circle, relu",
        "circle, tanh",
    ]


def test_words_are_of_the_figure_drawn_last_and_in_the_language_that_is_spoken() -> None:
    """Nobody has to keep the figure."""
    plots.loss_curve([0.7, 0.5])
    own_figure()
    assert plots.in_words().startswith("Mine")
    with speaking("fa"):
        plots.confusion_matrix([0, 1, 1], [0, 1, 0])
        words = plots.in_words()
    assert re.search("[\u0600-\u06ff]", words)
    assert not re.search("mistake|Confusion", words)


def test_a_function_that_returns_no_figure_is_told_so() -> None:
    """A forgotten return would leave a notebook with a figure that has no style and no words."""

    @plots.course_figure
    def draw() -> Any:
        return None

    with pytest.raises(ValueError, match="draw should return the figure that it draws, got NoneType"):
        draw()


@pytest.mark.process
def test_the_words_go_with_the_image_into_the_notebook() -> None:
    """As the text of the output and as alternative text, however the cell ends, once for each image."""
    notebook = nbformat.v4.new_notebook()
    sources = ["plots.loss_curve([2.0, 1.0])", "figure = plots.loss_curve([2.0, 1.0])"]
    notebook.cells = [
        nbformat.v4.new_code_cell("from mashq import plots"),
        *map(nbformat.v4.new_code_cell, sources),
    ]
    NotebookClient(notebook, timeout=120).execute()
    for cell in notebook.cells[1:]:
        (output,) = cell.outputs
        assert output.data["text/plain"].startswith("Training loss: Across: epoch; up: loss.")
        assert output.metadata["image/png"]["alt"] == output.data["text/plain"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a film shows: {kind: content}."""
    bundle: dict[str, str] = {}
    monkeypatch.setattr(display_functions, "display", lambda data, **_: bundle.update(data))
    monkeypatch.setattr("IPython.display.display", display_functions.display)
    return bundle


def test_a_film_has_a_frame_for_each_moment_and_needs_no_network(shown: dict[str, str]) -> None:
    """All frames are in the page; a still picture with words stands where pages are not shown."""
    film = {"XNOR": {0: side(1), 10: side(1), 50: side(0)}}
    plots.boundary_film(film, {"XNOR": (POINTS, CLASSES)})
    page = shown["text/html"]
    assert not re.search(r"https?:|src=\"(?!data:)|@import", page)
    (frames,) = re.findall(r"frames = \[(.*?)\]", page)
    pictures = [base64.b64decode(frame) for frame in re.findall(r"\"([^\"]+)\"", frames)]
    assert len(pictures) == 3
    assert pictures[0] != pictures[2]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(page) < 100_000
    lines = shown["text/plain"].splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"XNOR, epoch {epoch}" for epoch in (0, 10, 50)]
    assert "2 of 4 points" in lines[0]
    assert "4 of 4 points" in lines[2]
    still = matplotlib.image.imread(io.BytesIO(base64.b64decode(shown["image/png"])), format="png")
    assert still.shape[1] > 500


def test_a_film_refuses_what_it_cannot_show() -> None:
    """Each message says what was expected."""
    data = {"a": (POINTS, CLASSES), "b": (POINTS, CLASSES)}
    with pytest.raises(ValueError, match="moments is empty"):
        plots.boundary_film({}, data)
    with pytest.raises(ValueError, match="data lacks 'c'"):
        plots.boundary_film({"c": {1: side(0)}}, data)
    with pytest.raises(ValueError, match="same epochs for every training"):
        plots.boundary_film({"a": {1: side(0)}, "b": {2: side(0)}}, data)
