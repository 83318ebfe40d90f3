"""Copies of files that take no more room on the disk than what is in them.

A file may have holes: 700 MB of nothing take no room, until somebody copies them as zeros. Where the disk
can, a copy refers to the same blocks (a reflink) and takes no room at all; else the holes stay holes.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

CLONE = 0x40049409  # FICLONE of Linux
SMALL = 2**18  # bytes; below, copying is quicker than asking
BLOCK = 512  # bytes, in which `st_blocks` counts
CHUNK = 2**20


def copy_content(source: BinaryIO, target: BinaryIO) -> None:
    """Copy the whole of a file into a new one; what is added to it meanwhile is not copied.

    Raises OSError as reading and writing do.
    """
    state = os.fstat(source.fileno())
    if state.st_size < SMALL:
        target.write(source.read(state.st_size))
    elif _is_cloned(source, target):
        return
    elif getattr(state, "st_blocks", state.st_size) * BLOCK < state.st_size and hasattr(os, "SEEK_DATA"):
        _copy_data(source.fileno(), target, state.st_size)
    else:
        left = state.st_size
        while left > 0 and (data := source.read(min(CHUNK, left))):
            target.write(data)
            left -= len(data)


def _is_cloned(source: BinaryIO, target: BinaryIO) -> bool:
    """Whether the disk lets the target refer to the blocks of the source."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.ioctl(target.fileno(), CLONE, source.fileno())
    except OSError:
        return False
    return True


def _copy_data(source: int, target: BinaryIO, size: int) -> None:
    """Copy what lies between the holes."""
    place = 0
    while place < size:
        try:
            place = os.lseek(source, place, os.SEEK_DATA)
            end = min(os.lseek(source, place, os.SEEK_HOLE), size)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole until the end
                break
            end = size
        target.seek(place)
        while place < end and (data := os.pread(source, min(CHUNK, end - place), place)):
            target.write(data)
            place += len(data)
        if place < end:  # the file is shorter by now
            break
    target.truncate(size)
    target.seek(0, os.SEEK_END)


def is_nothing(data: bytes) -> bool:
    """Whether data are zeros only, which can be a hole."""
    return data.count(0) == len(data)
