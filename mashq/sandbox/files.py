"""What lies beside a notebook and goes with it into the folder that it runs in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

Files = Mapping[str, bytes]  # {relative path with "/": content}

MAX_MB = 20  # of all files together; a scan of some pages on paper has 5
MAX_FILES = 500
LEFT_OUT = ("*.ipynb", ".*", "__pycache__", "timestamp.txt", "*.pyc")


def read_files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files below a submission's folder, smallest first until MAX_MB, and notes on those left out.

    Notebooks, hidden files and links (which could lead anywhere) are left out.
    """
    sizes = sorted(_companions(folder))
    files: dict[str, bytes] = {}
    notes, total = [], 0
    for size, name in sizes:
        total += size
        if total > MAX_MB * 2**20 or len(files) >= MAX_FILES:
            notes.append(
                f"{name} was left out while the notebook ran: more than {MAX_MB} MB of files beside it"
            )
            continue
        try:
            files[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            continue  # it went away just now
        except OSError as error:
            notes.append(f"{name} was left out while the notebook ran: it cannot be read ({error.strerror})")
    return files, notes


def _companions(folder: Path) -> Iterator[tuple[int, str]]:
    """(size, relative path) of the ordinary files that are taken along; any may go away at any moment."""
    for place, folders, names in os.walk(folder):  # does not follow links
        folders[:] = [name for name in folders if not _is_left_out(name)]
        for name in names:
            path = Path(place, name)
            with suppress(OSError):
                state = path.lstat()
                if stat.S_ISREG(state.st_mode) and not _is_left_out(name):
                    yield state.st_size, path.relative_to(folder).as_posix()


def _is_left_out(name: str) -> bool:
    return any(PurePosixPath(name).match(pattern) for pattern in LEFT_OUT)


def write_files(folder: Path, files: Files) -> None:
    """Put files below a folder that exists."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def safe_files(files: Files) -> dict[str, bytes]:
    """The files whose names lead nowhere but into the folder."""
    return {
        name: data
        for name, data in files.items()
        if (path := PurePosixPath(name)).parts and not path.is_absolute() and ".." not in path.parts
    }
