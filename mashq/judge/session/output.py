"""What is kept of a cell's output: a bounded part, from the beginning."""

from __future__ import annotations

import asyncio
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete

from mashq.language import gettext as _

CELLS_FULL, MIN_BYTES = 16, 10_000  # so many cells may write all that a cell may; then each only this much
# A cell that writes more than FLOOD times what is kept of one cell is interrupted. Short messages and short
# lines take nearly as long as long ones, so each counts for more than its letters.
FLOOD, MESSAGE_BYTES, LINE_BYTES = 32, 1500, 100
MAX_TRACE, MAX_TRACE_LINES = 10_000, 200  # letters and lines kept of a traceback
# The names of errors that the judge puts into a cell, and not the code in it.
OWN_ERRORS = ("TimeLimit", "KernelDied", "CellStopped", "CellTimeout")
HEADER, CONTENT = 1, 4  # places in a message as it comes over the socket


class BoundedOutput(NotebookClient):
    """A notebook client that keeps a bounded amount of output of each cell."""

    def __init__(self, nb: Any, max_bytes: int, **options: Any) -> None:
        super().__init__(nb, **options)
        self.on_cell_executed = _after_cell
        self._flood_bytes = FLOOD * max_bytes
        self._max_bytes = max_bytes
        self._left = CELLS_FULL * max_bytes  # for the cells to come
        self._seen = 0  # bytes of this cell's output, until it is cut off
        self._arrived = 0  # of all this cell's messages, each with its weight

    def begin_cell(self) -> None:
        """Start counting anew, for the next cell."""
        self._left -= min(self._seen, self._max_bytes)
        self._max_bytes = max(MIN_BYTES, min(self._max_bytes, self._left))
        self._seen = self._arrived = 0

    @property
    def full(self) -> bool:
        """Whether nothing more of this cell's output is kept."""
        return self._seen > self._max_bytes

    @property
    def flooded(self) -> bool:
        """Whether the cell has written so much that it is better stopped."""
        return self._arrived > self._flood_bytes

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """Take what the kernel publishes until the cell has ended.

        A cell may write faster than messages can be read. What is not kept is therefore not read either.
        """
        kc: Any = self.kc
        while True:
            parts = kc.session.feed_identities(await kc.iopub_channel.socket.recv_multipart())[1]
            lines = parts[CONTENT].count(b"\\n")
            self._arrived += sum(map(len, parts)) + MESSAGE_BYTES + LINE_BYTES * lines
            await asyncio.sleep(0)  # receiving does not wait while there are messages; others have a turn
            if self.full and b'"status"' not in parts[HEADER]:
                continue
            message = kc.session.deserialize(parts)
            if message["parent_header"].get("msg_id") == parent_msg_id:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    return

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        if self.full:
            return None
        content, room = msg["content"], self._max_bytes - self._seen
        size = _size(content)
        self._seen += size
        if size <= room:
            return super().output(outs, msg, display_id, cell_index)
        if msg["msg_type"] == "stream":
            content["text"] = content["text"][:room]
            super().output(outs, msg, display_id, cell_index)
        note = _("... output cut off after {size} kB ...").format(size=self._max_bytes // 1024)
        outs.append(nbformat.v4.new_output("stream", name="stdout", text=f"\n{note}\n"))
        return None

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """An update of what was shown counts for each place where it stands."""
        places = sum(map(len, self._display_id_map.get(display_id, {}).values()))
        self._seen += _size(msg["content"]) * places
        if not self.full:
            super()._update_display_id(display_id, msg)

    def handle_comm_msg(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Widgets' states are not kept: nobody looks at them, and they would fill our memory."""


def _size(content: Any) -> int:
    """About how many bytes a message's content takes in the notebook file."""
    if isinstance(content, dict):
        return sum(_size(value) for value in content.values())
    if isinstance(content, (list, tuple)):
        return sum(_size(item) for item in content)
    return len(content) if isinstance(content, str) else 8


def append_error(cell: Any, name: str, sentence: str) -> None:
    """Show an error of the judge's in a cell."""
    cell.outputs.append(
        nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])
    )


def _after_cell(cell: Any, execute_reply: dict[str, Any], **_: Any) -> None:
    _record_reply_error(cell, execute_reply)
    cell.outputs = _with_joined_streams(cell.outputs)


def _record_reply_error(cell: Any, execute_reply: dict[str, Any]) -> None:
    """Show an error that the kernel reports only in its reply, as where tracebacks are turned off."""
    content = execute_reply["content"]
    shown = [output.ename for output in cell.outputs if output.output_type == "error"]
    if content.get("status") == "error" and content["ename"] not in shown:
        name, value = (str(content[key])[:MAX_TRACE] for key in ("ename", "evalue"))
        trace = content.get("traceback") or [f"{name}: {value}"]
        trace = [str(line)[:MAX_TRACE] for line in trace[:MAX_TRACE_LINES]]
        cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=trace))


def _with_joined_streams(outputs: list[Any]) -> list[Any]:
    """The outputs with one text a stream, stdout before stderr where they touch.

    nbclient can do this, with a regular expression that takes minutes for a megabyte without a line break.
    """
    joined: list[Any] = []
    streams: dict[str, Any] = {}
    texts: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type != "stream":
            joined.append(output)
            continue
        if output.name not in streams:
            streams[output.name] = output
            joined.append(output)
        texts.setdefault(output.name, []).append(output.text)
    for name, stream in streams.items():
        stream.text = _without_overwritten("".join(texts[name]))
    for one in range(len(joined) - 1):
        if [output.get("name") for output in joined[one : one + 2]] == ["stderr", "stdout"]:
            joined[one], joined[one + 1] = joined[one + 1], joined[one]
    return joined


def _without_overwritten(text: str) -> str:
    """What is left to be seen of lines that were written over after a carriage return."""
    if "\r" not in text:
        return text
    lines = text.split("\n")
    return "\n".join(line[line.rfind("\r", 0, max(0, len(line) - 1)) + 1 :] for line in lines)
