"""A course folder's settings, as nbgrader reads them: Jupyter's folders, then its own nbgrader_config.py."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CONFIG, CourseError, did_you_mean

if TYPE_CHECKING:
    from traitlets.config import Config

NAMES = ("jupyter_config.py", CONFIG)  # of files of settings in Jupyter's folders
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
    """The settings that nbgrader's commands have in a course folder; see `load_settings`."""
    return load_settings(folder)[0]


def load_settings(folder: Path) -> tuple[Config, list[Path]]:
    """The settings that nbgrader's commands have in a course folder, and the files that hold some.

    Any of these files may be missing; one that comes changes the settings, too.

    Jupyter's configuration folders come first, then the folder's own file, then that of the course folder
    which this one names. A course folder that is named in Jupyter's folders is left out, see `named_course`.

    Raises CourseError when it is no course folder.
    """
    require_config(folder)
    config, files = _of_jupyter()
    config.CourseDirectory.pop("root", None)
    files += _merge(config, CONFIG, folder.resolve())
    root = Path(folder, config.CourseDirectory.get("root", "")).resolve()
    if root != folder.resolve():
        files += _merge(config, CONFIG, root)
    return config, files


def settings_files(folders: Iterable[Path]) -> list[Path]:
    """The files that may hold settings of a course with these folders, read or not."""
    places = [(name, place) for name in NAMES for place in _jupyters()] + [(CONFIG, own) for own in folders]
    return [path for name, place in places for path in _both(name, place)]


def named_course(folder: Path) -> Path | None:
    """The course folder that Jupyter's settings name, which nbgrader's commands use in a folder.

    None where they name none, and where the folder's own settings do.
    """
    from traitlets.config import Config

    own = Config()
    _merge(own, CONFIG, folder.resolve())
    root = None if "root" in own.CourseDirectory else _of_jupyter()[0].CourseDirectory.get("root")
    return None if root is None else Path(root)


def _of_jupyter() -> tuple[Config, list[Path]]:
    """The settings in Jupyter's configuration folders: of the user, the environment and the machine."""
    from traitlets.config import Config

    config, files = Config(), list[Path]()
    for name in NAMES:
        for place in _jupyters():
            files += _merge(config, name, place)
    return config, files


def _jupyters() -> list[Path]:
    """Jupyter's configuration folders; what a later one says counts."""
    from jupyter_core.paths import jupyter_config_path

    return [*map(Path, reversed(jupyter_config_path()))]


def _both(name: str, folder: Path) -> tuple[Path, Path]:
    """A file of settings as Python and as JSON."""
    return folder / name, (folder / name).with_suffix(".json")


def _merge(config: Config, name: str, folder: Path) -> list[Path]:
    """Put a folder's settings, where it has any, over those that are there; returns the files of them."""
    from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

    python, json = files = [*_both(name, folder)]

    class Loader(PyFileConfigLoader):
        """The same, which also tells the files that one of settings names."""

        def load_subconfig(self, fname: str, path: str | None = None) -> None:
            files.append(Path(path or folder, fname))
            super().load_subconfig(fname, path)

    for loader in (
        Loader(python.name, path=str(folder)),
        JSONFileConfigLoader(json.name, path=str(folder)),
    ):
        with suppress(ConfigFileNotFound):
            config.merge(loader.load_config())
    return files
