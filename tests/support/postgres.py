"""A real PostgreSQL server for a test: Debian's binaries, a folder and a unix socket of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.needs import missing

DEBIAN = Path("/usr/lib/postgresql")
PATIENCE_S = 30.0  # for a start or a stop, which take about a second


class Postgres:
    """A server that can be stopped hard and started again; only programs on this machine reach it."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--username=teacher", "--encoding=UTF8", str(folder / "data"))

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's URL of a database, for `c.CourseDirectory.db_url`."""
        return f"postgresql+psycopg://teacher@/{database}?host={self._folder}"

    def create(self, database: str) -> str:
        """Make an empty database; returns its URL."""
        self._run("createdb", f"--host={self._folder}", "--username=teacher", database)
        return self.url(database)

    def start(self) -> None:
        """Start the server; returns when it answers."""
        log = (self._folder / "log").open("ab")
        with log:
            self._server = subprocess.Popen(
                self._command("postgres", "-D", self._folder / "data", "-k", self._folder, "-h", ""),
                stdout=log,
                stderr=log,
                **self._identity(),
            )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._server.poll() is None:
            ready = self._command("pg_isready", "--quiet", f"--host={self._folder}", "--username=teacher")
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-3000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends its connections in order, SIGQUIT drops everything at once."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(PATIENCE_S)
            self._server = None

    def _command(self, program: str, *arguments: object) -> list[str]:
        return [str(self._binaries / program), *map(str, arguments)]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            self._command(program, *arguments),
            check=True,
            capture_output=True,
            timeout=PATIENCE_S * 2,
            **self._identity(),
        )

    @staticmethod
    def _identity() -> dict[str, Any]:
        """PostgreSQL refuses to run as root; elsewhere it runs as whoever tests."""
        if os.geteuid() != 0:
            return {}
        return {"user": "nobody", "group": _group_of_nobody(), "extra_groups": [], "cwd": "/"}


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running server, stopped and deleted afterwards.

    Without PostgreSQL's binaries the test is skipped; with CI set in the environment it fails.
    """
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        missing(f"no PostgreSQL server below {DEBIAN}; install one: apt-get install postgresql")
    # not pytest's tmp_path: only its owner may enter that, and a socket's path has at most 107 characters
    folder = Path(tempfile.mkdtemp(prefix="mashq-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", _group_of_nobody())
        folder.chmod(0o711)
        server = Postgres(found[-1].parent, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _group_of_nobody() -> int:
    import pwd

    return pwd.getpwnam("nobody").pw_gid
