"""A student's notebook, running: cells in order, and the judge's questions between them.

The notebook lives in a Jupyter kernel, another process, behind the walls that `mashq.sandbox` gives it. A
kernel that dies or hangs costs the cell that did it and no other: it is started again and the cells
before are run once more, without the culprit.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

import nbformat
import zmq
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mashq import cells
from mashq.errors import MachineError, NoAnswerError, StudentError
from mashq.judge import agent, wire
from mashq.judge.clock import FairClock, cpu_seconds
from mashq.judge.limits import Limits
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import Files, KernelManager, Kernels, KernelUsage
from mashq.sandbox import kernels as kernels_behind

log = logging.getLogger(__name__)

GRACE_S = 5.0  # after an interrupt, before the kernel is killed
OVER_MEMORY = re.compile(r"it used more than (\d+) MB of memory")  # as the sandbox says it, in English
FLOOD = 50  # a cell that writes so many times what is kept of it is interrupted
CELLS_FULL, MIN_BYTES = 16, 10_000  # so many cells may write all that a cell may; then each only this much
MAX_TRACE, MAX_TRACE_LINES = 10_000, 200  # letters and lines kept of a traceback
# What a kernel may have waiting in our memory: this many messages of this size on each channel. A larger
# message closes the connection, which costs the cell that sent it.
MAX_MESSAGES, MAX_MESSAGE_BYTES = 32, wire.MAX_BYTES + 2**20

# What a message from a kernel that is none makes those stumble who read it.
MALFORMED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    nbformat.ValidationError,
)


class KernelLostError(Exception):
    """The kernel is gone, or must go because it does not stop; says why, where that is known."""

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence or Sentence.of(N_("the kernel does not stop"))


class OutputLimit(NotebookClient):
    """A notebook client that keeps a bounded amount of output of each cell."""

    def __init__(self, nb: Any, max_bytes: int, **options: Any) -> None:
        super().__init__(nb, **options)
        self._max_bytes = max_bytes
        self._left = CELLS_FULL * max_bytes  # for the cells to come
        self._seen = 0

    def forget_output(self) -> None:
        """Start counting anew, for the next cell."""
        self._left -= min(self._seen, self._max_bytes)
        self._max_bytes = max(MIN_BYTES, min(self._max_bytes, self._left))
        self._seen = 0

    @property
    def flooded(self) -> bool:
        """Whether the cell has written so much that it is better stopped."""
        return self._seen > FLOOD * self._max_bytes

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        full = self._seen > self._max_bytes
        self._seen += _size(msg["content"])
        if full:
            return None
        if self._seen > self._max_bytes:
            note = _("... output cut off after {size} kB ...").format(size=self._max_bytes // 1024)
            outs.append(nbformat.v4.new_output("stream", name="stdout", text=f"\n{note}\n"))
            return None
        return super().output(outs, msg, display_id, cell_index)

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """An update of what was shown counts for each place where it stands."""
        places = sum(map(len, self._display_id_map.get(display_id, {}).values()))
        self._seen += _size(msg["content"]) * places
        if self._seen <= self._max_bytes:
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


class NotebookSession:
    """One graded run of a notebook.

    notebook : nbformat notebook; its code cells get the outputs of this run, in place
    files : what lies beside the notebook while it runs; nothing that it writes is kept
    limits : see `Limits`
    kernels : where kernels come from; None starts them without walls, for notebooks that are trusted
    run_all : whether to draw figures, and to run cells that no check has asked for

    Use it as a context manager; the kernel starts with the first cell or question.
    """

    def __init__(
        self,
        notebook: Any,
        files: Files | None = None,
        limits: Limits | None = None,
        kernels: Kernels | None = None,
        run_all: bool = True,
    ) -> None:
        self.notebook = notebook
        self.run_all = run_all
        self.files = files or {}
        self.limits = limits or Limits()
        self.usage = KernelUsage()  # of the kernels that have ended
        self.seconds = 0.0  # wall time of the cells so far
        self._hung: dict[str, str] = {}  # calls without an answer → what to say if made again
        self.remembered: dict[str, Any] = {}  # answers that several checks of one cell share
        self.started = False  # whether a cell or a question has needed the kernel yet
        self.problems: list[Problem] = []  # what went wrong with the kernel
        self._kernels = kernels_behind("none") if kernels is None else kernels
        self._next = 0
        self._done: list[int] = []  # cells that ran and left the kernel alive
        self._restarts = 0
        self._client: OutputLimit | None = None
        self._broken: MachineError | None = None
        self._comm = ""

    def __enter__(self) -> NotebookSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- running cells ------------------------------------------------------------------------------------

    def positions(self) -> dict[str, int]:
        """Where each nbgrader cell stands: {grade_id: index}."""
        return {name: index for index, cell in enumerate(self.notebook.cells) if (name := cells.id_of(cell))}

    def run_until(self, grade_id: str) -> None:
        """Run the cells up to and with the one named; all of them if there is none of that name."""
        last = self.positions().get(grade_id, len(self.notebook.cells) - 1)
        while self._next <= last:
            self._run(self._next)
            self._next += 1
            self._hung.clear()
            self.remembered.clear()

    def finish(self) -> None:
        """Run the cells that have not run yet, if the notebook is to be run as a whole."""
        if self.run_all:
            self.run_until("")

    def _run(self, index: int) -> None:
        cell = self.notebook.cells[index]
        if cell.cell_type != "code":
            return
        cell.outputs, cell.execution_count = [], None
        if not cell.source.strip():
            return
        if self.seconds > self.limits.notebook_s:
            over = _("not run: the notebook used up its {seconds:.0f} s")
            _append_error(cell, "TimeLimit", over.format(seconds=self.limits.notebook_s))
            return
        try:
            client = self._kernel()
        except NoAnswerError as error:
            _append_error(cell, "KernelDied", str(error))
            return
        started = time.monotonic()
        trouble = self._execute(client, cell, index)
        self.seconds += time.monotonic() - started
        if cell.execution_count is not None:  # what the kernel says may be anything
            cell.execution_count = len(self._done) + 1
        if trouble:
            self._give_up_kernel(
                Sentence.of(N_("cell {number}: {trouble}"), number=index + 1, trouble=trouble)
            )
            _append_error(cell, "CellStopped", trouble.said())
        else:
            self._done.append(index)

    def _execute(self, client: OutputLimit, cell: Any, index: int) -> Sentence | None:
        """Run one cell; return what went wrong with the kernel, or None."""
        client.forget_output()
        seconds = self.limits.cell_s
        try:
            stopped = run_sync(self._execute_in_time)(client, cell, index)
        except DeadKernelError:
            return Sentence.of(N_("the kernel died in this cell ({cause})"), cause=self._cause(client))
        except (KernelLostError, CellTimeoutError):
            if client.flooded:
                return Sentence.of(N_("this cell wrote without end and could not be interrupted"))
            long = N_("this cell ran longer than {seconds:.0f} s and could not be interrupted")
            return Sentence.of(long, seconds=seconds)
        except MALFORMED as error:
            malformed = N_("the kernel sent a message that is none ({error})")
            return Sentence.of(malformed, error=type(error).__name__)
        if stopped == "late":
            sentence = _("this cell ran longer than {seconds:.0f} s and was interrupted")
            _append_error(cell, "CellTimeout", sentence.format(seconds=seconds))
        elif stopped:
            _append_error(cell, "CellTimeout", _("this cell wrote without end and was interrupted"))
        return None

    @staticmethod
    def _cause(client: OutputLimit) -> Sentence:
        """Why a kernel died, as far as is known."""
        manager: KernelManager = client.km
        reason = manager.why_it_died()
        if over := OVER_MEMORY.fullmatch(reason):
            return Sentence.of(N_("it used more than {size} MB of memory"), size=over[1])
        return (
            Sentence.plain(reason)
            if reason
            else Sentence.of(N_("out of memory, or a call that ends Python?"))
        )

    async def _execute_in_time(self, client: OutputLimit, cell: Any, index: int) -> str:
        """Run one cell; "late" or "flooded" if it was interrupted. KernelLostError when it ignores that."""
        clock = FairClock(self.limits.cell_s, lambda: self._cpu_seconds(client))
        count = len(self._done) + 1
        task = asyncio.ensure_future(client.async_execute_cell(cell, index, execution_count=count))
        while not (await asyncio.wait({task}, timeout=0.5))[0]:
            flooded = client.flooded
            if flooded or clock.is_over():
                await client.km.interrupt_kernel()
                if not (await asyncio.wait({task}, timeout=GRACE_S))[0]:
                    task.cancel()
                    await asyncio.wait({task})
                    if not task.cancelled():
                        task.exception()  # looked at, else it is logged whenever the collector finds it
                    raise KernelLostError
                await task
                return "flooded" if flooded else "late"
        await task
        return ""

    # -- the judge's questions ----------------------------------------------------------------------------

    def ask(self, request: dict[str, Any], what: str, timeout: float | None = None) -> dict[str, Any]:
        """Put a question to the kernel (see `agent.answer`) and return the agent's reply.

        what : how to name the work in a message to the student, for instance "backprop()"
        timeout : seconds, None for the limit of a call

        Raises StudentError when the kernel dies, hangs or answers nonsense.
        """
        if what in self._hung:
            raise NoAnswerError(self._hung[what])
        client = self._kernel()
        seconds = self.limits.call_s if timeout is None else timeout
        try:
            buffers = wire.encode(request)
        except wire.WireError as error:
            raise ValueError(f"the check asks with something that is not plain data: {error}") from error
        try:
            parts = self._converse(client, buffers, seconds, what)
        except KernelLostError as lost:
            self._give_up_kernel(lost.sentence)
            raise self._no_answer(request, what, lost.sentence.said()) from None
        except TimeoutError as late:
            raise self._no_answer(request, what, str(late)) from None
        except MALFORMED:
            self._give_up_kernel(
                Sentence.of(N_("{what} made the kernel send a message that is none"), what=what)
            )
            raise StudentError(
                _("{what} gave a result that the judge cannot read").format(what=what)
            ) from None
        try:
            reply = wire.decode(parts)
        except wire.WireError as error:
            template = _("{what} gave a result that the judge cannot read: {why}")
            raise StudentError(template.format(what=what, why=error)) from None
        if not isinstance(reply, dict):
            raise StudentError(_("{what} gave a result that the judge cannot read").format(what=what))
        return reply

    def _no_answer(self, request: dict[str, Any], what: str, sentence: str) -> NoAnswerError:
        """The error for a question without a reply; the same call is not tried again before the next cell."""
        if request["do"] in ("call", "each"):
            self._hung[what] = sentence
        return NoAnswerError(sentence)

    def _converse(self, client: OutputLimit, buffers: list[bytes], seconds: float, what: str) -> list[bytes]:
        """Send a question and wait for its reply; TimeoutError when it had to be interrupted.

        Raises KernelLostError when the kernel ends or cannot be interrupted. Both are sentences about `what`.

        A notebook has hundreds of questions, so this goes past asyncio, which takes longer than the answers.
        """
        kc, km = client.kc, client.km
        shell: Any = zmq.Socket.shadow(kc.shell_channel.socket.underlying)
        iopub: Any = zmq.Socket.shadow(kc.iopub_channel.socket.underlying)
        message = kc.session.msg("comm_msg", {"comm_id": self._comm, "data": {}})
        kc.session.send(shell, message, buffers=buffers)
        clock = FairClock(seconds, lambda: self._cpu_seconds(client))
        reply: list[bytes] = []
        interrupted = 0.0
        while True:
            answer = None
            if iopub.poll(500):
                parts = kc.session.feed_identities(iopub.recv_multipart())[1]
                answer = kc.session.deserialize(parts)
            if answer and answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                kind, content = answer["msg_type"], answer["content"]
                if kind == "comm_msg" and content.get("comm_id") == self._comm:
                    reply = [bytes(part) for part in answer["buffers"]]
                elif kind == "status" and content.get("execution_state") == "idle":
                    if interrupted:
                        late = _("{what} did not finish within {seconds:.0f} s")
                        raise TimeoutError(late.format(what=what, seconds=seconds))
                    return reply
            if interrupted and time.monotonic() > interrupted + GRACE_S:
                late = N_("{what} did not finish within {seconds:.0f} s and could not be stopped")
                raise KernelLostError(Sentence.of(late, what=what, seconds=seconds))
            if not interrupted and clock.is_over():
                run_sync(km.interrupt_kernel)()
                interrupted = time.monotonic()
            if answer is None and not run_sync(km.is_alive)():
                ended = N_("{what} ended the kernel ({cause})")
                raise KernelLostError(Sentence.of(ended, what=what, cause=self._cause(client)))

    # -- the kernel ---------------------------------------------------------------------------------------

    def _kernel(self) -> OutputLimit:
        """The running kernel's client; a new kernel, with the earlier cells run again, if there is none."""
        if self._client is not None:
            return self._client
        if self._restarts > self.limits.restarts:
            often = _("the kernel died more than {count} times; it is not started again")
            raise NoAnswerError(often.format(count=self.limits.restarts))
        self.started = True
        if self._broken is not None:
            raise self._broken
        try:
            self._client = self._start()
        except MachineError as error:
            self._broken = error  # every check would wait as long for the same
            raise
        for index in self._done:
            cell = self.notebook.cells[index]
            trouble = self._execute(self._client, nbformat.from_dict(cell), index)
            self.notebook.cells[index] = cell  # nbclient puts the copy here; the first run's outputs stay
            if trouble:
                again = N_("cell {number}, run again after the kernel died: {trouble}")
                self._give_up_kernel(Sentence.of(again, number=index + 1, trouble=trouble))
                stopped = _("cell {number} stopped the kernel when it was run again")
                raise NoAnswerError(stopped.format(number=index + 1))
        return self._client

    def _start(self) -> OutputLimit:
        limits = self.limits
        client = OutputLimit(
            self.notebook,
            max_bytes=limits.output_kb * 1024,
            timeout=None,  # `_execute_in_time` looks after that
            allow_errors=True,
            coalesce_streams=True,
            iopub_timeout=GRACE_S,
            raise_on_iopub_timeout=True,
            store_widget_state=False,
        )
        client.on_cell_executed = _record_reply_error
        try:
            run_sync(self._start_kernel)(client)
        except MachineError:
            self._abandon(client)
            raise
        except Exception as error:
            self._abandon(client)
            raise MachineError(
                f"the Jupyter kernel did not start: {error}. "
                "`jupyter kernelspec list` shows the kernels of this machine, `mashq doctor` its walls."
            ) from error
        client.reset_execution_trackers()
        return client

    async def _start_kernel(self, client: OutputLimit) -> None:
        client.km = self._kernels.manager(self.notebook, "work", self.files)
        await client.km.start_kernel()
        client.km.context.setsockopt(zmq.RCVHWM, MAX_MESSAGES)  # for the sockets made from here on
        client.km.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        client.kc = client.km.client()
        client.kc.start_channels(hb=False)
        client.kc.allow_stdin = False
        await self._install_agent(client)

    async def _install_agent(self, client: OutputLimit) -> None:
        """Give the kernel the judge's agent, before any student code; returns when all channels are open."""
        source = _agent_source()
        namespace = f"{{'__name__': 'mashq_agent', 'shell': get_ipython(), 'figures': {self.run_all}}}"
        code = f"exec(compile({source!r}, '<mashq>', 'exec'), {namespace})"
        kc = client.kc
        asked = kc.execute(code, silent=True, store_history=False)
        give_up = time.monotonic() + self.limits.startup_s
        reply: dict[str, Any] = {}
        while not reply:
            with suppress(Empty):
                answer = await kc.get_shell_msg(timeout=0.5)
                reply = answer if answer["parent_header"].get("msg_id") == asked else {}
            if not reply and not await client.km.is_alive():
                raise MachineError(f"the kernel ended while it started ({self._cause(client)})")
            if not reply and time.monotonic() > give_up:
                raise MachineError(f"the kernel did not start within {self.limits.startup_s:.0f} s")
        if reply["content"]["status"] != "ok":
            raise MachineError(f"the judge's agent did not start in the kernel: {reply['content']}")
        await _await_subscription(kc, give_up)
        self._comm = f"mashq-{time.monotonic_ns()}"
        opening = {"comm_id": self._comm, "target_name": "mashq.judge", "data": {}}
        kc.shell_channel.send(kc.session.msg("comm_open", opening))

    @staticmethod
    def _cpu_seconds(client: OutputLimit) -> float:
        return cpu_seconds(client.km.cpu_process())

    def _give_up_kernel(self, trouble: Sentence) -> None:
        log.warning("%s", trouble)
        self.problems.append(Problem(Kind.STUDENT, trouble))
        self._restarts += 1
        self._stop_kernel()

    def _stop_kernel(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            self._abandon(client)

    def _abandon(self, client: OutputLimit) -> None:
        """Shut a kernel down, whatever state it is in, and add what it used."""
        with suppress(RuntimeError):
            run_sync(_shut_down)(client)
        if client.km is not None:
            used = client.km.usage()
            self.usage = KernelUsage(
                self.usage.cpu_s + used.cpu_s, max(self.usage.peak_mb, used.peak_mb)
            )  # fmt: skip

    def close(self) -> None:
        """Stop the kernel; the notebook keeps its outputs."""
        self._stop_kernel()


async def _await_subscription(kc: Any, give_up: float) -> None:
    """Wait until what the kernel publishes arrives: a subscription that comes late misses messages."""
    while time.monotonic() < give_up:
        asked = kc.kernel_info()
        waited = time.monotonic()
        while time.monotonic() < waited + 0.3:
            with suppress(Empty):
                message = await kc.get_iopub_msg(timeout=0.1)
                mine = message["parent_header"].get("msg_id") == asked
                if mine and message["content"].get("execution_state") == "idle":
                    return
    raise MachineError("the kernel's messages do not arrive")


async def _shut_down(client: OutputLimit) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    if client.km is not None:
        if client.km.has_kernel:
            await client.km.shutdown_kernel(now=True)
        await client.km.cleanup_resources()


@functools.cache
def _agent_source() -> str:
    """`wire.py` and `agent.py` as one program that serves the shell it is given."""
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (wire, agent)]
    lines = [line for line in "\n".join(texts).splitlines() if not line.startswith("from __future__")]
    return "\n".join(["from __future__ import annotations", *lines, "serve(shell, figures)"])


def _append_error(cell: Any, name: str, sentence: str) -> None:
    cell.outputs.append(
        nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])
    )


def _record_reply_error(cell: Any, execute_reply: dict[str, Any], **_: Any) -> None:
    """Show an error that the kernel reports only in its reply, as where tracebacks are turned off."""
    content = execute_reply["content"]
    shown = [output.ename for output in cell.outputs if output.output_type == "error"]
    if content.get("status") == "error" and content["ename"] not in shown:
        name, value = (str(content[key])[:MAX_TRACE] for key in ("ename", "evalue"))
        trace = content.get("traceback") or [f"{name}: {value}"]
        trace = [str(line)[:MAX_TRACE] for line in trace[:MAX_TRACE_LINES]]
        cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=trace))
