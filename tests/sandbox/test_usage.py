"""What the warm process counts of the memory that a submission takes."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

import pytest

from mashq.sandbox.inside import usage

pytestmark = pytest.mark.quick

MANY = 10**6  # bytes, more than connections of other tests leave waiting meanwhile


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """In place of the fixture that starts sandboxes: nothing is run here."""


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_what_waits_in_a_connection_counts(
    family: socket.AddressFamily, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also once the end that wrote it is closed; nothing of it once nobody can read it any more."""
    monkeypatch.setattr(usage, "SOCKETS", 10**6)  # how many sockets this machine has is not asked here
    before = usage.sockets_bytes(os.getpid())
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((host, 0))
        server.listen()
        client.connect(server.getsockname()[:2])
        client.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                client.send(bytes(100_000))
        assert usage.sockets_bytes(os.getpid()) > before + MANY
        client.close()
        assert usage.sockets_bytes(os.getpid()) > before + MANY
        server.accept()[0].close()
        assert usage.sockets_bytes(os.getpid()) < before + MANY
