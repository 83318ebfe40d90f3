"""What a cell may do by a slip at no cost: start its kernel anew, forget all names, assign to a function.

This text is run in the student's kernel, before that of `agent.py`. On Colab and Kaggle a line that ends the
kernel is how packages are taken up that were just installed; in a graded run it would cost the cells behind
it. What a student does on purpose still ends the kernel, which then costs the cell that did it.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

WATCHED = (
    *("random", "numpy", "numpy.random", "matplotlib.pyplot", "torch", "torch.nn.functional"),
    *("keras", "keras.utils", "keras.random", "tensorflow", "tensorflow.random"),
)
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


class OverwrittenError(Exception):
    """A cell assigns to a function of a library, where it means to call it: `np.random.seed = 42`."""


class Libraries:
    """Puts back what a slip takes from a library, such as `np.random.seed = 42` or `plt.title = "Loss"`.

    Else the library's own code, the cells behind and the judge's questions would fail by it. A function that
    takes the place of another is no slip, and stays.
    """

    def __init__(self) -> None:
        self._kept: dict[
            str, tuple[dict[str, Any], dict[str, Any]]
        ] = {}  # of each: all now, functions before

    def put_back(self) -> list[str]:
        """The dotted names of what had to be put back; also looks at libraries that are new."""
        found = []
        for module in WATCHED:
            if module not in self._kept and (names := _names_of(module)) is not None:
                functions = {name: it for name, it in names.items() if name[0] != "_" and _is_function(it)}
                self._kept[module] = names, functions
        for module, (names, functions) in self._kept.items():
            for name, function in functions.items():
                now = names.get(name, function)
                if now is not function and not _is_function(now):
                    names[name] = function
                    found.append(f"{module}.{name}")
        return found


def _is_function(value: Any) -> bool:
    return callable(value) or isinstance(value, ModuleType)


def _names_of(module: str) -> dict[str, Any] | None:
    """What a module that was imported holds; None for others. Nothing is loaded for it."""
    first, *rest = module.split(".")
    found = sys.modules.get(first)
    for part in rest:
        found = vars(found).get(part) if isinstance(found, ModuleType) else None
    return vars(found) if isinstance(found, ModuleType) else None
