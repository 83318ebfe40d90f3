"""Downloading raw files into the cache: mirrors, SHA-256 (by pooch), going on where a download stopped."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mashq.datasets import _cache, _raw
from mashq.datasets._sources import Dataset, RawFile
from mashq.errors import DataError

if TYPE_CHECKING:
    from requests import Response

READ_S = 20.0  # longest pause of a running download
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Patience:
    """How long a download may take."""

    connect_s: float  # for one mirror to answer, looking up its name and all
    total_s: float  # for all files of a dataset


BRIEF = Patience(connect_s=3, total_s=60)  # started by a loader: a notebook without network must not hang
LONG = Patience(connect_s=15, total_s=float("inf"))  # asked for by `fetch`


def offline() -> bool:
    """Whether `MASHQ_OFFLINE` forbids downloads."""
    return os.environ.get("MASHQ_OFFLINE", "").strip().lower() not in {"", "0", "false", "no"}


def download(dataset: Dataset, patience: Patience = LONG, *, progress: bool = True) -> Path:
    """Get all files of a dataset into the raw folder of the cache and return that folder.

    Files that are there and right are kept; a file that stopped half-way goes on from there.
    Raises DataError, which says what to do, when a file cannot be had or saved.
    """
    folder = _cache.root() / "raw"
    deadline = time.monotonic() + patience.total_s
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder / f".{dataset.name}.lock", deadline):
            for file in dataset.files:
                if _is_right(file, folder):
                    continue
                if offline():
                    raise DataError(
                        f"{dataset.title} is not here and MASHQ_OFFLINE forbids downloads. Unset it and run "
                        "`mashq data fetch`, or put the files in a folder and name it in MASHQ_DATA."
                    )
                # a damaged plain file would go before the packed one that comes now
                (folder / file.path).unlink(missing_ok=True)
                _download_file(dataset, file.packed or file, folder, patience, deadline, progress)
    except OSError as error:
        raise DataError(
            f"Cannot write to {folder} ({error}). Make room there, or name another folder in MASHQ_CACHE."
        ) from None
    return folder


@contextmanager
def _one_at_a_time(lock: Path, deadline: float) -> Iterator[None]:
    """Let one process download at a time; the next one then finds the files there."""
    with lock.open("w") as file:
        while not _locked(file):
            if time.monotonic() > deadline:
                raise DataError("Another process is still downloading the files. Wait, then try again.")
            time.sleep(0.1)
        yield


def _locked(file: IO[str]) -> bool:
    """Whether the lock is ours, until the file is closed."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        # Windows, or a file system without locks: two downloads at once fail the checksum and start again
        return True
    return True


def _is_right(file: RawFile, folder: Path) -> bool:
    try:
        _raw.checked(file, folder)
    except DataError:
        return False
    return True


def _download_file(
    dataset: Dataset, file: RawFile, folder: Path, patience: Patience, deadline: float, progress: bool
) -> None:
    """Try the mirrors one after another; raises DataError when all fail."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # its notes repeat what the progress bar shows
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    reasons = []
    for url in file.urls:
        again = part.exists()  # wrong content may come from an old part: then once more from the start
        while True:
            try:
                # pooch compares the SHA-256 and moves the file into place only when it is right
                pooch.retrieve(
                    url,
                    known_hash=f"sha256:{file.sha256}",
                    fname=target.name,
                    path=target.parent,
                    downloader=_Resuming(part, file.size, patience.connect_s, deadline, progress),
                )
                return
            except (OSError, DataError) as error:  # those of requests are OSErrors
                reasons.append(f"  {url}: {_short(error)}")
                break
            except ValueError:
                if not again:
                    reasons.append(f"  {url}: wrong content (its SHA-256 is not the published one)")
                    break
                again = False
        if time.monotonic() > deadline:
            break
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

    def __init__(self, part: Path, size: int, connect_s: float, deadline: float, progress: bool) -> None:
        self.part, self.size, self.connect_s = part, size, connect_s
        self.deadline, self.progress = deadline, progress

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
        from tqdm import tqdm

        with _open(url, have, self.connect_s) as response:
            response.raise_for_status()
            start = have if response.status_code == 206 else 0
            self._check_length(response, start)
            with (
                self.part.open("ab" if start else "wb") as file,
                tqdm(
                    desc=self.part.stem,
                    initial=start,
                    total=self.size,
                    unit="B",
                    unit_scale=True,
                    disable=not self.progress,
                ) as bar,
            ):
                for chunk in response.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    bar.update(len(chunk))
                    if time.monotonic() > self.deadline:
                        raise DataError("the network is too slow to wait here")

    def _check_length(self, response: Response, start: int) -> None:
        """Refuse what cannot be the file, such as the log-in page of a network, before it spoils the part."""
        length = response.headers.get("Content-Length")
        if length is not None and start + int(length) != self.size:
            raise DataError(f"offers {start + int(length):,} bytes instead of {self.size:,}")


def _open(url: str, have: int, connect_s: float) -> Response:
    """Start a request and wait at most `connect_s` seconds for its headers.

    It runs in a thread because looking up a name has no timeout of its own.
    """
    import requests

    # "identity": with a server that packs on the fly, places in the file would mean nothing
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    return _within(
        connect_s, lambda: requests.get(url, headers=headers, stream=True, timeout=(connect_s, READ_S))
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
        raise DataError(f"no answer within {seconds:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
