"""What `mashq init --hub` writes, and what it leaves alone; tests/hub starts a Hub from it."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from mashq.course.config import load_config
from mashq.course.folder import CourseFolder
from mashq.course.permissions import open_to_others
from mashq.errors import CourseError
from mashq.setup.hub import Hub, make_hub, next_commands, out_of_reach

pytestmark = pytest.mark.quick


def loaded(file: Path) -> Config:
    """The settings of a file, as Jupyter and nbgrader read it."""
    return PyFileConfigLoader(file.name, path=str(file.parent)).load_config()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A Hub with two graders and a student, in a folder whose name is not plain."""
    hub = Hub(tmp_path / "a Hub's دانش", "nn", ["ada", "ben"], ["eve"])
    make_hub(hub)
    return hub


def test_the_hub_lets_those_in_who_were_named(hub: Hub) -> None:
    """Graders and students log in; formgrader, the course's own account, does not, and is for graders."""
    settings = loaded(hub.folder / "jupyterhub_config.py")
    assert settings.Authenticator.allowed_users == {"ada", "ben", "eve"}
    (service,) = settings.JupyterHub.services
    assert (service["name"], service["user"]) == ("nn", "grader-nn")
    assert Path(service["cwd"]) == hub.folder / "nn"
    (role,) = settings.JupyterHub.load_roles
    assert role["scopes"] == ["access:services!service=nn"]
    (group,) = role["groups"]
    assert settings.JupyterHub.load_groups[group]["users"] == ["ada", "ben"]


def test_the_settings_of_all_and_of_the_course_agree(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course folder is one that several accounts grade, and knows the exchange from those for all."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(hub.folder / "jupyter"))
    settings = load_config(hub.folder / "nn")
    assert settings.CourseDirectory.course_id == "nn"
    assert settings.Exchange.root == str(hub.folder / "exchange")
    assert CourseFolder(hub.folder / "nn").groupshared
    assert loaded(hub.folder / "jupyter" / "nbgrader_config.py").CourseDirectory.course_id == "nn"


def test_nobody_else_reads_the_course_or_the_secrets_of_the_hub(hub: Hub) -> None:
    """Whatever the umask; all may read what all need, and write into the exchange."""
    modes = {path.name: path.stat().st_mode & 0o7777 for path in hub.folder.iterdir()}
    expected = {
        "nn": 0o2770,
        "hub": 0o700,
        "jupyterhub_config.py": 0o600,
        "jupyter": 0o755,
        "exchange": 0o1777,
    }
    assert modes == expected
    assert open_to_others(CourseFolder(hub.folder / "nn")) == []


def test_nothing_that_is_there_is_changed(hub: Hub) -> None:
    """Not by the same command, nor where one of its files alone is there."""
    before = contents(hub.folder)
    with pytest.raises(CourseError, match=r"jupyterhub_config\.py is there already and stays as it is"):
        make_hub(Hub(hub.folder, "other"))
    assert contents(hub.folder) == before
    (hub.folder / "jupyterhub_config.py").unlink()
    with pytest.raises(CourseError, match=r"jupyter.nbgrader_config\.py is there already"):
        make_hub(Hub(hub.folder, "other"))
    assert not (hub.folder / "jupyterhub_config.py").exists()


def test_what_comes_next_is_typed_as_it_is_printed(hub: Hub) -> None:
    """Names with spaces and quotes are whole words, and each grader comes into the group."""
    lines = [shlex.split(line) for _, lines in next_commands(hub) for line in lines]
    assert ["usermod", "--append", "--groups", "formgrade-nn", "ben"] in lines
    assert ["cd", str(hub.folder / "nn")] in lines
    assert ["jupyterhub", "--config", str(hub.folder / "jupyterhub_config.py")] in lines


def test_a_place_that_other_accounts_cannot_enter_is_named() -> None:
    """As the home of root is one; nobody's server could start there."""
    with tempfile.TemporaryDirectory() as closed:
        hub = Hub(Path(closed, "srv", "hub"), "nn")
        assert f"because {closed} is closed to them" in "".join(out_of_reach(hub))
        Path(closed).chmod(0o755)
        assert closed not in "".join(out_of_reach(hub))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"course": "Neural Networks"}, "small letters"),
        ({"course": "a-name-that-is-longer-than-a-group"}, "up to 22"),
        ({"course": "exchange"}, "another folder of the Hub is"),
        ({"graders": ["ada; rm -r /"]}, "cannot be the name of an account"),
        ({"students": ["-x"]}, "cannot be the name of an account"),
    ],
)
def test_names_that_cannot_be_used_are_told_before_anything_is_written(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    """A name of a course becomes that of a group; names of accounts are typed into a shell."""
    with pytest.raises(CourseError, match=says):
        make_hub(Hub(tmp_path / "hub", **({"course": "nn"} | changes)))
    assert not (tmp_path / "hub").exists()
