"""The warm process starts here: it gives up its rights, imports, says that it is ready, and serves."""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

from mashq.sandbox import channel
from mashq.sandbox.inside.namespaces import can_enter_own_namespaces
from mashq.sandbox.inside.usage import show_memory
from mashq.sandbox.inside.warm import WarmProcess

PR_SET_PDEATHSIG = 1
KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completer",
    "sandlock",
)


def main() -> None:
    """Get ready, then serve one kernel after another until the grader closes the socket."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--uid", type=int, default=0, help="become this user first; 0: stay who we are")
    parser.add_argument("--modules", nargs="*", default=[])
    options = parser.parse_args()
    sock = socket.socket(fileno=options.socket)
    try:
        with suppress(OSError):  # we and our forks are the first to go where the machine runs out of memory
            Path("/proc/self/oom_score_adj").write_text("1000")
        if options.uid:
            _become_user(options.uid)
        os.umask(0o022)  # the usual one for the student's files, whatever the grader's is
        show_memory(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _warm_up(options.modules)
    except Exception as error:
        channel.send(sock, {"failed": f"{type(error).__name__}: {error}"})
        raise
    _discard_output()
    # A process with threads cannot be forked safely.
    many = len(os.listdir("/proc/self/task")) == 1 and can_enter_own_namespaces()
    channel.send(sock, {"ready": True, "serves_many": many})
    with suppress(channel.ChannelClosedError):
        WarmProcess(sock).serve()


def _become_user(uid: int) -> None:
    """Give up root for a user that owns nothing."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # bubblewrap's, lost with the user


def _warm_up(modules: list[str]) -> None:
    """Import what kernels need, and do once what is slow the first time; starts no thread."""
    for name in (*KERNEL, *modules):
        importlib.import_module(name)
    if "matplotlib.pyplot" in modules:
        _draw_once()
    gc.collect()
    gc.freeze()  # the forked kernel's collector leaves these pages shared


def _draw_once() -> None:
    """Load fonts and the parser of mathematical text, which the first figure waits for."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], label="$x_1$")
    axes.set(title="$|x_1 - x_2| < 0.5$", xlabel="$x$")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def _discard_output() -> None:
    """Nobody reads this process's output from here on, and a full pipe would stop it."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


if __name__ == "__main__":
    main()
