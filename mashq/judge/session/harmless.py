"""What a cell may ask of its own kernel at no cost: to start anew, or to forget all names.

This text is run in the student's kernel, before that of `agent.py`. On Colab and Kaggle a line that ends the
kernel is how packages are taken up that were just installed; in a graded run it would cost the cells behind
it. What a student does on purpose still ends the kernel, which then costs the cell that did it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

ENDS_PYTHON = (1, 3, 6, 9, 15)  # the numbers of signals: SIGHUP, SIGQUIT, SIGABRT, SIGKILL, SIGTERM
NOT_ENDED = "the kernel is not started anew where this is graded"
NOT_FORGOTTEN = "no names are deleted where this is graded"


def stay_alive(shell: Any) -> None:
    """No `exit()`, no `do_shutdown()` and no signal to oneself ends the kernel, at once or a moment later."""
    shell.ask_exit = lambda: None
    shell.unobserve_all("exit_now")  # the loop of the kernel would stop a moment later, in another cell
    own, kill = os.getpid(), os.kill

    def kill_others(pid: int, signal: int, /) -> None:
        if pid == own == os.getpid() and signal in ENDS_PYTHON:  # a child of it may end itself
            print(NOT_ENDED, file=sys.stderr)
        else:
            kill(pid, signal)

    os.kill = kill_others

    def do_shutdown(restart: bool = False, **_: Any) -> dict[str, Any]:
        print(NOT_ENDED, file=sys.stderr)
        return {"status": "ok", "restart": restart}

    shell.kernel.do_shutdown = do_shutdown


def keep_names(shell: Any) -> None:
    """`%reset` leaves what is there: the given cells above it have run, and are not run again."""

    def keep(*_: Any, **__: Any) -> None:
        print(NOT_FORGOTTEN, file=sys.stderr)

    shell.reset = keep
    for name in ("reset", "reset_selective"):
        shell.magics_manager.magics["line"][name] = keep
