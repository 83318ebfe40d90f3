"""Reading the kernel's messages at a bounded cost: the student's process may send what it likes.

A JSON text of a few bytes for each list or number takes forty times as much memory once it is read, and
seconds of ours. So a part that is long and full of such pieces is not read. Of printed text the beginning is.
"""

from __future__ import annotations

import json
import re
from typing import Any

SHORT_BYTES = 2**20  # what is shorter is read in any case: at most some 40 MB for some 30 ms
MANY_PIECES = 500_000  # lists, objects and what is in them
PRINTED = re.compile(rb'\s*\{\s*"name":\s*"(stdout|stderr)",\s*"text":\s*"')
# Takes the place of what is not read, whichever part of whichever message that is.
NOT_READ = {
    "msg_id": "",
    "msg_type": "",
    "status": "error",
    "ename": "MessageTooLarge",
    "evalue": "the kernel sent a message that is too large to be read",
    "traceback": [],
}


def unpack(part: bytes | str) -> Any:
    """One part of a message, such as its header or content; `NOT_READ` in place of what is too much."""
    data = part.encode() if isinstance(part, str) else bytes(part)
    if len(data) > SHORT_BYTES and sum(map(data.count, (b",", b":", b"[", b"{"))) > MANY_PIECES:
        return _beginning_of_printed(data) or dict(NOT_READ)
    try:
        return json.loads(data.decode("utf8", "replace"))
    except (ValueError, RecursionError):
        return dict(NOT_READ)


def _beginning_of_printed(data: bytes) -> dict[str, str]:
    """The first `SHORT_BYTES` of the text of a stream's message; empty where it is none."""
    begin = PRINTED.match(data)
    if begin is None:
        return {}
    text = data[begin.end() : begin.end() + SHORT_BYTES]
    escape = text.rfind(b"\\", len(text) - 12)  # may be cut in two, as may a letter of several bytes
    text = text[:escape] if escape >= 0 else text
    if (len(text) - len(text.rstrip(b"\\"))) % 2:
        text = text[:-1]
    try:
        return {"name": begin[1].decode(), "text": json.loads(f'"{text.decode("utf8", "ignore")}"')}
    except ValueError:
        return {}
