"""Which file of a submission is graded: by its name, by what is in it, or by a person."""

from __future__ import annotations

import copy
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.grading.intake.find import Finder, Work
from tests.support.cells import code_cell, essay_cell, notebook_of
from tests.support.tiny_course import answered, tiny_release

pytestmark = pytest.mark.quick

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def released() -> dict[str, Any]:
    """Three notebooks: a function and an essay; two functions; essays alone."""
    train = [
        nbformat.v4.new_markdown_cell("# Training"),
        code_cell(f"def forward(x):\n    {STUB}", "forward"),
        code_cell("assert forward(1) == 1", "test_forward", 1),
        code_cell(f"def train(x):\n    {STUB}", "train"),
        code_cell("assert train(1) == 1", "test_train", 1),
    ]
    essays = [nbformat.v4.new_markdown_cell("# Theory"), essay_cell("YOUR ANSWER HERE", "theory", 3)]
    return {"areas": tiny_release(), "training": notebook_of(*train), "theory": notebook_of(*essays)}


def training(forward: str = "return x", train: str = "return x") -> Any:
    """The second one answered; an empty answer is left as it was released."""
    notebook = released()["training"]
    for number, name, answer in ((1, "forward", forward), (3, "train", train)):
        if answer:
            notebook.cells[number].source = f"def {name}(x):\n    {answer}"
    return notebook


def put(folder: Path, **notebooks: Any) -> None:
    """Write notebooks under these names, with `__` for a blank."""
    for name, notebook in notebooks.items():
        (folder / f"{name.replace('__', ' ')}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def find(folder: Path) -> dict[str, Work]:
    """What is found, by notebook."""
    finder = Finder(released(), ["given.csv"])
    return {work.notebook: work for work in finder.find("ada", folder, list(released()))}


@pytest.mark.parametrize(
    "name",
    [
        "training-1",
        "training (1)",
        "Copy of training",
        "training_final",
        "training-checkpoint",
        "training - Copy",
        "تمرین ۲",
        "hw2/training",
    ],
)
def test_another_answered_version_is_for_a_person(name: str, tmp_path: Path) -> None:
    """The file under its own name is shown meanwhile; what differs is said, and what is not written."""
    put(tmp_path, training=training(train=""))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    put(tmp_path, **{name: training(forward="return 2 * x")})
    work = find(tmp_path)["training"]
    assert work.path == tmp_path / "training.ipynb"
    said = str(work.versions)
    assert "there are 2 answered versions, and one must be chosen: 'training.ipynb' (" in said
    assert f"'{name}.ipynb' (" in said
    assert "they differ in forward, train (not written in 'training.ipynb')." in said


def test_code_outside_the_answers_is_a_difference(tmp_path: Path) -> None:
    """An answer may need it."""
    other = training()
    other.cells.insert(1, nbformat.v4.new_code_cell("factor = 2"))
    put(tmp_path, training=training(), training__final=other)
    assert "they differ in code outside the answers." in str(find(tmp_path)["training"].versions)


def test_copies_that_leave_nothing_to_choose_need_nobody(tmp_path: Path) -> None:
    """The same answers with other outputs, ids, texts around them; a copy as it was released; an autosave."""
    same = training()
    same.cells[0].source = "# Training, by Ada"
    same.cells[1].outputs = [nbformat.v4.new_output("stream", text="1")]
    same.cells[1].source += "  \n"
    same.cells[3].metadata = nbformat.from_dict({})
    put(tmp_path, training=training(), same=same, copy=training(), blank=released()["training"])
    (tmp_path / ".ipynb_checkpoints").mkdir()
    put(tmp_path / ".ipynb_checkpoints", **{"training-checkpoint": training(forward="return 0")})
    assert find(tmp_path)["training"] == Work("ada", "training", tmp_path / "training.ipynb")


def test_a_version_that_is_set_aside_by_its_name_is_only_noted(tmp_path: Path) -> None:
    """The student has decided."""
    (tmp_path / "old").mkdir()
    put(tmp_path, training=training())
    put(tmp_path / "old", training=training(forward="return 0"))
    work = find(tmp_path)["training"]
    assert work.versions is None
    assert "'old/training.ipynb' holds other answers; by its name it is an older version" in str(work.note)


def test_a_decision_is_final(tmp_path: Path) -> None:
    """Either file moved away, or the better one put in the other's place."""
    put(tmp_path, training=training(), **{"training-1": training(forward="return 2 * x")})
    assert find(tmp_path)["training"].versions
    one = Path(shutil.copytree(tmp_path, tmp_path.parent / "one"))
    (one / "training-1.ipynb").unlink()
    assert find(one)["training"] == Work("ada", "training", one / "training.ipynb")
    (tmp_path / "training-1.ipynb").replace(tmp_path / "training.ipynb")
    assert find(tmp_path)["training"] == Work("ada", "training", tmp_path / "training.ipynb")


def test_several_versions_under_other_names_differ_somewhere(tmp_path: Path) -> None:
    """None of them is graded; the person is told where they differ."""
    put(tmp_path, **{"training-1": training(), "training-2": training(train="return 0")})
    doubt = str(find(tmp_path)["training"].doubt)
    assert "may be 'training-1.ipynb', 'training-2.ipynb'; they differ in train" in doubt


@pytest.mark.parametrize("name", ["helpers", "my notebook", "کمکی"])
def test_a_helper_makes_no_other_notebook_uncertain(name: str, tmp_path: Path) -> None:
    """It is run by one that was handed in; the two that were not are simply missing."""
    notebook = answered(tiny_release())
    notebook.cells.insert(1, nbformat.v4.new_code_cell(f"%run '{name}.ipynb'"))
    helper = notebook_of(
        nbformat.v4.new_markdown_cell("What I use."), nbformat.v4.new_code_cell("def train(x): return x")
    )
    put(tmp_path, areas=notebook, **{name: helper})
    assert find(tmp_path) == {"areas": Work("ada", "areas", tmp_path / "areas.ipynb")}


def test_a_notebook_of_something_else_makes_no_other_uncertain(tmp_path: Path) -> None:
    """Nobody runs it, and it defines nothing that was asked for."""
    put(tmp_path, areas=answered(tiny_release()), theory=released()["theory"])
    put(tmp_path, scratch=notebook_of(nbformat.v4.new_code_cell("import numpy\nx = numpy.ones(3)")))
    assert find(tmp_path).keys() == {"areas", "theory"}


def test_answers_written_anew_are_for_a_person(tmp_path: Path) -> None:
    """Only for the notebook that they answer; essays may stand in any notebook."""
    put(tmp_path, Untitled3=notebook_of(nbformat.v4.new_code_cell("def train(x):\n    return x")))
    found = find(tmp_path)
    assert found.keys() == {"training", "theory"}
    assert all("it may be 'Untitled3.ipynb'" in str(work.doubt) for work in found.values())


@pytest.mark.parametrize(
    ("inside", "doubtful"), [("data/x.csv", 0), ("hw/training.ipynb", 1), ("my.ipynb", 3), ("in.zip", 3)]
)
def test_an_archive_without_notebooks_makes_no_other_uncertain(
    inside: str, doubtful: int, tmp_path: Path
) -> None:
    """Only the names in it are looked at."""
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr(inside, "x")
    assert len(find(tmp_path)) == doubtful


def test_what_is_looked_into_is_bounded_and_said(tmp_path: Path) -> None:
    """Where there are very many notebooks, a missing one may be among the rest."""
    for number in range(60):
        put(tmp_path, **{f"n{number:02}": notebook_of(nbformat.v4.new_code_cell("x = 1"))})
    put(tmp_path, zz=copy.deepcopy(training()))
    assert "it may be" in str(find(tmp_path)["training"].doubt)
