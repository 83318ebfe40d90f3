"""What others on the machine reach while `mashq grade` runs: the ports of all that it starts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.grading.workers.test_cluster import Cluster, cluster, hand_in_sleepers, wait_for_workers  # noqa: F401
from tests.support.grading import Grading, run
from tests.support.late_course import released_late_course
from tests.support.processes import wait_for

pytestmark = pytest.mark.long

# Whoever knows the port, and has no key: join, which is to be allowed to have code run.
STRANGER = """
import asyncio, sys
from distributed.comm import connect

async def main():
    comm = await connect(sys.argv[1], timeout=10)
    await comm.write({"op": "identity", "reply": True})
    print("JOINED", (await comm.read())["type"])

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


def asked(address: str) -> str:
    """What a stranger gets at this address."""
    command = [sys.executable, "-c", STRANGER, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_port_is_open(grading: Grading) -> None:
    """Neither of the command, nor of its workers, nor of the sandboxes."""
    wait_for(lambda: len(grading.kernels()) >= 2, "two kernels")
    assert ports_of(psutil.Process(grading.process.pid)) == []


def test_a_cluster_that_anybody_can_join_is_named(cluster: Cluster, course: Path) -> None:  # noqa: F811
    """The stranger of the test above joins it, and the command says what that means."""
    cluster.start_worker()
    wait_for_workers(cluster, 1)
    assert "JOINED Scheduler" in asked(cluster.address)
    shutil.rmtree(course / "submitted" / "s1")
    path = course / "submitted" / "s0" / "ps1" / "areas.ipynb"
    path.write_text(path.read_text().replace("sleep(115)", "sleep(0)"))
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 0, done.told
    assert f"WARNING: whoever reaches {cluster.address}" in done.told
