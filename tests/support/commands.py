"""Running `mashq` and `nbgrader` by their command lines, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mashq.course.nbgrader import NBGRADER

ROOT = Path(__file__).parents[2]


def nbgrader(course: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run an nbgrader command in a course folder as mashq runs it; returns what it logged."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*NBGRADER, *arguments],
        cwd=course,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr


def mashq(
    *arguments: str, cwd: Path = ROOT, code: int = 0, columns: int = 100, **environment: str
) -> tuple[str, str]:
    """Run a mashq command; returns what it wrote to stdout and to stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "mashq.cli", *arguments],
        cwd=cwd,
        env=os.environ | {"COLUMNS": str(columns)} | environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


def mashq_output(*arguments: str, **options: Any) -> str:
    """Run a mashq command; returns all that it printed."""
    return "".join(mashq(*arguments, **options))
