"""What others on the machine reach while `mashq grade` runs: the ports of all that it starts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.grading.engine.test_cluster import Cluster, cluster, hand_in_sleepers, wait_for_workers  # noqa: F401
from tests.support.grading import Grading, run
from tests.support.late_course import released_late_course
from tests.support.processes import wait_for

pytestmark = pytest.mark.long

# Whoever knows the port, and has no key: join by each protocol, have something run, ask for pages.
STRANGER = """
import asyncio, socket, sys, urllib.request
from distributed.comm import connect
from distributed.security import Security

async def join(address, security):
    comm = await connect(address, timeout=10, **security.get_connection_args("client"))
    await comm.write({"op": "identity", "reply": True})
    return await comm.read()

async def look(port, own):
    place = f"127.0.0.1:{port}"
    socket.create_connection(("127.0.0.1", port), 60).close()
    print("open", place)
    for address, security in ((f"tcp://{place}", Security()), (f"tls://{place}", own)):
        try:
            print("JOINED", address, await asyncio.wait_for(join(address, security), 15))
        except (OSError, ValueError, asyncio.TimeoutError) as error:  # ValueError: it spoke before TLS began
            print("refused", address, type(error).__name__)
    for page in ("", "info", "health"):
        try:
            answer = await asyncio.to_thread(urllib.request.urlopen, f"http://{place}/{page}", timeout=3)
            print("PAGE", page, answer.status)
        except Exception as error:
            print("no page", page, type(error).__name__)

async def main():
    own = Security.temporary()
    await asyncio.gather(*(look(int(port), own) for port in sys.argv[1:]))

asyncio.run(main())
"""


@pytest.fixture
def course(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """Two students whose notebooks take a while."""
    course = shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")
    hand_in_sleepers(course, 2, 115)
    return course


@pytest.fixture
def grading(course: Path, tmp_path: Path) -> Iterator[Grading]:
    """A run with two workers."""
    grading = Grading(course, tmp_path, "--workers=2")
    yield grading
    grading.kill()


def ports_of(process: psutil.Process) -> list[int]:
    """The TCP ports that a process and all below it listen on."""
    every = [process, *process.children(recursive=True)]
    rows = [row for one in every for row in one.net_connections("tcp")]
    return sorted({row.laddr.port for row in rows if row.status == psutil.CONN_LISTEN})


def asked(*ports: int) -> str:
    """What a stranger gets at these ports, which must be open."""
    command = [sys.executable, "-c", STRANGER, *map(str, ports)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_stranger_can_neither_join_nor_ask(grading: Grading) -> None:
    """Ports are open, and none lets anybody without the run's own key run code or read what runs."""
    wait_for(lambda: len(grading.kernels()) >= 2, "two kernels")
    ports = ports_of(psutil.Process(grading.process.pid))
    assert ports
    said = asked(*ports)
    assert (said.count("open"), said.count("refused")) == (len(ports), 2 * len(ports))
    assert "JOINED" not in said
    assert "PAGE" not in said


def test_a_cluster_that_anybody_can_join_is_named(cluster: Cluster, course: Path) -> None:  # noqa: F811
    """The stranger of the test above joins it, and the command says what that means."""
    cluster.start_worker()
    wait_for_workers(cluster, 1)
    assert "JOINED tcp" in asked(int(cluster.address.rpartition(":")[2]))
    shutil.rmtree(course / "submitted" / "s1")
    path = course / "submitted" / "s0" / "ps1" / "areas.ipynb"
    path.write_text(path.read_text().replace("sleep(115)", "sleep(0)"))
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 0, done.told
    assert f"WARNING: whoever reaches {cluster.address}" in done.told
