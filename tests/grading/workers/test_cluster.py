"""`mashq grade` on a Dask cluster whose machines share no folder with the course, and on PostgreSQL."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from mashq import datasets
from mashq.course.store import Store
from mashq.datasets import course_folder
from mashq.errors import MachineError
from mashq.grading.workers import cluster as cluster_module
from mashq.grading.workers.cluster import ClusterWorkers
from tests.support.commands import ROOT, nbgrader
from tests.support.graded import area_score, assert_equal_grades, sqlite_of
from tests.support.grading import Grading, graded_file, run
from tests.support.late_course import FEW, hand_in, hand_in_class, released_late_course
from tests.support.postgres import Postgres, postgres_server
from tests.support.processes import PATIENCE_S, children, wait_for
from tests.support.tiny_course import ANSWER, HALF, answered, released_notebook

OTHER_VERSION = """
import importlib.metadata as metadata
version = metadata.version
metadata.version = lambda name: "0.0.1" if name == "mashq" else version(name)
"""
OTHER_DATA = """
import os
os.environ |= {"MASHQ_CACHE": os.environ["TMPDIR"] + "/empty", "MASHQ_OFFLINE": "1"}
os.environ.pop("MASHQ_DATA", None)
"""
NO_BUBBLEWRAP = "from mashq.sandbox import isolation\nisolation.bwrap = lambda: None\n"


class Cluster:
    """A scheduler and workers, each a program of its own in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = ""
        self.start_scheduler()

    def start_scheduler(self) -> None:
        """Start one, on a port that is free."""
        about = self._folder / f"scheduler-{len(self._programs)}.json"
        self.scheduler = self._start(
            "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={about}"
        )
        wait_for(lambda: about.exists() and about.read_text().strip().endswith("}"), "the scheduler")
        self.address = str(json.loads(about.read_text())["address"])

    def start_worker(self, sitecustomize: str = "") -> subprocess.Popen[bytes]:
        """Start one with a cache of its own; `sitecustomize` is what its Python runs first."""
        arguments = ("worker", self.address, "--nthreads=1", "--host=127.0.0.1", "--no-dashboard")
        worker = self._start(*arguments, sitecustomize=sitecustomize)
        self.workers.append(worker)
        return worker

    def _start(self, *arguments: str, sitecustomize: str = "") -> subprocess.Popen[bytes]:
        home = self._folder / str(len(self._programs))
        home.mkdir()
        home.chmod(0o755)
        shutil.copytree(course_folder().parent, home / "cache")
        (home / "site").mkdir()
        (home / "tmp").mkdir()
        (home / "site" / "sitecustomize.py").write_text(sitecustomize)
        own = {
            "MASHQ_CACHE": home / "cache",
            "PYTHONPATH": f"{home / 'site'}{os.pathsep}{ROOT}",
            "TMPDIR": home / "tmp",
        }
        with (home / "log").open("wb") as log:
            program = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                cwd=home,
                env=os.environ | {name: str(value) for name, value in own.items()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._programs.append(program)
        return program

    def close(self) -> None:
        """End all of it."""
        for program in reversed(self._programs):
            kill_with_children(program)


def kill_with_children(program: subprocess.Popen[bytes]) -> None:
    """Kill a program that this test started and what descends from it."""
    below = children(program.pid, recursive=True) if program.poll() is None else []
    program.kill()
    program.wait(PATIENCE_S)
    for process in below:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A scheduler; the test starts the workers."""
    datasets.prepare()
    folder = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))  # sockets' names have a limit
    folder.chmod(0o755)
    cluster = Cluster(folder)
    yield cluster
    cluster.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def course(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A copy of the released course, of this test's own."""
    return shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")


@pytest.fixture
def start(course: Path, tmp_path: Path) -> Iterator[Callable[..., Grading]]:
    """`start(*arguments)`: a command that runs, and that is ended with the test in any case."""
    started: list[Grading] = []

    def begin(*arguments: str) -> Grading:
        started.append(Grading(course, tmp_path, *arguments))
        return started[-1]

    yield begin
    for grading in started:
        if grading.process.poll() is None:
            grading.kill()


def hand_in_sleepers(course: Path, count: int, seconds: float) -> dict[str, tuple[float, bool]]:
    """A class whose notebooks take a while, each with an answer of its own; and what they will get."""
    expected = {}
    for number in range(count):
        code = ANSWER if number % 2 else HALF
        waits = f"import time\ntime.sleep({seconds})\nside = {number}\n{code}"
        hand_in(course, f"s{number}", answered(released_notebook(course), waits))
        expected[f"s{number}"] = (2.0 if number % 2 else 1.0, False)
    return expected


def scores(gradebook: str, students: dict[str, tuple[float, bool]]) -> dict[str, tuple[float | None, bool]]:
    return {student: area_score(gradebook, student) for student in students}


def done_by(course: Path) -> dict[str, str]:
    """{student: the worker process that graded `areas`}."""
    with Store(course / ".mashq" / "ps1.sqlite") as store:
        return {student: g.usage.worker for student, notebook, g in store.results() if notebook == "areas"}


def number_graded(course: Path) -> int:
    return len(list((course / "autograded").glob("*/ps1/areas.ipynb")))


# -- a cluster --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_machines_give_the_grades_of_nbgrader(cluster: Cluster, course: Path, tmp_path: Path) -> None:
    """Both take part; they have nothing of the course but what the tasks bring."""
    theirs = shutil.copytree(course, tmp_path / "theirs")
    for folder in (course, theirs):
        hand_in_class(folder, FEW)
    nbgrader(theirs, "autograde", "ps1")
    cluster.start_worker()
    cluster.start_worker()
    wait_for_workers(cluster, 2)
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 3, done.told
    assert "with 2 workers" in done.told
    assert_equal_grades(course, theirs)
    assert len(set(done_by(course).values())) == 2


def wait_for_workers(cluster: Cluster, count: int) -> None:
    """Until the scheduler knows so many."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False, timeout=PATIENCE_S) as client:
        client.wait_for_workers(count, timeout=PATIENCE_S)


@pytest.mark.slow
def test_a_machine_that_is_lost_costs_no_grade(
    cluster: Cluster, course: Path, start: Callable[..., Grading]
) -> None:
    """Its notebook goes to another; a machine that comes later helps."""
    expected = hand_in_sleepers(course, 8, 2)
    first = cluster.start_worker()
    wait_for_workers(cluster, 1)
    grading = start(f"--scheduler={cluster.address}")
    wait_for(lambda: graded_file(course, "s0").exists(), "the first notebook")
    cluster.start_worker()
    wait_for(lambda: number_graded(course) >= 2, "another notebook")
    kill_with_children(first)
    assert grading.wait() == 0, grading.said
    assert scores(sqlite_of(course), expected) == expected
    assert len(set(done_by(course).values())) == 2


@pytest.mark.slow
def test_a_scheduler_that_goes_leaves_what_was_recorded(
    cluster: Cluster, course: Path, start: Callable[..., Grading]
) -> None:
    """The message says so and what to do; doing it finishes the class."""
    expected = hand_in_sleepers(course, 6, 2)
    cluster.start_worker()
    wait_for_workers(cluster, 1)
    grading = start(f"--scheduler={cluster.address}")
    wait_for(lambda: number_graded(course) >= 2, "two notebooks")
    kill_with_children(cluster.scheduler)
    assert grading.wait() == 1, grading.said
    assert f"the Dask scheduler {cluster.address} is gone; what was graded is recorded" in grading.said
    assert "then `mashq grade ps1` goes on" in grading.said
    assert "Traceback" not in grading.said
    recorded = number_graded(course)
    assert 2 <= recorded < 6
    kill_with_children(cluster.workers[0])
    cluster.start_scheduler()
    cluster.start_worker()
    wait_for_workers(cluster, 1)
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 0, done.told
    assert f"{recorded} unchanged" in done.told
    assert scores(sqlite_of(course), expected) == expected


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_one_sentence(course: Path) -> None:
    """With the commands that start one."""
    hand_in_sleepers(course, 1, 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    done = run(course, f"--scheduler={address}")
    assert done.code == 1
    assert f"there is no Dask scheduler at {address}" in done.told
    assert f"`dask scheduler` and workers with `dask worker {address} --nthreads 1`" in done.told
    assert "Traceback" not in done.told
    assert not (course / "autograded").exists()


@pytest.mark.slow
def test_a_cluster_without_workers_is_one_sentence(cluster: Cluster, course: Path) -> None:
    """It names the command."""
    hand_in_sleepers(course, 1, 0)
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 1
    assert f"{cluster.address} has no workers; start some: `dask worker {cluster.address}" in done.told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "difference"),
    [(OTHER_VERSION, "mashq is 0.0.1"), (NO_BUBBLEWRAP, "bubblewrap is missing. Install it")],
    ids=["other version", "no walls"],
)
def test_a_worker_that_would_grade_otherwise_is_refused(
    first: str, difference: str, cluster: Cluster, course: Path
) -> None:
    """Before anything is graded, with what differs."""
    hand_in_sleepers(course, 1, 0)
    cluster.start_worker(first)
    cluster.start_worker()
    wait_for_workers(cluster, 2)
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 1, done.told
    assert difference in done.told
    assert "grades would differ between machines" in done.told
    assert not (course / "autograded").exists()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("MASHQ_DATA"), reason="needs real data, to have other data")
def test_other_data_matters_only_where_it_is_used(cluster: Cluster, course: Path) -> None:
    """A worker without MNIST grades an assignment that uses none, and is refused once a check names it."""
    hand_in_sleepers(course, 1, 0)
    cluster.start_worker(OTHER_DATA)
    wait_for_workers(cluster, 1)
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 0, done.told
    checks = course / "tests" / "ps1" / "test_areas.py"
    checks.write_text(checks.read_text() + "\npytestmark = pytest.mark.dataset('mnist')\n")
    done = run(course, f"--scheduler={cluster.address}")
    assert done.code == 1, done.told
    assert "data mnist is stand-in" in done.told
    assert "data hoda" not in done.told


@pytest.mark.slow
def test_a_worker_of_another_version_that_comes_later_grades_nothing(
    cluster: Cluster, course: Path, start: Callable[..., Grading]
) -> None:
    """It refuses each notebook, which then goes to another worker or to the list; there is no zero."""
    expected = hand_in_sleepers(course, 6, 2)
    cluster.start_worker()
    wait_for_workers(cluster, 1)
    grading = start(f"--scheduler={cluster.address}")
    wait_for(lambda: number_graded(course) >= 1, "the first notebook")
    cluster.start_worker(OTHER_VERSION)
    code = grading.wait()
    assert code in (0, 3), grading.said
    kill_with_children(cluster.workers[1])
    assert len(set(done_by(course).values())) == 1
    if code == 3:
        assert "would grade by other rules: mashq 0.0.1" in grading.said
        assert run(course, f"--scheduler={cluster.address}").code == 0
    assert scores(sqlite_of(course), expected) == expected


# -- workers that are gone ------------------------------------------------------------------------------


def workers_of(status: str, info: dict[str, Any]) -> ClusterWorkers:
    """Those of a client that is in such a state and is told this by its scheduler."""
    client = SimpleNamespace(status=status, scheduler_info=lambda n_workers: info)
    return ClusterWorkers(client, "tls://host:8786", "ps1")


@pytest.mark.parametrize("info", [{"workers": {}}, {}], ids=["none", "a client that is being closed"])
def test_workers_that_are_gone_for_good_are_not_waited_for_in_silence(
    info: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue may bring others, which is said once."""
    monkeypatch.setattr(cluster_module, "NO_WORKERS_S", 0.05)
    monkeypatch.setattr(cluster_module, "WORKERS_LOOK_S", 0.01)
    gone, said = workers_of("running", info), list[str]()
    time.sleep(0.1)
    for _ in range(3):
        gone.require(said.append)
        time.sleep(0.02)
    assert len(said) == 1
    assert "has no workers any more; waiting" in said[0]


def test_a_scheduler_that_is_gone_ends_the_run() -> None:
    """With what to do."""
    with pytest.raises(MachineError, match=r"tls://host:8786 is gone.*then `mashq grade ps1` goes on"):
        workers_of("closed", {}).require(print)


# -- PostgreSQL -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


def exported(course: Path) -> list[dict[str, str]]:
    """What `nbgrader export` writes."""
    nbgrader(course, "export", "--to", "grades.csv")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["student_id"])


@pytest.mark.slow
def test_a_gradebook_server_that_crashes_costs_no_grade(
    server: Postgres, course: Path, tmp_path: Path, start: Callable[..., Grading]
) -> None:
    """It is waited for; the export is the one of an undisturbed run into SQLite."""
    url = server.create("grading")
    expected = hand_in_sleepers(course, 6, 1)
    sqlite = shutil.copytree(course, tmp_path / "sqlite")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {url!r}\n")
    nbgrader(course, "generate_assignment", "ps1", "--force")
    nbgrader(course, "db", "assignment", "add", "ps1", "--duedate=2026-01-10 12:00:00 UTC")
    grading = start("--workers=2")
    wait_for(lambda: number_graded(course) >= 2, "two notebooks")
    server.stop(signal.SIGQUIT)
    wait_for(lambda: "waiting:" in grading.said, "the command to notice")
    server.start()
    assert grading.wait() == 0, grading.said
    assert scores(url, expected) == expected
    assert run(sqlite, "--workers=2").code == 0
    assert exported(course) == exported(sqlite)
    assert "6 unchanged" in run(course).told
