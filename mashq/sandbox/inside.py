"""The warm process: runs inside the outer wall, imports what notebooks need, and forks a kernel for each.

Started by `sandbox.py` as `python -m mashq.sandbox.inside`. It runs no student code itself. A forked kernel
has the imports ready, confines itself (inner wall) and never comes back; the warm process relays signals to
it, watches what it uses, and cleans up behind it. All it says to the grader is JSON over one socket.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mashq.sandbox import channel

SCRATCH = Path("/scratch")
SHARED_MEMORY = Path("/dev/shm")
WATCH_S = 0.25  # how often memory and files are looked at
LEAVE_S = 1.0  # for processes that a killed kernel leaves behind to be gone
PR_SET_DUMPABLE = 4
KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completer",
    "sandlock",
)
MB = 2**20
PAGE = resource.getpagesize()


def main() -> None:
    """Get ready, then serve one kernel after another until the grader closes the socket."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--uid", type=int, default=0, help="become this user first; 0: stay who we are")
    parser.add_argument("--modules", nargs="*", default=[])
    options = parser.parse_args()
    sock = socket.socket(fileno=options.socket)
    try:
        if options.uid:
            _become(options.uid)
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # no other process of this user may look inside
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _warm_up(options.modules)
    except Exception as error:
        channel.send(sock, {"failed": f"{type(error).__name__}: {error}"})
        raise
    _silence()
    channel.send(sock, {"ready": True, "threads": len(os.listdir("/proc/self/task"))})
    with suppress(channel.ChannelClosedError):
        WarmProcess(sock).serve()


def _become(uid: int) -> None:
    """Give up root for a user that owns nothing."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


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


def _silence() -> None:
    """Nobody reads this process's output from here on, and a full pipe would stop it."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


class WarmProcess:
    """Serves the grader's requests: start a kernel, signal it, end it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._kernel = 0  # its process id in here; 0 when there is none
        self._pidfd = -1
        self._quota: dict[str, int] = {}
        self._reason = ""  # why we killed it
        self._usage: dict[str, float] = {}
        self._before = _own_pages()
        self._count = 0

    def serve(self) -> None:
        """Answer requests; between them, watch the kernel."""
        while True:
            ready = self._selector.select(WATCH_S if self._kernel else None)
            for key, _ in ready:
                if key.fileobj is self._sock:
                    self._answer(*channel.receive(self._sock))
                else:
                    self._report_exit()
            if self._kernel and not self._reason:
                self._watch()

    def _answer(self, request: dict[str, Any], blobs: list[bytes], descriptors: list[int]) -> None:
        kind = request["do"]
        if kind == "kernel":
            self._start(request, blobs, descriptors)
        elif kind == "signal":
            if self._kernel:
                os.kill(self._kernel, int(request["number"]))
        elif kind == "end":
            self._end()

    def _start(self, request: dict[str, Any], blobs: list[bytes], descriptors: list[int]) -> None:
        self._count += 1
        home = SCRATCH / str(self._count)
        self._quota, self._reason, self._usage = request["quota"], "", {}
        pid = os.fork()
        if pid == 0:
            self._sock.close()
            self._selector.close()
            _run_kernel(home, request, blobs, descriptors)
            os._exit(70)  # not reached
        for descriptor in descriptors:
            os.close(descriptor)
        self._kernel, self._pidfd = pid, os.pidfd_open(pid)
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        channel.send(self._sock, {"started": pid})

    def _report_exit(self) -> None:
        if self._kernel:
            self._reap()
            channel.send(self._sock, {"exited": self._usage["code"], "reason": self._reason})

    def _reap(self) -> None:
        """Take leave of the kernel, dead already or not."""
        with suppress(ProcessLookupError):
            os.kill(self._kernel, signal.SIGKILL)  # our own child, not yet waited for: the number is its own
        _, status, used = os.wait4(self._kernel, 0)
        self._selector.unregister(self._pidfd)
        os.close(self._pidfd)
        self._kernel, self._pidfd = 0, -1
        self._usage = {
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024,
        }

    def _end(self) -> None:
        """End the kernel and clear what it left; says what could not be cleared."""
        if self._kernel:
            self._reap()
        left = self._leftovers()
        channel.send(self._sock, {"ended": self._usage, "left": left, "reason": self._reason})

    def _leftovers(self) -> str:
        """What a submission left behind that we cannot or may not clear; empty when all is as it was."""
        give_up = time.monotonic() + LEAVE_S
        while (others := _other_processes()) and time.monotonic() < give_up:
            time.sleep(0.01)
        if others:
            return f"{len(others)} processes"
        for folder in (SCRATCH, SHARED_MEMORY):
            _clear(folder)
            if any(folder.iterdir()):
                return f"files in {folder}"
        return ""

    def _watch(self) -> None:
        """Kill the kernel when its processes together use too much memory."""
        pages = sum(max(0, _own_pages(pid) - self._before) for pid in _other_processes())
        files = sum(_bytes_in(folder) for folder in (SCRATCH, SHARED_MEMORY))
        used_mb = (pages * PAGE + files) / MB
        if used_mb > self._quota["memory_mb"]:
            self._reason = f"it used more than {self._quota['memory_mb']} MB of memory"
            os.kill(self._kernel, signal.SIGKILL)


def _other_processes() -> list[int]:
    """All processes in here but the first one (bwrap's) and this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]


def _own_pages(pid: int | None = None) -> int:
    """Resident pages of a process (None: this one) that are not files or shared memory."""
    try:
        fields = Path(f"/proc/{pid or 'self'}/statm").read_text().split()
    except OSError:  # gone
        return 0
    return int(fields[1]) - int(fields[2])


def _bytes_in(folder: Path) -> int:
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def _clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, onerror=_open_up)
        else:
            entry.unlink(missing_ok=True)


def _open_up(remove: Any, path: str, _error: Any) -> None:
    """A folder that its owner had closed: open it and try once more."""
    with suppress(OSError):
        os.chmod(Path(path).parent, 0o700)
        os.chmod(path, 0o700)
        if remove is not os.unlink and Path(path).is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            remove(path)


# -- in the forked kernel ---------------------------------------------------------------------------------


def _run_kernel(home: Path, request: dict[str, Any], blobs: list[bytes], descriptors: list[int]) -> None:
    """Be a Jupyter kernel behind the inner wall, until killed."""
    try:
        os.setsid()
        work = _lay_out(home, request, blobs)
        _limit(request["quota"])
        if request["landlock"]:
            _confine(home)
        _start_kernel(work, request["connection"], descriptors)
    except BaseException:
        with suppress(BaseException):
            import traceback

            (home / "kernel-failed.txt").write_text(traceback.format_exc())
    finally:
        os._exit(71)


def _lay_out(home: Path, request: dict[str, Any], blobs: list[bytes]) -> Path:
    """The submission's folder, with its files, and places for temporary ones; returns the former."""
    work = home / "work" / request["folder"]
    for folder in (work, home / "tmp", home / "home"):
        folder.mkdir(parents=True)
    for name, data in zip(request["files"], blobs, strict=True):
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    os.environ.update(HOME=str(home / "home"), TMPDIR=str(home / "tmp"))
    os.environ.update(MPLCONFIGDIR=str(home / "home"), IPYTHONDIR=str(home / "home" / ".ipython"))
    os.chdir(work)
    return work


def _limit(quota: dict[str, int]) -> None:
    """Limits of each process; what they use together is watched from outside (`WarmProcess._watch`)."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
    limits = {
        # Address space, not memory: threads reserve much that they never touch, so twice the memory.
        resource.RLIMIT_AS: mapped + 2 * quota["memory_mb"] * MB,
        resource.RLIMIT_FSIZE: quota["file_mb"] * MB,
        resource.RLIMIT_NPROC: quota["processes"],
        resource.RLIMIT_CPU: quota["cpu_s"],
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))
    with suppress(OSError):  # the first to go where the machine itself runs out of memory
        Path("/proc/self/oom_score_adj").write_text("1000")


def _confine(home: Path) -> None:
    """The inner wall: Landlock, for this process and all that it starts; cannot be undone."""
    from sandlock import Sandbox, confine

    readable = [f"/{name}" for name in os.listdir("/") if name not in ("scratch", "proc", "dev")]
    confine(
        Sandbox(
            fs_readable=[*readable, "/proc", "/dev"],
            fs_writable=[str(home), *(f"/dev/{name}" for name in ("null", "zero", "full", "shm", "tty"))],
        )
    )


def _start_kernel(work: Path, connection: dict[str, Any], descriptors: list[int]) -> None:
    import zmq
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    signal.signal(signal.SIGINT, signal.default_int_handler)
    listening = dict(zip(connection["ports"], descriptors, strict=True))

    class Kernel(IPKernelApp):
        """A kernel on sockets that the grader has opened; it needs no connection file."""

        def _try_bind_socket(self, s: Any, port: int) -> int:
            s.setsockopt(zmq.USE_FD, listening[port])
            s.setsockopt(zmq.SNDHWM, 0)  # messages wait in this process rather than being dropped
            s.bind(f"ipc://kernel-{port}")
            return port

        def init_connection_file(self) -> None:
            self.shell_port, self.iopub_port, self.stdin_port, self.control_port = connection["ports"]

        def write_connection_file(self, **_: Any) -> None: ...
        def log_connection_info(self) -> None: ...
        def init_heartbeat(self) -> None: ...
        def init_poller(self) -> None: ...
        def init_crash_handler(self) -> None: ...

    config = Config()
    config.Session.key = connection["key"].encode()
    config.Session.signature_scheme = connection["signature_scheme"]
    config.IPKernelApp.transport = "ipc"
    config.HistoryManager.enabled = False
    sys.argv = ["kernel"]
    kernel: Any = Kernel.instance(config=config)
    threading.current_thread().name = "MainThread"
    kernel.initialize([])
    kernel.start()


if __name__ == "__main__":
    main()
