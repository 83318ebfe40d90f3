"""Looking at other processes, and waiting for what they do."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psutil

PATIENCE_S = 180.0  # for a state that comes in seconds on an idle machine

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, patience_s: float = PATIENCE_S) -> T:
    """The first value of `condition()` that is not empty."""
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s for {what}"
        time.sleep(0.05)
    return value


def children(pid: int, recursive: bool = False) -> list[psutil.Process]:
    """The processes that a process has started; none when it is gone.

    recursive : also those that these have started
    """
    with suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=recursive)
    return []


def words(process: psutil.Process | None) -> list[str]:
    """The command line of a process; nothing when it is gone."""
    with suppress(psutil.Error):
        return process.cmdline() if process is not None else []
    return []
