"""The files in the folder that a notebook runs in; `mashq.grading.intake.beside` says which they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

Files = Mapping[str, bytes]  # {relative path with "/": content}


class Link(bytes):
    """The content of a symbolic link: the path of a file that is read where it lies.

    The folder that it lies in must be shown, see `mashq.sandbox.kernels`.
    """


def write_files(folder: Path, files: Files) -> None:
    """Put files below a folder that exists."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, Link):
            target.symlink_to(os.fsdecode(data))
        else:
            target.write_bytes(data)


def safe_files(files: Files) -> dict[str, bytes]:
    """The files whose names lead nowhere but into the folder."""
    return {
        name: data
        for name, data in files.items()
        if (path := PurePosixPath(name)).parts and not path.is_absolute() and ".." not in path.parts
    }
