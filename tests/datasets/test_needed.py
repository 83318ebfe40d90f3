"""Which datasets an assignment is found to use."""

from __future__ import annotations

import nbformat
import pytest

from mashq.datasets import needed
from tests.support.commands import ROOT


@pytest.mark.parametrize(
    "code",
    [
        "from mashq.datasets import load_hoda\nx = load_hoda()",
        "from mashq.datasets import load_hoda as digits\nx = digits()",
        "from mashq import datasets\nx = datasets.load_hoda()",
        "from mashq import datasets as d, plots\nx = d.load_hoda()",
        "import mashq.datasets\nx = mashq.datasets.load_hoda()",
        "import mashq.datasets as d\nload = d.load_hoda",
        "import mashq as m\nx = m.datasets.load_hoda()",
        "from mashq.datasets.hoda import *",
        "import mashq.datasets.hoda as h",
        "from mashq.datasets import *\nx = load_hoda()",
        "def check():\n    from mashq.datasets import load_hoda\n    return load_hoda(split='hidden')",
        "from mashq import datasets\nx = getattr(datasets, 'load_hoda')()",
        "from mashq import datasets\ndatasets.fetch(['hoda'])",
        "import importlib\nimportlib.import_module('mashq.datasets').load_hoda()",
        "import pytest\npytestmark = pytest.mark.dataset('hoda')",
        "import pytest\nNAME = 'hoda'\n@pytest.mark.dataset(NAME)\ndef test_it(student): ...",
        "%matplotlib inline\nfrom mashq.datasets import load_hoda\nx = load_hoda()",
        "from mashq.datasets import load_hoda\nx =",
    ],
)
def test_every_way_to_name_a_dataset_is_seen(code: str) -> None:
    """Also under another name, inside a function, in a cell that is not plain Python."""
    assert needed(code) == ("hoda",)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "from mashq import plots",
        "from mashq import datasets\nx, y = datasets.load_playground('xor')",
        "from mashq.datasets import normalise_mnist",
        "# load_hoda and load_mnist of mashq.datasets are for another exercise\nfrom mashq import datasets",
        "from torchvision import datasets\nmnist = datasets.MNIST('.')",
        "from keras.datasets import mnist\n(x, y), _ = mnist.load_data()",
        "from my_course.data import load_mnist",
        "import mashq_extras.datasets\nmnist = 1",
        "%matplotlib inline\nfrom torchvision import datasets\nmnist = datasets.MNIST('.')",
    ],
)
def test_what_is_not_used_is_not_needed(code: str) -> None:
    """Generated data, comments, and data of other libraries that has the same name."""
    assert needed(code) == ()


def test_pieces_of_code_belong_together() -> None:
    """A cell imports what another uses, and checks name what the notebook does not."""
    assert needed("from mashq import datasets as d", "loader, _ = d.mnist_loaders()") == ("mnist",)
    checks = "from mashq.datasets import load_mnist"
    assert needed("from mashq.datasets import load_hoda", checks) == ("hoda", "mnist")


@pytest.mark.parametrize(
    ("notebook", "names"),
    [
        ("q1_paper", ()),
        ("q2_theory", ()),
        ("q3_playground", ()),
        ("q4_hoda", ("hoda",)),
        ("q5_xnor", ()),
        ("q6_mnist", ("mnist",)),
    ],
)
def test_the_notebooks_of_hw2(notebook: str, names: tuple[str, ...]) -> None:
    """Each by its released cells alone."""
    released = nbformat.read(ROOT / "release" / "hw2" / f"{notebook}.ipynb", as_version=4)
    assert needed(*(cell.source for cell in released.cells if cell.cell_type == "code")) == names


def test_a_sandbox_makes_no_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data that nobody has prepared is an error at once, and not seconds of a student's cell."""
    from mashq.datasets import DataError, load_mnist

    monkeypatch.setenv("MASHQ_ONLY_PREPARED", "1")
    with pytest.raises(DataError, match=r"MNIST .*: this data is not here"):
        load_mnist()
