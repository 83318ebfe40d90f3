"""What the command line shows and does about data: `status`, `fetch`, `prepare`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mashq.datasets import _cache, _choose, _download, _raw, hoda, mnist
from mashq.datasets._choose import Source, dataset_named
from mashq.datasets._sources import DATASETS, Dataset
from mashq.errors import DataError

_RECIPES = {"hoda": hoda.RECIPE, "mnist": mnist.RECIPE}


@dataclass(frozen=True)
class Status:
    """What is known about one dataset on this machine."""

    name: str  # as in `fetch([name])`
    title: str  # for people
    source: Source  # what the loaders give now
    folder: Path | None  # where the raw files are; None where there are none
    size: int  # bytes of the raw files
    cached: tuple[str, ...]  # decoded parts in the cache: "course", "hidden"
    checksum_ok: bool | None  # None where there are no raw files to check
    problem: str  # what is wrong and what to do; empty when all is well
    licence: str


def status() -> list[Status]:
    """One row for each dataset with real files; checks every SHA-256, downloads nothing."""
    return [_status_of(dataset) for dataset in DATASETS.values()]


def fetch(names: Iterable[str] | None = None, progress: bool = True) -> list[Status]:
    """Get the real files of the named datasets (None: of all), check and decode them; the rows of `status`.

    Files found in `MASHQ_DATA` or the cache are not downloaded again, a download that stopped goes on.
    `progress` shows bars on stderr. Raises ValueError for an unknown name, and DataError, which says
    what to do, when a file is damaged or cannot be had.
    """
    chosen = _chosen(names)
    for dataset in chosen:
        folder = _raw.find(dataset)
        if folder is None or folder == _cache.root() / "raw":
            folder = _download.download(dataset, progress=progress)
        for file in dataset.files:
            _raw.checked(file, folder)
    prepare([dataset.name for dataset in chosen])
    return [_status_of(dataset) for dataset in chosen]


def prepare(names: Iterable[str] | None = None) -> dict[str, Source]:
    """Put the decoded arrays of the named datasets (None: of all) in the cache, real ones or stand-ins.

    A sandbox needs only the folder `course_folder()` of the cache after this, which is made for no dataset,
    too. Returns what was prepared.

    Raises DataError where the cache cannot be written: what only this process has, no notebook can load.
    """
    try:
        _cache.make_folder(course_folder())
    except OSError as error:
        raise _not_written(course_folder(), error.strerror) from error
    done: dict[str, Source] = {}
    for dataset in _chosen(names):
        for part in _cache.PARTS:
            done[dataset.name], _ = _choose.part_of(_RECIPES[dataset.name], part)
    if (folder := _cache.not_kept()) is not None:
        raise _not_written(folder)
    return done


def _not_written(folder: Path, why: str | None = None) -> DataError:
    return DataError(
        f"the cache of data, {folder}, cannot be written{f' ({why})' if why else ''}: set MASHQ_CACHE to a "
        "folder in which you may make files"
    )


def content(name: str) -> str:
    """A key of the data that the loaders give now; two machines with the same key have the same data.

    Nothing is downloaded or decoded. Raises ValueError for an unknown name.
    """
    dataset = dataset_named(name)
    return dataset.key if _choose.source(name) == "real" else str(_RECIPES[name].stand_in.key())


def course_folder() -> Path:
    """The folder of the cache with what notebooks may load: the only one that a sandbox may show."""
    return _cache.folder("course")


def _chosen(names: Iterable[str] | None) -> list[Dataset]:
    return list(DATASETS.values()) if names is None else [dataset_named(name) for name in names]


def _status_of(dataset: Dataset) -> Status:
    folder = _raw.find(dataset)
    source, fields = _choose.source(dataset.name), _RECIPES[dataset.name].fields
    size, problem = 0, ""
    if folder is not None:
        for file in dataset.files:
            try:
                size += _raw.checked(file, folder)[1].stat().st_size
            except DataError as error:
                problem = problem or str(error)
    elif source == "stand-in":
        problem = f"The real files are not here. Run `mashq data fetch {dataset.name}`."
    return Status(
        name=dataset.name,
        title=dataset.title,
        source=source,
        folder=folder,
        size=size,
        cached=tuple(
            part for part in _cache.PARTS if _cache.read(part, dataset.name, fields, dataset.key) is not None
        ),
        checksum_ok=None if folder is None else not problem,
        problem=problem,
        licence=dataset.licence,
    )
