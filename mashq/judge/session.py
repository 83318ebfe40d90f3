"""A student's notebook, running: cells in order, and the judge's questions between them.

The notebook lives in a Jupyter kernel, another process (in a sandbox, where the kernel's provisioner puts
it). A kernel that dies or hangs costs the cell that did it and no other: it is started again and the cells
before are run once more, without the culprit.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mashq.errors import MachineError, NoAnswerError, StudentError
from mashq.judge import agent, wire
from mashq.judge.clock import FairClock, cpu_seconds
from mashq.judge.environment import kernel_environment
from mashq.judge.limits import Limits

log = logging.getLogger(__name__)

GRACE_S = 5.0  # after an interrupt, before the kernel is killed


class KernelLostError(Exception):
    """The kernel is gone, or must go because it does not stop."""


class OutputLimit(NotebookClient):
    """A notebook client that keeps a bounded amount of output of each cell."""

    def __init__(self, nb: Any, max_bytes: int, **options: Any) -> None:
        super().__init__(nb, **options)
        self._max_bytes = max_bytes
        self._kept = 0

    def forget_output(self) -> None:
        """Start counting anew, for the next cell."""
        self._kept = 0

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        size = _size(msg["content"])
        if self._kept > self._max_bytes:
            return None
        self._kept += size
        if self._kept > self._max_bytes:
            note = f"\n... output cut off after {self._max_bytes // 1024} kB ...\n"
            outs.append(nbformat.v4.new_output("stream", name="stdout", text=note))
            return None
        return super().output(outs, msg, display_id, cell_index)


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
    cwd : folder that the kernel runs in
    limits : see `Limits`
    environment : the kernel's environment variables, None for `kernel_environment()`

    Use it as a context manager; the kernel starts with the first cell or question.
    """

    def __init__(
        self,
        notebook: Any,
        cwd: Path,
        limits: Limits | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.notebook = notebook
        self.cwd = cwd
        self.limits = limits or Limits()
        self.seconds = 0.0  # wall time of the cells so far
        self._hung: dict[str, str] = {}  # calls without an answer → what to say if made again
        self.started = False  # whether a cell or a question has needed the kernel yet
        self.troubles: list[str] = []  # what went wrong with the kernel, one sentence each
        self._environment = kernel_environment() if environment is None else environment
        self._next = 0
        self._done: list[int] = []  # cells that ran and left the kernel alive
        self._restarts = 0
        self._client: OutputLimit | None = None
        self._connection: tempfile.TemporaryDirectory[str] | None = None
        self._comm = ""
        self.kernel_name = notebook.metadata.get("kernelspec", {}).get("name", "python3")

    def __enter__(self) -> NotebookSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- running cells ------------------------------------------------------------------------------------

    def positions(self) -> dict[str, int]:
        """Where each nbgrader cell stands: {grade_id: index}."""
        return {
            cell.metadata["nbgrader"]["grade_id"]: index
            for index, cell in enumerate(self.notebook.cells)
            if cell.metadata.get("nbgrader", {}).get("grade_id")
        }

    def run_until(self, grade_id: str) -> None:
        """Run the cells up to and with the one named; all of them if there is none of that name."""
        last = self.positions().get(grade_id, len(self.notebook.cells) - 1)
        while self._next <= last:
            self._run(self._next)
            self._next += 1
            self._hung.clear()

    def run_all(self) -> None:
        """Run the cells that have not run yet."""
        self.run_until("")

    def _run(self, index: int) -> None:
        cell = self.notebook.cells[index]
        if cell.cell_type != "code":
            return
        cell.outputs, cell.execution_count = [], None
        if not cell.source.strip():
            return
        if self.seconds > self.limits.notebook_s:
            _append_error(
                cell, "TimeLimit", f"not run: the notebook used up its {self.limits.notebook_s:.0f} s"
            )
            return
        try:
            client = self._kernel()
        except NoAnswerError as error:
            _append_error(cell, "KernelDied", str(error))
            return
        started = time.monotonic()
        trouble = self._execute(client, cell, index)
        self.seconds += time.monotonic() - started
        if trouble:
            self._give_up_kernel(f"cell {index + 1}: {trouble}")
            _append_error(cell, "CellStopped", trouble)
        else:
            self._done.append(index)

    def _execute(self, client: OutputLimit, cell: Any, index: int) -> str:
        """Run one cell; return what went wrong with the kernel, or nothing."""
        client.forget_output()
        late = f"this cell ran longer than {self.limits.cell_s:.0f} s"
        try:
            finished = run_sync(self._execute_in_time)(client, cell, index)
        except DeadKernelError:
            return "the kernel died in this cell (out of memory, or a call that ends Python?)"
        except (KernelLostError, CellTimeoutError):
            return f"{late} and could not be interrupted"
        if not finished:
            _append_error(cell, "CellTimeout", f"{late} and was interrupted")
        return ""

    async def _execute_in_time(self, client: OutputLimit, cell: Any, index: int) -> bool:
        """Run one cell; whether it ended by itself. KernelLostError when it ignores the interrupt."""
        clock = FairClock(self.limits.cell_s, lambda: self._cpu_seconds(client))
        count = len(self._done) + 1
        task = asyncio.ensure_future(client.async_execute_cell(cell, index, execution_count=count))
        while not (await asyncio.wait({task}, timeout=0.5))[0]:
            if clock.is_over():
                await client.km.interrupt_kernel()
                if not (await asyncio.wait({task}, timeout=GRACE_S))[0]:
                    task.cancel()
                    await asyncio.wait({task})
                    raise KernelLostError
                await task
                return False
        await task
        return True

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
            parts = run_sync(self._converse)(client, buffers, seconds)
        except KernelLostError as lost:
            sentence = f"{what} {lost}"
            self._give_up_kernel(sentence)
            raise self._no_answer(request, what, sentence) from None
        except TimeoutError as late:
            raise self._no_answer(request, what, f"{what} {late}") from None
        try:
            reply = wire.decode(parts)
        except wire.WireError as error:
            raise StudentError(f"{what} gave a result that the judge cannot read: {error}") from None
        if not isinstance(reply, dict):
            raise StudentError(f"{what} gave a result that the judge cannot read")
        return reply

    def _no_answer(self, request: dict[str, Any], what: str, sentence: str) -> NoAnswerError:
        """The error for a question without a reply; the same call is not tried again before the next cell."""
        if request["do"] == "call":
            self._hung[what] = sentence
        return NoAnswerError(sentence)

    async def _converse(self, client: OutputLimit, buffers: list[bytes], seconds: float) -> list[bytes]:
        """Send a question and wait for its reply; TimeoutError when it had to be interrupted."""
        kc, km = client.kc, client.km
        message = kc.session.msg("comm_msg", {"comm_id": self._comm, "data": {}})
        kc.session.send(kc.shell_channel.socket, message, buffers=buffers)
        late = f"did not finish within {seconds:.0f} s"
        clock = FairClock(seconds, lambda: self._cpu_seconds(client))
        reply: list[bytes] = []
        interrupted = 0.0
        while True:
            try:
                answer = await kc.iopub_channel.get_msg(timeout=0.5)
            except Empty:
                answer = None
            if answer and answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                kind, content = answer["msg_type"], answer["content"]
                if kind == "comm_msg" and content.get("comm_id") == self._comm:
                    reply = [bytes(part) for part in answer["buffers"]]
                elif kind == "status" and content.get("execution_state") == "idle":
                    if interrupted:
                        raise TimeoutError(late)
                    return reply
            if interrupted and time.monotonic() > interrupted + GRACE_S:
                raise KernelLostError(f"{late} and could not be stopped")
            if not interrupted and clock.is_over():
                await km.interrupt_kernel()
                interrupted = time.monotonic()
            if answer is None and not await km.is_alive():
                raise KernelLostError("ended the kernel (out of memory, or a call that ends Python?)")

    # -- the kernel ---------------------------------------------------------------------------------------

    def _kernel(self) -> OutputLimit:
        """The running kernel's client; a new kernel, with the earlier cells run again, if there is none."""
        if self._client is not None:
            return self._client
        if self._restarts > self.limits.restarts:
            raise NoAnswerError(
                f"the kernel died more than {self.limits.restarts} times; it is not started again"
            )
        self.started = True
        self._client = self._start()
        for index in self._done:
            cell = self.notebook.cells[index]
            trouble = self._execute(self._client, nbformat.from_dict(cell), index)
            self.notebook.cells[index] = cell  # nbclient puts the copy here; the first run's outputs stay
            if trouble:
                self._give_up_kernel(f"cell {index + 1}, run again after the kernel died: {trouble}")
                raise NoAnswerError(f"cell {index + 1} stopped the kernel when it was run again")
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
        except Exception as error:
            self._client = client
            self._stop_kernel()
            raise MachineError(
                f"the Jupyter kernel {self.kernel_name!r} did not start: {error}. "
                "`jupyter kernelspec list` shows the kernels of this machine."
            ) from error
        client.reset_execution_trackers()
        run_sync(self._install_agent)(client)
        return client

    async def _start_kernel(self, client: OutputLimit) -> None:
        self._connection = tempfile.TemporaryDirectory(prefix="mashq-")
        client.km = AsyncKernelManager(
            kernel_name=self.kernel_name,
            connection_file=str(Path(self._connection.name, "kernel.json")),
            transport="tcp" if os.name == "nt" else "ipc",  # sockets in a folder that nobody else can enter
        )
        await client.km.start_kernel(cwd=str(self.cwd), env=dict(self._environment))
        client.kc = client.km.client()
        client.kc.start_channels()
        client.kc.allow_stdin = False
        await client.kc.wait_for_ready(timeout=self.limits.startup_s)

    async def _install_agent(self, client: OutputLimit) -> None:
        """Give the kernel the judge's agent, before any student code."""
        source = _agent_source()
        namespace = "{'__name__': 'mashq_agent', 'shell': get_ipython()}"
        code = f"exec(compile({source!r}, '<mashq>', 'exec'), {namespace})"
        reply = await client.kc.execute(code, silent=True, store_history=False, reply=True, timeout=30)
        if reply["content"]["status"] != "ok":
            raise MachineError(f"the judge's agent did not start in the kernel: {reply['content']}")
        self._comm = f"mashq-{time.monotonic_ns()}"
        opening = {"comm_id": self._comm, "target_name": "mashq.judge", "data": {}}
        client.kc.shell_channel.send(client.kc.session.msg("comm_open", opening))

    @staticmethod
    def _cpu_seconds(client: OutputLimit) -> float:
        return cpu_seconds(getattr(client.km.provisioner, "pid", None))

    def _give_up_kernel(self, trouble: str) -> None:
        log.warning("%s", trouble)
        self.troubles.append(trouble)
        self._restarts += 1
        self._stop_kernel()

    def _stop_kernel(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(RuntimeError):
                run_sync(_shut_down)(client)
        if self._connection is not None:
            self._connection.cleanup()

    def close(self) -> None:
        """Stop the kernel; the notebook keeps its outputs."""
        self._stop_kernel()


async def _shut_down(client: OutputLimit) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    if client.km is not None:
        if client.km.has_kernel:
            await client.km.shutdown_kernel(now=True)
        await client.km.cleanup_resources()


def _agent_source() -> str:
    """`wire.py` and `agent.py` as one program that serves the shell it is given."""
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (wire, agent)]
    lines = [line for line in "\n".join(texts).splitlines() if not line.startswith("from __future__")]
    return "\n".join(["from __future__ import annotations", *lines, "serve(shell)"])


def _append_error(cell: Any, name: str, sentence: str) -> None:
    cell.outputs.append(
        nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])
    )


def _record_reply_error(cell: Any, execute_reply: dict[str, Any], **_: Any) -> None:
    """Show an error that the kernel reports only in its reply, as where tracebacks are turned off."""
    content = execute_reply["content"]
    shown = [output.ename for output in cell.outputs if output.output_type == "error"]
    if content.get("status") == "error" and content["ename"] not in shown:
        trace = content.get("traceback") or [f"{content['ename']}: {content['evalue']}"]
        cell.outputs.append(
            nbformat.v4.new_output("error", ename=content["ename"], evalue=content["evalue"], traceback=trace)
        )
