"""Processes that grade one notebook at a time: `local`, of this machine, or `cluster`, of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol


class Workers(Protocol):
    """What shares out the work knows of those who do it."""

    @property
    def at_once(self) -> int:
        """How many notebooks they grade at the same time."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a function of a module called by the next worker that is free, in the order of submission."""

    def require(self, say: Callable[[str], None]) -> None:
        """See that they are still there.

        say : told once when others must be waited for

        Raises MachineError when they are gone for good.
        """
