"""A course folder's settings, as nbgrader reads them: Jupyter's folders, then its own nbgrader_config.py."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CONFIG, CourseError, did_you_mean

if TYPE_CHECKING:
    from traitlets.config import Config

LOOK_INTO = 200  # folders below a wrong one that are looked at for a course
PARTS = ("source", "submitted", "gradebook.db")  # what shows a course without a file of settings


def require_config(folder: Path) -> None:
    """Raises CourseError when a folder is no course folder, with the nearest one above or below."""
    if any((folder / name).exists() for name in (CONFIG, *PARTS)):
        return
    if not folder.is_dir():
        beside = [path.name for path in folder.parent.iterdir()] if folder.parent.is_dir() else []
        raise CourseError(f"there is no folder {folder}.{did_you_mean(folder.name, beside)}")
    here = folder.resolve()
    near = [path for path in here.parents if (path / CONFIG).is_file()]
    near = near or [path.parent for path in sorted(here.glob(f"*/{CONFIG}"))[:LOOK_INTO]]
    advice = (
        f"name the course folder with --course, for instance --course {near[0]}"
        if near
        else "name the course folder with --course, or change to it with cd; it is the one with that file"
    )
    raise CourseError(f"{here} has no {CONFIG}; {advice}")


def load_config(folder: Path) -> Config:
    """The settings that nbgrader's commands have in a course folder.

    Jupyter's configuration folders come first, then the folder's own file, then that of the course folder
    which this one names. A course folder that is named in Jupyter's folders is left out, see `named_course`.

    Raises CourseError when it is no course folder.
    """
    require_config(folder)
    config = _of_jupyter()
    config.CourseDirectory.pop("root", None)
    _merge(config, CONFIG, folder.resolve())
    root = Path(folder, config.CourseDirectory.get("root", "")).resolve()
    if root != folder.resolve():
        _merge(config, CONFIG, root)
    return config


def named_course(folder: Path) -> Path | None:
    """The course folder that Jupyter's settings name, which nbgrader's commands use in a folder.

    None where they name none, and where the folder's own settings do.
    """
    from traitlets.config import Config

    own = Config()
    _merge(own, CONFIG, folder.resolve())
    root = None if "root" in own.CourseDirectory else _of_jupyter().CourseDirectory.get("root")
    return None if root is None else Path(root)


def _of_jupyter() -> Config:
    """The settings in Jupyter's configuration folders: of the user, the environment and the machine."""
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Config

    config = Config()
    for name in ("jupyter_config.py", CONFIG):
        for place in reversed(jupyter_config_path()):
            _merge(config, name, Path(place))
    return config


def _merge(config: Config, name: str, folder: Path) -> None:
    """Put a folder's settings, where it has any, over those that are there."""
    from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

    json = Path(name).with_suffix(".json").name
    for loader in (PyFileConfigLoader(name, path=str(folder)), JSONFileConfigLoader(json, path=str(folder))):
        with suppress(ConfigFileNotFound):
            config.merge(loader.load_config())
