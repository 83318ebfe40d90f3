"""Downloading raw files into the cache: mirrors, SHA-256 (by pooch), going on where a download stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mashq.datasets import _cache, _raw
from mashq.datasets._sources import Dataset, RawFile
from mashq.errors import DataError

if TYPE_CHECKING:
    from requests import Response

CONNECT_S = 3.0  # for one mirror, names looked up and all: a notebook without network must not hang
READ_S = 20.0  # between two pieces of a running download
CHUNK_BYTES = 64 * 1024


def offline() -> bool:
    """Whether `MASHQ_OFFLINE` forbids downloads."""
    return os.environ.get("MASHQ_OFFLINE", "").strip().lower() not in {"", "0", "false", "no"}


def download(dataset: Dataset, *, progress: bool = True, limit_s: float | None = None) -> Path:
    """Get all files of a dataset into the raw folder of the cache and return that folder.

    Files that are there and right are kept; a file that stopped half-way goes on from there.
    `limit_s` bounds the whole download. Raises DataError, which says what to do, when a file cannot be had.
    """
    if offline():
        raise DataError(
            f"{dataset.title} is not here and MASHQ_OFFLINE forbids downloads. Unset it and run "
            f"`mashq data fetch`, or put the files in a folder and name it in MASHQ_DATA."
        )
    folder = _cache.root() / "raw"
    deadline = None if limit_s is None else time.monotonic() + limit_s
    for file in dataset.files:
        if not _is_right(file, folder):
            _download_file(dataset, file.packed if file.packed and file.packed.urls else file, folder, progress, deadline)
    return folder


def _is_right(file: RawFile, folder: Path) -> bool:
    try:
        _raw.checked(file, folder)
    except DataError:
        return False
    return True


def _download_file(dataset: Dataset, file: RawFile, folder: Path, progress: bool, deadline: float | None) -> None:
    """Try the mirrors one after another; raises DataError when all fail."""
    import pooch

    target = folder / file.path
    reasons = []
    for url in file.urls:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # pooch compares the SHA-256 and moves the file into place only when it is right
            pooch.retrieve(
                url,
                known_hash=f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=_Resuming(target.with_name(f"{target.name}.part"), file.size, progress, deadline),
            )
        except (OSError, ValueError, DataError) as error:  # requests' errors are OSErrors; pooch: ValueError
            reasons.append(f"  {url}: {_short(error)}")
        else:
            return
    raise DataError(
        f"Could not download {target.name} of {dataset.title}:\n"
        + "\n".join(reasons)
        + "\nConnect to the network and run `mashq data fetch` (it goes on where it stopped), "
        "or put the files in a folder and name it in MASHQ_DATA."
    )


def _short(error: Exception) -> str:
    """The first line of a message, without the addresses of objects that requests puts in it."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text if len(text) <= 160 else f"{type(error).__name__}: {text[:140]}..."


class _Resuming:
    """A downloader for pooch that keeps what it has in a `.part` file and asks for the rest next time."""

    def __init__(self, part: Path, size: int, progress: bool, deadline: float | None) -> None:
        self.part = part
        self.size = size
        self.progress = progress
        self.deadline = deadline

    def __call__(self, url: str, output_file: str | Path, _pooch: Any, check_only: bool = False) -> None:
        have = self._have()
        if have < self.size:
            self._get(url, have)
        # An unfinished part stays for the next attempt; a whole one, right or wrong, is handed to pooch.
        if self._have() < self.size:
            raise DataError(f"the connection ended after {self._have():,} of {self.size:,} bytes")
        os.replace(self.part, output_file)

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _get(self, url: str, have: int) -> None:
        from tqdm.auto import tqdm

        with _open(url, have) as response:
            response.raise_for_status()
            resumed = response.status_code == 206
            with (
                self.part.open("ab" if resumed else "wb") as file,
                tqdm(
                    total=self.size,
                    initial=have if resumed else 0,
                    desc=self.part.stem,
                    unit="B",
                    unit_scale=True,
                    disable=not self.progress,
                ) as bar,
            ):
                for chunk in response.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    bar.update(len(chunk))
                    if file.tell() > self.size:
                        return  # too long to be right; pooch's check refuses it
                    if self.deadline is not None and time.monotonic() > self.deadline:
                        raise DataError("too slow for now")


def _open(url: str, have: int) -> Response:
    """Start a request within CONNECT_S seconds.

    It runs in a thread because looking up a name has no timeout of its own.
    """
    import requests

    # "identity": a server that packs on the fly would make positions in the file meaningless
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    return _within(
        CONNECT_S + 1,
        lambda: requests.get(url, headers=headers, stream=True, timeout=(CONNECT_S, READ_S)),
    )


def _within(seconds: float, call: Callable[[], Response]) -> Response:
    """The result of a call, or DataError when it takes too long (the thread is left to end by itself)."""
    outcome: list[Response | Exception] = []

    def run() -> None:
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="mashq-download")
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise DataError(f"no answer within {seconds:.0f} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
