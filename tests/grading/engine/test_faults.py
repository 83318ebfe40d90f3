"""Killed, stopped, starved and attacked: `mashq grade` loses no grade and leaves nothing behind.

Every process here is a real one, and every kill hits a process that the test itself started.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import psutil
import pytest

from mashq.course.store import Store
from tests.support.cells import code_cell
from tests.support.graded import area_score, rows_of, sqlite_of
from tests.support.grading import INSIDE, Grading, graded_file
from tests.support.late_course import hand_in, released_late_course
from tests.support.processes import wait_for, words
from tests.support.small_disk import fill, small_disk
from tests.support.tiny_course import ANSWER, HALF, answered, released_notebook

pytestmark = pytest.mark.long

GONE_S = 5.0  # for processes to be gone after the end of what they worked for
CTRL_C_S = 2.0

T = TypeVar("T")


# -- a command that runs, and what belongs to it ----------------------------------------------------------


def left_running(course: Path, temporary: Path) -> list[str]:
    """Processes of a run that is over: by folder, by environment, and sandboxes that nobody owns."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            line = " ".join(process.cmdline())
            environment = _environment(process)
            ours = str(course) in line or environment.get("TMPDIR") == str(temporary)
            if ours or (INSIDE in line and _is_orphan(process)):
                found.append(f"{process.pid} {line[:200]}")
    return found


def _environment(process: psutil.Process) -> Mapping[str, str]:
    with suppress(psutil.Error, OSError):
        return process.environ()
    return {}


def _is_orphan(process: psutil.Process) -> bool:
    """Whether a process of a sandbox has lost the grader that it belongs to."""
    owners = [parent for parent in process.parents() if parent.pid != 1]
    return all(INSIDE in words(owner) for owner in owners)


def assert_nothing_is_left(course: Path, temporary: Path) -> None:
    """No process within a few seconds, and no folder of a sandbox."""
    wait_for(
        lambda: not left_running(course, temporary),
        f"the end of {left_running(course, temporary)}",
        GONE_S,
    )
    assert list(temporary.glob("mashq-kernel-*")) == []


# -- a course ---------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A copy of the released course, of this test's own."""
    return shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files; its name is short, for sockets' names have a limit."""
    folder = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(course: Path, temporary: Path) -> Iterator[Callable[..., Grading]]:
    """`start(*arguments)`: a command that runs, and that is ended with the test in any case."""
    started: list[Grading] = []

    def begin(*arguments: str, **environment: str) -> Grading:
        started.append(Grading(course, temporary, *arguments, **environment))
        return started[-1]

    yield begin
    for grading in started:
        if grading.process.poll() is None:
            grading.kill()


def answer(course: Path, student: str, code: str = ANSWER) -> None:
    """Hand in the tiny notebook with this answer."""
    hand_in(course, student, answered(released_notebook(course), code))


def sleeps(seconds: float) -> str:
    return f"import time\ntime.sleep({seconds})\n{ANSWER}"


def scores(course: Path) -> dict[str, tuple[float | None, bool]]:
    """{student: (points of the test cell, whether a person must look)}."""
    students = {row[0] for row in rows_of(sqlite_of(course))["grade"]}
    return {student: area_score(sqlite_of(course), student) for student in students}


# -- the machine's faults ---------------------------------------------------------------------------------


def test_a_killed_worker_loses_nothing(course: Path, temporary: Path, start: Callable[..., Grading]) -> None:
    """Its notebook is run again by the worker that takes its place; no zero, nothing to attend to."""
    answer(course, "a-right")
    answer(course, "b-sleeps", sleeps(2))
    answer(course, "c-half", HALF)
    grading = start("--workers=1")
    wait_for(lambda: grading.has_graded("a-right"), "the first notebook")
    wait_for(grading.kernels, "the second notebook's kernel")
    (worker,) = grading.workers()
    worker.kill()
    assert grading.wait() == 0, grading.said
    assert scores(course) == {"a-right": (2, False), "b-sleeps": (2, False), "c-half": (1, False)}
    with Store(course / ".mashq" / "ps1.sqlite") as store:
        by = {student: graded.usage.worker.split(":")[1] for student, _, graded in store.results()}
    assert by["a-right"] == str(worker.pid) != by["b-sleeps"]
    assert_nothing_is_left(course, temporary)


def test_ctrl_c_ends_at_once_and_keeps_what_was_done(
    course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """Within two seconds, with exit code 130; the same command goes on from there."""
    answer(course, "a-right")
    for student in ("b-sleeps", "c-sleeps", "d-sleeps"):
        answer(course, student, sleeps(60))
    grading = start("--workers=2")
    wait_for(lambda: grading.has_graded("a-right"), "the first notebook")
    wait_for(grading.kernels, "another notebook's kernel")
    seconds = grading.interrupt()
    assert grading.process.returncode == 130, grading.said
    assert "`mashq grade ps1` goes on where this ended" in grading.said
    assert "Traceback" not in grading.said
    assert seconds < CTRL_C_S
    assert scores(course)["a-right"] == (2, False)
    assert_nothing_is_left(course, temporary)


def test_sigterm_ends_as_ctrl_c_does(course: Path, temporary: Path, start: Callable[..., Grading]) -> None:
    """With its own exit code; what was done is kept, and no process or folder is left."""
    answer(course, "a-right")
    for student in ("b-sleeps", "c-sleeps"):
        answer(course, student, sleeps(60))
    grading = start("--workers=2")
    wait_for(lambda: grading.has_graded("a-right"), "the first notebook")
    wait_for(grading.kernels, "another notebook's kernel")
    grading.terminate()
    assert grading.process.returncode == 143, grading.said
    assert "`mashq grade ps1` goes on where this ended" in grading.said
    assert "Traceback" not in grading.said
    assert scores(course)["a-right"] == (2, False)
    assert_nothing_is_left(course, temporary)


def test_ctrl_c_is_not_lost_while_the_gradebook_is_locked(
    course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """It comes while the command waits for the lock; another one, too, which a person then presses."""
    answer(course, "a-right")
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as other:
        grading = start("--workers=1")
        wait_for(grading.kernels, "the notebook's kernel")
        other.execute("BEGIN IMMEDIATE")
        wait_for(lambda: "waiting:" in grading.said, "the command to notice")
        time.sleep(1)  # the next try has begun: it waits in SQLite for some seconds
        os.kill(grading.process.pid, signal.SIGINT)
        grading.interrupt()
        other.execute("ROLLBACK")
    assert grading.process.returncode == 130, grading.said
    assert grading.said.count("waiting:") <= 2, grading.said
    assert "graded, but not recorded" not in grading.said
    assert_nothing_is_left(course, temporary)


@pytest.mark.slow
def test_after_ctrl_c_the_same_command_goes_on(
    course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """Stopped at any time, again and again, it finishes the next time."""
    for number in range(6):
        answer(course, f"s{number}", f"side = {number}\n{sleeps(0.5)}")
    moments: list[Callable[[Grading], object]] = [
        lambda grading: grading.workers(),  # they are starting
        lambda grading: "2 at a time" in grading.said,
        lambda grading: grading.kernels(),
        lambda grading: grading.has_graded("s2"),
    ]
    for has_come in moments:
        grading = start("--workers=2")
        wait_for(lambda has_come=has_come, grading=grading: has_come(grading), "its time")  # type: ignore[misc]
        assert grading.interrupt() < CTRL_C_S, grading.said
        # Python may die of a signal that comes while it imports; shells call that 130, too
        assert grading.process.returncode in (130, -signal.SIGINT), grading.said
        if "at a time" in grading.said:  # before that, Python's start of a worker may tell of the signal
            assert "Traceback" not in grading.said
        assert_nothing_is_left(course, temporary)
    again = start("--workers=2")
    assert again.wait() == 0, again.said
    assert scores(course) == {f"s{number}": (2, False) for number in range(6)}
    assert_nothing_is_left(course, temporary)


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_coordinator_goes_on_where_it_was(
    times: int, course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """Killed at random moments, again and again: in the end the gradebook is that of an undisturbed run."""
    before = shutil.copy(course / "gradebook.db", temporary)
    points = {}
    for number in range(2 * times):  # each with an answer of its own, or one result would do for all
        right = number % 3 > 0
        points[f"s{number:02}"] = (2.0 if right else 1.0, False)
        answer(course, f"s{number:02}", f"side = {number}\n{ANSWER if right else HALF}")
    moments = random.Random(1)
    for _ in range(times):
        grading = start("--workers=2")
        done = len(list((course / "autograded").glob("*/ps1/areas.ipynb")))
        more = moments.randrange(3)  # killed while it starts, or with some more recorded

        def is_time(grading: Grading = grading, goal: int = done + more) -> bool:
            graded = len(list((course / "autograded").glob("*/ps1/areas.ipynb")))
            return graded >= goal or grading.process.poll() is not None

        wait_for(is_time, "some notebooks")
        time.sleep(moments.uniform(0, 1.5))
        grading.kill()
        wait_for(lambda: not left_running(course, temporary), "the end of all processes", GONE_S)
    last = start("--workers=2")
    assert last.wait() == 0, last.said
    assert scores(course) == points
    assert_nothing_is_left(course, temporary)
    rows = rows_of(sqlite_of(course))
    if times > 3:
        shutil.rmtree(course / ".mashq")
        shutil.rmtree(course / "autograded")
        shutil.copy(before, course / "gradebook.db")
        undisturbed = start("--workers=2")
        assert undisturbed.wait() == 0, undisturbed.said
        assert rows_of(sqlite_of(course)) == rows


@contextmanager
def on_small_disk(course: Path, what: str, disk: Path) -> Iterator[str]:
    """Put the gradebook, or `autograded/`, on a disk of one megabyte; gives the gradebook's URL."""
    with small_disk(disk):
        if what == "gradebook":
            shutil.move(course / "gradebook.db", disk)
            with (course / "nbgrader_config.py").open("a") as config:
                config.write(f"c.CourseDirectory.db_url = {sqlite_of(disk)!r}\n")
            yield sqlite_of(disk)
        else:
            (disk / "autograded").mkdir()
            (course / "autograded").symlink_to(disk / "autograded")
            yield sqlite_of(course)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["in time", "too late"])
@pytest.mark.parametrize("what", ["gradebook", "notebooks"])
def test_a_full_disk_costs_no_grade(
    what: str, space: str, course: Path, tmp_path: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """It is waited for, then listed, never a zero; with some space the same command completes everything."""
    disk = tmp_path / "disk"
    with on_small_disk(course, what, disk) as gradebook:
        answer(course, "a-right")
        answer(course, "b-half", f"import time\ntime.sleep(5)\n{HALF}")
        grading = start("--workers=1")
        wait_for(lambda: grading.has_graded("a-right"), "the first notebook")
        wait_for(grading.kernels, "the second notebook's kernel")
        fill(disk / "filler")
        wait_for(lambda: "waiting:" in grading.said, "the command to notice")
        assert "free some space" in grading.said
        if space == "in time":
            (disk / "filler").unlink()
            assert grading.wait() == 0, grading.said
        else:
            assert grading.wait() == 3, grading.said
            assert "graded, but not recorded" in grading.said
            (disk / "filler").unlink()
            rows = rows_of(gradebook)["grade"]
            assert [row[4] for row in rows if (row[0], row[2]) == ("b-half", "test_area")] in ([], [None])
            report = temporary / "report.json"
            again = start("--workers=1", f"--json={report}")
            assert again.wait() == 0, again.said
            assert json.loads(report.read_text())["graded"] == 0
        assert area_score(gradebook, "a-right") == (2, False)
        assert area_score(gradebook, "b-half") == (1, False)
        assert_nothing_is_left(course, temporary)


# -- the students' faults ---------------------------------------------------------------------------------

FAULTS = {
    "ends-python": "import os\nos._exit(3)",
    "reads-memory": "import ctypes\nctypes.string_at(0)",
    "takes-memory": "hoard = []\nwhile True:\n    hoard.append(bytearray(2**24))",
    "never-ends": "while True:\n    pass",
    "writes-without-end": "while True:\n    print('x' * 1000)",
    "forks-without-end": "import os\nwhile True:\n    os.fork()",
    "will-not-stop": (
        "import time\nwhile True:\n    try:\n        time.sleep(1)\n"
        "    except KeyboardInterrupt:\n        pass"
    ),
    "calls-itself": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef again(n):\n    return again(n + 1) + 1\nagain(0)"
    ),
}


def with_cell(notebook: Any, code: str) -> Any:
    """A notebook with one more cell, before the answer."""
    notebook.cells.insert(1, code_cell(code))
    return notebook


@pytest.mark.slow
def test_a_students_fault_costs_only_its_cell(
    course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """In the answer it costs the answer, beside it nothing, and nobody else; a sentence says what it was."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.JudgeExecute.memory_mb = 300\nc.JudgeExecute.timeout = 3\n")
    expected = {"neighbour": (2.0, False), "half": (1.0, False)}
    answer(course, "neighbour")
    answer(course, "half", HALF)
    for name, code in FAULTS.items():
        hand_in(course, f"{name} beside", with_cell(answered(released_notebook(course)), code))
        expected[f"{name} beside"] = (2.0, False)
        answer(course, f"{name} inside", f"{code}\n{ANSWER}")
        expected[f"{name} inside"] = (0.0, False)
    grading = start("--workers=2")
    assert grading.wait() == 0, grading.said
    assert scores(course) == expected
    for name in FAULTS:
        for place in ("beside", "inside"):
            notebook = nbformat.read(graded_file(course, f"{name} {place}"), as_version=4)
            cell = next(cell for cell in notebook.cells if cell.source.startswith(FAULTS[name]))
            errors = [output for output in cell.outputs if output.output_type == "error"]
            assert errors, f"{name} {place}: {cell.outputs}"
            assert any(len(error.evalue) > 15 for error in errors)
    assert_nothing_is_left(course, temporary)


# -- watching ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_arrives_is_graded(course: Path, temporary: Path, start: Callable[..., Grading]) -> None:
    """A new submission, and a new version of an old one; Ctrl-C ends it."""
    grading = start("--watch", "--workers=1")
    answer(course, "first", HALF)
    wait_for(lambda: grading.has_graded("first"), "the first submission")
    answer(course, "second")
    wait_for(lambda: grading.has_graded("second"), "a submission that arrived")
    answer(course, "first", f"side = 3\n{ANSWER}")
    wait_for(lambda: area_score(sqlite_of(course), "first") == (2, False), "a new version")
    assert grading.interrupt() < CTRL_C_S
    assert grading.process.returncode == 130, grading.said
    assert scores(course) == {"first": (2, False), "second": (2, False)}
    assert_nothing_is_left(course, temporary)


@pytest.mark.slow
def test_a_watch_goes_on_through_changes_and_ends_with_sigterm(
    course: Path, temporary: Path, start: Callable[..., Grading]
) -> None:
    """A file's time in the future, a half-written nbgrader_config.py, and a check that is mended."""
    config, checks = course / "nbgrader_config.py", course / "tests" / "ps1" / "test_areas.py"
    whole = config.read_text()
    answer(course, "first", HALF)
    path = course / "submitted" / "first" / "ps1" / "areas.ipynb"
    os.utime(path, (time.time() + 86400,) * 2)
    grading = start("--watch", "--workers=1")
    wait_for(lambda: grading.has_graded("first"), "the first submission")
    config.write_text(f"{whole}\nc.JudgeExecute.timeout = (")
    wait_for(lambda: "tried again every few seconds" in grading.said, "the note")
    config.write_text(whole)
    checks.write_text(checks.read_text().replace('call("area", 2, 5), 10', 'call("area", 2, 2), 4'))
    wait_for(lambda: area_score(sqlite_of(course), "first") == (2, False), "the mended check")
    grading.terminate()
    assert grading.process.returncode == 143, grading.said
    assert "Traceback" not in grading.said
    assert_nothing_is_left(course, temporary)
