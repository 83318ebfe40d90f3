"""Record what a command draws on a terminal, and show a moment of it as a web page.

The command runs on a real terminal of the kernel (a pty); pyte keeps the screen as a terminal emulator would.
"""

from __future__ import annotations

import fcntl
import html
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pyte

COLUMNS, LINES = 110, 400  # so high that nothing scrolls away
FRAME_S = 0.25  # seconds between two frames that are kept
COLOURS = {
    "default": "#d8dee6", "black": "#5c6773", "red": "#ff7b72", "green": "#7ee787", "brown": "#e3b341",
    "blue": "#79c0ff", "magenta": "#d2a8ff", "cyan": "#76e3ea", "white": "#f0f6fc",
}  # fmt: skip
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #10151c; display: table }}
pre {{ margin: 0; padding: 14px 18px; color: #d8dee6; font: 15px/normal "DejaVu Sans Mono", monospace }}
</style><pre>{}</pre>"""

Frame = list[str]  # lines of a screen as HTML, without the empty ones at the end


def record(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_s: float
) -> list[Frame]:
    """The frames of a command's run; the last one is the end.

    Raises RuntimeError, with the end of the screen, when the command fails or takes too long.
    """
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    settings = os.environ | {"TERM": "xterm-256color", **environment}
    process = subprocess.Popen(
        command, cwd=folder, env=settings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    frames: list[Frame] = []
    kept = deadline = time.monotonic()
    deadline += timeout_s
    try:
        for data in _output(ours):
            if time.monotonic() > deadline:
                break
            stream.feed(data)
            if time.monotonic() - kept > FRAME_S:
                frames.append(_frame(screen))
                kept = time.monotonic()
        if process.wait(max(0.0, deadline - time.monotonic())):
            raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{_last_words(screen)}")
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"{' '.join(command)}: not done after {timeout_s:g} s") from late
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return [*frames, _frame(screen)]


def page(lines: Frame) -> str:
    """A web page that shows these lines as a terminal does."""
    return PAGE.format("\n".join(lines))


def plain(line: str) -> str:
    """A frame's line without its colours."""
    return html.unescape(re.sub(r"<[^>]+>", "", line))


def _output(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that nobody holds the other end any more
            return
        if not data:
            return
        yield data


def _frame(screen: pyte.Screen) -> Frame:
    used = max((row for row, line in enumerate(screen.display) if line.strip()), default=-1)
    return [_line(screen, row) for row in range(used + 1)]


def _line(screen: pyte.Screen, row: int) -> str:
    cells = [screen.buffer[row][column] for column in range(len(screen.display[row].rstrip()))]
    parts = []
    for (colour, bold), group in groupby(cells, key=lambda cell: (cell.fg, cell.bold)):
        text = html.escape("".join(cell.data for cell in group))
        shade = COLOURS.get(colour.removeprefix("bright"), f"#{colour}")
        weight = ";font-weight:bold" if bold else ""
        parts.append(f'<span style="color:{shade}{weight}">{text}</span>')
    return "".join(parts)


def _last_words(screen: pyte.Screen) -> str:
    return "\n".join([line.rstrip() for line in screen.display if line.strip()][-20:])
