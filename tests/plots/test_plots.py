"""What a reader of a notebook sees of `mashq.plots`: one picture a call, the right curves, clear errors."""

from __future__ import annotations

import inspect
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_hex
from nbclient import NotebookClient

from mashq import plots
from mashq.language import speaking

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

matplotlib.use("Agg")

HISTORY = {
    "loss": [1.0, 0.6, 0.4],
    "accuracy": [0.5, 0.7, 0.8],
    "val_loss": [1.1, 0.8, 0.7],
    "val_accuracy": [0.4, 0.6, 0.65],
}
POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
CLASSES = np.array([0, 0, 1, 1])
IMAGES = np.arange(6 * 16, dtype=np.uint8).reshape(6, 4, 4)


def right_half(x: np.ndarray) -> np.ndarray:
    """The probability of class 1: above a half where the first coordinate is."""
    return np.asarray(1 / (1 + np.exp(-8 * (x[:, 0] - 0.5))))


def relu(z: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(z, 0))


def relu_derivative(z: np.ndarray) -> np.ndarray:
    return z > 0


# One ordinary call of each function.
CALLS: dict[str, Callable[[], Figure]] = {
    "network_diagram": lambda: plots.network_diagram((2, 3, 1)),
    "activation_curves": lambda: plots.activation_curves({"relu": relu}, {"relu": relu_derivative}),
    "decision_boundary": lambda: plots.decision_boundary(right_half, POINTS, CLASSES),
    "boundary_and_loss": lambda: plots.boundary_and_loss(right_half, POINTS, CLASSES, [0.7, 0.5]),
    "boundary_grid": lambda: plots.boundary_grid({"xor": {"relu": right_half}}, {"xor": (POINTS, CLASSES)}),
    "training_curves": lambda: plots.training_curves(HISTORY),
    "compare_curves": lambda: plots.compare_curves({"a": HISTORY, "b": HISTORY}),
    "digit_grid": lambda: plots.digit_grid(IMAGES, [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 9]),
    "confusion_matrix": lambda: plots.confusion_matrix([0, 1, 1], [0, 1, 0]),
    "loss_curve": lambda: plots.loss_curve([0.7, 0.5]),
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Each test starts and ends without open figures."""
    from matplotlib import pyplot as plt

    plt.close("all")
    yield
    plt.close("all")


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def curves(ax: Axes) -> dict[str, list[float]]:
    """Label -> values of the lines of a panel."""
    return {str(line.get_label()): np.asarray(line.get_ydata()).tolist() for line in ax.get_lines()}


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


# In a notebook

CELLS = {
    "last line": ("plots.activation_curves({'tanh': np.tanh})", 1),
    "semicolon": ("plots.activation_curves({'tanh': np.tanh});", 1),
    "assigned": ("figure = plots.loss_curve([2.0, 1.0])", 1),
    "assigned, then named": ("figure = plots.loss_curve([2.0, 1.0])\nfigure", 1),
    "not the last line": ("plots.network_diagram((2, 3, 1))\nprint('done')", 1),
    "plt.show": ("plots.network_diagram((2, 2, 1))\nplt.show()", 1),
    "display": ("display(plots.loss_curve([2.0, 1.0]))", 1),
    "two calls": ("plots.loss_curve([2.0, 1.0])\nplots.loss_curve([3.0, 1.0])", 2),
    "loop": ("for rate in (1, 2, 3):\n    plots.loss_curve([rate, 0.5])", 3),
    "own panels": (
        "_, panels = plt.subplots(1, 2)\n"
        "for ax in panels[:1]:\n    plots.loss_curve([2.0, 1.0], ax=ax)\n"
        "plots.loss_curve([3.0, 1.0], ax=panels[1])",
        1,
    ),
    "refused input": ("try:\n    plots.loss_curve([])\nexcept ValueError:\n    pass", 0),
    "wrong predict": (
        "try:\n    plots.decision_boundary(lambda x: x, np.eye(2), [0, 1])\nexcept ValueError:\n    pass",
        0,
    ),
    "plain pyplot later": ("plt.plot([1, 2, 3])", 1),
    "figure from an earlier cell": ("figure", 1),
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """The outputs of the cells above, run in order by a real kernel."""
    notebook = nbformat.v4.new_notebook()
    setup = "import numpy as np\nimport matplotlib.pyplot as plt\nfrom mashq import plots"
    sources = [setup, *(source for source, _ in CELLS.values())]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    root = str(Path(plots.__file__).parents[2])
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "MPLBACKEND")}
    with pytest.MonkeyPatch.context() as patch:
        for key in set(os.environ) - set(environment):
            patch.delenv(key)
        patch.setenv("PYTHONPATH", root)
        folder = str(tmp_path_factory.mktemp("notebook"))
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}})
        client.execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells[1:], strict=True)}


@pytest.mark.parametrize("name", CELLS)
def test_notebook_shows_each_figure_once(executed: dict[str, list[Any]], name: str) -> None:
    """However a cell ends, each figure gives one picture, and refused input leaves none behind."""
    pictures = [output for output in executed[name] if "image/png" in output.get("data", {})]
    assert len(pictures) == CELLS[name][1]
    assert not [output for output in executed[name] if output.get("name") == "stderr"]


# All functions


def test_every_public_function_is_called_here() -> None:
    """A new function has to join the tests that go over all of them."""
    assert set(CALLS) == set(plots.__all__) - {"boundary_film", "course_figure", "in_words"}


@pytest.mark.parametrize("name", CALLS)
def test_figure_can_be_saved(name: str, tmp_path: Path) -> None:
    """Each function returns a figure of notebook width that draws without a warning."""
    figure = CALLS[name]()
    figure.savefig(tmp_path / "figure.png")
    assert figure.get_figwidth() <= 9.3
    assert (tmp_path / "figure.png").stat().st_size > 5000


# Calls that show other words than those above.
FURTHER_CALLS: dict[str, Callable[[], Figure]] = {
    "deep network": lambda: plots.network_diagram((2, 3, 3, 1)),
    "everywhere": lambda: plots.decision_boundary(lambda x: np.full(len(x), 0.2), POINTS, CLASSES),
    "scores": lambda: plots.boundary_grid(**ONE_PAIR, scores={"a": {"relu": 0.975}}),
    "labels": lambda: plots.digit_grid(IMAGES, [0, 1, 2, 3, 4, 5]),
    "predictions": lambda: plots.digit_grid(IMAGES, predictions=[0, 1, 2, 3, 4, 5]),
}
GIVEN = {"relu", "xor", "a", "b"}  # names that the calls give
PERSIAN = re.compile("[\u0600-\u06ff]")


def all_texts(figure: Figure) -> list[str]:
    """Labels, titles, legends, ticks."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]


def words(figure: Figure) -> list[str]:
    """All texts of a figure that have a letter, without formulas and without given names."""
    said = [re.sub(r"\$[^$]*\$", "", text) for text in all_texts(figure)]
    return [text for text in said if re.search(r"[^\W\d_]", text) and text not in GIVEN]


@pytest.mark.parametrize("name", [*CALLS, *FURTHER_CALLS])
def test_a_figure_speaks_the_language_that_is_spoken(name: str) -> None:
    """Every word that a function adds; numbers stay Latin, and no formula stands beside Persian."""
    draw = (CALLS | FURTHER_CALLS)[name]
    with speaking("fa"):
        persian = draw()
    english = draw()
    assert not PERSIAN.search("".join(words(english)))
    assert [text for text in words(persian) if not PERSIAN.search(text)] == []
    assert [text for text in all_texts(persian) if "$" in text and PERSIAN.search(text)] == []
    assert not re.search("[\u06f0-\u06f9]", "".join(words(persian)))
    assert 0 < len(words(persian)) <= len(words(english))


@pytest.mark.parametrize("name", CALLS)
def test_settings_of_the_notebook_stay(name: str) -> None:
    """The course's style is for the course's figures only."""
    from matplotlib import pyplot as plt

    with plt.style.context("dark_background"):
        before = dict(matplotlib.rcParams)
        CALLS[name]()
        assert dict(matplotlib.rcParams) == before


def test_style_wins_over_a_dark_theme() -> None:
    """Figures are dark on white whatever theme the notebook has."""
    from matplotlib import pyplot as plt

    with plt.style.context("dark_background"):
        figure = plots.loss_curve([2.0, 1.0])
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    assert to_hex(figure.axes[0].get_facecolor()) == "#ffffff"
    assert to_hex(figure.axes[0].xaxis.label.get_color()) == "#000000"


def test_figure_survives_pickling() -> None:
    """A figure can be stored with other results of a notebook."""
    copy = pickle.loads(pickle.dumps(plots.loss_curve([2.0, 1.0])))
    assert curves(copy.axes[0])["loss"] == [2.0, 1.0]


def test_import_is_cheap_and_needs_no_display() -> None:
    """Importing loads no matplotlib; a call draws with no display and no choice of backend."""
    code = (
        "import sys; from mashq import plots; assert 'matplotlib' not in sys.modules;"
        "plots.loss_curve([2.0, 1.0]).canvas.draw()"
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "MPLBACKEND")}
    environment["PYTHONPATH"] = str(Path(plots.__file__).parents[2])
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_functions_are_documented() -> None:
    """`help` shows the signature and a docstring through the decorator."""
    for name in plots.__all__:
        function = getattr(plots, name)
        assert function.__name__ == name
        assert "Raises ValueError" in (inspect.getdoc(function) or "")
    assert list(inspect.signature(plots.loss_curve).parameters) == ["losses", "title", "ax", "first"]


@pytest.mark.parametrize("name", ["network_diagram", "decision_boundary", "confusion_matrix", "loss_curve"])
def test_own_panel_is_drawn_on(name: str) -> None:
    """With ax, the figure that holds it is returned and no other is made."""
    from matplotlib import pyplot as plt

    arguments: dict[str, tuple[Any, ...]] = {
        "network_diagram": ((2, 3, 1),),
        "decision_boundary": (right_half, POINTS, CLASSES),
        "confusion_matrix": ([0, 1], [0, 1]),
        "loss_curve": ([2.0, 1.0],),
    }
    figure, panels = plt.subplots(1, 2)
    assert getattr(plots, name)(*arguments[name], ax=panels[1]) is figure
    assert len(plt.get_fignums()) == 1
    assert len(figure.axes) == 2
    assert not panels[0].has_data()
    assert panels[1].has_data()


# network_diagram


@pytest.mark.parametrize("sizes", [(2, 3, 1), (2, 2, 1), [1, 1], np.array([8, 8])], ids=str)
def test_small_network_shows_every_unit(sizes: Any) -> None:
    """As many circles as units, and a line for each weight."""
    from matplotlib.collections import LineCollection

    (ax,) = plots.network_diagram(sizes).axes
    lines = [part for part in ax.collections if isinstance(part, LineCollection)]
    assert len(ax.patches) == sum(sizes)
    assert sum(len(part.get_segments()) for part in lines) == sum(a * b for a, b in pairwise(sizes))


def test_wide_layers_are_shortened_and_give_their_size() -> None:
    """Six units stand for a wide layer; the size is printed; the last unit has its own number."""
    (ax,) = plots.network_diagram((25, 50, 30, 15, 10)).axes
    assert len(ax.patches) == 5 * 6
    for text in (
        "25 units",
        "50 units",
        "10 units",
        "hidden 3",
        "$x_{25}$",
        "$a_{1,50}$",
        r"$\hat{y}_{10}$",
    ):
        assert text in texts(ax)
    assert "$x_{4}$" not in texts(ax)


def test_network_labels_and_title() -> None:
    """Own labels replace input, hidden and output."""
    (ax,) = plots.network_diagram((784, 1000, 10), labels=["pixels", "ReLU", "logits"], title="MNIST").axes
    assert ax.get_title() == "MNIST"
    assert {"pixels", "ReLU", "logits", "1,000 units"} <= set(texts(ax))
    assert "input" not in texts(ax)


# activation_curves


def test_activation_curves_equal_the_functions() -> None:
    """A panel for each function shows its values, dashed its derivative."""
    figure = plots.activation_curves(
        {"relu": relu, "tanh": np.tanh}, {"relu": relu_derivative}, limits=(-2, 3)
    )
    assert [ax.get_title() for ax in figure.axes] == ["relu", "tanh"]
    lines = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    z = np.asarray(lines["$f(z)$"].get_xdata())
    assert (z[0], z[-1]) == (-2, 3)
    np.testing.assert_allclose(np.asarray(lines["$f(z)$"].get_ydata()), np.maximum(z, 0))
    np.testing.assert_allclose(np.asarray(lines["derivative $f'(z)$"].get_ydata()), z > 0)
    assert "derivative $f'(z)$" not in curves(figure.axes[1])
    assert legend(figure) == ["$f(z)$", "derivative $f'(z)$"]


def test_activation_that_changes_its_input_is_drawn_right() -> None:
    """A student's relu that works in place does not shift the axis of the curve."""

    def in_place(z: np.ndarray) -> np.ndarray:
        z[z < 0] = 0
        return z

    (line,) = (
        line
        for line in plots.activation_curves({"relu": in_place}).axes[0].get_lines()
        if line.get_label() == "$f(z)$"
    )
    assert np.asarray(line.get_xdata()).min() == -5


def test_five_functions_have_five_panels() -> None:
    """No empty panel is left where the last row is not full."""
    assert len(plots.activation_curves({str(i): np.tanh for i in range(5)}).axes) == 5


# decision_boundary and boundary_grid


def contours(ax: Axes) -> list[np.ndarray]:
    """The pieces of the drawn contours, each (n, 2)."""
    from matplotlib.contour import ContourSet

    sets = [part for part in ax.collections if isinstance(part, ContourSet)]
    paths = [np.asarray(path.vertices) for part in sets for path in part.get_paths()]
    return [vertices for vertices in paths if len(vertices)]


def test_boundary_lies_where_the_probability_is_a_half() -> None:
    """The contour of a classifier that splits at 0.5 is the vertical line there."""
    figure = plots.decision_boundary(right_half, POINTS, CLASSES, title="halves")
    ax = figure.axes[0]
    (line,) = contours(ax)
    np.testing.assert_allclose(line[:, 0], 0.5, atol=0.01)
    shading = np.asarray(ax.images[0].get_array())
    assert shading[:, 0].max() < 0.05
    assert shading[:, -1].min() > 0.95
    assert ax.get_title() == "halves"
    assert legend(figure) == ["class 0", "class 1", "boundary (0.5)"]


def test_shading_is_not_upside_down() -> None:
    """A classifier that says 1 above the middle is shaded so in the upper half of the picture."""
    ax = plots.decision_boundary(lambda x: (x[:, 1] > 0.5).astype(float), POINTS, [0, 1, 0, 1]).axes[0]
    image = ax.images[0]
    shading = np.asarray(image.get_array())
    top = shading[-1] if image.origin == "lower" else shading[0]
    assert top.min() == 1


def test_points_of_both_classes_are_shown_with_different_marks() -> None:
    """Class 0 and class 1 differ in place, colour and marker."""
    ax = plots.decision_boundary(right_half, POINTS, CLASSES[:, None]).axes[0]
    scatters = {str(part.get_label()): part for part in ax.collections}
    zero, one = scatters["class 0"], scatters["class 1"]
    np.testing.assert_array_equal(np.asarray(zero.get_offsets()), POINTS[:2])
    np.testing.assert_array_equal(np.asarray(one.get_offsets()), POINTS[2:])
    assert to_hex(zero.get_facecolor()[0]) != to_hex(one.get_facecolor()[0])
    shapes = [np.asarray(part.get_paths()[0].vertices).shape for part in (zero, one)]
    assert shapes[0] != shapes[1]


@pytest.mark.parametrize("constant", [0.2, 0.8])
def test_classifier_without_boundary_says_so(constant: float) -> None:
    """A constant classifier has no line; the panel names the class it always gives."""
    ax = plots.decision_boundary(lambda x: np.full((len(x), 1), constant), POINTS, CLASSES).axes[0]
    assert not contours(ax)
    assert texts(ax) == [f"class {round(constant)} everywhere"]


def test_boundary_grid_has_a_titled_panel_for_each_pair() -> None:
    """Sixteen panels, rows named by dataset, titles with activation and accuracy, one colour bar."""
    sizes: list[int] = []

    def predict(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return right_half(x)

    rows, columns = ["circle", "xor", "gauss", "spiral"], ["linear", "sigmoid", "tanh", "relu"]
    scores = {
        row: {column: (4 * i + j) / 16 for j, column in enumerate(columns)} for i, row in enumerate(rows)
    }
    figure = plots.boundary_grid(
        {row: dict.fromkeys(columns, predict) for row in rows},
        dict.fromkeys(rows, (POINTS, CLASSES)),
        scores,
    )
    assert len(figure.axes) == 17
    expected = [f"{column}: {scores[row][column]:.1%} accuracy" for row in rows for column in columns]
    assert [ax.get_title() for ax in figure.axes[:16]] == expected
    assert [texts(ax)[0] for ax in figure.axes[:16:4]] == rows
    meshes = [size for size in sizes if size != len(POINTS)]
    assert len(meshes) == 16
    assert max(meshes) <= 100 * 100


def test_boundary_grid_puts_each_classifier_in_its_panel() -> None:
    """Panels show their own row's points and their own column's classifier."""
    predictors: dict[str, dict[str, Any]] = {
        "near": {"low": lambda x: np.full(len(x), 0.1), "high": lambda x: np.full(len(x), 0.9)},
        "far": {"high": lambda x: np.full(len(x), 0.8), "low": lambda x: np.full(len(x), 0.2)},
    }
    data = {"far": (POINTS + 10, CLASSES), "near": (POINTS, CLASSES)}
    axes = plots.boundary_grid(predictors, data).axes[:4]
    assert [ax.get_title() for ax in axes] == ["low", "high", "low", "high"]
    assert [float(np.asarray(ax.images[0].get_array())[0, 0]) for ax in axes] == [0.1, 0.9, 0.2, 0.8]
    assert [round(ax.get_xlim()[0]) for ax in axes] == [0, 0, 10, 10]


# curves


@pytest.mark.parametrize(
    "names",
    [
        ("loss", "accuracy", "val_loss", "val_accuracy"),
        ("train_loss", "train_acc", "val_loss", "val_acc"),
    ],
    ids=["Keras", "PyTorch"],
)
def test_training_curves_equal_the_history(names: tuple[str, ...]) -> None:
    """Both panels hold the given values against epochs 1, 2, 3; validation is dashed."""
    figure = plots.training_curves(dict(zip(names, HISTORY.values(), strict=True)), title="run 1")
    loss, accuracy = figure.axes
    assert curves(loss) == {"training": HISTORY["loss"], "validation": HISTORY["val_loss"]}
    assert curves(accuracy) == {"training": HISTORY["accuracy"], "validation": HISTORY["val_accuracy"]}
    assert [line.get_linestyle() for line in loss.get_lines()] == ["-", "--"]
    assert np.asarray(loss.get_lines()[0].get_xdata()).tolist() == [1, 2, 3]
    assert [loss.get_xlabel(), loss.get_ylabel(), accuracy.get_ylabel()] == ["epoch", "loss", "accuracy (%)"]
    assert figure.get_suptitle() == "run 1"


def test_history_without_accuracy_has_one_panel() -> None:
    """A panel without curves is left out."""
    assert [ax.get_title() for ax in plots.training_curves({"loss": [2, 1]}).axes] == ["Loss"]


def test_every_point_is_inside_its_panel() -> None:
    """The loss axis begins at zero and still reaches over the largest loss, also for a single epoch."""
    for losses in ([3.0, 1.0], [2.0]):
        (ax,) = plots.training_curves({"loss": losses}).axes
        low, high = ax.get_ylim()
        assert low == 0
        assert high > max(losses)


def test_compare_curves_tells_runs_apart() -> None:
    """Runs of different length, each with its own colour and marker; the legend explains both."""
    short = {
        "train_loss": [0.9, 0.8],
        "val_loss": [1.0, 0.95],
        "train_acc": [0.5, 0.6],
        "val_acc": [0.4, 0.5],
    }
    figure = plots.compare_curves({"0.01": HISTORY, "0.001": short}, title="learning rates")
    loss, accuracy = figure.axes
    assert curves(loss) == {
        "0.01, training": HISTORY["loss"],
        "0.01, validation": HISTORY["val_loss"],
        "0.001, training": short["train_loss"],
        "0.001, validation": short["val_loss"],
    }
    assert len(accuracy.get_lines()) == 4
    first, _, second, _ = loss.get_lines()
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()
    assert [line.get_linestyle() for line in loss.get_lines()] == ["-", "--", "-", "--"]
    assert legend(figure) == ["0.01", "0.001", "training", "validation"]
    assert figure.get_suptitle() == "learning rates"


def test_compare_curves_says_test_where_the_curves_are_of_test_images() -> None:
    """What Keras calls val_loss need not come from validation images; other words are refused."""
    figure = plots.compare_curves({"run": HISTORY}, held_out="test")
    assert list(curves(figure.axes[0])) == ["run, training", "run, test"]
    assert legend(figure) == ["run", "training", "test"]
    with pytest.raises(ValueError, match="'validation', 'test'"):
        plots.compare_curves({"run": HISTORY}, held_out="testing")


def test_loss_curve_equals_the_losses() -> None:
    """The curve holds the losses, gaps and all, and the title can be changed."""
    (ax,) = plots.loss_curve([0.7, float("nan"), 0.5]).axes
    np.testing.assert_array_equal(np.asarray(ax.get_lines()[0].get_ydata()), [0.7, np.nan, 0.5])
    assert ax.get_title() == "Training loss"
    assert plots.loss_curve([1.0], title="XNOR").axes[0].get_title() == "XNOR"


@pytest.mark.parametrize("first", [1, 0])
def test_loss_curve_begins_at_the_epoch_asked_for(first: int) -> None:
    """Epochs count from 1, or from 0 where the first loss is that of the untrained network."""
    (ax,) = plots.loss_curve([0.7, 0.6, 0.5], first=first).axes
    assert np.asarray(ax.get_lines()[0].get_xdata()).tolist() == [first, first + 1, first + 2]
    (ax,) = plots.loss_curve([0.7], first=first).axes
    assert ax.get_xlim() == (first - 0.5, first + 0.5)


class Tensor:
    """Behaves like a torch tensor that still hangs on its graph."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def detach(self) -> Tensor:
        return Tensor(self.values)

    def cpu(self) -> np.ndarray:
        return self.values

    def __array__(self, *_: Any) -> np.ndarray:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad")


def test_tensors_with_gradient_are_accepted() -> None:
    """Losses kept as tensors, and a predict that returns one, are drawn like numbers."""
    losses: Any = [Tensor(0.7), Tensor(0.5)]
    assert curves(plots.loss_curve(losses).axes[0])["loss"] == [0.7, 0.5]
    predict: Any = lambda x: Tensor(right_half(x))  # noqa: E731
    assert plots.decision_boundary(predict, POINTS, CLASSES).axes


# digits


def test_digit_grid_shows_images_and_marks_only_wrong_predictions() -> None:
    """A wrong prediction has a cross, both digits, a colour and a frame; the right ones have their digit."""
    axes = plots.digit_grid(IMAGES, [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 9], rows=2, columns=3).axes
    assert [ax.get_title() for ax in axes] == ["0", "1", "2", "3", "4", "✗ 9 (is 5)"]
    np.testing.assert_array_equal(np.asarray(axes[5].images[0].get_array()), IMAGES[5])
    colours = [to_hex(ax.title.get_color()) for ax in axes]
    frames = [to_hex(ax.spines["left"].get_edgecolor()) for ax in axes]
    assert colours[5] not in colours[:5]
    assert frames[5] not in frames[:5]


@pytest.mark.parametrize("shape", [(6, 4, 4), (6, 16), (6, 1, 4, 4)], ids=str)
def test_digit_grid_takes_flat_and_square_images(shape: tuple[int, ...]) -> None:
    """The same pictures come from (n, h, w), (n, s * s) and PyTorch's (n, 1, h, w)."""
    axes = plots.digit_grid(IMAGES.reshape(shape), columns=4).axes
    assert len(axes) == 6
    np.testing.assert_array_equal(np.asarray(axes[3].images[0].get_array()), IMAGES[3])


def test_digit_grid_stops_when_the_grid_is_full() -> None:
    """More images than places: the first ones are shown."""
    figure = plots.digit_grid(IMAGES, [7, 8, 9, 0, 1, 2], rows=1, columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["7", "8"]


def test_confusion_matrix_counts_and_percentages() -> None:
    """Rows are true classes, columns predictions; percentages are of the row."""
    figure = plots.confusion_matrix([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2], classes=3)
    cells = np.array(texts(figure.axes[0])).reshape(3, 3).tolist()
    assert cells == [["2\n67%", "1\n33%", "0"], ["0", "1\n50%", "1\n50%"], ["0", "0", "1\n100%"]]
    assert figure.axes[0].get_ylabel() == "true class"
    assert figure.axes[0].get_title() == "Confusion matrix: 66.7% of 6 right"


def test_rare_mistakes_are_not_rounded_away() -> None:
    """One mistake in a thousand is neither 0 % nor leaves 100 %."""
    figure = plots.confusion_matrix([0] * 1000 + [1], [0] * 999 + [1, 1], classes=2)
    assert texts(figure.axes[0])[:2] == ["999\n>99%", "1\n<1%"]


# What is refused

NAN = float("nan")
ONE_PAIR: Any = {"predictors": {"a": {"relu": right_half}}, "data": {"a": (POINTS, CLASSES)}}


def stub(z: np.ndarray) -> Any:
    """An activation that is still to be written."""


def boundary(predict: Callable[[np.ndarray], np.ndarray]) -> Any:
    return plots.decision_boundary(predict, POINTS, CLASSES)


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    ("one layer", lambda: plots.network_diagram((3,)), "sizes should be two or more"),
    ("size zero", lambda: plots.network_diagram((2, 0, 1)), "above 0"),
    ("fraction", lambda: plots.network_diagram((2, 1.5)), "whole numbers"),  # type: ignore[arg-type]
    ("number for sizes", lambda: plots.network_diagram(3), "sizes should be"),  # type: ignore[arg-type]
    ("few labels", lambda: plots.network_diagram((2, 3, 1), labels=["in", "out"]), "each of the 3 layers"),
    ("no function", lambda: plots.activation_curves({}), "functions is empty"),
    (
        "unknown derivative",
        lambda: plots.activation_curves({"relu": relu}, {"tanh": np.tanh}),
        "derivatives has 'tanh', but functions has 'relu'",
    ),
    ("falling limits", lambda: plots.activation_curves({"relu": relu}, limits=(5, -5)), "two rising numbers"),
    ("scalar result", lambda: plots.activation_curves({"f": lambda z: z.sum()}), "f should return an array"),
    ("stub", lambda: plots.activation_curves({"f": stub}), "result of f should hold"),
    ("NaN curve", lambda: plots.activation_curves({"f": lambda z: z * NAN}), "f returns NaN"),
    ("flat x", lambda: plots.decision_boundary(right_half, POINTS.ravel(), CLASSES), "x should have shape"),
    ("no points", lambda: plots.decision_boundary(right_half, POINTS[:0], []), "n above 0"),
    ("few classes", lambda: plots.decision_boundary(right_half, POINTS, CLASSES[:3]), "each of the 4 points"),
    ("third class", lambda: plots.decision_boundary(right_half, POINTS, CLASSES + 1), "classes 0 and 1 only"),
    ("two columns", lambda: boundary(lambda x: x), "one probability per point"),
    ("logits", lambda: boundary(lambda x: x[:, 0] * 9), "between 0 and 1, got"),
    ("NaN", lambda: boundary(lambda x: x[:, 0] * NAN), "Did the training diverge"),
    ("no predictors", lambda: plots.boundary_grid({}, {}), "predictors is empty"),
    ("no data", lambda: plots.boundary_grid({"xor": {"relu": right_half}}, {}), "data lacks 'xor'"),
    (
        "uneven rows",
        lambda: plots.boundary_grid(
            {"a": {"relu": right_half}, "b": {"tanh": right_half}}, dict.fromkeys("ab", (POINTS, CLASSES))
        ),
        "same activations for every dataset",
    ),
    (
        "no score",
        lambda: plots.boundary_grid(**ONE_PAIR, scores={"a": {}}),
        r"scores lacks \['a'\]\['relu'\]",
    ),
    (
        "score in percent",
        lambda: plots.boundary_grid(**ONE_PAIR, scores={"a": {"relu": 97}}),
        "accuracy between 0 and 1",
    ),
    (
        "panel is named",
        lambda: plots.boundary_grid({"a": {"relu": lambda x: x}}, {"a": (POINTS, CLASSES)}),
        "a, relu: predict should",
    ),
    ("empty history", lambda: plots.training_curves({}), "history is empty"),
    ("unknown key", lambda: plots.training_curves({"loss": [1], "lr": [1]}), "unknown keys: 'lr'. Known"),
    (
        "lengths",
        lambda: plots.training_curves({"loss": [1, 2], "val_loss": [1]}),
        "got lengths .*'val_loss': 1",
    ),
    (
        "same curve twice",
        lambda: plots.training_curves({"loss": [1], "train_loss": [1]}),
        "training loss twice",
    ),
    ("percentages", lambda: plots.training_curves({"accuracy": [50, 97.5]}), "reaches 97.5. Divide"),
    ("no epochs", lambda: plots.training_curves({"loss": []}), r"history\['loss'\] should be a list of one"),
    ("no runs", lambda: plots.compare_curves({}), "histories is empty"),
    ("run is named", lambda: plots.compare_curves({"deep": {"x": [1]}}), r"histories\['deep'\] has unknown"),
    ("no losses", lambda: plots.loss_curve([]), "one or more numbers"),
    ("words", lambda: plots.loss_curve(["low"]), "losses should hold real numbers"),
    ("ragged", lambda: plots.loss_curve([1, [2, 3]]), "losses is not a regular array"),  # type: ignore[arg-type]
    ("only NaN", lambda: plots.loss_curve([NAN, NAN]), "only NaN"),
    ("not square", lambda: plots.digit_grid(np.zeros((3, 10))), r"\(n, s \* s\), got \(3, 10\)"),
    ("colour images", lambda: plots.digit_grid(np.zeros((3, 3, 8, 8))), "images should have shape"),
    ("no images", lambda: plots.digit_grid(np.zeros((0, 8, 8))), "images is empty"),
    ("few digit labels", lambda: plots.digit_grid(IMAGES, [1, 2]), "one entry for each of the 6"),
    ("one-hot", lambda: plots.digit_grid(IMAGES, np.eye(6)), r"labels.argmax\(axis=1\)"),
    ("no rows", lambda: plots.digit_grid(IMAGES, rows=0), "rows should be a whole number of 1 or more"),
    ("unequal", lambda: plots.confusion_matrix([0, 1], [0]), "each of the 2 labels in y_true, got 1"),
    ("class 10", lambda: plots.confusion_matrix([0, 10], [0, 1]), "y_true should lie between 0 and 9"),
    ("negative", lambda: plots.confusion_matrix([0, 1], [0, -1]), "y_pred should lie between"),
    ("no labels", lambda: plots.confusion_matrix([], []), "y_true is empty"),
    ("one class", lambda: plots.confusion_matrix([0], [0], classes=1), "classes should be"),
    ("probabilities", lambda: plots.confusion_matrix([0, 1], [0.2, 0.9]), "whole numbers"),
]


@pytest.mark.parametrize(
    ("call", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_wrong_input_is_refused_with_a_clear_message(call: Callable[[], Any], message: str) -> None:
    """A ValueError says what is wrong, and no half-drawn figure stays open."""
    from matplotlib import pyplot as plt

    with pytest.raises(ValueError, match=message):
        call()
    assert not plt.get_fignums()


@pytest.mark.parametrize("call", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_errors_speak_the_language_that_is_spoken(call: Callable[[], Any]) -> None:
    """A student reads them."""
    with speaking("fa"), pytest.raises(ValueError, match=PERSIAN) as error:
        call()
    assert not re.search(r"\b(should|got|expected)\b", str(error.value), re.IGNORECASE)


def test_keras_history_object_is_explained() -> None:
    """The commonest slip with Keras: the History itself and not its dict."""
    history: Any = type("History", (), {"history": HISTORY})()
    with pytest.raises(ValueError, match=r"pass history\.history"):
        plots.training_curves(history)
