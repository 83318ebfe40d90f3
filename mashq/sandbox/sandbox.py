"""One sandbox: an outer wall with a warm process in it, which runs one submission's kernel at a time."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mashq.errors import MachineError
from mashq.sandbox import channel, seccomp
from mashq.sandbox.files import Link
from mashq.sandbox.isolation import Isolation, bubblewrap_command, student_uid
from mashq.sandbox.languages import OtherKernel
from mashq.sandbox.limits import OverQuota, Quota
from mashq.temporary.folders import new_folder

log = logging.getLogger(__name__)

ANSWER_S = 20  # a warm process that takes longer to answer is given up
WARM_S = 180  # for its imports, on a busy machine
PORTS = (1, 2, 3, 4)  # shell, iopub, stdin, control
KERNEL = "kernel"  # in names of temporary folders


class SandboxError(MachineError):
    """A sandbox did not start or stopped answering; no student is to blame."""


@dataclass(frozen=True)
class KernelUsage:
    """What one kernel used, as its parent saw it."""

    cpu_s: float = 0.0
    peak_mb: float = 0.0  # of memory
    disk_mb: float = 0.0  # the most that its files took at a time

    def then(self, other: KernelUsage) -> KernelUsage:
        """What two kernels used, one after the other."""
        return KernelUsage(
            self.cpu_s + other.cpu_s, max(self.peak_mb, other.peak_mb), max(self.disk_mb, other.disk_mb)
        )


class Sandbox:
    """An outer wall with a warm process inside.

    modules : what the warm process imports before the first kernel
    isolation : FULL forks kernel after kernel, BUBBLEWRAP serves a single one
    course_data : folder of the datasets' course parts
    environment : the variables that are set inside; nothing else of the grader's is
    shown : further folders that can be read inside

    What runs inside is not trusted. Raises SandboxError when it does not start.
    """

    def __init__(
        self,
        modules: Sequence[str],
        isolation: Isolation,
        environment: Mapping[str, str],
        course_data: Path | None = None,
        quota: Quota | None = None,
        shown: Sequence[str] = (),
    ) -> None:
        self.modules = tuple(modules)
        self.isolation = isolation
        self.quota = quota or Quota()
        self.over_quota: OverQuota | None = None  # why the warm process ended the last kernel, if it did
        self.clean = True  # False: not to be used again
        self._exit: int | None = None  # the last kernel's exit code, once it has one
        self._used = KernelUsage()  # by the last kernel, once it has ended
        self.folder: Path | None = None  # of the last kernel's sockets
        self._sock, inner = socket.socketpair()
        self._errors, write_errors = os.pipe()
        try:
            self._process = self._launch(inner, write_errors, environment, course_data, shown)
        except BaseException:
            os.close(self._errors)
            raise
        finally:
            inner.close()
            os.close(write_errors)
        self._sock.settimeout(WARM_S)
        try:
            hello = self._receive()
        except SandboxError:
            self.close()
            raise
        if not hello.get("ready"):
            self.close()
            raise SandboxError(f"the sandbox did not start: {hello.get('failed')}. `mashq doctor` says more.")
        self._sock.settimeout(ANSWER_S)
        if not hello["serves_many"]:
            log.debug("a warm process with threads, or without namespaces for its kernels: one kernel only")
            self.isolation = Isolation.BUBBLEWRAP

    def _launch(
        self,
        inner: socket.socket,
        errors: int,
        environment: Mapping[str, str],
        course_data: Path | None,
        shown: Sequence[str],
    ) -> subprocess.Popen[bytes]:
        program = seccomp.filter_program()
        uid = student_uid()
        passwd = f"student:x:{uid or os.geteuid()}:{uid or os.getegid()}::/scratch:/bin/sh\n"
        with _pipe_with(program) as filter_fd, _pipe_with(passwd.encode()) as passwd_fd:
            assert passwd_fd is not None
            nested = self.isolation is Isolation.FULL and program is not None
            words = bubblewrap_command(course_data, shown, self.quota, filter_fd, passwd_fd, nested)
            for name, value in environment.items():
                words += ["--setenv", name, value]
            words += ["--", sys.executable, "-m", "mashq.sandbox.inside", "--socket", str(inner.fileno())]
            words += ["--uid", str(uid), "--modules", *self.modules]
            descriptors = [fd for fd in (inner.fileno(), filter_fd, passwd_fd) if fd is not None]
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=descriptors,
                env={},
            )

    def start_kernel(
        self, folder: str, files: Mapping[str, bytes], other: OtherKernel | None = None
    ) -> dict[str, Any]:
        """Fork a kernel; returns what a client needs to connect to it.

        folder : name of the folder that it runs in
        files : {relative path: content} to put there
        other : the kernel of another language, to be started in the fork's place
        """
        self._exit, self._used, self.over_quota = None, KernelUsage(), None
        self.folder = new_folder(KERNEL)
        key = secrets.token_hex(32)
        ours, theirs = socket.socketpair()
        sockets = [theirs, *(_listen(self.folder / f"k-{port}") for port in PORTS)]
        try:
            inner_wall = self.isolation is Isolation.FULL
            request = {"do": "kernel", "quota": asdict(self.quota), "inner_wall": inner_wall}
            self._send(request, [sock.fileno() for sock in sockets])
            for sock in sockets:
                sock.close()
            connection = {"key": key, "signature_scheme": "hmac-sha256", "ports": PORTS}
            program = None if other is None else {"argv": other.argv, "env": dict(other.env)}
            secret = {"folder": folder, "connection": connection, "program": program}
            links = {name: isinstance(data, Link) for name, data in files.items()}
            listed = json.dumps(links).encode()  # they may be more than a header holds
            _hand_over(ours, secret, [listed, *files.values()])
        finally:
            for sock in (ours, *sockets):
                sock.close()
        names = ("shell_port", "iopub_port", "stdin_port", "control_port")
        return {
            "transport": "ipc",
            "ip": str(self.folder / "k"),
            "key": key.encode(),
            "signature_scheme": "hmac-sha256",
            "hb_port": 5,
            **dict(zip(names, PORTS, strict=True)),
        }

    @property
    def pid(self) -> int:
        """The outermost process of the sandbox; all others are its descendants."""
        return self._process.pid

    def poll(self) -> int | None:
        """The kernel's exit code; None while it runs."""
        waiting = select.poll()  # not select(): graders may have more than 1024 descriptors
        if self._exit is None:
            waiting.register(self._sock, select.POLLIN)
            if waiting.poll(0):
                self._note_end()
        return self._exit

    def is_alive(self) -> bool:
        """Whether the sandbox can serve another kernel."""
        return self.clean and self._process.poll() is None

    def signal(self, number: int) -> None:
        with contextlib.suppress(SandboxError):
            self._send({"do": "signal", "number": number})

    def end_kernel(self) -> KernelUsage:
        """End the kernel and all that it started; afterwards `clean` says whether another may follow."""
        if self._exit is None:
            with contextlib.suppress(SandboxError):
                self._send({"do": "end"})
            self._note_end()
        if self.isolation is not Isolation.FULL:
            self.clean = False
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        if not self.clean:
            self.close()
        return self._used

    def _note_end(self) -> None:
        """Take note of how the kernel ended, which the warm process says once for each.

        A warm process that is gone or does not answer is, for the kernel in it, the same as being killed.
        """
        try:
            message = self._receive()
            ended = message["ended"]
            self._used = KernelUsage(float(ended["cpu_s"]), float(ended["peak_mb"]), float(ended["disk_mb"]))
            self._exit, limit = int(ended["code"]), message["over"]
            self.over_quota = OverQuota(limit, asdict(self.quota)[limit]) if limit else None
            if message["left"]:
                log.info("the submission left %s behind; its sandbox is thrown away", message["left"])
                self.clean = False
        except (SandboxError, ValueError, KeyError, TypeError, AttributeError):
            self.clean, self._exit = False, -9

    def _send(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        try:
            channel.send(self._sock, request, (), descriptors)
        except OSError as error:
            raise SandboxError(f"the sandbox is gone: {error}") from error

    def _receive(self) -> dict[str, Any]:
        try:
            message, _, descriptors = channel.receive(self._sock)
        except (OSError, ValueError) as error:
            raise SandboxError(f"the sandbox does not answer ({error}): {self._last_words()}") from error
        for descriptor in descriptors:
            os.close(descriptor)
        return message

    def _last_words(self) -> str:
        """The end of what was printed before the sandbox was ready."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        os.set_blocking(self._errors, False)
        text = ""
        with contextlib.suppress(BlockingIOError):
            text = os.read(self._errors, 2**16)[-2000:].decode(errors="replace").strip()
        return text or f"exit code {self._process.poll()}"

    def close(self) -> None:
        """End the sandbox: with its outermost process, every process inside dies."""
        if self._sock.fileno() >= 0:
            self._sock.close()
            self._process.kill()
            self._process.wait()
            os.close(self._errors)
        self.clean = False
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _hand_over(sock: socket.socket, secret: dict[str, Any], blobs: Sequence[bytes]) -> None:
    """Give the forked kernel its submission, past the warm process; returns once it has its walls."""
    sock.settimeout(ANSWER_S)
    try:
        channel.send(sock, secret, blobs)
        reply, _, _ = channel.receive(sock)
    except (OSError, ValueError) as error:
        raise SandboxError(f"the kernel does not answer: {error}") from error
    if not reply.get("confined"):
        raise SandboxError(f"the kernel did not start: {reply.get('failed')}. `mashq doctor` says more.")


def _listen(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(str(path))
    sock.listen(8)
    sock.setblocking(False)
    return sock


@contextlib.contextmanager
def _pipe_with(data: bytes | None) -> Any:
    """A descriptor from which the data can be read; None for None."""
    if data is None:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file.fileno()
