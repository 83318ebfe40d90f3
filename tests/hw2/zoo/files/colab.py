"""What Google Colab and other web editors do, and what their cells do elsewhere."""

from pathlib import Path

from mashq.zoo.files import cell_of, code, edited, handed_in, source_of


@handed_in("q5_xnor")
def colab_strips_metadata(notebook: Path) -> None:
    """All cells lost nbgrader's metadata and their ids."""
    with edited(notebook) as tree:
        tree["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
        tree["nbformat_minor"] = 0
        for number, cell in enumerate(tree["cells"]):
            cell.pop("id", None)
            cell["metadata"] = {"id": f"kX{number}"}


@handed_in("q5_xnor")
def colab_strips_answers_only(notebook: Path) -> None:
    """Cells that were pasted anew have no metadata; the others do."""
    with edited(notebook) as tree:
        for grade_id in ("q5_activations", "q5_forward", "q5_backprop", "q5_train"):
            cell_of(tree, grade_id)["metadata"] = {}


@handed_in("q5_xnor")
def colab_adds_its_own_metadata(notebook: Path) -> None:
    """Colab's metadata: a GPU, widgets, output ids, a foreign language's version."""
    with edited(notebook) as tree:
        tree["metadata"] |= {
            "accelerator": "GPU",
            "colab": {"name": "q5_xnor.ipynb", "toc_visible": True, "collapsed_sections": ["a"]},
            "language_info": {"name": "python", "version": "3.6.9"},
            "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"model_name": "HTMLModel"}}}},
        }
        for cell in tree["cells"]:
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "1-2-3"}


@handed_in("q5_xnor")
def colab_mounts_drive(notebook: Path) -> None:
    """The first cells use google.colab, which is not here."""
    with edited(notebook) as tree:
        tree["cells"].insert(0, code("from google.colab import drive\ndrive.mount('/content/drive')"))
        tree["cells"].insert(1, code("%cd /content/drive/MyDrive/hw2\n!ls"))


@handed_in("q5_xnor")
def colab_forms(notebook: Path) -> None:
    """Answers have form lines and are folded."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = "#@title Forward { display-mode: \"form\" }\n" + source_of(answer)
        answer["metadata"] |= {"cellView": "form", "jupyter": {"source_hidden": True}, "collapsed": True}


@handed_in("q5_xnor")
def installs_packages(notebook: Path) -> None:
    """A cell installs packages; there is no network."""
    with edited(notebook) as tree:
        tree["cells"].insert(0, code("!pip install --retries 0 no-such-package-here\n%pip --version"))


@handed_in("q5_xnor")
def inline_figures(notebook: Path) -> None:
    """The imports come with magics for figures and reloading."""
    with edited(notebook) as tree:
        imports = next(c for c in tree["cells"] if source_of(c).startswith("import numpy"))
        imports["source"] = "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n" + source_of(imports)


@handed_in("q5_xnor")
def captured_answer(notebook: Path) -> None:
    """An answer begins with %%capture, another with %%time."""
    with edited(notebook) as tree:
        for grade_id, magic in (("q5_forward", "%%capture"), ("q5_train", "%%time")):
            answer = cell_of(tree, grade_id)
            answer["source"] = f"{magic}\n{source_of(answer)}"


@handed_in("q5_xnor")
def shell_lines_in_an_answer(notebook: Path) -> None:
    """Shell lines and a question mark stand among the code of an answer."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        answer["source"] = f"!nvidia-smi\nfiles = !ls\n{source_of(answer)}\nbackprop?\n"


@handed_in("q5_xnor")
def kernel_of_somebody_else(notebook: Path) -> None:
    """The notebook names a conda environment's kernel, which is not here."""
    with edited(notebook) as tree:
        tree["metadata"]["kernelspec"] = {"name": "conda-env-nn-py", "display_name": "Python [conda env:nn]"}


@handed_in("q5_xnor")
def widgets_of_a_progress_bar(notebook: Path) -> None:
    """An output is a widget, and its state is in the metadata."""
    with edited(notebook) as tree:
        view = {"application/vnd.jupyter.widget-view+json": {"model_id": "ab", "version_major": 2, "version_minor": 0}}
        output = {"output_type": "display_data", "metadata": {}, "data": view}
        cell_of(tree, "test_q5_train")["outputs"] = [output]
        state = {"state": {"ab": {"model_module": "@jupyter-widgets/controls", "state": {"value": 500}}}}
        tree["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": state | {"version_major": 2}}


@handed_in("q2_theory")
def picture_in_an_essay(notebook: Path) -> None:
    """An essay has a pasted picture, and typographic quotes."""
    with edited(notebook) as tree:
        essay = cell_of(tree, "q2_a")
        essay["source"] = source_of(essay) + "\n\n“As one sees” — ![image.png](attachment:image.png)"
        essay["attachments"] = {"image.png": {"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="}}


@handed_in("q5_xnor")
def lines_of_colab_above_the_given_imports(notebook: Path) -> None:
    """Drive, a missing package and magics of Colab stand above the given imports, in their cell."""
    with edited(notebook) as tree:
        imports = next(c for c in tree["cells"] if source_of(c).startswith("import numpy"))
        lines = (
            "%tensorflow_version 2.x\n%load_ext nb_black\nfrom google.colab import drive\ndrive.mount('/content/drive')\n"
            "import os\nos.chdir('/content/drive/MyDrive')\nimport seaborn as sns\n"
        )
        imports["source"] = lines + source_of(imports) + "\nsns.set()\nplt.style.use('seaborn')"


@handed_in("q5_xnor")
def windows_for_figures(notebook: Path) -> None:
    """Figures are to open windows, as the given imports and an answer ask."""
    with edited(notebook) as tree:
        imports = next(c for c in tree["cells"] if source_of(c).startswith("import numpy"))
        imports["source"] = "import matplotlib\nmatplotlib.use('TkAgg')\n" + source_of(imports) + "\n%matplotlib qt"
        answer = cell_of(tree, "q5_forward")
        answer["source"] = "%matplotlib widget\nplt.figure()\nplt.plot([0, 1])\n" + source_of(answer)


@handed_in("q5_xnor")
def given_imports_that_cannot_be_read(notebook: Path) -> None:
    """A line above the given imports is no Python."""
    with edited(notebook) as tree:
        imports = next(c for c in tree["cells"] if source_of(c).startswith("import numpy"))
        imports["source"] = "import seaborn as\n" + source_of(imports)


@handed_in("q5_xnor")
def helper_below_a_missing_package(notebook: Path) -> None:
    """An own cell imports a package that is not there, and then defines what an answer uses."""
    with edited(notebook) as tree:
        helper = "import seaborn as sns\nsns.set()\n\n\ndef squashed(a):\n    return 1 / (1 + np.exp(-np.asarray(a)))"
        place = next(i for i, c in enumerate(tree["cells"]) if c is cell_of(tree, "q5_activations"))
        tree["cells"].insert(place, code(helper))
        answer = cell_of(tree, "q5_activations")
        answer["source"] = source_of(answer) + "\n\n\nsigmoid = squashed"


@handed_in("q5_xnor")
def asks_for_a_name(notebook: Path) -> None:
    """An answer begins by asking for the student's name."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_train")
        answer["source"] = "name = input('Your name: ')\nprint('Hello', name)\n" + source_of(answer)


@handed_in("q5_xnor", keeps={"test_q5_forward": 0}, attention=True)
def answer_that_imports_a_missing_package(notebook: Path) -> None:
    """An answer imports a package that is not there, which a person is told."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = "import seaborn as sns\n" + source_of(answer)


@handed_in("q5_xnor", keeps={"test_q5_forward": 0})
def answer_below_the_line_of_its_stub(notebook: Path) -> None:
    """The stub's line that raises stands above the answer still."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = 'raise NotImplementedError("this part is not written yet")\n' + source_of(answer)
