"""The warm process: runs inside the outer wall, imports what notebooks need, and forks a kernel for each.

Started by `sandbox.py` as `python -m mashq.sandbox.inside`. It runs no student code itself. A forked kernel
has the imports ready, confines itself (inner wall) and never comes back; the warm process relays signals to
it, watches what it uses, and cleans up behind it. All it says to the grader is JSON over one socket. What a
submission consists of goes past it, straight to the fork: the next fork has a copy of all that it ever knew.

It is the first process of its process namespace: signals from in there do not kill or stop it, it inherits
the processes whose parents are gone, and when it ends, Linux ends all others in there at once.
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
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mashq.sandbox import channel, seccomp
from mashq.sandbox.files import write_files

SCRATCH = Path("/scratch")
SHARED_MEMORY = Path("/dev/shm")
WATCH_S = 0.1  # how often memory and files are looked at; one process fills about 2 GB in a second
LEAVE_S = 1.0  # for processes that a killed kernel leaves behind to be gone
MANY_FILES = 10_000  # more take longer to remove than a new sandbox takes to start
INODE = 1024  # what the kernel keeps of a file or folder, however short, in its own memory
SOCKETS = 100  # that a kernel may have without being charged for their buffers; Jupyter takes about 25
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
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
        with suppress(OSError):  # we and our forks are the first to go where the machine runs out of memory
            Path("/proc/self/oom_score_adj").write_text("1000")
        if options.uid:
            _become(options.uid)
        _show_memory(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _warm_up(options.modules)
    except Exception as error:
        channel.send(sock, {"failed": f"{type(error).__name__}: {error}"})
        raise
    _silence()
    channel.send(sock, {"ready": True, "threads": len(os.listdir("/proc/self/task"))})
    with suppress(channel.ChannelClosedError):
        WarmProcess(sock).serve()


def _show_memory(shown: bool) -> None:
    """Whether other processes of this user may look inside this one (through /proc)."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, int(shown), 0, 0, 0)


def _become(uid: int) -> None:
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
        self._before = _own_bytes(os.getpid())
        self._count = 0

    def serve(self) -> None:
        """Answer requests; between them, watch the kernel."""
        while True:
            ready = self._selector.select(WATCH_S if self._kernel else None)
            for key, _ in ready:
                if key.fileobj is self._sock:
                    request, _, descriptors = channel.receive(self._sock)
                    self._answer(request, descriptors)
                elif self._kernel:
                    self._end()
            _bury(self._kernel)
            if self._kernel and self._used_bytes() > self._quota["memory_mb"] * MB:
                self._end(f"it used more than {self._quota['memory_mb']} MB of memory")

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> None:
        kind = request["do"]
        if kind == "kernel":
            self._start(request, descriptors)
        elif kind == "signal" and self._kernel:
            os.kill(self._kernel, int(request["number"]))
        elif kind == "end" and self._kernel:  # else it has ended by itself, and we said so
            self._end()

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        self._count += 1
        self._quota = request["quota"]
        pid = os.fork()
        if pid == 0:
            self._sock.close()
            self._selector.close()
            _run_kernel(
                SCRATCH / str(self._count), request, socket.socket(fileno=descriptors[0]), descriptors[1:]
            )
        for descriptor in descriptors:
            os.close(descriptor)
        self._kernel, self._pidfd = pid, os.pidfd_open(pid)
        self._selector.register(self._pidfd, selectors.EVENT_READ)

    def _end(self, reason: str = "") -> None:
        """End the kernel if it has not ended, clear what it left, and report: once for each kernel.

        reason : why we end it; empty when the grader asked for it or it ended by itself
        """
        with suppress(ProcessLookupError):
            os.kill(self._kernel, signal.SIGKILL)  # our own child, not yet waited for: the number is its own
        _, status, used = os.wait4(self._kernel, 0)
        self._selector.unregister(self._pidfd)
        os.close(self._pidfd)
        self._kernel, self._pidfd = 0, -1
        left = _leftovers(patience_s=0 if reason else LEAVE_S)
        ended = {
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024,
        }
        channel.send(self._sock, {"ended": ended, "left": left, "reason": reason})
        if left:
            raise SystemExit  # and all that is left in here dies with us; nobody uses this sandbox again

    def _used_bytes(self) -> float:
        """What the kernel and all that it started have in memory: their own, files, sockets."""
        others = _other_processes()
        used = sum(_files_bytes(folder) for folder in (SCRATCH, SHARED_MEMORY)) + _sockets_bytes()
        at_most = used + sum(map(_own_bytes, others))  # counts what they share with us once for each
        if at_most <= self._quota["memory_mb"] * MB:
            return at_most
        return used + sum(map(_fair_bytes, [*others, os.getpid()])) - self._before


def _other_processes() -> list[int]:
    """All processes in here but this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def _bury(kernel: int = 0) -> None:
    """Take leave of processes that have ended and whose parents are gone; `kernel` is left for `wait4`."""
    with suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == kernel:
                return
            os.waitpid(ended.si_pid, 0)


def _alone() -> bool:
    """Whether there is no other process in here; cannot be deceived by ones that fork and vanish."""
    try:
        os.kill(-1, 0)  # signal 0 does nothing: it only asks whether there is anybody
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _own_bytes(pid: int) -> int:
    """Resident memory of a process that is no file."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:  # gone
        return 0
    return (int(fields[1]) - int(fields[2])) * PAGE


def _fair_bytes(pid: int) -> int:
    """The same, but what n processes share counts as an n-th for each; slower. All of it if it hides."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return _own_bytes(pid)
    shares = [int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:")]
    return shares[0] if shares else _own_bytes(pid)


def _files_bytes(folder: Path) -> int:
    """What the files in one of our file systems take of the machine's memory."""
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize + (state.f_files - state.f_ffree) * INODE


def _sockets_bytes() -> int:
    """What may be waiting in the buffers of this network's sockets, beyond a usual number of them."""
    try:
        used = int(Path("/proc/net/sockstat").read_text().split(maxsplit=3)[2])
        largest = 2 * int(Path("/proc/sys/net/core/wmem_max").read_text())
    except (OSError, ValueError, IndexError):
        return 0
    return max(0, used - SOCKETS) * largest + sum(_queued_bytes(name) for name in ("tcp", "tcp6"))


def _queued_bytes(protocol: str) -> int:
    """What waits in this network's connections, each of which may hold 10 MB."""
    with suppress(OSError):
        lines = Path("/proc/net", protocol).read_text().splitlines()[1:]
        return sum(int(size, 16) for line in lines for size in line.split()[4].split(":"))
    return 0


def _leftovers(patience_s: float) -> str:
    """Clear what a submission left behind; says what cannot be cleared, nothing when all is as it was."""
    give_up = time.monotonic() + patience_s
    while True:
        _bury()
        if _alone():
            break
        if time.monotonic() > give_up:
            return f"{len(_other_processes())} processes"
        time.sleep(0.01)
    for folder in (SCRATCH, SHARED_MEMORY):
        state = os.statvfs(folder)
        if state.f_files - state.f_ffree > MANY_FILES:
            return f"{state.f_files - state.f_ffree} files in {folder}"
        try:
            _clear(folder)
        except (OSError, RecursionError) as error:
            return f"files in {folder} ({type(error).__name__})"
    return ""


def _clear(folder: Path) -> None:
    """Remove all in a folder that nobody else is using any more."""
    if os.stat(folder).st_uid == os.geteuid():
        os.chmod(folder, 0o1777)  # its owner could close it
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, onerror=_open_up)
        else:
            entry.unlink()


def _open_up(remove: Any, path: str, _error: Any) -> None:
    """A folder that its owner had closed: open it and try once more."""
    with suppress(OSError):
        os.chmod(Path(path).parent, 0o700)
    if Path(path).is_dir() and not Path(path).is_symlink():
        os.chmod(path, 0o700)
        shutil.rmtree(path, onerror=_open_up)
    elif remove is os.unlink:
        os.unlink(path)


# -- in the forked kernel ---------------------------------------------------------------------------------


def _run_kernel(home: Path, request: dict[str, Any], grader: socket.socket, listening: list[int]) -> None:
    """Be a Jupyter kernel behind the inner wall, until killed; never returns.

    grader : from here come the submission's files and the kernel's key; closed before student code runs
    """
    try:
        os.setsid()
        _show_memory(True)  # to the warm process, which counts it
        secret, blobs, _ = channel.receive(grader, max_blob_bytes=request["quota"]["disk_mb"] * MB)
        _lay_out(home, secret, blobs)
        _limit(request["quota"])
        _confine(home, request["landlock"])
        kernel = _kernel(secret["connection"], listening)
        channel.send(grader, {"confined": True})
        grader.close()
        kernel.start()
    except BaseException as error:
        with suppress(BaseException):
            channel.send(grader, {"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(71)


def _lay_out(home: Path, secret: dict[str, Any], blobs: list[bytes]) -> None:
    """Go to the submission's folder, with its files, beside which are places for temporary ones."""
    work = home / "work" / secret["folder"]
    for folder in (work, home / "tmp", home / "home"):
        folder.mkdir(parents=True)
    write_files(work, dict(zip(secret["files"], blobs, strict=True)))
    os.environ.update(HOME=str(home / "home"), TMPDIR=str(home / "tmp"))
    tempfile.tempdir = str(home / "tmp")  # the warm process has looked already, in another environment
    os.environ.update(MPLCONFIGDIR=str(home / "home"), IPYTHONDIR=str(home / "home" / ".ipython"))
    os.chdir(work)


def _limit(quota: dict[str, int]) -> None:
    """Limits of each process; what they use together is watched from outside (`WarmProcess._used_bytes`)."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
    limits = {
        # Address space, not memory: threads reserve much that they never touch, so twice the memory.
        resource.RLIMIT_AS: mapped + 2 * quota["memory_mb"] * MB,
        resource.RLIMIT_FSIZE: quota["file_mb"] * MB,
        resource.RLIMIT_NPROC: quota["processes"],
        resource.RLIMIT_CPU: quota["cpu_s"],
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_CORE: 1,  # not 0: only with 1 Linux starts no program to take the memory either
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


def _confine(home: Path, landlock: bool) -> None:
    """The inner wall, for this process and all that it starts; cannot be undone."""
    if landlock:
        from sandlock import Sandbox, confine

        readable = [f"/{name}" for name in os.listdir("/") if name not in ("scratch", "proc", "dev")]
        devices = ("null", "zero", "full", "shm", "tty", "pts", "ptmx")  # `!ls` needs a terminal
        confine(
            Sandbox(
                fs_readable=[*readable, "/proc", "/dev"],
                fs_writable=[str(home), *(f"/dev/{name}" for name in devices)],
            )
        )
    seccomp.guard(os.getppid(), os.getpgid(os.getppid()))


def _kernel(connection: dict[str, Any], descriptors: list[int]) -> Any:
    """A kernel that is ready to start."""
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
    kernel.initialize([])
    return kernel


if __name__ == "__main__":
    main()
