"""Which arrays a loader gets: decoded ones, raw files, a download, or the stand-in, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from mashq.datasets import _cache, _download, _raw
from mashq.datasets._cache import Arrays, Part
from mashq.datasets._sources import DATASETS, Dataset
from mashq.errors import DataError

Source: TypeAlias = Literal["real", "stand-in"]

ONLY_PREPARED = "MASHQ_ONLY_PREPARED"  # set where making data anew would cost a student's cell its time

_failed_downloads: dict[tuple[str, str], str] = {}  # (cache, dataset) -> reason: tried once in a process
_noticed: set[tuple[int, str]] = set()  # (process, dataset): a forked process says it again


@dataclass(frozen=True)
class Recipe:
    """How the arrays of one dataset are made."""

    dataset: Dataset
    fields: tuple[str, ...]  # names of the arrays of a part
    decode: Callable[[Path, Part], Arrays]  # from a folder with checked raw files
    pack: Callable[[Any], Arrays]  # from what the stand-in makes

    @property
    def stand_in(self) -> Any:
        """The module that makes the stand-in, imported only where it is needed."""
        return import_module(f"mashq.datasets.standins.{self.dataset.name}_standin")


def part_of(recipe: Recipe, part: Part) -> tuple[Source, Arrays]:
    """The arrays of one part, and whether they are real.

    Raises DataError when raw files are damaged, when nothing was prepared in a sandbox, or when the course
    part is real and the hidden part is not to be had (a stand-in would grade against other data than the
    student saw), or the reverse.
    """
    dataset = recipe.dataset
    arrays = _cache.read(part, dataset.name, recipe.fields, dataset.key)
    if arrays is None:
        folder = _raw.find(dataset)
        if folder is None and not _decoded(dataset):
            folder = _download_once(dataset)
        if folder is not None:
            arrays = _cache.write(part, dataset.name, recipe.decode(folder, part), dataset.key)
    if arrays is not None:
        return "real", arrays
    if _decoded(dataset):
        raise DataError(
            f"{dataset.title}: the {part} images are not in {_cache.folder(part)}, and the raw files are in "
            f"none of {', '.join(map(str, _raw.folders()))}. Run `mashq data fetch {dataset.name}`."
        )
    return "stand-in", _stand_in(recipe, part)


def source(name: str) -> Source:
    """Whether `load_hoda` or `load_mnist` gives real data or the stand-in, as things are now.

    Nothing is downloaded or decoded. Raises ValueError for an unknown name.
    """
    dataset = dataset_named(name)
    return "real" if _decoded(dataset) or _raw.find(dataset) is not None else "stand-in"


def dataset_named(name: str) -> Dataset:
    """The dataset of that name; raises ValueError, which lists the names."""
    try:
        return DATASETS[name]
    except KeyError:
        raise ValueError(f"unknown dataset {name!r}; expected one of {', '.join(DATASETS)}") from None


def check_number(name: str, value: object, low: int, high: int | None = None) -> None:
    """ValueError for a loader's argument that is no whole number, or too small or too large a one."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} is {value!r}; expected a whole number")
    if value < low or (high is not None and value > high):
        limits = f"{low} or more" if high is None else f"{low} to {high:,}"
        raise ValueError(f"{name} is {value}; expected {limits}")


def _decoded(dataset: Dataset) -> bool:
    """Whether any part of the real dataset is in the cache."""
    # os.path.exists: in a sandbox the hidden folder may be closed, which is the same as missing
    return any(
        os.path.exists(_cache.path(part, dataset.name, "labels", dataset.key)) for part in _cache.PARTS
    )


def _download_once(dataset: Dataset) -> Path | None:
    """A short attempt, once in a process; None when it fails."""
    attempt = (str(_cache.root()), dataset.name)
    if _download.offline() or attempt in _failed_downloads:
        return None
    try:
        return _download.download(dataset, _download.BRIEF)
    except DataError as error:
        _failed_downloads[attempt] = str(error)
        return None


def _stand_in(recipe: Recipe, part: Part) -> Arrays:
    name, key = f"{recipe.dataset.name}-standin", recipe.stand_in.key()
    arrays = _cache.read(part, name, recipe.fields, key)
    if arrays is None and os.environ.get(ONLY_PREPARED):
        raise DataError(
            f"{recipe.dataset.title}: this data is not here. Grading provides the datasets that the "
            "assignment's released notebooks and checks name; use those."
        )
    _notice(recipe.dataset)
    if arrays is None:
        arrays = _cache.write(part, name, recipe.pack(recipe.stand_in.make(part)), key)
    return arrays


def _notice(dataset: Dataset) -> None:
    """Say loudly, once in a process, that the data are not the real ones."""
    if (os.getpid(), dataset.name) in _noticed:
        return
    _noticed.add((os.getpid(), dataset.name))
    chosen = os.environ.get("MASHQ_DATA")
    where = f"MASHQ_DATA ({chosen})" if chosen else "MASHQ_DATA (not set)"
    failed = _failed_downloads.get((str(_cache.root()), dataset.name))
    why = "MASHQ_OFFLINE is set" if _download.offline() else "the download failed" if failed else "no network"
    bar = "=" * 88
    print(
        f"{bar}\n"
        f"  STAND-IN DATA: {dataset.title}\n"
        f"  The real files are neither in {where} nor in the cache, and {why}.\n"
        f"  These digits look alike, so everything works, but the figures differ from the real ones.\n"
        f"  To get the real data: connect to the network and run   mashq data fetch\n"
        f"{bar}",
        flush=True,
    )
