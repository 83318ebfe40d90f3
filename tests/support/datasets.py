"""Small datasets that pass for the published ones, and a web server that gives them out."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mashq.datasets import _status, hoda, mnist
from mashq.datasets._sources import DATASETS, Dataset, RawFile

REAL_DATA = os.environ.get("MASHQ_DATA")  # as it was before the tests of datasets take it away
HODA_COURSE = 1_300  # images of the small Hoda that notebooks may load
Use = Callable[[Path], None]


def raw_file(path: str, content: bytes, packed: RawFile | None = None) -> RawFile:
    return RawFile(path, hashlib.sha256(content).hexdigest(), len(content), packed=packed)


@dataclass
class Published:
    """A small dataset, as if it were the published one."""

    dataset: Dataset
    contents: dict[str, bytes]  # path -> content, in the form in which it is published

    def save(self, folder: Path) -> Path:
        for path, content in self.contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    def on(self, *bases: str) -> Dataset:
        """The dataset with these servers as mirrors."""
        files = []
        for file in self.dataset.files:
            published = replace(
                file.packed or file, urls=tuple(f"{base}/{(file.packed or file).path}" for base in bases)
            )
            files.append(replace(file, packed=published) if file.packed else published)
        return replace(self.dataset, files=tuple(files))


def publish(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package take this dataset for the published one of its name."""
    module, constant = (hoda, "HODA") if dataset.name == "hoda" else (mnist, "MNIST")
    recipe = replace(module.RECIPE, dataset=dataset)
    monkeypatch.setattr(module, constant, dataset)
    monkeypatch.setattr(module, "RECIPE", recipe)
    monkeypatch.setitem(_status._RECIPES, dataset.name, recipe)
    monkeypatch.setitem(DATASETS, dataset.name, dataset)


@dataclass
class Server:
    """A web server on this machine that can misbehave."""

    files: dict[str, bytes]
    cut_after: int | None = None  # bytes of a body, then the connection ends
    ranges: bool = True  # whether it knows the Range header
    silent: bool = False  # accepts connections and never answers
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # (path, Range)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(state: Server) -> Iterator[None]:
    """The server runs, on a port of the system's choice, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append((self.path, wanted))
            if state.silent:
                state.released.wait(30)
                return
            body = state.files.get(self.path.lstrip("/"))
            if body is None:
                self.send_error(404)
                return
            if wanted and state.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
                body = body[start:]
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: state.cut_after])

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        state.released.set()
        listening.shutdown()
        thread.join()
        listening.server_close()
