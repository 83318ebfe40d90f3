"""Each test gets an empty cache, no data folder and no network; small datasets pass for the real ones."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mashq.datasets import _cache, _choose, _status, hoda
from mashq.datasets._sources import HODA, MNIST
from mashq.datasets.standins import hoda_standin, mnist_standin
from tests.support.datasets import HODA_COURSE, REAL_DATA, Published, Server, Use, publish, raw_file, serving


@pytest.fixture(autouse=True)
def isolate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MASHQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    monkeypatch.delenv("MASHQ_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(_choose, "_failed_downloads", {})
    monkeypatch.setattr(_choose, "_noticed", set())
    monkeypatch.setattr(_cache, "_in_memory", {})


@pytest.fixture(scope="session")
def real_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the decoded real data, made once."""
    if not REAL_DATA:
        pytest.skip("MASHQ_DATA names no folder with the real data")
    return _filled_cache(tmp_path_factory.mktemp("real"), MASHQ_DATA=REAL_DATA)


@pytest.fixture(scope="session")
def stand_in_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the stand-ins, made once."""
    return _filled_cache(tmp_path_factory.mktemp("standin"))


def _filled_cache(folder: Path, **environment: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASHQ_CACHE", str(folder))
        patch.setenv("MASHQ_OFFLINE", "1")
        patch.delenv("MASHQ_DATA", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        # MNIST's stand-in takes seconds in full; `test_standins.py` makes the full one
        splits = {"train": (4_000, 5_000), "validation": (400, 1_000), "hidden": (600, 1_000)}
        patch.setattr(mnist_standin, "SPLITS", splits)
        _status.prepare()
    return folder


@pytest.fixture
def real(real_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASHQ_CACHE", str(real_cache))


@pytest.fixture
def stand_in(stand_in_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASHQ_CACHE", str(stand_in_cache))


@pytest.fixture(params=["real", "stand-in"])
def either(request: pytest.FixtureRequest) -> str:
    """Runs a test with the real data and with the stand-ins."""
    request.getfixturevalue("real" if request.param == "real" else "stand_in")
    return str(request.param)


@pytest.fixture
def small_stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins that are made in no time."""
    monkeypatch.setattr(hoda_standin, "COUNTS", {"course": 1_300, "hidden": 100})
    splits = {"train": (4_000, 50), "validation": (400, 10), "hidden": (600, 20)}
    monkeypatch.setattr(mnist_standin, "SPLITS", splits)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Lets MASHQ_DATA name a folder."""
    return lambda folder: monkeypatch.setenv("MASHQ_DATA", str(folder))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def small_hoda_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A MATLAB file like Hoda's: 1,300 + 5,000 images of 6 x 4 pixels; image i shows i in binary digits."""
    from scipy.io import savemat

    n = HODA_COURSE + hoda.HIDDEN
    numbers = np.arange(n)
    bits = (numbers[:, None] >> np.arange(24)) & 1
    images = np.empty((n, 1), dtype=object)
    for i, row in enumerate(bits):
        images[i, 0] = (row * 255).astype(np.uint8).reshape(6, 4)
    path = tmp_path_factory.mktemp("hoda") / "Data_hoda_full.mat"
    savemat(
        path, {"Data": images, "labels": ((numbers + 6) % 10).astype(np.uint8)[:, None]}, do_compression=True
    )
    return path.read_bytes()


@pytest.fixture
def small_hoda(small_hoda_file: bytes, monkeypatch: pytest.MonkeyPatch) -> Published:
    path = HODA.files[0].path
    published = Published(replace(HODA, files=(raw_file(path, small_hoda_file),)), {path: small_hoda_file})
    publish(published.dataset, monkeypatch)
    return published


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> Published:
    """MNIST's four files with 60 training and 20 test images; pixels of image i are i, its label i % 10."""
    files, contents = [], {}
    for file in MNIST.files:
        n = 20 if "t10k" in file.path else 60
        images = "images" in file.path
        numbers = np.arange(n, dtype=np.uint8)
        if images:
            plain = struct.pack(">4i", 2051, n, 28, 28) + np.repeat(numbers, 784).tobytes()
        else:
            plain = struct.pack(">2i", 2049, n) + (numbers % 10).tobytes()
        packed = gzip.compress(plain)
        files.append(raw_file(file.path, plain, packed=raw_file(f"{file.path}.gz", packed)))
        contents[f"{file.path}.gz"] = packed
    published = Published(replace(MNIST, files=tuple(files)), contents)
    publish(published.dataset, monkeypatch)
    return published


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server; with it downloads are allowed."""
    monkeypatch.delenv("MASHQ_OFFLINE")
    state = Server({})
    with serving(state):
        yield state
