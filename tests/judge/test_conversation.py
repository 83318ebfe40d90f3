"""What is said to a kernel, and what is left of that."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mashq.judge.session.clock import Budget
from mashq.judge.session.conversation import KernelLostError, run_cell
from mashq.problems import Sentence

pytestmark = pytest.mark.quick


class Client:
    """Of nbclient, as far as it counts: what looks after the kernel goes on when a cell fails."""

    flooded = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    def begin_cell(self) -> None:
        """Nothing has been written."""

    async def async_execute_cell(self, *_: Any, **__: Any) -> None:
        self.poller = asyncio.ensure_future(asyncio.sleep(600))
        await asyncio.sleep(0)
        raise self._error


@pytest.mark.parametrize("error", [DeadKernelError("gone"), CellTimeoutError("late")])
def test_nothing_goes_on_after_a_cell(error: Exception) -> None:
    """Or Python says later, on the terminal, that a task was destroyed while it was pending."""
    client = Client(error)
    kernel: Any = SimpleNamespace(
        client=client,
        cpu_seconds=float,
        sleeps=bool,
        was_killed=bool,
        why_it_died=lambda: Sentence.plain("gone"),
    )
    cell = nbformat.v4.new_code_cell("1")
    with pytest.raises(KernelLostError):
        run_cell(kernel, cell, 0, 1, 10.0, Budget(10.0))
    assert client.poller.cancelled()
