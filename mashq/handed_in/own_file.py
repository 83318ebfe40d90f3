"""Opening a file that others have put into a folder: an ordinary file of that folder, or nothing.

A link may lead to what only the grader may read, and can be put in a file's place between a look and the
read. A pipe never ends, a device does something. So each part of a path is opened by itself, from the folder
that was opened before it, and no link is followed on the way; what was opened is looked at then, and not what
had its name a moment ago.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePath
from typing import BinaryIO

NO_LINKS = getattr(os, "O_NOFOLLOW", 0)  # which Windows has not, and neither has it such links by default
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
FILE = (
    os.O_RDONLY
    | NO_LINKS
    | getattr(os, "O_NONBLOCK", 0)  # or opening a pipe would wait for somebody to write
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
BY_PARTS = bool(NO_LINKS) and os.open in os.supports_dir_fd


class LinkError(OSError):
    """It is a link that leads out of the folder, or a hard link to a file of somebody else."""

    def __init__(self) -> None:
        super().__init__(errno.ELOOP, "it is a link that leads elsewhere")


class NoFileError(OSError):
    """It is a folder, a pipe, a socket or a device."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "it is no ordinary file")


def open_own(folder: Path | int, name: str | PurePath, top: int | None = None) -> BinaryIO:
    """An ordinary file of a folder, to be read.

    folder : the folder, or its descriptor; then a link in it is not even followed inside
    name : relative to it; a link is taken for the file of the same folder that it leads to
    top : the folder's descriptor, where many of its files are opened

    Raises LinkError, NoFileError or another OSError where there is none that can be read.
    """
    if not BY_PARTS:
        return _open_plainly(Path(str(folder)), name)
    if isinstance(folder, int):
        return _open_by_parts(folder, PurePath(name).parts)
    if top is None:
        with opened_folder(folder, links=True) as descriptor:
            return open_own(folder, name, descriptor)
    try:
        return _open_by_parts(top, PurePath(name).parts)
    except LinkError:
        base, real = os.path.realpath(folder), os.path.realpath(folder / name)
        inside = PurePath(real)
        if not inside.is_relative_to(base):
            raise
        return _open_by_parts(top, inside.relative_to(base).parts)


def all_own(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
    """Each of these names with what opens it, see `open_own`; nothing where there is no such folder."""
    if not BY_PARTS:
        yield from ((name, partial(open_own, folder, name)) for name in names)
        return
    with suppress(FileNotFoundError), opened_folder(folder, links=True) as top:
        yield from ((name, partial(open_own, folder, name, top)) for name in names)


@contextmanager
def opened_folder(path: str | Path, links: bool = False, within: int | None = None) -> Iterator[int]:
    """The descriptor of a folder, for `open_own`; raises LinkError where it is a link and `links` is not set.

    within : the descriptor of the folder that it is in, in place of the working directory
    """
    descriptor = _open(path, FOLDER | (0 if links else NO_LINKS), within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_of_somebody_else(state: os.stat_result, owner: int) -> bool:
    """Whether a file is a hard link to one that is not of the person who owns the folder with it."""
    return state.st_nlink > 1 and state.st_uid != owner


def _open_by_parts(top: int, parts: Sequence[str]) -> BinaryIO:
    if not parts or ".." in parts or os.path.isabs(parts[0]):
        raise LinkError
    descriptor = top
    try:
        for part in parts[:-1]:
            inner = _open(part, FOLDER | NO_LINKS, descriptor)
            if descriptor != top:
                os.close(descriptor)
            descriptor = inner
        file = _open(parts[-1], FILE, descriptor)
    finally:
        if descriptor != top:
            os.close(descriptor)
    try:
        state = os.fstat(file)
        if not stat.S_ISREG(state.st_mode):
            raise NoFileError
        if state.st_nlink > 1 and is_of_somebody_else(state, os.fstat(top).st_uid):
            raise LinkError
    except OSError:
        os.close(file)
        raise
    return os.fdopen(file, "rb")


def _open(path: str | Path, flags: int, within: int | None) -> int:
    """`os.open`, with LinkError for a link."""
    try:
        return os.open(path, flags, dir_fd=within)
    except OSError as error:
        # for a link, a folder that must be none says either
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR) and _is_link(path, within):
            raise LinkError from None
        if error.errno in (errno.ENXIO, errno.ENODEV):  # a socket, a device that is not there
            raise NoFileError from None
        raise


def _is_link(path: str | Path, within: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(path, dir_fd=within, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _open_plainly(folder: Path, name: str | PurePath) -> BinaryIO:
    """The same as far as a system without such descriptors can do it."""
    path = folder / name
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise LinkError
    if not path.is_file():
        raise NoFileError if path.exists() else FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return path.open("rb")
