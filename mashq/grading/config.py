"""A course folder's settings: its nbgrader_config.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CourseError

if TYPE_CHECKING:
    from traitlets.config import Config

NAME = "nbgrader_config.py"


def require_config(course: Path) -> None:
    """Raises CourseError when a folder is no course folder."""
    if not (course / NAME).is_file():
        raise CourseError(f"{course.resolve()} has no {NAME}; name the course folder with --course")


def load_config(course: Path) -> Config:
    """The settings of a course folder.

    Raises CourseError when it has none.
    """
    from traitlets.config.loader import PyFileConfigLoader

    require_config(course)
    return PyFileConfigLoader(NAME, path=str(course.resolve())).load_config()
