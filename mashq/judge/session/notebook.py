"""`NotebookSession`: the cells of a notebook in order, and what is run again after a kernel died."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import nbformat
import zmq

from mashq import cells
from mashq.errors import MachineError, NoAnswerError, StudentError
from mashq.judge import wire
from mashq.judge.clock import Budget
from mashq.judge.limits import Limits
from mashq.judge.results import OwnNumbers
from mashq.judge.session import conversation, stops
from mashq.judge.session.conversation import MALFORMED, KernelLostError, LateError
from mashq.judge.session.kernel import Kernel, start_kernel
from mashq.judge.session.output import append_error
from mashq.judge.session.stops import LeftAbove, Stop
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import Files, Kernels, KernelUsage
from mashq.sandbox import kernels as kernels_behind

log = logging.getLogger(__name__)

TROUBLE = N_("cell {number}: {trouble}")


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
    more, without the culprit.

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
        self.stops: list[Stop] = []  # the cells that did not run to their end, but those of tests
        # (index, test cell) of those that a failed check named as its cause
        self.blamed: set[tuple[int, str]] = set()
        self._failed_tests: list[Stop] = []  # of those that the notebook brings
        self._kernels = kernels_behind("none") if kernels is None else kernels
        self._kernel: Kernel | None = None
        self._next = 0  # the cell that runs next
        self._done: list[int] = []  # cells that ran and left the kernel alive
        self._instead: set[int] = set()  # those of them whose released code ran in their place
        self._restarts = 0
        self._killed: set[int | str] = set()  # cells and questions under which the kernel was killed once
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
            used = kernel.shut_down()
            self.usage = KernelUsage(
                self.usage.cpu_s + used.cpu_s,
                max(self.usage.peak_mb, used.peak_mb),
                max(self.usage.disk_mb, used.disk_mb),
            )

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
            if self._is_forgiven(lost, index):
                self._killed.add(index)
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
                kernel.go_on(_goes_on(cell))
                conversation.run_cell(kernel, cell, index, number, self.limits.cell_s, self._for_cells)
            except KernelLostError as lost:
                noted = not self._is_forgiven(lost, index)
                self._give_up_kernel(Sentence.of(trouble, number=index + 1, trouble=lost.sentence), noted)
                raise

    def _look_at(self, cell: Any, index: int) -> None:
        """Note that a cell stopped, and see that the release's own code takes effect in its cells."""
        stop = None if cells.is_test(cell) else stops.stop_of(cell, index, self.stops, _goes_on(cell))
        if stop is None:
            return
        released = bool(cells.released_code(cell)) and self._run_released(index)
        self.stops.append(dataclasses.replace(stop, released=released))

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
            self._done.append(index)
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

    def found_stops(self) -> list[Sentence]:
        """What kept cells from running to their end, in order, but for what others led to in given cells."""
        found: list[Stop | LeftAbove] = [
            stop for stop in self.stops if stop.grade_id or (stop.within and stop.cause is None)
        ]
        found += stops.left_above(self.notebook)
        found.sort(key=lambda stop: stop.index)
        return [stop.sentence() for stop in found]

    def blame_for_failed_tests(self) -> None:
        """Note which stops the failed tests of the notebook's own come from, where these decide."""
        for index, cell in enumerate(self.notebook.cells):
            stop = stops.stop_of(cell, index, self.stops, False) if cells.is_test(cell) else None
            if stop is not None:
                self._failed_tests.append(stop)
                self.blamed.update((link.index, cells.id_of(cell)) for link in stops.chain(stop))

    def lacking(self) -> list[Problem]:
        """The packages that grading has not, where a failed check comes from that: a person decides."""
        lack = N_(
            "{stop}; points were lost by it: install the package where grading runs and grade again with "
            "--force, or give points"
        )
        return [
            Problem(Kind.PERSON, Sentence.of(lack, stop=stop.short(stop.said)), grade_id)
            for stop in [*self.stops, *self._failed_tests]
            for index, grade_id in sorted(self.blamed)
            if index == stop.index and stop.error == "ModuleNotFoundError"
        ]

    def cause_of(self, name: str) -> Sentence | None:
        """Which cell stopped, so that there is no such name; None where that is not known."""
        stop = stops.cause_of(name, self.stops)
        if stop is None:
            return None
        judged = cells.id_of(self.notebook.cells[self._next - 1])
        self.blamed.update((link.index, judged) for link in stops.chain(stop))
        return stop.short(stop.error)

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
        with self._for_calls.charged(), self._machine_failures():
            parts: list[bytes] | None
            try:
                parts = conversation.ask(kernel, buffers, what, limit_s, self._for_calls)
            except KernelLostError as lost:
                forgiven = self._is_forgiven(lost, what)
                self._give_up_kernel(lost.sentence, noted=not forgiven)
                if not forgiven:
                    raise self._no_answer(request, what, lost.sentence) from None
                parts = None
            except LateError as late:
                raise self._no_answer(request, what, late.sentence) from None
            except MALFORMED:
                self._give_up_kernel(
                    Sentence.of(N_("{what} made the kernel send a message that is none"), what=what)
                )
                raise _unreadable(what) from None
        if parts is None:
            self._killed.add(what)
            return self.ask(request, what, timeout)
        try:
            reply = wire.decode(parts)
        except wire.WireError as error:
            template = _("{what} gave a result that the judge cannot read: {why}")
            raise StudentError(template.format(what=what, why=error)) from None
        if not isinstance(reply, dict):
            raise _unreadable(what)
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
        if self._restarts > self.limits.restarts:
            often = _("the kernel died more than {count} times; it is not started again")
            raise NoAnswerError(often.format(count=self.limits.restarts))
        self.started = True
        with self._for_cells.charged() if self._restarts else nullcontext(), self._machine_failures():
            self._kernel = start_kernel(
                self.notebook, self._kernels, self.folder, self.files, self.limits, self.run_all
            )
        for index in self._done:
            if self._for_cells.left_s > 0:
                self._run_again(self._kernel, index)
        if self._for_cells.left_s <= 0:
            self.close()
            raise NoAnswerError(self._time_is_up())
        return self._kernel

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
        except KernelLostError:
            stopped = _("cell {number} stopped the kernel when it was run again")
            raise NoAnswerError(stopped.format(number=index + 1)) from None

    def _is_forgiven(self, lost: KernelLostError, doing: int | str) -> bool:
        """Whether a cell or a question is tried once more: its kernel was killed, for the first time.

        That may have been Linux, where the machine's memory was short, or a person, and not the student.
        """
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


def _goes_on(cell: Any) -> bool:
    """Whether what stands behind a statement that fails is run: nothing of an answer, nothing of a test."""
    return not cells.is_solution(cell) and not cells.gives_points(cell)


def _unreadable(what: str) -> StudentError:
    return StudentError(_("{what} gave a result that the judge cannot read").format(what=what))
