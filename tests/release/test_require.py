"""What cannot be released says so at once: names that are patterns, kernels that are not here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.errors import CourseError
from mashq.grading.engine.tasks import Tasks
from mashq.release.release import release_assignment
from mashq.release.require import require_releasable
from tests.support.cells import code_cell
from tests.support.commands import ROOT
from tests.support.languages import BASH, with_kernel_of_bash
from tests.support.tiny_course import TINY_CHECKS, tiny_notebook


def course_with(folder: Path, assignment: str, notebooks: dict[str, Any]) -> Path:
    """A course folder with these sources."""
    source = folder / "source" / assignment
    source.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for name, notebook in notebooks.items():
        nbformat.write(notebook, source / f"{name}.ipynb")
    return folder


@pytest.mark.parametrize("name", ["q1[draft]", "areas*", "{areas}", "what?", "a]b"])
@pytest.mark.parametrize("what", ["notebook", "assignment"])
def test_a_name_that_nbgrader_takes_for_a_pattern(what: str, name: str, tmp_path: Path) -> None:
    """Refused with the letter and a better name, before anything is made."""
    assignment, notebook = (name, "areas") if what == "assignment" else ("ps1", name)
    course = course_with(tmp_path, assignment, {notebook: tiny_notebook(), "good": tiny_notebook()})
    with pytest.raises(CourseError, match="cannot be released under this name: nbgrader takes") as caught:
        release_assignment(course, assignment)
    assert len(str(caught.value).splitlines()) == 1
    assert not (course / "gradebook.db").exists()


def kernel(**metadata: Any) -> Any:
    notebook = tiny_notebook()
    notebook.metadata.update(metadata)
    return notebook


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        (
            {"kernelspec": {"name": "r-4", "display_name": "R", "language": "R"}},
            r"kernel 'r-4' \(language R\), which is not installed here",
        ),
        (
            {"kernelspec": {"name": "xr", "display_name": "R"}, "language_info": {"name": "R"}},
            r"kernel 'xr' \(language R\), which is not",
        ),
        (
            {"kernelspec": {"name": "julia-1.11", "display_name": "Julia", "language": "julia"}},
            "language julia",
        ),
        (
            {"kernelspec": {"name": "conda-env-nn-py", "display_name": "nn", "language": "python"}},
            r"kernel 'conda-env-nn-py' \(language python\), which is not installed here.* such as 'python3'",
        ),
    ],
)
def test_a_kernel_that_is_not_here(metadata: dict[str, Any], says: str, tmp_path: Path) -> None:
    """One sentence for each notebook, with the kernel's name and language, at once."""
    course = course_with(tmp_path, "ps1", {"areas": kernel(**metadata), "good": tiny_notebook()})
    with pytest.raises(CourseError, match=says) as caught:
        release_assignment(course, "ps1")
    assert len(str(caught.value).splitlines()) == 1
    assert "areas.ipynb" in str(caught.value)


def test_check_files_are_for_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook for another language has its checks in itself."""
    monkeypatch.setenv("JUPYTER_PATH", str(with_kernel_of_bash(tmp_path / "jupyter")))
    course = course_with(tmp_path, "ps1", {"areas": kernel(kernelspec=BASH)})
    checks = course / "tests" / "ps1"
    checks.mkdir(parents=True)
    (checks / "test_areas.py").write_text("")
    with pytest.raises(
        CourseError, match=r"for the kernel 'bash' \(language bash\), and check files"
    ) as caught:
        release_assignment(course, "ps1")
    assert "BEGIN HIDDEN TESTS" in str(caught.value)


def test_the_kernel_of_nbgraders_quickstart_is_jupyters_own(tmp_path: Path) -> None:
    """Jupyter takes the name python for python3, which is installed."""
    spec = {"name": "python", "display_name": "Python", "language": "python"}
    require_releasable(
        "ps1", [course_with(tmp_path, "ps1", {"areas": kernel(kernelspec=spec)}) / "source/ps1/areas.ipynb"]
    )


def with_doubled_id() -> Any:
    notebook = tiny_notebook()
    notebook.cells.append(code_cell(notebook.cells[1].source, "area"))  # as Jupyter copies a cell
    return notebook


def test_an_id_in_two_cells_is_named_before_anything_is_made(tmp_path: Path) -> None:
    """The notebook, the id and both cells, where nbgrader says that the metadata may be corrupted."""
    course = course_with(tmp_path, "ps1", {"areas": with_doubled_id(), "good": tiny_notebook()})
    with pytest.raises(CourseError) as caught:
        release_assignment(course, "ps1")
    says = str(caught.value)
    assert len(says.splitlines()) == 1
    assert f"{course / 'source/ps1/areas.ipynb'}: cells 2 and 7 have the same nbgrader id 'area'" in says
    assert not (course / "gradebook.db").exists()


def test_an_id_that_nbgrader_forgets_may_be_there_twice(tmp_path: Path) -> None:
    """A copied cell that is neither answer nor check nor locked is an ordinary cell."""
    notebook = with_doubled_id()
    notebook.cells[-1].metadata.nbgrader.update(solution=False, grade=False, locked=False)
    course = course_with(tmp_path, "ps1", {"areas": notebook})
    require_releasable("ps1", [course / "source/ps1/areas.ipynb"])


def test_an_id_in_two_cells_of_a_release_is_named_where_it_is_read(tmp_path: Path) -> None:
    """By `mashq grade` and nbgrader's steps; nothing is graded by the first cell alone."""
    course = course_with(tmp_path, "ps1", {"areas": tiny_notebook()})
    path = course / "release" / "ps1" / "areas.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(with_doubled_id(), path)
    with pytest.raises(CourseError, match=r"areas.ipynb: cells 2 and 7 have the same nbgrader id 'area'"):
        Tasks(course, "ps1")


@pytest.mark.process
def test_pytest_names_an_id_in_two_cells_of_the_source(tmp_path: Path) -> None:
    """Called by hand, before a cell runs."""
    course = course_with(tmp_path, "ps1", {"areas": with_doubled_id()})
    checks = course / "tests" / "ps1"
    checks.mkdir(parents=True)
    (checks / "test_areas.py").write_text(TINY_CHECKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ps1"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "cells 2 and 7 have the same nbgrader id 'area'" in done.stdout


def test_a_check_file_of_no_notebook_is_refused(tmp_path: Path) -> None:
    """With the nearest name, before anything is made: that notebook would be graded without its checks."""
    course = course_with(tmp_path, "ps1", {"areas": tiny_notebook(), "more": tiny_notebook()})
    checks = course / "tests" / "ps1"
    checks.mkdir(parents=True)
    (checks / "test_more.py").write_text(TINY_CHECKS)
    (checks / "test_area.py").write_text(TINY_CHECKS)
    (checks / "conftest.py").write_text("")
    (checks / "helpers.py").write_text("")
    with pytest.raises(CourseError) as caught:
        release_assignment(course, "ps1")
    says = str(caught.value)
    assert says.count("holds the checks of no notebook") == 1
    assert f"{checks / 'test_area.py'}" in says
    assert "Did you mean 'areas'?" in says
    assert not (course / "gradebook.db").exists()
