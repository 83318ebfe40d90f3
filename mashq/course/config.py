"""A course folder's settings, as nbgrader reads them: Jupyter's folders, then its own nbgrader_config.py."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CONFIG, CourseError, did_you_mean
from mashq.jupyter_settings import NAMES, both, jupyter_folders, merge, of_jupyter

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
    config, files = of_jupyter()
    config.CourseDirectory.pop("root", None)
    files += merge(config, CONFIG, folder.resolve())
    root = Path(folder, config.CourseDirectory.get("root", "")).resolve()
    if root != folder.resolve():
        files += merge(config, CONFIG, root)
    return config, files


def settings_files(folders: Iterable[Path]) -> list[Path]:
    """The files that may hold settings of a course with these folders, read or not."""
    places = [(name, place) for name in NAMES for place in jupyter_folders()] + [
        (CONFIG, own) for own in folders
    ]
    return [path for name, place in places for path in both(name, place)]


def named_course(folder: Path) -> Path | None:
    """The course folder that Jupyter's settings name, which nbgrader's commands use in a folder.

    None where they name none, and where the folder's own settings do.
    """
    from traitlets.config import Config

    own = Config()
    merge(own, CONFIG, folder.resolve())
    root = None if "root" in own.CourseDirectory else of_jupyter()[0].CourseDirectory.get("root")
    return None if root is None else Path(root)
