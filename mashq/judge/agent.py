"""The judge's end inside a student's kernel.

This text, after that of `wire.py`, is run in the kernel before the first cell, in a namespace of its own.
It answers questions over a Jupyter comm: call a function, once or for many cases, evaluate code, read a
variable. It holds nothing secret, and the judge trusts nothing that it says: a student who tampers with it
only spoils the replies about their own work.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import os
import random
import sys
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mashq.judge.wire import WireError, decode, encode


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


def answer(namespace: dict[str, Any], request: dict[str, Any]) -> Any:
    """Carry out one request of the judge."""
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
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if "ipykernel" in filename and "site-packages" not in filename:
            line = linecache.getline(filename, number).strip()
    try:
        message = str(error)
    except Exception:
        message = "(the exception has no readable message)"
    return {"type": type(error).__name__, "message": message[:500], "line": line[:200]}


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


def serve(shell: Any, figures: bool) -> None:
    """Open the judge's comm target in this kernel, and seed it: unseeded work is graded the same every time.

    figures : whether matplotlib shows the figures of a cell, which takes most of some notebooks' time
    """
    if not figures:
        hide_figures(shell)
    random.seed(0)  # Keras draws its seeds from here; PyTorch starts with a fixed one by itself
    np.random.seed(0)

    def on_open(comm: Any, _message: Any) -> None:
        def on_message(message: Any) -> None:
            parts = [bytes(part) for part in message["buffers"]]
            reply: dict[str, Any]
            try:
                reply = {"value": answer(shell.user_ns, decode(parts, tensors=True))}
                buffers = encode(reply)
            except MissingNameError as error:
                buffers = encode({"missing": str(error.args[0])})
            except WireError as error:
                buffers = encode({"unreadable": str(error)})
            except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
                buffers = encode({"error": describe(error)})
            comm.send(buffers=buffers)

        comm.on_msg(on_message)

    shell.kernel.comm_manager.register_target("mashq.judge", on_open)
