"""One student's files, brought to the disk; archives in them are unpacked, within bounds.

Nothing that a student handed in stops anything: what cannot be read is said, and the rest is taken.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from mashq.collect.names import is_junk
from mashq.collect.paths import name_in, split
from mashq.collect.sources import Entry, fault_of
from mashq.handed_in.copying import is_nothing

T = TypeVar("T")

MAX_FILES, MAX_MB = 2000, 500  # of one student, unpacked
MAX_RATIO, SMALL_MB = 200, 10  # what a file may grow to when it is unpacked, above so many MB
MAX_DEPTH = 3  # archives in archives
MAX_LIST_MB = 4  # the list of files at the end of a student's zip, which is read at once
CHUNK = 2**20
MADE = (".venv", "venv", "node_modules", "site-packages", "__pycache__", ".git")  # folders that programs fill
LED_OUT = "had a name that leads out of its folder, and is in it"


class UnreadableError(Exception):
    """A file of a student cannot be read; the message says why."""


class BoundsError(UnreadableError):
    """More is in an archive than is taken from one student."""


@dataclass(frozen=True)
class Item:
    """A file that was unpacked: where it shall be, and where its content is now."""

    parts: tuple[str, ...]
    path: Path
    origin: str = ""  # the student's archive that it was in


@dataclass
class Unpacked:
    """What became of the files of one attempt."""

    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # what a person must look at, one sentence each
    notes: list[str] = field(default_factory=list)  # what else there is to say
    lost: bool = False  # whether a file of the download itself could not be read


def _of_a_program(parts: Sequence[str]) -> bool:
    """Whether a file is of an environment or a store that a program has made anew whenever it is needed."""
    return any(part in MADE for part in parts[:-1])


def _left_out(parts: Sequence[Sequence[str]]) -> list[str]:
    """What to say of such files."""
    folders = Counter(next(part for part in path if part in MADE) for path in parts)
    return [
        f"{name} was left out (files: {count}): a program makes it anew" for name, count in folders.items()
    ]


class Unpacker:
    """Brings the files of one student into a folder; its bounds hold for all of them together.

    pool : an empty folder; files in it have numbers for names
    """

    def __init__(self, pool: Path) -> None:
        self._pool = pool
        self._bytes = self._files = 0

    def unpack(self, entries: Iterable[Entry]) -> Unpacked:
        """Bring the files of one attempt to the disk, archives last.

        Raises OSError only where the folder cannot be written.
        """
        done = Unpacked()
        loose: list[Item] = []
        entries = [*entries]
        done.notes += _left_out([entry.inside for entry in entries if _of_a_program(entry.inside)])
        for entry in entries:
            name = "/".join(entry.inside)
            if _of_a_program(entry.inside):
                continue
            if any(map(is_junk, entry.inside)):
                continue
            try:
                if entry.fault:
                    raise UnreadableError(entry.fault)
                loose.append(Item(entry.inside, self._copy(entry.open)))
            except UnreadableError as error:
                done.problems.append(f"{name} was not read: {error}")
                done.lost = True
            if entry.led_out:
                done.notes.append(f"{name} {LED_OUT}")
        done.items = [file for item in loose for file in self._opened(item, done, 1)]
        return done

    def _opened(self, item: Item, done: Unpacked, depth: int) -> list[Item]:
        """A file; in place of a zip, what is in it; beside a zip that is not right, what could be read."""
        if not item.parts[-1].lower().endswith(".zip"):
            return [item]
        name, before = "/".join(item.parts), self._files
        try:
            if depth > MAX_DEPTH:
                raise BoundsError(f"there are more than {MAX_DEPTH} archives in one another")
            inner, faults = self._members(item, done, depth)
        except UnreadableError as error:
            for number in range(before + 1, self._files + 1):
                (self._pool / str(number)).unlink(missing_ok=True)
            done.problems.append(f"{name} was not unpacked: {error}")
            return [item]
        done.problems += [f"in {name}: {fault}" for fault in faults]
        if not inner and not faults:
            done.problems.append(f"nothing is in {name}")
        return [*inner, item] if faults or not inner else inner

    def _members(self, item: Item, done: Unpacked, depth: int) -> tuple[list[Item], list[str]]:
        """The files in a student's zip, and what is wrong with others.

        Raises UnreadableError when nothing is to be taken from it.
        """
        found: list[Item] = []
        faults: list[str] = []
        made: list[tuple[str, ...]] = []
        _require_short_list(item.path)
        with _tried(partial(zipfile.ZipFile, item.path)) as archive:
            for info in archive.infolist():
                parts, led_out = split(name_in(info))
                if info.is_dir() or not parts or any(map(is_junk, parts)):
                    continue
                if _of_a_program(parts):
                    made.append(parts)
                    continue
                name = "/".join(parts)
                if led_out:
                    done.notes.append(f"in {item.parts[-1]}: {name} {LED_OUT}")
                try:
                    if fault := fault_of(info):
                        raise UnreadableError(fault)
                    if info.file_size > max(SMALL_MB * 2**20, MAX_RATIO * info.compress_size):
                        raise BoundsError(f"{name} would grow to more than {MAX_RATIO} times its size")
                    path = self._copy(partial(archive.open, info))
                except BoundsError:
                    raise
                except UnreadableError as error:
                    faults.append(f"{name} was not read: {error}")
                    continue
                inner = Item((*item.parts[:-1], *parts), path, item.parts[-1])
                found += self._opened(inner, done, depth + 1)
        done.notes += _left_out(made)
        return found, faults

    def _copy(self, open_file: Callable[[], IO[bytes]]) -> Path:
        """A new file of the pool with the content of another; UnreadableError when it cannot be read."""
        if self._files >= MAX_FILES:
            raise BoundsError(f"the student has more than {MAX_FILES} files")
        self._files += 1
        path = self._pool / str(self._files)
        with path.open("wb") as target, _tried(open_file) as source:
            while chunk := _tried(partial(source.read, CHUNK)):
                self._bytes += len(chunk)
                if self._bytes > MAX_MB * 2**20:
                    raise BoundsError(f"the student's files have more than {MAX_MB} MB, unpacked")
                if is_nothing(chunk):
                    target.seek(len(chunk), 1)  # a hole, which takes no room
                else:
                    target.write(chunk)
            target.truncate()
        return path


def _tried(read: Callable[[], T]) -> T:
    """What a reader of archives gives; UnreadableError where it fails, in any of its many ways."""
    try:
        return read()
    except Exception as error:
        raise UnreadableError(f"it is damaged or of an unknown kind ({error})") from None


def _require_short_list(path: Path) -> None:
    """Raises BoundsError for a zip whose list of files would fill the memory before one can be counted."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - 2**16 - 22, 0))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(end[at + 12 : at + 16], "little") > MAX_LIST_MB * 2**20:
        raise BoundsError("it has too many files")
