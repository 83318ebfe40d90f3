"""`mashq grade ps1` as a process: run to its end, or watched, interrupted and killed while it runs."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import psutil
import pytest

from mashq.cli import app as cli
from tests.support.processes import PATIENCE_S, children, words

COMMAND_S = 300.0  # for one command, on a busy machine
INSIDE = "mashq.sandbox.inside"  # the program in which student code runs


def command(course: Path, *arguments: str) -> list[str]:
    """The command line of `mashq grade ps1`."""
    return [sys.executable, "-m", "mashq.cli", "grade", "ps1", f"--course={course}", *arguments]


@dataclass(frozen=True)
class Done:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """All that it printed, on one line: a console breaks lines where it likes."""
        return " ".join((self.out + self.err).split())


def run(course: Path, *arguments: str, **environment: str) -> Done:
    """`mashq grade ps1` in a process of its own."""
    done = subprocess.run(
        command(course, *arguments),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def invoke(course: Path, *arguments: str) -> Done:
    """`mashq grade ps1` in this process, which has imported what it needs."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["mashq", *command(course, *arguments)[3:]]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


class Grading:
    """A `mashq grade ps1` that runs, in a session and with a temporary folder of its own."""

    def __init__(self, course: Path, temporary: Path, *arguments: str, **environment: str) -> None:
        self.course, self.temporary = course, temporary
        self._log = temporary / f"log-{time.monotonic_ns()}"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command(course, *arguments),
                env=os.environ | {"TMPDIR": str(temporary)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What it has printed so far, on one line."""
        return " ".join(self._log.read_text(encoding="utf-8", errors="replace").split())

    def wait(self) -> int:
        """Its exit code."""
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End it at once, and it alone."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def interrupt(self) -> float:
        """Press Ctrl-C, which a terminal sends to the whole group; returns the seconds until the end."""
        group = os.getpgid(self.process.pid)
        assert group == self.process.pid != os.getpgrp()
        started = time.monotonic()
        os.killpg(group, signal.SIGINT)
        self.process.wait(PATIENCE_S)
        return time.monotonic() - started

    def terminate(self) -> None:
        """End it as a service manager does: SIGTERM, to it alone."""
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        own = words(psutil.Process(self.process.pid))  # those of a copy
        return [
            child
            for child in children(self.process.pid)
            if words(child) == own or "spawn_main" in " ".join(words(child))
        ]

    def kernels(self) -> list[psutil.Process]:
        """The processes that run student code now."""
        return [
            child
            for child in children(self.process.pid, recursive=True)
            if INSIDE in words(child) and INSIDE in words(child.parent())
        ]

    def has_graded(self, student: str) -> bool:
        """Whether the student's notebook is in `autograded/`."""
        return graded_file(self.course, student).exists()


def graded_file(course: Path, student: str) -> Path:
    """Where the student's graded notebook is, or will be."""
    return course / "autograded" / student / "ps1" / "areas.ipynb"
