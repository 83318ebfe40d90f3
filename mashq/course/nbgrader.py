"""Running nbgrader's own commands in a course folder."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError, saved_log

# nbgrader, without what takes it seconds for nothing. With -P: a folder mashq/ of the course is not this one.
NBGRADER = (
    sys.executable,
    "-P",
    "-c",
    "import runpy, mashq.quick_imports, mashq.course.gradebook.schema; "
    "runpy.run_module('nbgrader', run_name='__main__')",
)
MOST_LINES = 8  # of nbgrader's complaints in an error


def run_nbgrader(course: Path, *arguments: str, log_file: Path | None = None) -> str:
    """Run `nbgrader ARGUMENTS` in a course folder; returns what it logged.

    log_file : where the log of a failure goes, in place of an older one; a new temporary file by default

    Raises CourseError with nbgrader's complaints when the command fails, and for a folder in whose name
    nbgrader sees a pattern.
    """
    if glob.has_magic(str(course.resolve())):
        raise CourseError(
            f"nbgrader finds no notebook below {course.resolve()}, because it takes *, ? and [ for patterns; "
            "give the folder a name without them"
        )
    root = CourseFolder(course).root  # Jupyter's own settings may name another
    # where the virtual environment is not activated, a solution's `!python` is this one all the same
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [*NBGRADER, *arguments, f"--CourseDirectory.root={root}"],
        cwd=course,
        # without the second, nbgrader logs a settings file that fails, and goes on with its own settings
        env=os.environ | {"PATH": path, "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise CourseError(_what_failed(course, arguments, done.stderr, log_file))
    return done.stderr


def _what_failed(course: Path, arguments: Sequence[str], log: str, log_file: Path | None) -> str:
    """What nbgrader complained about, without its tracebacks, and where the whole log is."""
    lines = log.strip().splitlines()
    complaints = [line for line in lines if "ERROR" in line or "Error:" in line] or lines
    return (
        f"`nbgrader {' '.join(arguments)}` failed in {course}:\n"
        + "\n".join(complaints[-MOST_LINES:])
        + f"\nThe whole log is in {saved_log(log, log_file)}"
    )
