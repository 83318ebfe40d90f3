"""The forked process: it confines itself and becomes a Jupyter kernel."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from mashq.sandbox import channel, seccomp
from mashq.sandbox.files import Link, write_files
from mashq.sandbox.inside.namespaces import enter_own_namespaces
from mashq.sandbox.inside.program import ProgramKernel
from mashq.sandbox.inside.usage import PAGE, show_memory

MB = 2**20


def run_kernel(home: Path, request: dict[str, Any], grader: socket.socket, listening: list[int]) -> None:
    """Be a Jupyter kernel behind the inner wall, until killed; never returns.

    grader : from here come the submission's files and the kernel's key; closed before student code runs
    """
    try:
        os.setsid()
        show_memory(True)  # to the warm process, which counts it
        if request["inner_wall"]:
            enter_own_namespaces()
        secret, blobs, _ = channel.receive(grader, max_blob_bytes=request["quota"]["disk_mb"] * MB)
        _make_folders(home, secret, blobs)
        program = secret["program"]
        _limit(request["quota"], address_space=program is None)
        _confine(home, request["inner_wall"])
        if program is None:
            kernel = _kernel(secret["connection"], listening)
        else:
            kernel = ProgramKernel(program, secret["connection"], listening, home)
        channel.send(grader, {"confined": True})
        grader.close()
        kernel.start()
    except BaseException as error:
        with suppress(BaseException):
            channel.send(grader, {"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(71)


def _make_folders(home: Path, secret: dict[str, Any], blobs: list[bytes]) -> None:
    """Go to the submission's folder, with its files, beside which are places for temporary ones."""
    work = home / "work" / secret["folder"]
    for folder in (work, home / "tmp", home / "home"):
        folder.mkdir(parents=True)
    names, *contents = blobs
    files = zip(json.loads(names).items(), contents, strict=True)
    write_files(work, {name: Link(data) if is_link else data for (name, is_link), data in files})
    os.environ.update(HOME=str(home / "home"), TMPDIR=str(home / "tmp"))
    tempfile.tempdir = str(home / "tmp")  # the warm process has looked already, in another environment
    os.environ.update(MPLCONFIGDIR=str(home / "home"), IPYTHONDIR=str(home / "home" / ".ipython"))
    os.chdir(work)


def _limit(quota: dict[str, int], address_space: bool) -> None:
    """Limits of each process; what they use together is watched from outside (`WarmProcess._used_bytes`).

    address_space : whether it is one of them; programs such as Julia and Node reserve far more than they use
    """
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
    limits = {
        # Address space, not memory: threads reserve much that they never touch, so twice the memory.
        resource.RLIMIT_AS: mapped + 2 * quota["memory_mb"] * MB,
        resource.RLIMIT_FSIZE: quota["disk_mb"] * MB,
        resource.RLIMIT_NPROC: quota["processes"],
        resource.RLIMIT_CPU: quota["cpu_s"],
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_CORE: 1,  # not 0: only with 1 Linux starts no program to take the memory either
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 4096,  # and timers
    }
    if not address_space:
        del limits[resource.RLIMIT_AS]
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


def _confine(home: Path, inner_wall: bool) -> None:
    """The inner wall, for this process and all that it starts; cannot be undone."""
    if inner_wall:
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
