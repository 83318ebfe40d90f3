"""The files that the instructor gives beside the notebooks of an assignment, as notebooks find them.

Small ones travel with each task. The others are shown where they lie, in a folder that holds nothing else, so
that a class shares them: copying gigabytes for each submission would take the time and the memory.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from mashq.handed_in.beside import MODULE, NOTEBOOK, LeftOut, ordinary_files
from mashq.problems import Sentence
from mashq.sandbox import Link

SMALL_MB = 5  # a larger file is shown; a notebook cannot write to it
ALL_MB, MOST_FILES = 50, 1000  # of the small ones together; the rest is shown, too
READ_BY_ALL = 0o444  # student code runs as another user


class Given:
    """The files below an assignment's source folder but for its notebooks; links in it are followed.

    files : {relative path: content}; that of a shown one is a link
    left_out : those that are not there, and why
    folder : where the shown ones lie, outside of every folder with secrets; empty where there are none
    """

    def __init__(self, source: Path, place: Path) -> None:
        """Look at what is there now.

        place : a folder of mashq's own, where the shown files are put
        """
        left_out: dict[str, Sentence] = {}
        sizes = {
            name: size
            for name, size in ordinary_files(source, left_out, links=True)
            if not name.endswith(NOTEBOOK)
        }
        small, shown = _parted(sizes)
        self.files: dict[str, bytes] = {name: (source / name).read_bytes() for name in small}
        self.folder = _put(source, shown, place) if shown else ""
        self.files |= {name: Link(os.fsencode(Path(self.folder, name))) for name in shown}
        self.left_out: LeftOut = left_out


def _parted(sizes: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The names of small files, and of those that are shown; modules count as small."""
    small: list[str] = []
    room = ALL_MB * 2**20
    for name in sorted(sizes, key=lambda name: (not name.endswith(MODULE), sizes[name], name)):
        if sizes[name] <= SMALL_MB * 2**20 and sizes[name] <= room and len(small) < MOST_FILES:
            small.append(name)
            room -= sizes[name]
    return small, sorted(sizes.keys() - {*small})


def _put(source: Path, names: list[str], place: Path) -> str:
    """The folder with these files, which is made where they are new or have changed."""
    found = [(name, (source / name).stat()) for name in names]
    states = [(name, state.st_size, state.st_mtime_ns) for name, state in found]
    folder = place / hashlib.sha256(repr(states).encode(errors="surrogateescape")).hexdigest()[:16]
    if not folder.is_dir():
        shutil.rmtree(place, ignore_errors=True)  # of files as they were before
        half = place / "half"
        for name in names:
            target = half / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _show((source / name).resolve(), target)
        for inner in [half, *(path for path in half.rglob("*") if path.is_dir())]:
            inner.chmod(0o755)
        half.rename(folder)
    return str(folder.resolve())


def _show(file: Path, target: Path) -> None:
    """The same file under another name where the disk can, and others may read it; else a copy."""
    if file.stat().st_mode & READ_BY_ALL == READ_BY_ALL:
        try:
            os.link(file, target)
        except OSError:  # on another disk, or one without links
            pass
        else:
            return
    shutil.copyfile(file, target)
    target.chmod(READ_BY_ALL)
