"""The files that an exercise asks for beside the notebook: named by its author, looked for before hand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.handed_in.expected import expected_files
from mashq.student.beside import check_expected
from mashq.student.findings import Finding
from tests.support.cells import notebook_of
from tests.support.commands import ROOT

pytestmark = pytest.mark.quick


def asking(*names: Any) -> Any:
    """A notebook whose task, worth 10 points, asks for files."""
    cell = nbformat.v4.new_markdown_cell("Photograph your page.")
    cell.metadata["nbgrader"] = {"grade_id": "scan", "task": True, "points": 10}
    cell.metadata["mashq"] = {"files": list(names)}
    return notebook_of(cell)


def found(folder: Path, *names: str) -> Finding:
    (one,) = check_expected(asking(*names or ("q1.pdf",)), folder)
    return one


def test_the_released_question_1_asks_for_its_scan() -> None:
    """With the points that depend on it; the other notebooks ask for none."""
    release = ROOT / "release" / "hw2"
    asked = {path.stem: expected_files(nbformat.read(path, as_version=4)) for path in release.glob("*.ipynb")}
    assert {name: files for name, files in asked.items() if files} == {"q1_paper": {"q1.pdf": 10}}


def test_a_file_that_is_not_there_is_to_do_and_named_with_its_points(tmp_path: Path) -> None:
    """A picture that graders are not shown, such as one of an iPhone, does not do."""
    (tmp_path / "q1.heic").write_bytes(b"photo")
    finding = found(tmp_path)
    assert (finding.state, finding.says) == ("to do", "q1.pdf is not in the folder of the notebook")
    assert "10 points" in finding.advice
    assert ".jpg" in finding.advice


def test_a_photograph_does_in_place_of_a_scan(tmp_path: Path) -> None:
    (tmp_path / "page 1.JPG").write_bytes(b"photo")
    finding = found(tmp_path)
    assert finding.state == "note"
    assert "page 1.JPG" in finding.says


def test_a_table_has_nothing_in_its_place(tmp_path: Path) -> None:
    """Photographs are for what a person looks at."""
    (tmp_path / "page.jpg").write_bytes(b"photo")
    assert found(tmp_path, "data.csv").state == "to do"


@pytest.mark.parametrize(
    ("content", "state", "says"),
    [
        (b"%PDF-1.7 pages", "ok", "q1.pdf is there"),
        (b"", "to do", "q1.pdf is empty"),
        (b"\xff\xd8\xff\xe0", "to do", "q1.pdf is no PDF"),
    ],
)
def test_a_file_that_is_there_is_looked_into(tmp_path: Path, content: bytes, state: str, says: str) -> None:
    """An empty file and a renamed photograph are found before they are handed in."""
    (tmp_path / "q1.pdf").write_bytes(content)
    finding = found(tmp_path)
    assert finding.state == state
    assert finding.says.startswith(says)


@pytest.mark.parametrize("files", ["q1.pdf", None, [1, ""], {"q1.pdf": 1}])
def test_metadata_that_says_nothing_asks_for_nothing(files: Any) -> None:
    """A student's notebook may hold anything."""
    notebook = asking()
    notebook.cells[0].metadata["mashq"]["files"] = files
    assert expected_files(notebook) == {}
