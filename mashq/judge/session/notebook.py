"""`NotebookSession`: the cells of a notebook in order, and what is run again after a kernel died."""

from __future__ import annotations

import bisect
import dataclasses
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import nbformat
import zmq

from mashq import cells
from mashq.errors import MachineError, NoAnswerError
from mashq.judge import wire
from mashq.judge.limits import Limits
from mashq.judge.results import OwnNumbers
from mashq.judge.session import conversation, stops
from mashq.judge.session.causes import Causes
from mashq.judge.session.clock import Budget
from mashq.judge.session.conversation import (
    MALFORMED,
    KernelDiedError,
    KernelLostError,
    LateError,
    UnfinishedError,
)
from mashq.judge.session.kernel import Kernel, start_kernel
from mashq.judge.session.output import append_error
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import Files, Kernels, KernelUsage, is_python
from mashq.sandbox import kernels as kernels_behind

log = logging.getLogger(__name__)

TROUBLE = N_("cell {number}: {trouble}")
SETTLE_S = 1.0  # a kernel that ends so long after a cell ends because of it


class NotebookSession:
    """One graded run of a notebook.

    notebook : nbformat notebook; its code cells get the outputs of this run, in place
    files : what lies beside the notebook while it runs; nothing that it writes is kept
    limits : see `Limits`
    kernels : where kernels come from; None starts them without walls, for notebooks that are trusted
    run_all : whether to draw figures, and to run cells that no check has asked for
    folder : the name of the folder that it runs in; a student's is called after the assignment

    Use it as a context manager; the kernel starts with the first cell or question. A kernel that dies or
    hangs costs the cell that did it and no other: a new one is started and the cells before are run once
    more, without the culprit. That is the cell in which the kernel died, but where the kernel dies without it
    as well, a moment after an earlier one.

    An answer that stops with an error stays stopped, and so does a test. In all other cells the statements
    behind the one that fails run all the same, and where the release has the cell, its released code, too: a
    line that works only where the student wrote it costs nothing but itself.
    """

    def __init__(
        self,
        notebook: Any,
        files: Files | None = None,
        limits: Limits | None = None,
        kernels: Kernels | None = None,
        run_all: bool = True,
        folder: str = "work",
    ) -> None:
        self.notebook = notebook
        self.folder = folder
        self.run_all = run_all
        self.files = files or {}
        self.limits = limits or Limits()
        self.usage = KernelUsage()  # of the kernels that have ended
        self.remembered: dict[str, Any] = {}  # answers that several checks of one cell share
        self.own: dict[str, OwnNumbers] = {}  # {test cell: whose numbers it is about}, as checks tell
        self.started = False  # whether a cell or a question has needed the kernel yet
        self.problems: list[Problem] = []  # what went wrong with the kernel
        self.causes = Causes(notebook)  # the cells that did not run to their end
        self._kernels = kernels_behind("none") if kernels is None else kernels
        self._kernel: Kernel | None = None
        self._is_python = is_python(notebook)
        self._next = 0  # the cell that runs next
        self._done: list[int] = []  # cells that ran and left the kernel alive
        self._instead: set[int] = set()  # those of them whose released code ran in their place
        self._restarts = 0
        self._killed: set[int | str] = set()  # cells and questions under which the kernel was killed once
        self._left_out = 0  # cells that have run, and behind which the kernel died
        self._settled: set[int] = set()  # cells behind which a kernel was seen to live on
        self._unanswered: dict[str, str] = {}  # calls without an answer → what to say if made again
        self._machine_error: MachineError | None = None  # what has made this session unusable
        self._for_cells = Budget(self.limits.notebook_s)
        self._for_calls = Budget(self.limits.calls_s)

    def __enter__(self) -> NotebookSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the kernel; the notebook keeps its outputs."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            self.usage = self.usage.then(kernel.shut_down())

    @property
    def seconds(self) -> float:
        """Wall time of the cells so far, with those that were run again."""
        return self._for_cells.used_s

    # -- cells --------------------------------------------------------------------------------------------

    def positions(self) -> dict[str, int]:
        """Where each nbgrader cell stands: {grade_id: index}."""
        return {name: index for index, cell in enumerate(self.notebook.cells) if (name := cells.id_of(cell))}

    def run_until(self, grade_id: str) -> None:
        """Run the cells up to and with the one named; all of them if there is none of that name."""
        last = self.positions().get(grade_id, len(self.notebook.cells) - 1)
        while self._next <= last:
            self._run(self._next)
            self._next += 1
            self._unanswered.clear()
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
        if self._for_cells.left_s <= 0:
            append_error(cell, "TimeLimit", self._time_is_up())
            return
        try:
            kernel = self._running_kernel()
        except NoAnswerError as error:
            append_error(cell, "KernelDied", str(error))
            return
        try:
            self._run_cell(kernel, cell, index)
        except KernelLostError as lost:
            if self._is_tried_again(lost, index):
                self._run(index)
                return
            append_error(cell, "CellStopped", lost.sentence.said())
        else:
            self._done.append(index)
        self._look_at(cell, index)

    def _run_cell(self, kernel: Kernel, cell: Any, index: int, trouble: str = TROUBLE) -> None:
        """Run one cell; a kernel that it costs is given up, before KernelLostError says so."""
        number = len(self._done) + 1
        with self._for_cells.charged(), self._machine_failures():
            try:
                kernel.begin_cell(self._goes_on(cell), put_back=not cells.is_test(cell))
                conversation.run_cell(kernel, cell, index, number, self.limits.cell_s, self._for_cells)
            except KernelLostError as lost:
                noted = not self._is_forgiven(lost, index)
                self._give_up_kernel(Sentence.of(trouble, number=index + 1, trouble=lost.sentence), noted)
                raise

    def _look_at(self, cell: Any, index: int) -> None:
        """Note that a cell stopped, and see that the release's own code takes effect in its cells."""
        goes_on = self._goes_on(cell)
        stop = None if cells.is_test(cell) else stops.stop_of(cell, index, self.causes.stops, goes_on)
        if stop is None:
            return
        released = bool(cells.released_code(cell)) and self._run_released(index)
        self.causes.add(dataclasses.replace(stop, released=released))

    def _run_released(self, index: int) -> bool:
        """Run the released code of a given cell that a student changed; whether it ran to its end."""
        if self._for_cells.left_s <= 0:
            return False
        try:
            kernel = self._running_kernel()
            self._run_copy(kernel, index, cells.released_code(self.notebook.cells[index]))
        except (NoAnswerError, KernelLostError):
            return False
        if index not in self._done:
            bisect.insort(self._done, index)
            self._instead.add(index)
        return True

    def _run_copy(self, kernel: Kernel, index: int, source: str, trouble: str = TROUBLE) -> Any:
        """Run code in a cell's place for its variables; what the cell shows stays that of its first run."""
        cell = self.notebook.cells[index]
        copy = nbformat.from_dict({**cell, "source": source, "outputs": []})
        try:
            self._run_cell(kernel, copy, index, trouble)
        finally:
            self.notebook.cells[index] = cell  # where nbclient has put the copy
        return copy

    def _goes_on(self, cell: Any) -> bool:
        """Whether what stands behind a statement that fails is run: nothing of an answer or a test."""
        return self._is_python and not cells.is_solution(cell) and not cells.gives_points(cell)

    def cause_of(self, name: str) -> Sentence | None:
        """Which cell stopped, so that there is no such name; None where that is not known."""
        return self.causes.of(name, self._judged())

    def _judged(self) -> str:
        """The test cell whose checks are held just now."""
        return cells.id_of(self.notebook.cells[self._next - 1])

    def _time_is_up(self) -> str:
        over = _("not run: the notebook used up its {seconds:.0f} s")
        return over.format(seconds=self.limits.notebook_s)

    # -- the judge's questions ----------------------------------------------------------------------------

    def ask(self, request: dict[str, Any], what: str, timeout: float | None = None) -> dict[str, Any]:
        """Put a question to the kernel (see `agent.answer`) and return the agent's reply.

        what : how to name the work in a message to the student, for instance "backprop()"
        timeout : seconds, None for the limit of a call

        Raises StudentError when the kernel dies, hangs or answers nonsense.
        """
        if what in self._unanswered:
            raise NoAnswerError(self._unanswered[what])
        if self._for_cells.left_s <= 0:
            raise NoAnswerError(self._time_is_up())
        if self._for_calls.left_s <= 0:
            over = _("not run: the calls of checks used up their {seconds:.0f} s")
            raise NoAnswerError(over.format(seconds=self.limits.calls_s))
        kernel = self._running_kernel()
        try:
            buffers = wire.encode(request)
        except wire.WireError as error:
            raise ValueError(f"the check asks with something that is not plain data: {error}") from error
        limit_s = self.limits.call_s if timeout is None else timeout
        failed: UnfinishedError | None = None
        with self._for_calls.charged(), self._machine_failures():
            try:
                parts = conversation.ask(kernel, buffers, what, limit_s, self._for_calls)
            except KernelLostError as lost:
                self._give_up_kernel(lost.sentence, noted=not self._is_forgiven(lost, what))
                failed = lost
            except LateError as late:
                failed = late
            except MALFORMED:
                self._give_up_kernel(
                    Sentence.of(N_("{what} made the kernel send a message that is none"), what=what)
                )
                raise conversation.unreadable(what) from None
        if isinstance(failed, KernelLostError) and self._is_tried_again(failed, what):
            return self.ask(request, what, timeout)
        if failed is not None:
            raise self._no_answer(request, what, failed.sentence)
        reply = conversation.read_reply(parts, what)
        if "overwritten" in reply:
            self.causes.overwritten(str(reply["overwritten"]), self._judged())
        return reply

    def _no_answer(self, request: dict[str, Any], what: str, sentence: Sentence) -> NoAnswerError:
        """The error for a question without a reply; the same call is not tried again before the next cell."""
        if request["do"] in ("call", "each"):
            self._unanswered[what] = sentence.said()
        return NoAnswerError(sentence.said())

    # -- the kernel ---------------------------------------------------------------------------------------

    def _running_kernel(self) -> Kernel:
        """The running kernel; a new one, with the earlier cells run again, where there is none.

        Raises NoAnswerError when none is started again, MachineError when none can be started.
        """
        if self._machine_error is not None:  # every check would wait as long for the same
            raise self._machine_error
        if self._kernel is not None:
            return self._kernel
        found: list[tuple[int, Sentence]] = []  # cells that ended a kernel after they had run
        carefully = False
        while self._kernel is None:
            if self._restarts > self.limits.restarts:
                often = _("the kernel died more than {count} times; it is not started again")
                raise NoAnswerError(often.format(count=self.limits.restarts))
            self.started = True
            with self._for_cells.charged() if self._restarts else nullcontext(), self._machine_failures():
                self._kernel = start_kernel(
                    self.notebook, self._kernels, self.folder, self.files, self.limits, self.run_all
                )
            died = self._run_all_again(self._kernel, carefully)
            if died is not None and carefully:
                found.append(died)
                self._done.remove(died[0])
                self._left_out += 1
            carefully = died is not None and not carefully
        if self._for_cells.left_s <= 0:
            self.close()
            raise NoAnswerError(self._time_is_up())
        kernel = self._kernel
        for index, sentence in found:
            self._leave_out(index, sentence)
        return self._kernel or kernel

    def _was_an_earlier_cell(self) -> bool:
        """Whether the kernel dies without the last cell or question, too; then the culprit is left out."""
        if not set(self._done) - self._settled:
            return False
        before = self._left_out
        with suppress(NoAnswerError):
            self._running_kernel()
        return self._left_out > before

    def _run_all_again(self, kernel: Kernel, carefully: bool) -> tuple[int, Sentence] | None:
        """Run the cells that have run, for their variables; the one behind which the kernel died, and why.

        carefully : whether to wait behind each, to be certain about which it was
        """
        last = max(self._done, default=-1)
        for index in self._done:
            if self._for_cells.left_s <= 0:
                break
            try:
                self._run_again(kernel, index)
            except KernelDiedError as died:
                return index, died.sentence
            wait = index not in self._settled and (carefully or (index == last and self._restarts > 0))
            if wait and not kernel.lives_for(SETTLE_S):
                soon = N_("the kernel died soon after this cell ({cause})")
                trouble = Sentence.of(soon, cause=kernel.why_it_died())
                self._give_up_kernel(Sentence.of(TROUBLE, number=index + 1, trouble=trouble))
                return index, trouble
            if wait:
                self._settled.update(self._done[: self._done.index(index) + 1])
        return None

    def _leave_out(self, index: int, sentence: Sentence) -> None:
        """Say in a cell that it ended the kernel, and see that the release's own code takes its place."""
        cell = self.notebook.cells[index]
        append_error(cell, "CellStopped", sentence.said())
        self._look_at(cell, index)

    def _run_again(self, kernel: Kernel, index: int) -> None:
        """Run a cell for its variables; what it shows stays that of the first run."""
        cell = self.notebook.cells[index]
        released = cells.released_code(cell)
        again = N_("cell {number}, run again after the kernel died: {trouble}")
        try:
            if index not in self._instead:
                copy = self._run_copy(kernel, index, cell.source, again)
                released = released if any(o.output_type == "error" for o in copy.outputs) else ""
            if released:
                self._run_copy(kernel, index, released, again)
        except KernelDiedError:
            raise
        except KernelLostError:
            stopped = _("cell {number} stopped the kernel when it was run again")
            raise NoAnswerError(stopped.format(number=index + 1)) from None

    def _is_tried_again(self, lost: KernelLostError, doing: int | str) -> bool:
        """Whether what cost the kernel is done once more: it was killed, or an earlier cell did it."""
        if self._is_forgiven(lost, doing):
            self._killed.add(doing)
            return True
        return isinstance(lost, KernelDiedError) and self._was_an_earlier_cell()

    def _is_forgiven(self, lost: KernelLostError, doing: int | str) -> bool:
        """Whether the kernel was killed, for the first time here: maybe by Linux, where memory is short."""
        return lost.killed and doing not in self._killed

    def _give_up_kernel(self, trouble: Sentence, noted: bool = True) -> None:
        log.warning("%s", trouble)
        if noted:
            self.problems.append(Problem(Kind.STUDENT, trouble))
        self._restarts += 1
        self.close()

    @contextmanager
    def _machine_failures(self) -> Iterator[None]:
        """After a failure of the machine nothing more is run or asked: it would count against the student."""
        try:
            yield
        except MachineError as error:
            self._machine_error = error
            raise
        except (OSError, MemoryError, zmq.ZMQError) as error:
            self._machine_error = MachineError(
                f"the kernel cannot be reached: {type(error).__name__}: {error}"
            )
            raise self._machine_error from error
