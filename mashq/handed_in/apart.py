"""Work on what students handed in, in a process that can be ended: for what may take long, or much memory.

Most of what is handed in is small and is worked on where it is. For the rest one process is started, and kept
for the next. What it is asked comes from here and may be any Python object; what it answers is JSON.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import IO, Any, NoReturn

MEMORY_MB = 3072  # that the process may take
PATIENCE_S = 60.0  # until it is ended, besides ten times what it may compute: the machine may be busy
LENGTH = struct.Struct(">Q")  # before each message
TOO_LONG, TOO_LARGE = "time", "memory"


class TooMuchError(Exception):
    """Something handed in takes too long, or too much memory, to be worked on."""


class _OutOfTimeError(BaseException):
    """Raised in the process where its time is up; no library catches it."""


class Apart:
    """The process; it is started when it is first asked, and again when it was ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # who started it; a fork of that process must start its own

    def ask(self, function: str, *arguments: Any, seconds: float) -> Any:
        """What a function gives, as JSON has it.

        function : "module:name"
        seconds : that it may compute

        Raises TooMuchError where it took more, or too much memory, or failed.
        """
        question = pickle.dumps((function, arguments, seconds))
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            end = threading.Timer(PATIENCE_S + 10 * seconds, process.kill)
            end.daemon = True
            end.start()
            try:
                _write(process.stdin, question)
                answer = _read(process.stdout)
            except OSError:
                answer = None
            finally:
                end.cancel()
            done, value = json.loads(answer) if answer is not None else (False, TOO_LONG)
            if answer is None or (not done and value == TOO_LARGE):
                self._end()
            if not done:
                raise TooMuchError(value)
            return value

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            # -P: no module is taken from the folder that the command was started in
            command = [sys.executable, "-P", "-m", __name__]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._process, self._owner = subprocess.Popen(command, **pipes), os.getpid()  # type: ignore[call-overload]
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_apart = Apart()
ask = _apart.ask
atexit.register(_apart.close)


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(LENGTH.pack(len(message)) + message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    """The next message; None at the end."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    message = pipe.read(length)
    return message if len(message) == length else None


# -- in the process ---------------------------------------------------------------------------------------


def serve() -> None:
    """Answer questions until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit_memory()
    while (question := _read(sys.stdin.buffer)) is not None:
        function, arguments, seconds = pickle.loads(question)  # noqa: S301  # of whoever started this
        del question  # which may be large
        answer = _answer(function, arguments, seconds)
        _write(answers, json.dumps(answer).encode())


def _answer(function: str, arguments: tuple[Any, ...], seconds: float) -> tuple[bool, Any]:
    """Whether it could be done, and what came of it."""
    module, _, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)  # before the time counts
    try:
        _begin_to_count(seconds)
        return True, call(*arguments)
    except _OutOfTimeError:
        return False, TOO_LONG
    except MemoryError:
        return False, TOO_LARGE
    except Exception as error:
        return False, type(error).__name__
    finally:
        _stop_counting()


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        most = MEMORY_MB * 2**20
        with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _begin_to_count(seconds: float) -> None:
    """Raise an error when this much has been computed; where C code does not hear of it, end soon after."""
    if sys.platform != "win32":
        import resource

        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)  # again, where a library loses the error
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + 2 * seconds) + 3, most))


def _stop_counting() -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(*_: object) -> NoReturn:
    raise _OutOfTimeError


if __name__ == "__main__":
    serve()
