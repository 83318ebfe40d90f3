"""Settings are read where nbgrader reads them, and the course folder is decided once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from mashq import nbgrader_plugins
from mashq.course.assignment import Assignment
from mashq.course.config import load_config, named_course
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from tests.support.commands import ROOT, mashq, nbgrader
from tests.support.tiny_course import make_tiny_course

SETTINGS = "nbgrader_config.py"


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own configuration folder of Jupyter, empty."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


@pytest.mark.quick
def test_the_folders_own_settings_win_over_those_of_jupyter(jupyter: Path, tmp_path: Path) -> None:
    """As in nbgrader: jupyter_config, then nbgrader_config, then the folder's; JSON like Python."""
    (jupyter / "jupyter_config.py").write_text('c.A.x = "all"\nc.A.y = "all"\nc.A.z = "all"\nc.A.u = "all"\n')
    (jupyter / SETTINGS).write_text('c.A.y = "user"\nc.A.z = "user"\n')
    (jupyter / "nbgrader_config.json").write_text('{"A": {"u": "json"}}')
    (tmp_path / SETTINGS).write_text('c.A.z = "course"\n')
    assert dict(load_config(tmp_path).A) == {"x": "all", "y": "user", "z": "course", "u": "json"}


@pytest.mark.quick
def test_a_folder_that_names_another_has_its_settings_too(jupyter: Path, tmp_path: Path) -> None:
    """c.CourseDirectory.root of the folder's own file."""
    assert jupyter.is_dir()
    (tmp_path / "course").mkdir()
    (tmp_path / SETTINGS).write_text('c.CourseDirectory.root = "course"\nc.A.x = 1\nc.A.y = 1\n')
    (tmp_path / "course" / SETTINGS).write_text("c.A.y = 2\n")
    folder = CourseFolder(tmp_path)
    assert folder.root == tmp_path / "course"
    assert dict(folder.config.A) == {"x": 1, "y": 2}


@pytest.mark.quick
@pytest.mark.parametrize(
    "file",
    [
        "nbgrader_config.py",
        "nbgrader_config.json",
        "more.py",
        "course/nbgrader_config.py",
        "course/nbgrader_config.json",
        "jupyter/jupyter_config.json",
        "jupyter/nbgrader_config.py",
    ],
)
def test_a_change_in_any_file_of_settings_is_seen(file: str, jupyter: Path, tmp_path: Path) -> None:
    """Whoever reads it: Jupyter, nbgrader, or another file of settings that names it; a new one, too."""
    assert jupyter.is_dir()
    release = tmp_path / "course" / "release" / "ps1"
    release.mkdir(parents=True)
    (release / "areas.ipynb").write_text("{}")
    text = 'c.CourseDirectory.root = "course"\nload_subconfig("more.py")\n'
    (tmp_path / SETTINGS).write_text(text)
    assignment = Assignment(CourseFolder(tmp_path), "ps1")
    assert assignment.stamp_now() == assignment.stamp
    path = tmp_path / file
    path.write_text(
        (path.read_text() if path.exists() else "") + ("{}" if path.suffix == ".json" else "c.A.x = 1\n")
    )
    assert assignment.stamp_now() != assignment.stamp


@pytest.mark.quick
def test_nbgrader_knows_what_configure_sets() -> None:
    """Or each command warns of it, and it has no effect."""
    config = Config()
    nbgrader_plugins.configure(config)
    for step in (Execute, nbgrader_plugins.JudgeExecute, CoalesceStreamsPreprocessor):
        known = set(step.class_trait_names(config=True))
        sections = {parent.__name__ for parent in step.__mro__} & config.keys()
        assert {name for section in sections for name in config[section]} <= known


@pytest.mark.quick
def test_the_public_names_can_be_listed() -> None:
    """As editors and the Tab key do, though a class is imported only when it is asked for."""
    assert {"configure", "LatePolicy", "JudgeExecute"} <= set(dir(nbgrader_plugins))


@pytest.mark.quick
def test_one_module_spells_the_paths_of_a_course() -> None:
    """CONTRIBUTING says where one is found: in `folder.py`, nowhere else."""
    spelled = re.compile(r"""\bOWN /|\{OWN\}|["']\.mashq(?:-release|-collect)?[/"'-]""")
    package = ROOT / "mashq"
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for line in path.read_text().splitlines()
        if spelled.search(line) and "demo" not in line
    }
    assert found == {"course/folder.py"}


@pytest.mark.quick
def test_a_course_needs_no_settings(jupyter: Path, tmp_path: Path) -> None:
    """nbgrader needs none either; an empty folder is still no course."""
    assert jupyter.is_dir()
    (tmp_path / "course" / "source").mkdir(parents=True)
    assert CourseFolder(tmp_path / "course").source("ps1") == tmp_path / "course" / "source" / "ps1"
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match=r"has no nbgrader_config\.py"):
        CourseFolder(tmp_path / "empty")


@pytest.mark.quick
def test_which_course_nbgrader_would_use(jupyter: Path, tmp_path: Path) -> None:
    """The one in Jupyter's settings, unless the folder's own file names one."""
    assert named_course(tmp_path) is None
    (jupyter / SETTINGS).write_text('c.CourseDirectory.root = "/courses/first"\n')
    assert named_course(tmp_path) == Path("/courses/first")
    (tmp_path / SETTINGS).write_text('c.CourseDirectory.root = "here"\n')
    assert named_course(tmp_path) is None


@pytest.mark.long
def test_no_command_works_on_another_course_than_it_says(jupyter: Path, tmp_path: Path) -> None:
    """As on a JupyterHub, where ~/.jupyter names the course: nothing is written into it from another."""
    first, second = (make_tiny_course(tmp_path / name) for name in ("first", "second"))
    (jupyter / SETTINGS).write_text(f"c.CourseDirectory.root = {str(first)!r}\n")
    stamps = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    released = second / "release" / "ps1" / "areas.ipynb"
    released.unlink()

    mashq("release", "ps1", "--course", ".", cwd=second)
    assert released.is_file()
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == stamps

    _, err = mashq("scores", "ps1", cwd=second)
    assert f"The course folder is {first}" in " ".join(err.split())
    nbgrader(second, "db", "assignment", "list")  # nbgrader reads the same settings without a complaint
