"""A real disk that is soon full."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.needs import missing


@contextmanager
def small_disk(folder: Path, mb: int = 1) -> Iterator[Path]:
    """A real disk of so many megabytes."""
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mb}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mount.returncode != 0:
        missing(f"no right to mount a small disk here: {mount.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full, to the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            with suppress(OSError):
                for _ in range(4096):
                    file.write(b"x" * size)
