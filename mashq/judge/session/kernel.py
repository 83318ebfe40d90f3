"""The life of a kernel: it starts, gets the judge's agent, and is shut down; what it used is known then."""

from __future__ import annotations

import base64
import functools
import importlib.util
import marshal
import signal
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_core.utils import run_sync

from mashq.errors import MachineError
from mashq.judge import agent, wire
from mashq.judge.limits import Limits
from mashq.judge.session import clock, harmless
from mashq.judge.session.output import BoundedOutput
from mashq.judge.session.unpack import unpack
from mashq.language import marked as N_
from mashq.problems import Sentence
from mashq.sandbox import Files, KernelManager, Kernels, KernelUsage

# What a kernel may have waiting in our memory: this many messages of this size on each channel. A larger
# message closes the connection, which costs the cell that sent it.
MAX_MESSAGES, MAX_MESSAGE_BYTES = 32, wire.MAX_BYTES + 2**20
LOOK_S = 0.1  # how often a kernel that may be about to end is looked at


class Kernel:
    """A running kernel with the judge's agent in it.

    client : runs cells in it; holds the connection (`kc`) and the manager (`km`)
    comm : the id of the comm on which the agent answers; empty for a kernel of another language, without one
    """

    def __init__(self, client: BoundedOutput, comm: str = "") -> None:
        self.client = client
        self.comm = comm

    def cpu_seconds(self) -> float:
        manager: KernelManager = self.client.km
        return clock.cpu_seconds(manager.cpu_process())

    def sleeps(self) -> bool:
        """Whether nothing in it runs or waits for a core just now."""
        manager: KernelManager = self.client.km
        return clock.sleeps(manager.cpu_process())

    def begin_cell(self, go_on: bool, put_back: bool) -> None:
        """How cells are run from here on.

        go_on : whether what stands behind a statement that fails is run
        put_back : whether functions of libraries to which a statement assigns are put back
        """
        # with the request to run the cell: a message of its own would take the kernel as long as a short cell
        self.client.kc.session.metadata = {"mashq": {"go on": go_on, "put back": put_back}}

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in what it runs."""
        run_sync(self.client.km.interrupt_kernel)()

    def is_alive(self) -> bool:
        return bool(run_sync(self.client.km.is_alive)())

    def was_killed(self) -> bool:
        """Whether SIGKILL ended it, and no limit of the sandbox."""
        manager: KernelManager = self.client.km
        provisioner: Any = manager.provisioner
        code = None if provisioner is None else run_sync(provisioner.poll)()
        return code == -signal.SIGKILL and manager.over_quota() is None

    def lives_for(self, seconds: float) -> bool:
        """Whether it is still alive after so long; returns at once where it is not."""
        until = time.monotonic() + seconds
        while alive := self.is_alive():
            if time.monotonic() > until:
                break
            time.sleep(LOOK_S)
        return alive

    def why_it_died(self) -> Sentence:
        """The cause of its death, as far as that is known."""
        manager: KernelManager = self.client.km
        over = manager.over_quota()
        if over is not None and over.limit == "memory_mb":
            much = N_(
                "it used more than {size} MB of memory; a course may allow more: c.JudgeExecute.memory_mb"
            )
            return Sentence.of(much, size=over.allowed)
        return Sentence.of(N_("out of memory, or a call that ends Python?"))

    def shut_down(self) -> KernelUsage:
        """End it, whatever state it is in; gives what it used."""
        with suppress(RuntimeError):
            run_sync(_shut_down)(self.client)
        manager: KernelManager | None = self.client.km
        return KernelUsage() if manager is None else manager.usage()


def start_kernel(
    notebook: Any, kernels: Kernels, folder: str, files: Files, limits: Limits, figures: bool
) -> Kernel:
    """Start a kernel in a folder with `files`, and give it the agent before any code of the student's.

    folder : the folder's name
    figures : whether matplotlib shows the figures of a cell

    Raises MachineError when it does not start.
    """
    client = BoundedOutput(
        notebook,
        max_bytes=limits.output_kb * 1024,
        timeout=None,  # `conversation.run_cell` looks after that
        allow_errors=True,
        coalesce_streams=False,  # `BoundedOutput` does it
        iopub_timeout=clock.GRACE_S,
        raise_on_iopub_timeout=True,
        store_widget_state=False,
    )
    kernel = Kernel(client)
    try:
        run_sync(_start)(kernel, kernels, folder, files, limits.startup_s, figures)
    except MachineError:
        kernel.shut_down()
        raise
    except Exception as error:
        kernel.shut_down()
        raise MachineError(
            f"the Jupyter kernel did not start: {error}. "
            "`jupyter kernelspec list` shows the kernels of this machine, `mashq doctor` its walls."
        ) from error
    client.reset_execution_trackers()
    return kernel


async def _start(
    kernel: Kernel, kernels: Kernels, folder: str, files: Files, startup_s: float, figures: bool
) -> None:
    client = kernel.client
    client.km = kernels.manager(client.nb, folder, files)
    await client.km.start_kernel()
    client.km.context.setsockopt(zmq.RCVHWM, MAX_MESSAGES)  # for the sockets made from here on
    client.km.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    client.kc = client.km.client()
    client.kc.session.unpack = unpack
    client.kc.start_channels(hb=False)
    client.kc.allow_stdin = False
    if client.km.is_python:
        await _install_agent(kernel, startup_s, figures)
    else:
        await _await_subscription(kernel, time.monotonic() + startup_s)


async def _install_agent(kernel: Kernel, startup_s: float, figures: bool) -> None:
    """Give the kernel the judge's agent; returns when all channels are open."""
    kc = kernel.client.kc
    kc.session.metadata = {"mashq": _agent()}
    asked = kc.execute(f"exec({LOADED}, {NAMESPACE % figures})", silent=True, store_history=False)
    kc.session.metadata = {}
    give_up = time.monotonic() + startup_s
    reply: dict[str, Any] = {}
    while not reply:
        with suppress(Empty):
            answer = await kc.get_shell_msg(timeout=0.5)
            reply = answer if answer["parent_header"].get("msg_id") == asked else {}
        if not reply and not await kernel.client.km.is_alive():
            raise MachineError(f"the kernel ended while it started ({kernel.why_it_died()})")
        if not reply and time.monotonic() > give_up:
            raise MachineError(f"the kernel did not start within {startup_s:.0f} s")
    if reply["content"]["status"] != "ok":
        raise MachineError(f"the judge's agent did not start in the kernel: {reply['content']}")
    await _await_subscription(kernel, give_up)
    kernel.comm = f"mashq-{time.monotonic_ns()}"
    opening = {"comm_id": kernel.comm, "target_name": "mashq.judge", "data": {}}
    kc.shell_channel.send(kc.session.msg("comm_open", opening))


async def _await_subscription(kernel: Kernel, give_up: float) -> None:
    """Wait until what the kernel publishes arrives: a subscription that comes late misses messages."""
    kc = kernel.client.kc
    while time.monotonic() < give_up:
        if not await kernel.client.km.is_alive():
            raise MachineError(f"the kernel ended while it started ({kernel.why_it_died()})")
        asked = kc.kernel_info()
        waited = time.monotonic()
        while time.monotonic() < waited + 0.3:
            with suppress(Empty):
                message = await kc.get_iopub_msg(timeout=0.1)
                mine = message["parent_header"].get("msg_id") == asked
                if mine and message["content"].get("execution_state") == "idle":
                    return
    raise MachineError("the kernel's messages do not arrive")


async def _shut_down(client: BoundedOutput) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    if client.km is not None:
        if client.km.has_kernel:
            await client.km.shutdown_kernel(now=True)
        await client.km.cleanup_resources()


# The agent comes beside the code that loads it, as IPython takes 10 ms to read so much code in a cell. It is
# compiled here; a kernel of another Python, which there may be where no sandbox is asked for, does it itself.
NAMESPACE = "{'__name__': 'mashq_agent', 'shell': get_ipython(), 'figures': %r}"
LOADED = (
    "(lambda told: __import__('marshal').loads(__import__('base64').b64decode(told['code'])) "
    "if told['magic'] == __import__('importlib.util').util.MAGIC_NUMBER.hex() "
    "else compile(told['source'], '<mashq>', 'exec'))"
    "(get_ipython().kernel.get_parent('shell')['metadata']['mashq'])"
)


@functools.cache
def _agent() -> dict[str, str]:
    """The judge's agent: its source, and what the Python with this magic number compiles it to."""
    source = _agent_source()
    code = base64.b64encode(marshal.dumps(compile(source, "<mashq>", "exec")))
    return {"source": source, "code": code.decode(), "magic": importlib.util.MAGIC_NUMBER.hex()}


def _agent_source() -> str:
    """`wire.py`, `harmless.py` and `agent.py` as one program that serves the shell it is given."""
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (wire, harmless, agent)]
    lines = [line for line in "\n".join(texts).splitlines() if not line.startswith("from __future__")]
    return "\n".join(["from __future__ import annotations", *lines, "serve(shell, figures)"])
