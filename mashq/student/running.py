"""Run a notebook from top to bottom in a fresh kernel, as the grader does, and say what failed."""

from __future__ import annotations

import asyncio
import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from mashq.cells import id_of, is_test
from mashq.exercises import CellNames
from mashq.language import gettext as _
from mashq.student.findings import Finding

Progress = Callable[[int, int, str], None]  # number of the cell, of how many, its name
SHOWN = 6  # errors that are named one by one


@dataclass(frozen=True)
class CellError:
    """A cell that raised an error."""

    grade_id: str  # empty for an ordinary cell
    cell: str  # what to call it
    error: str  # its type
    message: str  # its first line
    test: bool  # whether the cell holds visible checks

    @property
    def said(self) -> str:
        """The error in one line; what a visible check says speaks for itself."""
        speaks = self.test and self.error == "AssertionError" and self.message
        return (self.message if speaks else f"{self.error}: {self.message}")[:200]


@dataclass
class Run:
    """What came of running a notebook."""

    errors: list[CellError] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)  # the ids of test cells
    stopped: str = ""  # why it could not go on to the end
    advice: str = ""


def run_notebook(notebook: Any, folder: Path, timeout: int, names: CellNames, progress: Progress) -> Run:
    """Run a copy of a notebook, with `folder` as working directory; at most `timeout` seconds a cell."""
    # On Windows the default loop cannot wait for ZeroMQ's sockets.
    loop = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_run(copy.deepcopy(notebook), folder, timeout, names, progress))


async def _run(notebook: Any, folder: Path, timeout: int, names: CellNames, progress: Progress) -> Run:
    run = Run()
    client = NotebookClient(
        notebook,
        kernel_name="python3",  # this Python's, whatever kernel the notebook was written with
        timeout=timeout,
        startup_timeout=120,
        allow_errors=True,
        extra_arguments=["--log-level=CRITICAL"],  # a kernel's remarks on itself only worry people
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        async with client.async_setup_kernel():
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type == "code" and cell.source.strip():
                    name = names.cell(cell, index + 1)
                    progress(index + 1, len(notebook.cells), name)
                    await _run_cell(client, cell, index, name, run, timeout)
                    if run.stopped:
                        break
    except RuntimeError as error:  # as nbclient and jupyter_client say that there is no kernel to talk to
        run.stopped = _("no kernel could be started: {error}").format(error=error)
        run.advice = _("Run: pip install ipykernel")
    return run


async def _run_cell(client: NotebookClient, cell: Any, index: int, name: str, run: Run, timeout: int) -> None:
    try:
        await client.async_execute_cell(cell, index)
    except CellTimeoutError:
        late = _("{name} was not done after {seconds} seconds")
        run.stopped = late.format(name=name, seconds=timeout)
        run.advice = _(
            "Look for a loop that does not end; --timeout gives cells more time on a slow machine."
        )
        return
    except DeadKernelError:
        run.stopped = _("the kernel died in {name}").format(name=name)
        run.advice = _("The usual reason is too little memory: use smaller arrays or batches.")
        return
    error = next((o for o in cell.get("outputs", ()) if o.output_type == "error"), None)
    if error is not None:
        lines = str(error.evalue).strip().splitlines()
        first = lines[0] if lines else ""
        run.errors.append(CellError(id_of(cell), name, str(error.ename), first, is_test(cell)))
    elif is_test(cell):
        run.passed.append(id_of(cell))


def findings_of(run: Run, tests: list[str], empty: set[str], names: CellNames) -> Iterator[Finding]:
    """What a run says to the student.

    tests : the ids of the cells with visible checks
    empty : the ids of answers that are not written yet, which is told already
    """
    errors = [error for error in run.errors if not error.test and error.grade_id not in empty]
    if run.stopped:
        yield Finding("to do", "run", run.stopped, run.advice)
    for number, error in enumerate(errors[:SHOWN]):
        advice = _("Put right the first error first; later ones may come from it.") if number == 0 else ""
        yield Finding("to do", "run", f"{error.cell}: {error.said}", advice)
    if len(errors) > SHOWN:
        more = _("{count} more cells raised errors").format(count=len(errors) - SHOWN)
        yield Finding("to do", "run", more)
    if not run.stopped and not errors and not empty:
        yield Finding("ok", "run", _("runs from top to bottom in a fresh kernel"))
    failed = [error for error in run.errors if error.test]
    for error in failed:
        if not (empty and error.error == "NotImplementedError"):
            yield Finding("to do", "checks", f"{names.exercise(error.grade_id)}: {error.said}")
    reached = {*run.passed, *(error.grade_id for error in failed)}
    unreached = [name for name in tests if name not in reached]
    if unreached:
        says = _("not reached: {names}").format(names=names.exercises(unreached))
        yield Finding("to do", "checks", says)
    if tests and len(run.passed) == len(tests):
        passed = _("{count} of {total} cells with visible checks pass")
        yield Finding("ok", "checks", passed.format(count=len(tests), total=len(tests)))
