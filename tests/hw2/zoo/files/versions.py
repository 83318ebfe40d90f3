"""Old, new and wrong versions of the notebook format."""

import json
from pathlib import Path

import nbformat

from mashq.zoo.files import edited, handed_in, source_of


def relabelled(notebook, major, minor):
    """The same cells under another version; ids are new in 4.5."""
    with edited(notebook) as tree:
        tree["nbformat"], tree["nbformat_minor"] = major, minor
        for cell in tree["cells"]:
            if (major, minor) < (4, 5):
                cell.pop("id", None)


@handed_in("q5_xnor")
def format_3(notebook: Path) -> None:
    """A program saved the old format, with worksheets."""
    old = nbformat.convert(nbformat.read(notebook, as_version=4), 3)
    notebook.write_text(nbformat.writes(old, version=nbformat.NO_CONVERT), encoding="utf-8")


@handed_in("q5_xnor")
def format_3_in_name_only(notebook: Path) -> None:
    """The file says 3 and holds cells of 4."""
    relabelled(notebook, 3, 0)


@handed_in("q5_xnor")
def format_4_0(notebook: Path) -> None:
    """Version 4.0, without ids."""
    relabelled(notebook, 4, 0)


@handed_in("q5_xnor")
def format_4_1(notebook: Path) -> None:
    """Version 4.1, without ids."""
    relabelled(notebook, 4, 1)


@handed_in("q5_xnor")
def format_4_2(notebook: Path) -> None:
    """Version 4.2, without ids."""
    relabelled(notebook, 4, 2)


@handed_in("q5_xnor")
def format_4_3(notebook: Path) -> None:
    """Version 4.3, without ids."""
    relabelled(notebook, 4, 3)


@handed_in("q5_xnor")
def format_4_4(notebook: Path) -> None:
    """Version 4.4, without ids."""
    relabelled(notebook, 4, 4)


@handed_in("q5_xnor")
def format_4_4_with_ids(notebook: Path) -> None:
    """The minor version is too low for the ids that are there."""
    with edited(notebook) as tree:
        tree["nbformat_minor"] = 4


@handed_in("q5_xnor")
def format_4_99(notebook: Path) -> None:
    """A minor version that does not exist yet."""
    relabelled(notebook, 4, 99)


@handed_in("q5_xnor")
def format_5(notebook: Path) -> None:
    """A major version that does not exist yet."""
    relabelled(notebook, 5, 0)


@handed_in("q5_xnor")
def format_as_text(notebook: Path) -> None:
    """The version is text."""
    with edited(notebook) as tree:
        tree["nbformat"], tree["nbformat_minor"] = "4", "five"


@handed_in("q5_xnor")
def format_missing(notebook: Path) -> None:
    """The file names no version."""
    with edited(notebook) as tree:
        del tree["nbformat"], tree["nbformat_minor"]


@handed_in("q5_xnor")
def only_cells(notebook: Path) -> None:
    """A program kept nothing but types and texts of the cells."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [{"cell_type": cell["cell_type"], "source": source_of(cell)} for cell in tree["cells"]]
    notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")


@handed_in("q1_paper")
def paper_in_format_3(notebook: Path) -> None:
    """The notebook with the upload in the old format."""
    old = nbformat.convert(nbformat.read(notebook, as_version=4), 3)
    notebook.write_text(nbformat.writes(old, version=nbformat.NO_CONVERT), encoding="utf-8")
