"""A kernel of another language: its program, and a relay between its ports and the grader's sockets.

The grader listens on sockets that a forked Python kernel takes over. Other programs open ports of their own,
which nobody outside of the submission's network reaches, so what arrives is passed on, byte by byte.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

HOST, FIRST_PORT = "127.0.0.1", 50_001  # in a network that is the submission's alone
CHUNK = 2**16
TRY_AGAIN_S = 0.05  # how often a port that is not open yet is tried


class ProgramKernel:
    """The kernel's program, and what is needed to reach it.

    program : {"argv": command, "env": variables}
    connection : as for a Python kernel: the key, and numbers in the order of the sockets
    descriptors : of the grader's listening sockets
    folder : where the connection file is written
    """

    def __init__(
        self,
        program: Mapping[str, Any],
        connection: Mapping[str, Any],
        descriptors: Sequence[int],
        folder: Path,
    ) -> None:
        names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
        ports = {name: FIRST_PORT + number for number, name in enumerate(names)}
        file = folder / "kernel.json"
        about = {name: connection[name] for name in ("key", "signature_scheme")}
        file.write_text(json.dumps({"transport": "tcp", "ip": HOST, **about, **ports}))
        self._argv = [word.replace("{connection_file}", str(file)) for word in program["argv"]]
        self._env = {**os.environ, **program["env"]}
        self._listening = list(zip(map(_listener, descriptors), ports.values(), strict=False))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run the program until it ends, and end in the same way."""
        self._process = process = subprocess.Popen(self._argv, env=self._env, stdin=subprocess.DEVNULL)
        signal.signal(signal.SIGINT, lambda number, _: process.send_signal(number))
        for sock, port in self._listening:
            threading.Thread(target=self._serve, args=(sock, port), daemon=True).start()
        code = process.wait()
        if code == -signal.SIGKILL:
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(code if code >= 0 else 128 - code)

    def _serve(self, listening: socket.socket, port: int) -> None:
        while True:
            grader, _ = listening.accept()
            kernel = self._connect(port)
            for one, other in ((grader, kernel), (kernel, grader)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def _connect(self, port: int) -> socket.socket:
        """A connection to the program, as soon as it has opened the port."""
        while True:
            with suppress(ConnectionRefusedError):
                return socket.create_connection((HOST, port))
            time.sleep(TRY_AGAIN_S)


def _listener(descriptor: int) -> socket.socket:
    sock = socket.socket(fileno=descriptor)
    sock.setblocking(True)
    return sock


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Send to one what comes from the other, until either is closed."""
    with suppress(OSError):
        while data := one.recv(CHUNK):
            other.sendall(data)
    for sock in (one, other):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
