"""Ctrl-C and SIGTERM, sent to the process that tests: each is raised once it may be, and none is lost."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest

from mashq.errors import RecordError
from mashq.grading.signals import Terminated, exit_code, held, stop_if_asked, stoppable


def send(number: signal.Signals) -> None:
    """To this process; Python handles it before the next statement."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_block_with_the_exit_code_of_shells(number: signal.Signals, code: int) -> None:
    """Afterwards signals mean what they meant before."""
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt) as stopped, stoppable():
        send(number)
    assert exit_code(stopped.value) == code
    assert signal.getsignal(number) is before


def test_a_held_signal_waits_until_what_is_written_is_whole() -> None:
    """A second one, too."""
    written = []

    def write() -> None:
        with held():
            send(signal.SIGINT)
            send(signal.SIGTERM)
            written.append("whole")

    with pytest.raises(Terminated), stoppable():
        write()
    assert written == ["whole"]


def test_a_held_signal_is_not_lost_when_the_write_fails() -> None:
    """As it does while another program has the gradebook locked."""

    def write() -> None:
        with suppress(RecordError), held():
            send(signal.SIGINT)
            raise RecordError("locked")

    with pytest.raises(KeyboardInterrupt), stoppable():
        write()


def swallow(number: signal.Signals) -> None:
    """Get a signal where nobody hears of it, as in `__del__`."""
    with suppress(KeyboardInterrupt), stoppable():
        send(number)


def run_on() -> None:
    """What a run does after its signal was swallowed."""
    swallow(signal.SIGTERM)
    stop_if_asked()


def test_a_signal_that_was_swallowed_is_raised_again() -> None:
    """Also out of a block within; what was asked is forgotten with the outermost block."""
    with pytest.raises(Terminated), stoppable():
        run_on()
    with stoppable():
        stop_if_asked()


def test_an_ignored_signal_stays_ignored() -> None:
    """As of a command that a shell started in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable():
            send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
