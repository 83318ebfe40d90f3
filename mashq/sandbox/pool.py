"""Warm sandboxes that wait for the next submission, one for each set of imports."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from mashq.sandbox.isolation import Isolation
from mashq.sandbox.limits import Quota
from mashq.sandbox.sandbox import Sandbox

KEEP = 3  # waiting at once: NumPy alone, PyTorch, TensorFlow; about 1.3 GB together


class SandboxPool:
    """Sandboxes of one grading process.

    isolation : FULL keeps sandboxes for the next submission, BUBBLEWRAP makes each anew
    keep : how many may wait; the one that was used longest ago goes first
    """

    def __init__(
        self,
        isolation: Isolation,
        environment: Mapping[str, str],
        course_data: Path | None,
        quota: Quota | None = None,
        keep: int = KEEP,
    ) -> None:
        self.isolation = isolation
        self._environment, self._course_data, self._quota = environment, course_data, quota
        self._keep = keep if isolation is Isolation.FULL else 0
        self._waiting: list[Sandbox] = []  # the one used last stands last
        self._lock = threading.Lock()

    def take(self, modules: Sequence[str]) -> Sandbox:
        """A sandbox with these modules imported, this caller's alone until given back.

        Raises SandboxError when a new one does not start.
        """
        with self._lock:
            for sandbox in reversed(self._waiting):
                if sandbox.modules == tuple(modules):
                    self._waiting.remove(sandbox)
                    if sandbox.is_alive():
                        return sandbox
                    sandbox.close()
        if not self._keep:
            modules = ()  # a process that is forked once gains nothing by importing early
        return Sandbox(modules, self.isolation, self._environment, self._course_data, self._quota)

    def give_back(self, sandbox: Sandbox) -> None:
        """Take a sandbox back after its kernel has ended; one that is not clean is thrown away."""
        with self._lock:
            if sandbox.clean:
                self._waiting.append(sandbox)
            else:
                sandbox.close()
            while len(self._waiting) > self._keep:
                self._waiting.pop(0).close()

    def close(self) -> None:
        """End all sandboxes that wait."""
        with self._lock:
            while self._waiting:
                self._waiting.pop().close()
