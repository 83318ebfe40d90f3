"""Ctrl-C and SIGTERM: both end a command in the same orderly way, and neither is ever lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, as a service manager or `kill` sends it; it ends a command as Ctrl-C does."""


class _State:
    """What has arrived; there is one for the process, as there is one set of signal handlers."""

    asked: KeyboardInterrupt | None = None  # to stop
    held = 0  # how many `held` blocks the main thread is in
    blocks = 0  # how many `stoppable` blocks it is in


def exit_code(stop: KeyboardInterrupt) -> int:
    """What a shell would say of a command that was stopped in this way."""
    return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block on Ctrl-C, and its kin Terminated on SIGTERM.

    In `held` blocks they wait. A signal that the process was told to ignore stays ignored. Outside the main
    thread, where no signal arrives, this changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in STOPPING}
    _State.blocks += 1
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _State.blocks -= 1
        if not _State.blocks:
            _State.asked = None


@contextmanager
def held() -> Iterator[None]:
    """Let a signal wait until the block has ended, also where it ends with an error."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.held += 1
    try:
        yield
    finally:
        _State.held -= 1
        stop_if_asked()


def stop_if_asked() -> None:
    """Raise what has arrived; also what was raised before, and swallowed by somebody's clean-up."""
    if _State.asked is not None and not _State.held:
        raise _State.asked


def end_with_the_command() -> None:
    """In a process of `multiprocessing`: end it once the command that started it is gone, even killed."""
    command = multiprocessing.parent_process()
    assert command is not None

    def follow() -> None:
        command.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _stop(number: int, _: FrameType | None) -> None:
    _State.asked = Terminated() if number == signal.SIGTERM else KeyboardInterrupt()
    stop_if_asked()
