"""A course folder's settings: its nbgrader_config.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CONFIG, CourseError, did_you_mean

if TYPE_CHECKING:
    from traitlets.config import Config

LOOK_INTO = 200  # folders below a wrong one that are looked at for a course


def require_config(folder: Path) -> None:
    """Raises CourseError when a folder is no course folder, with the nearest one above or below."""
    if (folder / CONFIG).is_file():
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
    """The settings of a course folder.

    Raises CourseError when it has none.
    """
    from traitlets.config.loader import PyFileConfigLoader

    require_config(folder)
    return PyFileConfigLoader(CONFIG, path=str(folder.resolve())).load_config()
