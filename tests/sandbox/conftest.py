"""Fixtures: warm kernels with small quotas, and a look around after each attack."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mashq import datasets
from mashq.judge.session import clock
from mashq.sandbox import Kernels, kernels
from mashq.sandbox.provisioner import SandboxKernels
from tests.support.attack import SMALL, folders_left, processes_of, strays


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walls are made of Linux."""
    if platform.system() != "Linux":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="the sandbox needs Linux"))


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that do not stop are killed sooner than in earnest."""
    monkeypatch.setattr(clock, "GRACE_S", 1.0)
    monkeypatch.setattr(clock, "PATIENCE", 1)


@pytest.fixture(scope="package")
def course_data() -> Path:
    """The datasets' course parts, real or stand-ins."""
    datasets.prepare()
    return datasets.course_folder()


@pytest.fixture(scope="package")
def full(course_data: Path) -> Iterator[Kernels]:
    """Kernels behind all walls, with warm sandboxes that the tests share."""
    made = kernels("full", course_data, SMALL)
    yield made
    made.close()


@pytest.fixture(scope="package")
def fresh(course_data: Path) -> Iterator[Kernels]:
    """Kernels as on a machine without Landlock: bubblewrap anew for each."""
    made = kernels("bubblewrap", course_data, SMALL)
    yield made
    made.close()


@pytest.fixture(params=["full", "bubblewrap"])
def either(request: pytest.FixtureRequest) -> Kernels:
    """Both kinds of walls, one after the other."""
    source: Kernels = request.getfixturevalue("full" if request.param == "full" else "fresh")
    return source


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test no process and no folder of its sandboxes is left, and this process is no bigger."""
    sources = [
        source
        for name in ("full", "fresh")
        if isinstance(source := request.getfixturevalue(name), SandboxKernels)
    ]
    this = psutil.Process()
    before, children = this.memory_info().rss, {p.pid for p in processes_of(this.pid)[1:]}
    waiting = {p.pid for source in sources for s in source._waiting for p in processes_of(s.pid)}
    yield
    assert strays(sources, sorted(children - waiting)) == []
    assert folders_left() == []
    assert this.memory_info().rss - before < 500 * 2**20
