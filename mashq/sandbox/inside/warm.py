"""The warm process's work: it forks a kernel for the grader, watches it, and ends it."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from contextlib import suppress
from typing import Any

from mashq.sandbox import channel
from mashq.sandbox.inside.clean_up import SCRATCH, SHARED_MEMORY, clear_leftovers, reap
from mashq.sandbox.inside.kernel import run_kernel
from mashq.sandbox.inside.usage import (
    fair_bytes,
    files_bytes,
    kernel_bytes,
    locks_bytes,
    other_processes,
    own_bytes,
    runnable_threads,
    sockets_bytes,
    threads_of,
    used_by,
)

WATCH_S = 0.1  # how often memory and files are looked at; one process fills about 2 GB in a second
SLOW_S = 1.0  # how often what takes a millisecond for each process is: Linux's own memory, who wants a core
CROWD, CROWD_LOOKS = 2, 3  # more runnable threads than that for each core, in so many looks, are a crowd
LEAVE_S = 1.0  # for processes that a killed kernel leaves behind to be gone
MB = 2**20


class WarmProcess:
    """Serves the grader's requests: start a kernel, signal it, end it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._kernel = 0  # its process id in here; 0 when there is none
        self._pidfd = -1
        self._quota: dict[str, int] = {}
        self._before = own_bytes(os.getpid())
        self._count = 0
        self._files = 0.0  # bytes, the most that the kernel's files took at a time
        self._linux = 0.0  # bytes that Linux keeps for its processes, and when they were counted last
        self._linux_seen = 0.0
        self._crowd = 0  # looks in a row in which the processes were a crowd

    def serve(self) -> None:
        """Answer requests; between them, watch the kernel."""
        while True:
            ready = self._selector.select(WATCH_S if self._kernel else None)
            for key, _ in ready:
                if key.fileobj is self._sock:
                    request, _, descriptors = channel.receive(self._sock)
                    self._answer(request, descriptors)
                elif self._kernel:
                    self._end()
            reap(self._kernel)
            if self._kernel and self._used_bytes() > self._quota["memory_mb"] * MB:
                self._end(over="memory_mb")

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> None:
        kind = request["do"]
        if kind == "kernel":
            self._start(request, descriptors)
        elif kind == "signal" and self._kernel:
            os.kill(self._kernel, int(request["number"]))
        elif kind == "end" and self._kernel:  # else it has ended by itself, and we said so
            self._end()

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        self._count += 1
        self._quota = request["quota"]
        pid = os.fork()
        if pid == 0:
            self._sock.close()
            self._selector.close()
            run_kernel(
                SCRATCH / str(self._count), request, socket.socket(fileno=descriptors[0]), descriptors[1:]
            )
        for descriptor in descriptors:
            os.close(descriptor)
        self._kernel, self._pidfd, self._files = pid, os.pidfd_open(pid), 0.0
        self._linux, self._linux_seen, self._crowd = 0.0, time.monotonic(), 0
        self._selector.register(self._pidfd, selectors.EVENT_READ)

    def _end(self, over: str = "") -> None:
        """End the kernel if it has not ended, clear what it left, and report: once for each kernel.

        over : the limit of the quota that it broke; empty when the grader asked for it or it ended by itself
        """
        self._used_bytes()  # of files, once more
        others_cpu_s, others_mb = used_by(pid for pid in other_processes() if pid != self._kernel)
        with suppress(ProcessLookupError):
            os.kill(self._kernel, signal.SIGKILL)  # our own child, not yet waited for: the number is its own
        _, status, used = os.wait4(self._kernel, 0)
        self._selector.unregister(self._pidfd)
        os.close(self._pidfd)
        self._kernel, self._pidfd = 0, -1
        left = clear_leftovers(patience_s=0 if over else LEAVE_S)
        ended = {
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": used.ru_utime + used.ru_stime + others_cpu_s,
            "peak_mb": max(used.ru_maxrss / 1024, others_mb),
            "disk_mb": self._files / MB,
        }
        channel.send(self._sock, {"ended": ended, "left": left, "over": over})
        if left:
            raise SystemExit  # and all that is left in here dies with us; nobody uses this sandbox again

    def _part_from_others(self, processes: list[int]) -> None:
        """Keep a crowd of busy processes to one core, so that the notebooks beside it have the others.

        They cannot undo it: the kernel's filter makes `sched_setaffinity` do nothing.
        """
        cores = os.sched_getaffinity(0)
        if self._crowd < CROWD_LOOKS:
            crowded = runnable_threads(processes) > CROWD * len(cores) + 1
            self._crowd = self._crowd + 1 if crowded else 0
        if self._crowd >= CROWD_LOOKS:
            for pid in processes:
                for thread in threads_of(pid):
                    with suppress(OSError):  # gone
                        os.sched_setaffinity(thread, {max(cores)})

    def _used_bytes(self) -> float:
        """What the kernel and all that it started take: own memory, files, sockets, what Linux keeps."""
        others = other_processes()
        files = sum(files_bytes(folder) for folder in (SCRATCH, SHARED_MEMORY))
        self._files = max(self._files, files)
        if time.monotonic() > self._linux_seen + SLOW_S:
            self._linux = locks_bytes() + sum(map(kernel_bytes, others))
            self._linux_seen = time.monotonic()
            self._part_from_others(others)
        used = files + sockets_bytes(self._kernel) + self._linux
        at_most = used + sum(map(own_bytes, others))  # counts what they share with us once for each
        if at_most <= self._quota["memory_mb"] * MB:
            return at_most
        return used + sum(map(fair_bytes, [*others, os.getpid()])) - self._before
