"""Messages over a socket pair between the grader and the sandbox: a JSON header, blobs, descriptors.

Both ends use this file. The grader trusts no more of a reply than that it is JSON of bounded size.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

MAX_HEADER_BYTES = 2**20
MAX_DESCRIPTORS = 8


class ChannelClosedError(ConnectionError):
    """The other end is gone."""


def send(
    sock: socket.socket, header: dict[str, Any], blobs: Sequence[bytes] = (), descriptors: Sequence[int] = ()
) -> None:
    """Send one message; descriptors arrive as copies."""
    text = json.dumps(header | {"blobs": [len(blob) for blob in blobs]}).encode()
    try:
        socket.send_fds(sock, [struct.pack("!I", len(text))], list(descriptors))
        sock.sendall(text)
        for blob in blobs:
            sock.sendall(blob)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ChannelClosedError(str(error)) from error


def receive(sock: socket.socket, max_blob_bytes: int = 0) -> tuple[dict[str, Any], list[bytes], list[int]]:
    """Wait for one message: its header, blobs (of so many bytes together at most) and descriptors.

    Raises ChannelClosedError at the end of the stream, ValueError on what is no message, TimeoutError after
    the socket's own time limit.
    """
    size, descriptors, _, _ = socket.recv_fds(sock, 4, MAX_DESCRIPTORS)
    length = struct.unpack("!I", size + _exactly(sock, 4 - len(size)))[0]
    if length > MAX_HEADER_BYTES:
        raise ValueError("the message is too long")
    header = json.loads(_exactly(sock, length))
    if not isinstance(header, dict):
        raise ValueError("the message is no object")
    sizes = [int(size) for size in header.pop("blobs", [])]
    if sum(sizes) > max_blob_bytes or any(size < 0 for size in sizes):
        raise ValueError("the message is too long")
    blobs = [_exactly(sock, size) for size in sizes]
    return header, blobs, list(descriptors)


def _exactly(sock: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = sock.recv(min(count - len(parts), 2**20))
        if not part:
            raise ChannelClosedError("the other end is gone")
        parts += part
    return bytes(parts)
