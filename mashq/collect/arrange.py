"""The names that one attempt's files have in a submission: notebooks on top, nothing lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mashq.collect.paths import same_content
from mashq.collect.unpack import Item
from mashq.handed_in.beside import TIMESTAMP

AGAIN = re.compile(r"(.+)-\d+(\.[^.]+)")  # Canvas's name for a file that was handed in before


def arrange(
    items: Sequence[Item], spelled: Mapping[str, str], numbered: bool
) -> tuple[dict[str, Path], list[str]]:
    """The files of an attempt by their paths in the submission, and what is to be said about names.

    items : as they were handed in
    spelled : the names of the assignment's notebooks, by what they are in small letters
    numbered : whether the platform adds -1 to a name that the student has used before
    """
    items = [replace(item, parts=(*item.parts[:-1], _spelled(item.parts[-1], spelled))) for item in items]
    if numbered:
        items = _without_numbers(items, spelled)
    items = [_without_time(item) for item in _lifted(items, set(spelled.values()))]
    files: dict[str, Path] = {}
    notes: list[str] = []
    folders = {"/".join(item.parts[:n]) for item in items for n in range(1, len(item.parts))}
    for item in sorted(items, key=lambda item: (item.origin != "", len(item.parts))):
        path = "/".join(item.parts)
        if path in files and same_content(files[path], item.path):
            continue
        free = _free(path, files, folders)
        if free != path:
            came = f" from {item.origin}" if item.origin else ""
            notes.append(f"two files are named {path}; the other{came} is {free}")
        files[free] = item.path
    return files, notes or _versions(files, spelled.values())


def _without_time(item: Item) -> Item:
    """A student's own timestamp.txt under another name: nbgrader would take it for the time of hand-in."""
    own = item.parts[0].casefold() == TIMESTAMP
    return replace(item, parts=(f"handed-in-{TIMESTAMP}", *item.parts[1:])) if own else item


def _spelled(name: str, spelled: Mapping[str, str]) -> str:
    return spelled.get(name.casefold(), name)


def _without_numbers(items: Iterable[Item], spelled: Mapping[str, str]) -> list[Item]:
    """Canvas's `q5_xnor-1.ipynb` as q5_xnor.ipynb where it is alone; which of two counts is for a person."""
    meant = {}
    for item in items:
        found = AGAIN.fullmatch(item.parts[-1])
        meant[item] = _spelled(found[1] + found[2], spelled) if found else item.parts[-1]
    count = Counter((*item.parts[:-1], name) for item, name in meant.items())
    return [
        replace(item, parts=(*item.parts[:-1], name))
        if name in spelled.values() and count[*item.parts[:-1], name] == 1
        else item
        for item, name in meant.items()
    ]


def _lifted(items: Sequence[Item], notebooks: set[str]) -> list[Item]:
    """With what lies in folders of notebooks on the top, where nbgrader looks; unless two have one name."""
    where: dict[str, set[tuple[str, ...]]] = {}
    for item in items:
        if item.parts[-1] in notebooks:
            where.setdefault(item.parts[-1], set()).add(item.parts[:-1])
    twice = {folder for folders in where.values() if len(folders) > 1 for folder in folders}
    lift = {folder for folders in where.values() for folder in folders if folder} - twice
    lifted = []
    for item in items:
        above = [item.parts[:n] for n in range(len(item.parts) - 1, 0, -1) if item.parts[:n] in lift]
        lifted.append(replace(item, parts=item.parts[len(above[0]) :]) if above else item)
    return lifted


def _free(path: str, files: Mapping[str, Path], folders: set[str]) -> str:
    """A path that no file and no folder has: `q5-2.ipynb` where there is a `q5.ipynb`."""
    place, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, path
    while free in files or free in folders:
        number += 1
        new = f"{stem}-{number}.{suffix}" if dot and stem else f"{name}-{number}"
        free = f"{place}/{new}" if place else new
    return free


def _versions(files: Mapping[str, Path], notebooks: Iterable[str]) -> list[str]:
    """Which notebooks are there more than once, in several folders or with Canvas's numbers."""
    notes = []
    for name in sorted(notebooks):
        again = re.compile(rf"(?:.*/)?{re.escape(name.removesuffix('.ipynb'))}(?:-\d+)?\.ipynb")
        paths = [path for path in files if again.fullmatch(path)]
        if len(paths) > 1:
            notes.append(f"{name} is there {len(paths)} times: {', '.join(sorted(paths))}")
    return notes
