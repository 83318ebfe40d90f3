"""What is in the files that a learning platform gave: whose each is, without reading it."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import IO

from mashq.collect.names import BLACKBOARD, MOODLE, Named, is_junk, read_names, without_title
from mashq.collect.paths import name_in, split
from mashq.collect.times import possible, read_time

SPREAD_S = 3600  # times in an archive that are no further apart are those of the download
ACCOUNT = re.compile(r"\(([^()]+)\)\s*$")  # at the end of the first line of Blackboard's .txt
STRANGE = "no platform names a student's files like this (files: {n})"
LISTS = ("index.html",)  # of a platform, and nobody's


@dataclass(frozen=True)
class Entry:
    """One file of a download."""

    named: Named
    inside: tuple[str, ...]  # its path in what the student handed in
    size: int
    open: Callable[[], IO[bytes]]
    source: int  # which of the files that were named on the command line
    whole: bool  # whether that one holds all that counts of the student
    when: datetime | None = None  # it was handed in, where that is known
    fault: str = ""  # why it is not read
    led_out: bool = False  # its name would have led out of the folder


@dataclass(frozen=True)
class Stray:
    """Something in a download that is no student's, as far as its name says."""

    where: str
    why: str


@dataclass(frozen=True)
class _File:
    """A file of an archive or a folder."""

    parts: tuple[str, ...]
    size: int
    open: Callable[[], IO[bytes]]
    local: datetime | None = None  # the time that an archive gives, in nobody knows which zone
    fault: str = ""
    led_out: bool = False


def gather(paths: Sequence[Path], zone: tzinfo | None, opened: ExitStack) -> tuple[list[Entry], list[Stray]]:
    """The files in downloads, in order, each with its student, and what is nobody's.

    paths : zips and folders of a class, or of one student, or single files; with the platform's names
    zone : of the platform; this machine's when None
    opened : keeps the archives open
    """
    entries: list[Entry] = []
    strays: list[Stray] = []
    waiting = [(path, number) for number, path in enumerate(paths)]
    owns = read_names(map(_name_of, paths))
    while waiting:
        path, number = waiting.pop(0)
        own = owns.get(_name_of(path))
        try:
            files = _files(path, own, opened)
        except Exception as error:  # of any kind, of a damaged archive
            empty = path.is_file() and not path.stat().st_size
            strays.append(Stray(str(path), "it is empty" if empty else f"it cannot be read ({error})"))
            continue
        if own is not None:
            whole = own.whole and not own.rest and path.is_dir()
            found = [
                _entry(own, file, (*filter(None, [own.rest]), *file.parts), number, whole) for file in files
            ]
        else:
            found, others = _class(files, number)
            zips = [file for file in others if file.parts[-1].lower().endswith(".zip")]
            inner = [file for file in zips if path.is_dir() and not file.fault]  # no link
            waiting += [(path.joinpath(*file.parts), number) for file in inner]
            owns |= read_names(file.parts[-1] for file in inner)
            tops = Counter(file.parts[:-1][:1] or file.parts for file in others if file not in inner)
            strays += [Stray(f"{path}: {top}", STRANGE.format(n=n)) for (top,), n in tops.items()]
            if not found and not others:
                strays.append(Stray(str(path), "nothing is in it"))
        entries += _with_times(_with_accounts(found), zone)
    return entries, strays


def _name_of(path: Path) -> str:
    return split(path.name)[0][-1] if split(path.name)[0] else ""


def _entry(named: Named, file: _File, inside: tuple[str, ...], number: int, whole: bool) -> Entry:
    inside = inside or ("handed-in",)  # a file with nothing behind the platform's part
    when = file.local if named.platform == MOODLE else None
    return Entry(named, inside, file.size, file.open, number, whole, when, file.fault, file.led_out)


def _files(path: Path, own: Named | None, opened: ExitStack) -> list[_File]:
    """The files of a folder or a class's archive, or the one file, which is a student's own."""
    if path.is_dir():
        return [*_in_folder(path)]
    if own is not None:
        return [_File((), path.stat().st_size, _opener(path))]
    archive = opened.enter_context(zipfile.ZipFile(path))
    return [*_in_zip(archive)]


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _in_folder(folder: Path) -> Iterator[_File]:
    """The files below a folder, sorted; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        linked = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in sorted([*names, *linked]):
            path = Path(place, name)
            state = path.lstat()
            fault = "" if stat.S_ISREG(state.st_mode) else "it is a link or no ordinary file"
            parts = split(path.relative_to(folder).as_posix())[0]
            yield _File(parts, state.st_size, _opener(path), fault=fault)


def _in_zip(archive: zipfile.ZipFile) -> Iterator[_File]:
    for info in archive.infolist():
        parts, led_out = split(name_in(info))
        if info.is_dir() or not parts:
            continue
        local = datetime(*info.date_time) if _is_time(info) else None
        yield _File(parts, info.file_size, partial(archive.open, info), local, fault_of(info), led_out)


def fault_of(info: zipfile.ZipInfo) -> str:
    """Why a file in a zip is not read; empty where it is."""
    if info.flag_bits & 0x1:
        return "it is locked with a password"
    return "it is a link" if stat.S_ISLNK(info.external_attr >> 16) else ""


def _is_time(info: zipfile.ZipInfo) -> bool:
    try:
        return datetime(*info.date_time).year > 1980
    except ValueError:
        return False


def _class(files: Sequence[_File], number: int) -> tuple[list[Entry], list[_File]]:
    """The students' files of a class, and the others.

    The platform's names are those on the top, or below the one folder that all is in: further down, names are
    students'. Where most there are none of a platform's, none is taken for one.
    """
    files = [file for file in files if not any(map(is_junk, file.parts))]
    depth = 0
    while True:
        tops = {file.parts[depth] for file in files if len(file.parts) > depth} - set(LISTS)
        named = read_names(tops)
        if named or len(tops) != 1 or any(len(file.parts) <= depth + 1 for file in files):
            break
        depth += 1
    if 2 * len(named) < len(tops):
        named = {}
    found, others = [], []
    for file in files:
        if name := named.get(file.parts[depth]):
            inside = (*filter(None, [name.rest]), *file.parts[depth + 1 :])
            found.append(_entry(name, file, inside, number, name.whole))
        elif not (named and file.parts[depth] in LISTS):
            others.append(file)
    return found, others


def _with_accounts(entries: list[Entry]) -> list[Entry]:
    """Blackboard's entries with the account alone as the student's id."""
    theirs = {entry.named.student: entry.named for entry in entries if entry.named.platform == BLACKBOARD}
    accounts = {
        entry.named.student: _account(entry)
        for entry in entries
        if entry.named.platform == BLACKBOARD and entry.named.about
    }
    known = {whole: name.student for whole, name in without_title(theirs.values(), accounts).items()}
    return [
        replace(entry, named=replace(entry.named, student=known[entry.named.student]))
        if entry.named.platform == BLACKBOARD
        else entry
        for entry in entries
    ]


def _account(entry: Entry) -> str:
    """The account that Blackboard's .txt of an attempt names in its first line; empty where it does not."""
    try:
        with entry.open() as file:
            line = file.read(1000).decode("utf-8-sig", "replace").partition("\n")[0]
    except Exception:  # a damaged archive is found out where its files are read
        return ""
    found = ACCOUNT.search(line)
    return found[1] if found else ""


def _with_times(entries: list[Entry], zone: tzinfo | None) -> list[Entry]:
    """With the times of the names; of an archive's files, where these are not just when it was made."""
    times = [entry.when for entry in entries if entry.when is not None]
    told = bool(times) and (max(times) - min(times)).total_seconds() > SPREAD_S
    return [
        replace(entry, when=read_time(entry.named.time, zone))
        if entry.named.time
        else replace(entry, when=possible(entry.when, zone) if told and entry.when is not None else None)
        for entry in entries
    ]
