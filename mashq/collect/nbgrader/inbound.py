"""Copying what a student has put into the exchange's inbound folder: ordinary files of it, and no others."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from fnmatch import fnmatch
from pathlib import Path

from mashq.handed_in.beside import MAX_FILES, why_not
from mashq.handed_in.copying import copy_content
from mashq.handed_in.own_file import LinkError, NoFileError, is_of_somebody_else, open_own, opened_folder
from mashq.language import marked as N_
from mashq.problems import Sentence

DEEPEST = 50  # folders in one another; more than programs can walk through would stop them
MOST_SEEN = 20_000  # names
FAR_AHEAD = 2**33  # seconds since 1970, in 2242; a file's time may be any number
TOO_LARGE = N_("it has more than {size} MB")
TOO_MUCH = N_("more than {size} MB were handed in")
TOO_MANY = N_("more than {count} files were handed in")
GROWS = N_("it grew while it was collected")
TOO_DEEP = N_("it is in more than {count} folders")


def copy_inbound(
    source: Path,
    target: Path,
    include: Collection[str],
    exclude: Collection[str],
    file_bytes: int | None,
    all_bytes: int,
) -> dict[str, Sentence]:
    """Copy a folder to a new one; returns which files were left out, and why.

    include, exclude : patterns of names, as in nbgrader's settings; what they leave out is not told
    file_bytes, all_bytes : of one file, and of all; those near the top come first, then the small ones

    Nothing that a student can put there raises an error; a disk that cannot be written does.
    """
    left_out: dict[str, Sentence] = {}
    target.mkdir(parents=True)
    try:
        with opened_folder(source) as top:
            sizes = _look(top, include, exclude, left_out)
            for name in _within(sizes, file_bytes, all_bytes, left_out):
                _copy(top, name, sizes[name], target / name, left_out)
    except (LinkError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        left_out["."] = why_not(error)
    return left_out


def _look(
    top: int, include: Collection[str], exclude: Collection[str], left_out: dict[str, Sentence]
) -> dict[str, int]:
    """{relative path: bytes} of the ordinary files below a folder; no link is followed."""
    sizes: dict[str, int] = {}
    owner, folders, seen = os.fstat(top).st_uid, [""], 0
    while folders:
        folder = folders.pop()
        try:
            names = _names_in(top, folder)
        except OSError as error:
            left_out[folder] = why_not(error)
            continue
        for name, state in names:
            path = f"{folder}/{name}" if folder else name
            if any(fnmatch(name, pattern) for pattern in exclude):
                continue
            seen += 1
            if seen > MOST_SEEN:
                left_out[path] = Sentence.of(TOO_MANY, count=MAX_FILES)
                return sizes
            if stat.S_ISDIR(state.st_mode):
                if path.count("/") >= DEEPEST:
                    left_out[path] = Sentence.of(TOO_DEEP, count=DEEPEST)
                else:
                    folders.append(path)
            elif stat.S_ISLNK(state.st_mode) or is_of_somebody_else(state, owner):
                left_out[path] = why_not(LinkError())
            elif not stat.S_ISREG(state.st_mode):
                left_out[path] = why_not(NoFileError())
            elif any(fnmatch(name, pattern) for pattern in include):
                sizes[path] = state.st_size
    return sizes


def _names_in(top: int, folder: str) -> list[tuple[str, os.stat_result]]:
    """The names in a folder below another, each with its state; its path is walked part by part."""
    descriptor = os.dup(top)
    try:
        for part in filter(None, folder.split("/")):
            with opened_folder(part, within=descriptor) as inner:
                os.close(descriptor)
                descriptor = os.dup(inner)
        found = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                found.append((entry.name, entry.stat(follow_symlinks=False)))
                if len(found) > MOST_SEEN:
                    break
        return sorted(found, key=lambda one: one[0])
    finally:
        os.close(descriptor)


def _within(
    sizes: Mapping[str, int], file_bytes: int | None, all_bytes: int, left_out: dict[str, Sentence]
) -> list[str]:
    """The files that are taken."""
    taken: list[str] = []
    total = 0
    for name in sorted(sizes, key=lambda name: (name.count("/"), sizes[name], name)):
        if file_bytes is not None and sizes[name] > file_bytes:
            left_out[name] = Sentence.of(TOO_LARGE, size=file_bytes // 10**6)
        elif len(taken) >= MAX_FILES:
            left_out[name] = Sentence.of(TOO_MANY, count=MAX_FILES)
        elif total + sizes[name] > all_bytes:
            left_out[name] = Sentence.of(TOO_MUCH, size=all_bytes // 10**6)
        else:
            taken.append(name)
            total += sizes[name]
    return taken


def _copy(top: int, name: str, size: int, target: Path, left_out: dict[str, Sentence]) -> None:
    try:
        original = open_own(top, name)
    except OSError as error:
        left_out[name] = why_not(error)
        return
    with original:
        state = os.fstat(original.fileno())
        if state.st_size > size:
            left_out[name] = Sentence.of(GROWS)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copy:
            copy_content(original, copy)
    if 0 <= state.st_mtime < FAR_AHEAD:
        os.utime(target, ns=(state.st_mtime_ns, state.st_mtime_ns))
