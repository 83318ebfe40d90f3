"""Good notebooks under other names, in other folders, and beside copies."""

import json
import os
import shutil
from pathlib import Path

from mashq.zoo.files import cell_of, code, edited, handed_in, source_of


def copied(notebook, name):
    """A copy at another place of the submission; returns its path."""
    target = notebook.parent / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(notebook, target)
    return target


def moved(notebook, name):
    copied(notebook, name)
    notebook.unlink()


def untouched(notebook):
    """The file as it was released, at its place."""
    shutil.copy(notebook.parents[3] / "release" / notebook.parent.name / notebook.name, notebook)


def spoilt(notebook):
    """Another, wrong answer in the file."""
    with edited(notebook) as tree:
        cell_of(tree, "q5_train")["source"] = "def train(*args, **kwargs):\n    return None"


@handed_in("q5_xnor")
def download_number(notebook: Path) -> None:
    """The browser added a number to the name."""
    moved(notebook, "q5_xnor (1).ipynb")


@handed_in("q5_xnor")
def upper_case(notebook: Path) -> None:
    """The name is in upper case."""
    moved(notebook, "Q5_XNOR.IPYNB")


@handed_in("q5_xnor")
def text_suffix(notebook: Path) -> None:
    """A browser added .txt."""
    moved(notebook, "q5_xnor.ipynb.txt")


@handed_in("q5_xnor")
def json_suffix(notebook: Path) -> None:
    """A mail program named it by what is in it."""
    moved(notebook, "q5_xnor.json")


@handed_in("q5_xnor")
def no_suffix(notebook: Path) -> None:
    """The suffix was lost."""
    moved(notebook, "q5_xnor")


@handed_in("q5_xnor")
def copy_of(notebook: Path) -> None:
    """Windows named it a copy."""
    moved(notebook, "q5_xnor - Copy.ipynb")


@handed_in("q5_xnor")
def name_of_the_student(notebook: Path) -> None:
    """The student's name and number stand in the name."""
    moved(notebook, "HW2-Q5-Sara Ahmadi-99123456-final-FINAL.ipynb")


@handed_in("q5_xnor")
def persian_name(notebook: Path) -> None:
    """The name is Persian, with a space and digits."""
    moved(notebook, "تمرین ۲ سؤال ۵.ipynb")


@handed_in("q5_xnor")
def hyphen_for_underscore(notebook: Path) -> None:
    """The upload form changed the name."""
    moved(notebook, "q5-xnor.ipynb")


@handed_in("q5_xnor")
def folder_twice(notebook: Path) -> None:
    """The archive had a folder of its own."""
    moved(notebook, "hw2/q5_xnor.ipynb")


@handed_in("q5_xnor")
def folder_with_spaces(notebook: Path) -> None:
    """The folder has a Persian name with spaces, and another in it."""
    moved(notebook, "تمرین دوم/my solution (final)/q5_xnor.ipynb")


@handed_in("q1_paper")
def folder_with_the_upload(notebook: Path) -> None:
    """Notebook and scan are in a folder of the archive."""
    moved(notebook, "hw2/q1_paper.ipynb")
    (notebook.parent / "q1.pdf").rename(notebook.parent / "hw2" / "q1.pdf")


@handed_in("q2_theory")
def essays_renamed(notebook: Path) -> None:
    """The notebook with the essays has a number in its name."""
    moved(notebook, "q2_theory(2).ipynb")


@handed_in("q5_xnor")
def folder_named_as_the_notebook(notebook: Path) -> None:
    """An unpacker made a folder with the notebook's name, and the file in it."""
    data = notebook.read_bytes()
    notebook.unlink()
    notebook.mkdir()
    (notebook / "q5_xnor.ipynb").write_bytes(data)


@handed_in("q5_xnor", attention=True)
def empty_folder_named_as_the_notebook(notebook: Path) -> None:
    """There is a folder with the notebook's name, and nothing in it."""
    notebook.unlink()
    notebook.mkdir()


@handed_in("q5_xnor")
def files_of_a_mac(notebook: Path) -> None:
    """A Mac's archive has a second file for each, which is no notebook."""
    for name in ("__MACOSX/hw2/._q5_xnor.ipynb", "._q5_xnor.ipynb", ".DS_Store"):
        path = notebook.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ")


@handed_in("q5_xnor")
def files_of_a_mac_and_a_folder(notebook: Path) -> None:
    """The same, with the notebook in the archive's own folder."""
    files_of_a_mac(notebook)
    moved(notebook, "hw2/q5_xnor.ipynb")


@handed_in("q5_xnor")
def newer_autosave(notebook: Path) -> None:
    """Jupyter's autosave is newer than the file and wrong: the file counts."""
    path = copied(notebook, ".ipynb_checkpoints/q5_xnor-checkpoint.ipynb")
    spoilt(path)
    os.utime(notebook, (1_700_000_000, 1_700_000_000))


@handed_in("q5_xnor")
def only_the_autosave(notebook: Path) -> None:
    """Nothing but Jupyter's autosave was handed in."""
    moved(notebook, ".ipynb_checkpoints/q5_xnor-checkpoint.ipynb")


@handed_in("q5_xnor")
def backup_beside(notebook: Path) -> None:
    """An older, wrong copy lies beside the file: the name decides."""
    spoilt(copied(notebook, "old/q5_xnor_backup.ipynb"))


@handed_in("q5_xnor")
def untouched_under_its_name(notebook: Path) -> None:
    """The student worked in a copy, and handed in the untouched file, too."""
    copied(notebook, "q5_xnor-Copy1.ipynb")
    untouched(notebook)


@handed_in("q5_xnor")
def cut_off_under_its_name(notebook: Path) -> None:
    """The first upload was cut off, the second one has a number."""
    copied(notebook, "q5_xnor (1).ipynb")
    notebook.write_bytes(notebook.read_bytes()[:3000])


@handed_in("q5_xnor")
def the_same_twice(notebook: Path) -> None:
    """Two equal copies, both under other names."""
    copied(notebook, "q5_xnor (1).ipynb")
    moved(notebook, "q5_xnor (2).ipynb")


@handed_in("q5_xnor", attention=True)
def two_different_copies(notebook: Path) -> None:
    """Two different copies, both under other names: which one counts?"""
    spoilt(copied(notebook, "q5_xnor (1).ipynb"))
    moved(notebook, "q5_xnor (2).ipynb")


@handed_in("q5_xnor", attention=True)
def cut_off_and_renamed(notebook: Path) -> None:
    """The only file is cut off and has another name."""
    path = copied(notebook, "my homework.ipynb")
    path.write_bytes(path.read_bytes()[:3000])
    notebook.unlink()


@handed_in("q5_xnor", attention=True)
def written_anew(notebook: Path) -> None:
    """The answers stand in a notebook of the student's own, without any given cell."""
    with edited(notebook) as tree:
        tree["cells"] = [cell_of(tree, grade_id) for grade_id in ("q5_activations", "q5_forward")]
        for cell in tree["cells"]:
            cell["metadata"] = {}
    moved(notebook, "Untitled3.ipynb")


@handed_in("q5_xnor")
def names_exchanged(notebook: Path) -> None:
    """The file has the name of another question, which was not handed in."""
    notebook.replace(notebook.with_name("q1_paper.ipynb"))


@handed_in("q5_xnor", attention=True)
def two_questions_in_one_notebook(notebook: Path) -> None:
    """One file holds the cells of two notebooks."""
    other = notebook.with_name("q1_paper.ipynb")
    with edited(notebook) as tree:
        tree["cells"] += json.loads(other.read_text(encoding="utf-8"))["cells"]
    other.unlink()
    moved(notebook, "hw2.ipynb")


@handed_in("q5_xnor")
def read_only(notebook: Path) -> None:
    """File and folder may only be read."""
    notebook.chmod(0o444)
    notebook.parent.chmod(0o555)


@handed_in("q5_xnor", attention=os.geteuid() != 0)
def not_readable(notebook: Path) -> None:
    """Nobody but root may read the file."""
    notebook.chmod(0)


@handed_in("q5_xnor")
def a_link_within(notebook: Path) -> None:
    """The name is a link to another file of the same submission."""
    moved(notebook, "work/answer.ipynb")
    notebook.symlink_to("work/answer.ipynb")


@handed_in("q5_xnor", attention=True)
def a_link_to_nothing(notebook: Path) -> None:
    """The name is a link to a file on the student's machine."""
    notebook.unlink()
    notebook.symlink_to("/home/somebody/nn/hw2/q5_xnor.ipynb")


@handed_in("q5_xnor", attention=True)
def a_better_version_with_a_number(notebook: Path) -> None:
    """Handed in again, right this time, and the platform gave the second file a number."""
    copied(notebook, "q5_xnor-1.ipynb")
    spoilt(notebook)


@handed_in("q5_xnor", attention=True)
def a_worse_version_called_final(notebook: Path) -> None:
    """The file of that name is not the one that is right."""
    spoilt(copied(notebook, "q5_xnor_final.ipynb"))


@handed_in("q5_xnor", attention=True)
def a_version_that_looks_like_an_autosave(notebook: Path) -> None:
    """Jupyter's autosave, handed in as a file beside the other."""
    spoilt(copied(notebook, "q5_xnor-checkpoint.ipynb"))


@handed_in("q5_xnor")
def a_copy_from_a_drive(notebook: Path) -> None:
    """The same file twice; the copy was opened and saved with other outputs."""
    with edited(copied(notebook, "Copy of q5_xnor.ipynb")) as tree:
        tree["cells"][0]["metadata"]["collapsed"] = True
        for cell in tree["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = []


@handed_in("q5_xnor")
def answer_in_a_helper_notebook(notebook: Path) -> None:
    """An answer stands in a notebook of the student's own, which the answer cell runs."""
    with edited(notebook) as tree:
        cell = cell_of(tree, "q5_activations")
        helper = {**tree, "cells": [code("import numpy as np"), code(source_of(cell))]}
        cell["source"] = "%run helpers.ipynb"
    notebook.with_name("helpers.ipynb").write_text(json.dumps(helper), encoding="utf-8")


@handed_in("q5_xnor")
def answer_in_many_files(notebook: Path) -> None:
    """Six hundred files in a hidden folder, and an answer needs the last of them."""
    folder = notebook.parent / ".parts" / "of it"
    folder.mkdir(parents=True)
    with edited(notebook) as tree:
        cell = cell_of(tree, "q5_activations")
        for number in range(600):
            (folder / f"{number}.txt").write_text("" if number < 599 else source_of(cell), encoding="utf-8")
        cell["source"] = 'exec("".join(open(f".parts/of it/{number}.txt").read() for number in range(600)))'


@handed_in("q5_xnor")
def answer_beside_the_notebook_in_a_folder(notebook: Path) -> None:
    """Notebook and module are in a folder of the archive; the module has the size of a film."""
    with edited(notebook) as tree:
        cell = cell_of(tree, "q5_activations")
        module = f"import numpy as np\n{source_of(cell)}\n"
        cell["source"] = "from mine import *"
    moved(notebook, "my hw2/q5_xnor.ipynb")
    (notebook.parent / "my hw2" / "mine.py").write_text(module, encoding="utf-8")
    (notebook.parent / "my hw2" / "film.mp4").write_bytes(b"\0" * 30_000_000)
