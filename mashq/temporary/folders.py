"""Temporary folders whose names say whose they are, so that those of killed processes can be removed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEFTOVER = re.compile(r"mashq-[a-z]+-(?P<pid>\d+)-")


def new_folder(what: str) -> Path:
    """A new folder that nobody else can enter; whoever asks for it removes it.

    what : it is for, in small letters
    """
    return Path(tempfile.mkdtemp(prefix=f"mashq-{what}-{os.getpid()}-"))


@contextmanager
def folder_for(what: str) -> Iterator[Path]:
    """The same, removed at the end, with all links of its path followed."""
    with tempfile.TemporaryDirectory(prefix=f"mashq-{what}-{os.getpid()}-") as name:
        yield Path(name).resolve()


def remove_leftovers(folder: Path | None = None) -> None:
    """Remove the temporary folders of processes that were killed; those of living processes stay.

    Their names say whose they are: `mashq-WHAT-PID-...`. Where there is no /proc, nothing is removed:
    nobody could tell who lives.
    """
    if not Path("/proc/self").exists():
        return
    for path in (folder or Path(tempfile.gettempdir())).glob("mashq-*-*-*"):
        owner = LEFTOVER.match(path.name)
        if owner and not Path("/proc", owner["pid"]).exists():
            shutil.rmtree(path, ignore_errors=True)
