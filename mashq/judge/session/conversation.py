"""One cell or one question put to a kernel, and how long the judge waits for it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import nbformat
import zmq
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mashq.errors import StudentError
from mashq.judge import wire
from mashq.judge.session import clock
from mashq.judge.session.clock import Budget, FairClock
from mashq.judge.session.kernel import Kernel
from mashq.judge.session.output import CONTENT, HEADER, append_error
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Sentence

LOOK_S = 0.5  # how often the clock is looked at

# What is raised where a message from a kernel has not the form that Jupyter prescribes.
MALFORMED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    nbformat.ValidationError,
)


class UnfinishedError(Exception):
    """A cell or a question did not come to its end; the sentence says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class KernelLostError(UnfinishedError):
    """The kernel is gone, or must go because it does not stop.

    killed : whether something killed it that was no limit of ours, such as Linux where memory is short
    """

    def __init__(self, sentence: Sentence, killed: bool = False) -> None:
        super().__init__(sentence)
        self.killed = killed


class KernelDiedError(KernelLostError):
    """The kernel ended by itself: something that ran in it, now or a moment ago, made it end."""


class LateError(UnfinishedError):
    """The work had to be interrupted, and the kernel lives."""


def run_cell(kernel: Kernel, cell: Any, index: int, number: int, limit_s: float, budget: Budget) -> None:
    """Run one cell, which gets its outputs.

    number : its execution count
    limit_s : the time of one cell; the budget is that of all cells together

    Raises KernelLostError when that costs the kernel.
    """
    kernel.client.begin_cell()
    try:
        run_sync(_run_alone)(kernel, cell, index, number, limit_s, budget)
    except LateError as late:
        append_error(cell, "CellTimeout", late.sentence.said())
    except DeadKernelError:
        died = N_("the kernel died in this cell ({cause})")
        raise KernelDiedError(Sentence.of(died, cause=kernel.why_it_died()), kernel.was_killed()) from None
    except CellTimeoutError:
        raise KernelLostError(Sentence.of(N_("this cell's output did not arrive"))) from None
    except MALFORMED as error:
        malformed = Sentence.of(
            N_("the kernel sent a message that is none ({error})"), error=type(error).__name__
        )
        raise KernelLostError(malformed) from error
    finally:
        if cell.execution_count is not None:  # what the kernel says may be anything
            cell.execution_count = number


async def _run_alone(
    kernel: Kernel, cell: Any, index: int, number: int, limit_s: float, budget: Budget
) -> None:
    """The same as `_run_in_time`; nothing that nbclient began for the cell goes on afterwards.

    It leaves its look at the kernel of a cell that failed, which Python would complain about later.
    """
    before = asyncio.all_tasks()
    try:
        await _run_in_time(kernel, cell, index, number, limit_s, budget)
    finally:
        left = asyncio.all_tasks() - before
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _run_in_time(
    kernel: Kernel, cell: Any, index: int, number: int, limit_s: float, budget: Budget
) -> None:
    """Raises LateError when the cell was interrupted, KernelLostError when it did not heed that."""
    client = kernel.client
    cell_clock = FairClock(limit_s, kernel.cpu_seconds, kernel.sleeps, budget.left_s)
    task = asyncio.ensure_future(client.async_execute_cell(cell, index, execution_count=number))
    wrote_too_much = False
    while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
        # A cell that wrote much at once and ends now is left alone, so this takes two looks.
        flooded, wrote_too_much = wrote_too_much, client.flooded
        if not flooded and not cell_clock.is_over():
            continue
        used_up = cell_clock.is_cut_short()
        await client.km.interrupt_kernel()
        if not (await asyncio.wait({task}, timeout=clock.GRACE_S))[0]:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # looked at, else it is logged whenever the collector finds it
            raise KernelLostError(_not_interrupted(flooded, used_up, limit_s, budget))
        await task
        raise LateError(_interrupted(flooded, used_up, limit_s, budget))
    await task


def _interrupted(flooded: bool, used_up: bool, limit_s: float, budget: Budget) -> Sentence:
    if flooded:
        return Sentence.of(
            N_(
                "this cell wrote without end and was interrupted (a course may allow more: "
                "c.JudgeExecute.output_kb)"
            )
        )
    if used_up:
        over = N_("this cell was interrupted: the notebook used up its {seconds:.0f} s")
        return Sentence.of(over, seconds=budget.limit_s)
    return Sentence.of(N_("this cell ran longer than {seconds:.0f} s and was interrupted"), seconds=limit_s)


def _not_interrupted(flooded: bool, used_up: bool, limit_s: float, budget: Budget) -> Sentence:
    if flooded:
        return Sentence.of(N_("this cell wrote without end and could not be interrupted"))
    if used_up:
        over = N_("this cell could not be interrupted: the notebook used up its {seconds:.0f} s")
        return Sentence.of(over, seconds=budget.limit_s)
    late = N_("this cell ran longer than {seconds:.0f} s and could not be interrupted")
    return Sentence.of(late, seconds=limit_s)


def ask(kernel: Kernel, buffers: list[bytes], what: str, limit_s: float, budget: Budget) -> list[bytes]:
    """Send a question to the agent and wait for its reply.

    what : how a sentence names the work
    limit_s : the time of this question; the budget is that of all questions together

    Raises LateError when it had to be interrupted, KernelLostError when the kernel ended or did not heed
    that.

    A notebook has hundreds of questions, so this goes past asyncio, which takes longer than the answers.
    """
    kc: Any = kernel.client.kc
    shell: Any = zmq.Socket.shadow(kc.shell_channel.socket.underlying)
    iopub: Any = zmq.Socket.shadow(kc.iopub_channel.socket.underlying)
    message = kc.session.msg("comm_msg", {"comm_id": kernel.comm, "data": {}})
    question = message["header"]["msg_id"]
    kc.session.send(shell, message, buffers=buffers)
    call_clock = FairClock(limit_s, kernel.cpu_seconds, kernel.sleeps, budget.left_s)
    reply: list[bytes] = []
    late: Sentence | None = None  # why it was interrupted, once it was
    give_up = 0.0
    while True:
        parts = None
        if iopub.poll(1000 * LOOK_S):
            parts = kc.session.feed_identities(iopub.recv_multipart())[1]
            kind, content = _answer(kc.session, parts, question)
            if kind == "comm_msg" and content.get("comm_id") == kernel.comm:
                reply = [bytes(part) for part in parts[CONTENT + 1 :]]
            elif kind == "status" and content.get("execution_state") == "idle":
                if late is not None:
                    raise LateError(late)
                return reply
        if late is not None and time.monotonic() > give_up:
            deaf = N_("{what} did not finish within {seconds:.0f} s and could not be stopped")
            raise KernelLostError(Sentence.of(deaf, what=what, seconds=limit_s))
        if late is None and call_clock.is_over():
            late = Sentence.of(N_("{what} did not finish within {seconds:.0f} s"), what=what, seconds=limit_s)
            if call_clock.is_cut_short():
                over = N_("{what} was interrupted: all calls of checks together have {seconds:.0f} s")
                late = Sentence.of(over, what=what, seconds=budget.limit_s)
            kernel.interrupt()
            give_up = time.monotonic() + clock.GRACE_S
        if parts is None and not kernel.is_alive():
            ended = N_("{what} ended the kernel ({cause})")
            sentence = Sentence.of(ended, what=what, cause=kernel.why_it_died())
            raise KernelDiedError(sentence, kernel.was_killed())


def _answer(session: Any, parts: list[bytes], question: str) -> tuple[str, Any]:
    """Kind and content of a message about this question; what functions print is not even read."""
    if not any(kind in parts[HEADER] for kind in (b"comm_msg", b"status")):
        return "", {}
    message = session.deserialize(parts)
    mine = message["parent_header"].get("msg_id") == question
    return (message["msg_type"], message["content"]) if mine else ("", {})


def read_reply(parts: list[bytes], what: str) -> dict[str, Any]:
    """The agent's reply, of which nothing is certain; raises StudentError for what is none."""
    try:
        reply = wire.decode(parts)
    except wire.WireError as error:
        template = _("{what} gave a result that the judge cannot read: {why}")
        raise StudentError(template.format(what=what, why=error)) from None
    if not isinstance(reply, dict):
        raise unreadable(what)
    return reply


def unreadable(what: str) -> StudentError:
    """The error about a reply that is none."""
    return StudentError(_("{what} gave a result that the judge cannot read").format(what=what))
