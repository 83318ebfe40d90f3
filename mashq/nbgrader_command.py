"""Running nbgrader's own commands in a course folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mashq.errors import CourseError

NBGRADER = "import mashq.quick_imports, runpy; runpy.run_module('nbgrader', run_name='__main__')"


def run_nbgrader(course: Path, *arguments: str) -> str:
    """Run `nbgrader ARGUMENTS` in a course folder; returns what it logged.

    Raises CourseError with the end of the log when the command fails.
    """
    # nbgrader looks for alembic on the PATH, where a virtual environment that is not activated is missing
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [sys.executable, "-c", NBGRADER, *arguments],
        cwd=course,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise CourseError(f"`nbgrader {' '.join(arguments)}` failed in {course}:\n{done.stderr[-3000:]}")
    return done.stderr
