"""One sandbox: an outer wall with a warm process in it, which runs one submission's kernel at a time."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mashq.errors import MachineError
from mashq.sandbox import channel, seccomp
from mashq.sandbox.limits import Quota
from mashq.sandbox.walls import Isolation, outer_wall, student_uid

log = logging.getLogger(__name__)

ANSWER_S = 20  # a warm process that takes longer to answer is given up
WARM_S = 180  # for its imports, on a busy machine
PORTS = (1, 2, 3, 4)  # shell, iopub, stdin, control
FOLDER_PREFIX = "mashq-kernel-"


class SandboxError(MachineError):
    """A sandbox did not start or stopped answering; no student is to blame."""


@dataclass(frozen=True)
class KernelUsage:
    """What one kernel used, as its parent saw it."""

    cpu_s: float = 0.0
    peak_mb: float = 0.0


class Sandbox:
    """An outer wall with a warm process inside.

    modules : what the warm process imports before the first kernel
    isolation : FULL forks kernel after kernel, BUBBLEWRAP serves a single one
    course_data : folder of the datasets' course parts
    environment : the variables that are set inside; nothing else of the grader's is

    What runs inside is not trusted. Raises SandboxError when it does not start.
    """

    def __init__(
        self,
        modules: Sequence[str],
        isolation: Isolation,
        environment: Mapping[str, str],
        course_data: Path | None = None,
        quota: Quota | None = None,
    ) -> None:
        self.modules = tuple(modules)
        self.isolation = isolation
        self.quota = quota or Quota()
        self.reason = ""  # why the last kernel was killed, when the warm process did it
        self.clean = True  # False: not to be used again
        self._exit: int | None = None  # the last kernel's exit code, once it has one
        self.folder: Path | None = None  # of the last kernel's sockets
        self._sock, inner = socket.socketpair()
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = self._launch(inner, environment, course_data)
        finally:
            inner.close()
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
        if hello["threads"] != 1:  # a process with threads cannot be forked safely
            log.debug("warm process with %s threads: one kernel only", hello["threads"])
            self.isolation = Isolation.BUBBLEWRAP

    def _launch(
        self, inner: socket.socket, environment: Mapping[str, str], course_data: Path | None
    ) -> subprocess.Popen[bytes]:
        program = seccomp.filter_program()
        uid = student_uid()
        passwd = f"student:x:{uid or os.geteuid()}:{uid or os.getegid()}::/scratch:/bin/sh\n"
        with _pipe_with(program) as filter_fd, _pipe_with(passwd.encode()) as passwd_fd:
            assert passwd_fd is not None
            words = outer_wall(course_data, self.quota, filter_fd, passwd_fd)
            for name, value in environment.items():
                words += ["--setenv", name, value]
            words += ["--", sys.executable, "-m", "mashq.sandbox.inside", "--socket", str(inner.fileno())]
            words += ["--uid", str(uid), "--modules", *self.modules]
            descriptors = [fd for fd in (inner.fileno(), filter_fd, passwd_fd) if fd is not None]
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=descriptors,
                env={},
            )

    # -- kernels ------------------------------------------------------------------------------------------

    def start_kernel(self, folder: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Fork a kernel; returns what a client needs to connect to it.

        folder : name of the folder that it runs in
        files : {relative path: content} to put there
        """
        self._exit, self.reason = None, ""
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
        key = secrets.token_hex(32)
        sockets = [_listen(self.folder / f"k-{port}") for port in PORTS]
        try:
            request = {
                "do": "kernel",
                "folder": folder,
                "files": list(files),
                "quota": asdict(self.quota),
                "landlock": self.isolation is Isolation.FULL,
                "connection": {"key": key, "signature_scheme": "hmac-sha256", "ports": PORTS},
            }
            self._send(request, list(files.values()), [sock.fileno() for sock in sockets])
            self._wait_for("started")
        finally:
            for sock in sockets:
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
        while self._exit is None and select.select([self._sock], [], [], 0)[0]:
            try:
                self._note(self._receive())
            except SandboxError:
                self._lost()
        return self._exit

    def is_alive(self) -> bool:
        """Whether the sandbox can serve another kernel."""
        return self.clean and self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send the kernel a signal."""
        with contextlib.suppress(SandboxError):
            self._send({"do": "signal", "number": number})

    def end_kernel(self) -> KernelUsage:
        """End the kernel and all that it started; afterwards `clean` says whether another may follow."""
        usage = KernelUsage()
        try:
            self._send({"do": "end"})
            reply = self._wait_for("ended")
            ended = reply["ended"]
            usage = KernelUsage(float(ended.get("cpu_s", 0)), float(ended.get("peak_mb", 0)))
            self.reason = self.reason or str(reply["reason"])
            if reply["left"]:
                log.info("the submission left %s behind; its sandbox is thrown away", reply["left"])
                self.clean = False
        except (SandboxError, ValueError, KeyError, TypeError, AttributeError):
            self._lost()
        self._exit = self._exit if self._exit is not None else -9
        if self.isolation is not Isolation.FULL:
            self.clean = False
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        if not self.clean:
            self.close()
        return usage

    def _note(self, message: dict[str, Any]) -> None:
        if "exited" in message:
            self._exit = int(message["exited"])
            self.reason = str(message.get("reason", ""))

    def _lost(self) -> None:
        """The warm process is gone or does not answer: for the kernel in it, the same as being killed."""
        self.clean = False
        self._exit = -9

    # -- the warm process ---------------------------------------------------------------------------------

    def _send(
        self, request: dict[str, Any], blobs: Sequence[bytes] = (), descriptors: Sequence[int] = ()
    ) -> None:
        try:
            channel.send(self._sock, request, blobs, descriptors)
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

    def _wait_for(self, kind: str) -> dict[str, Any]:
        give_up = time.monotonic() + ANSWER_S
        while time.monotonic() < give_up:
            message = self._receive()
            if kind in message:
                return message
            self._note(message)
        raise SandboxError(f"the sandbox did not say {kind!r}")

    def _last_words(self) -> str:
        """The end of what was printed before the sandbox was ready."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._errors.seek(0)
        text = self._errors.read()[-2000:].decode(errors="replace").strip()
        return text or f"exit code {self._process.poll()}"

    def close(self) -> None:
        """End the sandbox: with its outermost process, every process inside dies."""
        self.clean = False
        self._sock.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


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


def sweep(folder: Path | None = None) -> None:
    """Remove the socket folders of graders that were killed; those of living processes stay."""
    for path in (folder or Path(tempfile.gettempdir())).glob(f"{FOLDER_PREFIX}*"):
        pid = path.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(path, ignore_errors=True)
