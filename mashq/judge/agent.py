"""The judge's end inside a student's kernel.

This text, after those of `wire.py` and `harmless.py`, is run in the kernel before the first cell, in a
namespace of its own. It answers questions over a Jupyter comm: call a function, once or for many cases,
evaluate code, read a variable. It holds nothing secret, and the judge trusts nothing that it says: a student
who tampers with it only spoils the replies about their own work.
"""

from __future__ import annotations

import ast
import builtins
import getpass
import linecache
import os
import random
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mashq.judge.session.harmless import Libraries, OverwrittenError, keep_names, stay_alive
    from mashq.judge.wire import WireError, decode, encode


MOST_INPUTS = 100  # so many answers input() has; more are asked for by a loop that has no end
WINDOWS = {
    *("gtk3agg", "gtk3cairo", "gtk4agg", "gtk4cairo", "macosx", "qtagg", "qtcairo", "qt5agg", "qt5cairo"),
    *("tkagg", "tkcairo", "wx", "wxagg", "wxcairo"),
}


class MissingNameError(LookupError):
    """The notebook does not define the name that the judge asked for."""


def find(namespace: dict[str, Any], name: str) -> Any:
    """The object behind a dotted name, or MissingNameError."""
    first, *rest = name.split(".")
    if first not in namespace:
        raise MissingNameError(first)
    target = namespace[first]
    for attribute in rest:
        target = getattr(target, attribute)
    return target


def evaluate(code: str, namespace: dict[str, Any]) -> Any:
    """Run the statements of `code` and return the value of the last one if it is an expression."""
    tree = ast.parse(code)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, "<check>", "exec"), namespace)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<check>", "eval"), namespace)
    return None


@contextmanager
def standing_in(namespace: dict[str, Any], code: str) -> Iterator[None]:
    """For a while, the functions that `code` defines take the place of those of the same names."""
    made: dict[str, Any] = {"__name__": "given"}
    exec(compile(code, "<given>", "exec"), made)
    given = {name: value for name, value in made.items() if getattr(value, "__globals__", None) is made}
    own = {name: namespace[name] for name in given if name in namespace}
    namespace.update(given)
    try:
        yield
    finally:
        for name in given:
            namespace.pop(name, None)
        namespace.update(own)


def answer(namespace: dict[str, Any], request: dict[str, Any]) -> Any:
    """Carry out one request of the judge, with the functions that it brings."""
    with standing_in(namespace, request.get("given", "")):
        return carry_out(namespace, request)


def carry_out(namespace: dict[str, Any], request: dict[str, Any]) -> Any:
    """Call, get or evaluate what a request asks for."""
    kind = request["do"]
    if kind == "call":
        return find(namespace, request["name"])(*request["args"], **request["kwargs"])
    if kind == "each":
        function = find(namespace, request["name"])
        # settled at once: a later call may write into the array that an earlier one gave
        return [decode(encode(function(*arguments))) for arguments in request["cases"]]
    if kind == "get":
        return find(namespace, request["name"])
    if kind == "eval":
        # a check's `sum` is Python's, whatever the notebook calls by that name
        names = {name: value for name, value in namespace.items() if not hasattr(builtins, name)}
        return evaluate(request["code"], {**names, **request["inputs"]})
    raise ValueError(f"unknown request {kind!r}")


def describe(error: BaseException) -> dict[str, Any]:
    """What the student should read about an exception: type, message and their own last line of code."""
    line = function = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if "ipykernel" in filename and "site-packages" not in filename:
            line, function = linecache.getline(filename, number).strip(), frame.f_code.co_name
    try:
        message = str(error)
    except Exception:
        message = "(the exception has no readable message)"
    return {
        "type": type(error).__name__,
        "message": message[:500],
        "line": line[:200],
        "function": function[:200],
    }


def hide_figures(shell: Any) -> None:
    """Let cells make figures that nobody will see: not laid out, not drawn, and closed after the cell."""
    os.environ["MPLBACKEND"] = "agg"
    shell.config.InlineBackend.figure_formats = set()  # where a notebook asks for the inline backend itself
    if "matplotlib" in sys.modules:  # by the process that this kernel was forked from
        sys.modules["matplotlib"].use("agg")

    def close() -> None:
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")

    shell.events.register("post_execute", close)


def draw_without_windows(shell: Any) -> None:
    """A notebook that asks for windows, or for widgets, has its figures drawn as all others have."""
    enable = shell.enable_matplotlib
    shell.enable_matplotlib = lambda gui=None: enable(gui if gui in ("agg", "inline", None) else "inline")

    def keep_backend(*_: Any) -> None:
        matplotlib: Any = sys.modules.get("matplotlib")
        if matplotlib is None:
            return
        if matplotlib.use.__module__ != __name__:
            choose = matplotlib.use

            def use(backend: str, **_: Any) -> None:
                with suppress(ImportError):
                    choose(backend, force=False)

            use.__module__ = __name__
            matplotlib.use = use
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None and pyplot.switch_backend.__module__ != __name__:
            switch = pyplot.switch_backend

            def switch_backend(newbackend: str) -> None:
                if str(newbackend).lower() not in WINDOWS:
                    switch(newbackend)

            switch_backend.__module__ = __name__
            pyplot.switch_backend = switch_backend
        if str(matplotlib.rcParams._get("backend")).lower() in WINDOWS:  # chosen before pyplot was there
            matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND", "agg")

    for moment in ("pre_run_cell", "post_run_cell"):
        shell.events.register(moment, keep_backend)
    run_code = shell.run_code

    async def run_and_keep(*arguments: Any, **options: Any) -> Any:
        """Behind each statement, as a cell may import matplotlib and ask for windows in the next."""
        try:
            return await run_code(*arguments, **options)
        finally:
            keep_backend()

    shell.run_code = run_and_keep


class Statements:
    """Runs the cells of a shell; where `go_on` is set, also what stands behind a statement that fails.

    Behind each statement, what it took from a library is put back; not in tests, which may mean it.
    """

    def __init__(self, shell: Any) -> None:
        self._go_on = self._put_back = False
        self.libraries = Libraries()
        self._shell = shell
        self._run_code = shell.run_code
        shell.run_code = self.run_code
        shell.events.register("pre_run_cell", self.begin_cell)

    def begin_cell(self, *_: Any) -> None:
        """Take what the request says of how the cell is run."""
        told = self._shell.kernel.get_parent("shell")["metadata"].get("mashq", {})
        self._go_on, self._put_back = bool(told.get("go on")), bool(told.get("put back"))
        self.libraries.put_back()

    async def run_code(self, code: Any, result: Any = None, *, async_: bool = False) -> bool:
        """Whether the rest of the cell is left out, after one statement of it."""
        failed = bool(await self._run_code(code, result, async_=async_))
        overwritten = self.libraries.put_back() if self._put_back else []
        error = getattr(result, "error_in_exec", None)
        if overwritten and not failed:
            line = min((line for _, _, line in code.co_lines() if line), default=1)
            said = f"{overwritten[0]} is a function, and is put back; Cell In[0], line {line} assigns to it"
            self._show(OverwrittenError(overwritten[0]), said)
        if not failed or not self._go_on or isinstance(error, KeyboardInterrupt):
            return failed
        if type(error).__name__ == "UsageError":  # of a magic, which the shell only prints
            self._show(error, f"UsageError: {error}")
        return False

    def _show(self, error: Any, text: str) -> None:
        self._shell._showtraceback(type(error), error, [text])


def run_below_magics(shell: Any) -> None:
    """What stands below `%%time`, or below a magic that is not here, is run as any other cell.

    Such a magic would run its cell as one piece, of which nothing is left where a line fails, or not at all.
    """

    def plain(lines: list[str]) -> list[str]:
        name, _, rest = lines[0].strip().removeprefix("%%").partition(" ") if lines else ("", "", "")
        known = name in shell.magics_manager.magics["cell"]
        if not lines or not lines[0].startswith("%%") or not name.isidentifier():
            return lines
        if (known and (name != "time" or rest)) or not is_python(lines[1:]):
            return lines
        first = "" if known else f"get_ipython().run_cell_magic({name!r}, {rest!r}, '')"
        return [f"{first}\n", *lines[1:]]

    def is_python(lines: list[str]) -> bool:
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            ast.parse(shell.input_transformer_manager.transform_cell("".join(lines)))
            return True
        return False

    shell.input_transformer_manager.cleanup_transforms.append(plain)


def press_enter(shell: Any) -> None:
    """Nobody is at the keyboard: `input()` gives an empty text, and an error where code asks without end."""
    asked = 0

    def enter(prompt: object = "", *_: Any, **__: Any) -> str:
        nonlocal asked
        asked += 1
        if asked > MOST_INPUTS:
            raise EOFError("nobody is at the keyboard, so that input() has no answer")
        print(prompt)
        return ""

    builtins.input = getpass.getpass = enter
    shell.kernel.raw_input = shell.kernel.getpass = enter  # the kernel sets them anew for each cell


def serve(shell: Any, figures: bool) -> None:
    """Open the judge's comm target in this kernel, and seed it: unseeded work is graded the same every time.

    figures : whether matplotlib shows the figures of a cell, which takes most of some notebooks' time
    """
    if not figures:
        hide_figures(shell)
    draw_without_windows(shell)
    run_below_magics(shell)
    statements = Statements(shell)
    stay_alive(shell)
    keep_names(shell)
    random.seed(0)  # Keras draws its seeds from here; PyTorch starts with a fixed one by itself
    np.random.seed(0)

    def on_open(comm: Any, _message: Any) -> None:
        press_enter(shell)

        def on_message(message: Any) -> None:
            parts = [bytes(part) for part in message["buffers"]]
            reply: dict[str, Any]
            try:
                reply = {"value": answer(shell.user_ns, decode(parts, tensors=True))}
                buffers = encode(reply)
            except MissingNameError as error:
                buffers = encode(reply := {"missing": str(error.args[0])})
            except WireError as error:
                buffers = encode(reply := {"unreadable": str(error)})
            except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
                buffers = encode(reply := {"error": describe(error)})
            if overwritten := statements.libraries.put_back():
                buffers = encode({**reply, "overwritten": overwritten[0]})
            comm.send(buffers=buffers)

        comm.on_msg(on_message)

    shell.kernel.comm_manager.register_target("mashq.judge", on_open)
