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
