"""Tests marked `quick`, which `make quick` runs: they start no process, and this holds them to it."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from multiprocessing.process import BaseProcess
from typing import Any, NoReturn
from unittest import mock

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Refuse to start a process while a quick test runs, or a fixture that it is the first to need."""
    if item.get_closest_marker("quick") is None or item.get_closest_marker("process") is not None:
        return (yield)
    with mock.patch.object(subprocess, "Popen", refuse), mock.patch.object(BaseProcess, "start", refuse):
        return (yield)


def refuse(*_: object, **__: object) -> NoReturn:
    """Fail the running test."""
    pytest.fail("a quick test starts a process; mark it `process`")
