"""Workers of this machine: processes that hear of their work through pipes, so that no port is open."""

from __future__ import annotations

import gc
import multiprocessing
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from mashq.errors import MachineError
from mashq.grading.signals import end_with_the_command, held
from mashq.temporary.folders import remove_leftovers

Job = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


@contextmanager
def local_workers(number: int) -> Iterator[LocalWorkers]:
    """Start workers, which end with the block, at once, in the middle of a notebook, too.

    Raises MachineError when they do not start.
    """
    workers = LocalWorkers(number)
    try:
        workers.start()
        yield workers
    finally:
        with held():  # a second Ctrl-C would leave workers behind
            workers.close()
            remove_leftovers()


class LocalWorkers:
    """A number of processes; for each a thread here that gives it one job after the other.

    A worker that dies fails the job that it had, and another one takes its place.
    """

    def __init__(self, number: int) -> None:
        self.at_once = number
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._workers = [_Worker() for _ in range(number)]
        self._threads = [threading.Thread(target=self._serve, args=(one,)) for one in self._workers]
        self._closing = threading.Event()

    def start(self) -> None:
        """Start the processes, and then the threads: see `_Worker.start`."""
        for worker in self._workers:
            worker.start()
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._jobs.put((future, function, arguments))
        return future

    def require(self, say: Callable[[str], None]) -> None:
        """Nothing to see: a worker that is gone has another one in its place."""

    def close(self) -> None:
        """End all processes at once; what they were at has no result."""
        self._closing.set()
        for worker in self._workers:
            worker.kill()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _serve(self, worker: _Worker) -> None:
        while (job := self._jobs.get()) is not None and not self._closing.is_set():
            future, function, arguments = job
            try:
                worked, result = worker.ask(function, arguments)
            except Exception as error:  # whatever it is, the job's owner hears of it, and the thread goes on
                worked, result = False, error
            if self._closing.is_set():
                return
            if worked:
                future.set_result(result)
            else:
                future.set_exception(result)


class _Worker:
    """One process."""

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Connection | None = None
        self._killed = False

    def start(self) -> None:
        """Start it as a copy of this process where that is safe: all that it needs is imported then.

        It is on Linux, as long as there is no other thread, which could hold a lock that nobody would free
        in the copy.

        Raises MachineError when there is no process to be had.
        """
        alone = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if alone else "spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        try:
            with _signals_wait():
                self._process.start()
            if self._killed:  # meanwhile, by another thread
                self._process.kill()
        except OSError as error:
            ours.close()
            raise MachineError(
                f"a worker did not start ({error}); run the command again, with fewer --workers if this "
                "machine is busy"
            ) from error
        finally:
            theirs.close()  # so that the end of the process is the end of the pipe
        self._pipe = ours

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        """Have it call the function: (whether that worked, what it returned or raised).

        Raises MachineError when it died over it, or cannot be started.
        """
        if self._pipe is None:
            self.start()
        assert self._pipe is not None
        try:
            self._pipe.send((function, arguments))
            worked, result = self._pipe.recv()
        except (EOFError, OSError):
            self._pipe.close()
            self._pipe = None
            self._process.join()
            raise MachineError(f"the worker died ({_how(self._process.exitcode)})") from None
        return worked, result

    def kill(self) -> None:
        """End it: its sandboxes end with it."""
        self._killed = True
        if self._process is not None and self._process.pid is not None:
            self._process.kill()


def _how(code: int | None) -> str:
    """How a process ended, from its exit code."""
    with suppress(ValueError):
        if code is not None and code < 0:
            return signal.Signals(-code).name
    return f"exit code {code}"


@contextmanager
def _signals_wait() -> Iterator[None]:
    """A new process has this one's handlers of signals until it has set its own; none may arrive before."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in the worker ----------------------------------------------------------------------------------------


def _work(pipe: Connection) -> None:
    """Call what is asked for, until nobody asks any more."""
    gc.freeze()  # what was opened before the copy was made is the command's to close
    # Ctrl-C is for the command, which ends its workers. Not SIG_IGN, which kernels would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    end_with_the_command()
    with suppress(EOFError, OSError):
        while True:
            function, arguments = pipe.recv()
            try:
                reply = (True, function(*arguments))
            except Exception as error:
                reply = (False, error)
            try:
                pipe.send(reply)
            except OSError:
                raise
            except Exception as error:  # an exception that cannot be pickled
                pipe.send((False, MachineError(f"{reply[1]!r} ({error!r})")))
