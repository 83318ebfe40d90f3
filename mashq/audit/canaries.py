"""What attacks look for: a secret in the environment and in files, a listening port, a process that stays.

Each is really there while the audit grades. An attack that reaches one has got through a wall.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import psutil

from mashq.errors import MachineError

VARIABLE = "MASHQ_CANARY"  # environment variable of the grader
FILE = "canary.txt"
PORT = 47811  # on 127.0.0.1
SURVIVOR = "mashq-survivor"  # in the name or the command line of a process that wants to stay
GOES_S = 10.0  # how long a killed sandbox may take to be gone


class Canaries:
    """The targets of attacks, as a context manager.

    Raises MachineError when the port is taken, or when nobody could reach it.
    """

    def __init__(self) -> None:
        self.text = f"canary-{secrets.token_hex(12)}"
        self.connections = 0
        self._over = threading.Event()
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._server = socket.create_server(("127.0.0.1", PORT))
        except OSError as error:
            raise MachineError(
                f"the audit cannot listen on 127.0.0.1:{PORT} ({error}), where attacks look for a program. "
                f"Perhaps another audit is running; `ss -ltnp` shows who listens there."
            ) from None
        self._server.settimeout(0.2)
        thread = threading.Thread(target=self._count, daemon=True)
        thread.start()
        self._begun = time.time()
        with ExitStack() as end:
            end.enter_context(self._server)
            end.callback(thread.join)
            end.callback(self._over.set)
            os.environ[VARIABLE] = self.text
            end.callback(os.environ.pop, VARIABLE)
            self._reach_it_ourselves()
            self._exit = end.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def write(self, folder: Path) -> None:
        """Put the secret into a folder, as a file."""
        (folder / FILE).write_text(self.text, encoding="utf-8")

    def survivors(self) -> list[str]:
        """Processes that should have ended with the submission that started them, one line each."""
        give_up = time.monotonic() + GOES_S
        while (found := self._find()) and time.monotonic() < give_up:
            time.sleep(0.5)
        return found

    def _find(self) -> list[str]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                words = " ".join([process.name(), *process.cmdline()])
                mine = process.pid == os.getpid() or process.create_time() < self._begun - 1
                if SURVIVOR in words and not mine:
                    found.append(f"process {process.pid}: {words[:80]}")
        return found

    def _reach_it_ourselves(self) -> None:
        """A target that nobody can reach would prove nothing."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=5) as client:
            client.recv(1)
        if self.connections != 1:
            raise MachineError(f"127.0.0.1:{PORT} cannot be reached even from this process")
        self.connections = 0

    def _count(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                client, _ = self._server.accept()
                self.connections += 1
                client.close()
