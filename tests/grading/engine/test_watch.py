"""What `mashq grade --watch` notices in a course folder, look by look; nothing is run here."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mashq.grading.engine import watch as module
from mashq.grading.engine.plan import Plan
from mashq.grading.engine.recording import Log, Recording
from mashq.grading.engine.tasks import Tasks
from mashq.grading.engine.watch import Watch
from mashq.grading.workers.worker import versions
from mashq.problems import Kind, Problem, Sentence
from tests.support.late_course import hand_in, released_late_course
from tests.support.tiny_course import HALF, TINY_CHECKS, answered, released_notebook

ENOUGH = 200  # looks in which something must have been noticed


class OverError(Exception):
    """The test has seen what it wanted to see."""


def _recording(course: Path, log: Log) -> Recording:
    tasks = Tasks(course, "ps1")
    return Recording(tasks, log, versions(tasks.datasets()))


class Watching:
    """A `Watch` that looks without a pause, and what it says.

    between : called between two looks, with their number
    """

    def __init__(self, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.course, self.said = course, list[str]()
        self.between: Callable[[int], object] = lambda _: None
        self._looks = 0
        monkeypatch.setattr(module, "SETTLED_S", 0.05)
        monkeypatch.setattr(time, "sleep", self._pause)
        log = Log()
        self.watch = Watch(lambda: _recording(course, log))

    def _pause(self, _: float) -> None:
        self._looks += 1
        assert self._looks < ENOUGH, self.said
        self.between(self._looks)
        threading.Event().wait(0.06)  # longer than SETTLED_S

    def until(self, what: Callable[[int], object]) -> Plan:
        """Look until there is something to do, or until `what(number of looks)` raises OverError."""
        self._looks, self.between = 0, what
        return self.watch.wait(self.said.append)

    def names(self) -> list[tuple[str, str]]:
        """Of what is to be done next."""
        return [(work.student, work.notebook) for work in self.until(lambda _: None).todo]

    def nothing_is_done_within(self, looks: int) -> None:
        """Of what is there now, nothing must be graded."""

        def over(number: int) -> None:
            if number > looks:
                raise OverError

        with pytest.raises(OverError):
            self.until(over)


@pytest.fixture
def watching(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watching]:
    """A watch on a course of this test's own, in which `amy` has handed in `areas`."""
    course = shutil.copytree(released_late_course(tmp_path_factory), tmp_path / "course")
    hand_in(course, "amy", answered(released_notebook(course)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    watching = Watching(course, monkeypatch)
    with watching.watch:
        yield watching


def test_a_submission_is_taken_once(watching: Watching) -> None:
    """And again when it changes."""
    assert watching.names() == [("amy", "areas")]
    watching.nothing_is_done_within(5)
    hand_in(watching.course, "amy", answered(released_notebook(watching.course), HALF))
    assert watching.names() == [("amy", "areas")]


@pytest.mark.parametrize("hours", [-24, 0, 24])
def test_what_clocks_say_of_a_file_does_not_matter(hours: int, watching: Watching) -> None:
    """A student's clock may be wrong; rsync keeps the old times of what it is still copying."""
    watching.names()
    path = hand_in(watching.course, "ben", answered(released_notebook(watching.course)))
    os.utime(path, (time.time() + 3600 * hours,) * 2)
    assert watching.names() == [("ben", "areas")]


def test_what_still_changes_is_left_alone(watching: Watching) -> None:
    """It is graded when it has looked the same in two looks."""
    watching.names()
    path = hand_in(watching.course, "ben", b"{")

    def grow(number: int) -> None:
        if number <= 8:
            path.write_bytes(b"{" * (number + 1))

    watching.until(grow)
    assert path.read_bytes() == b"{" * 9


def test_a_mended_check_is_seen(watching: Watching) -> None:
    """The notebook's tasks are made with the new checks; nobody needs to start the command anew."""
    watching.names()
    mended = TINY_CHECKS.replace("both sides count", "a product")
    (watching.course / "tests" / "ps1" / "test_areas.py").write_text(mended)
    (work,) = watching.until(lambda _: None).todo
    assert watching.watch.recording.tasks.task(work).checks == mended.encode()


def test_changed_settings_and_a_new_release_are_seen(watching: Watching) -> None:
    """A limit of `c.JudgeExecute`, and the cells of the released notebook."""
    watching.names()
    with (watching.course / "nbgrader_config.py").open("a") as config:
        config.write("c.JudgeExecute.timeout = 7\n")
    (work,) = watching.until(lambda _: None).todo
    assert watching.watch.recording.tasks.task(work).limits.cell_s == 7
    released = watching.course / "release" / "ps1" / "areas.ipynb"
    released.write_text(released.read_text().replace("# Areas", "# Areas and sides"))
    (work,) = watching.until(lambda _: None).todo
    assert b"# Areas and sides" in watching.watch.recording.tasks.task(work).release


@pytest.mark.parametrize("what", ["settings", "cut off"])
def test_a_broken_state_in_between_is_a_note(what: str, watching: Watching) -> None:
    """Said once, and nothing is graded by it; once it is whole again, the watch goes on."""
    watching.names()
    course, answer = watching.course, answered(released_notebook(watching.course))
    config, release = course / "nbgrader_config.py", course / "release" / "ps1"
    whole = config.read_text()
    if what == "settings":
        config.write_text(f"{whole}\nc.JudgeExecute.timeout = (")
    else:
        text = (release / "areas.ipynb").read_text()
        (release / "areas.ipynb").write_text(text[:100])
    hand_in(course, "ben", answer)
    watching.nothing_is_done_within(6)
    assert len([line for line in watching.said if "tried again" in line]) == 1, watching.said
    if what == "settings":
        config.write_text(whole)
    else:
        (release / "areas.ipynb").write_text(text)
    assert ("ben", "areas") in watching.names()


def test_a_submission_that_goes_away_is_forgotten(watching: Watching) -> None:
    """With what was wrong with it; when it is back, it is looked at anew."""
    watching.names()
    watching.watch.recording.log.entries["amy", "areas"].problems = [
        Problem(Kind.FILE, Sentence.plain("the file is cut off"))
    ]
    folder = watching.course / "submitted" / "amy"
    away = folder.rename(watching.course / "away")
    watching.nothing_is_done_within(3)
    assert watching.watch.recording.log.attention == {}
    away.rename(folder)
    assert watching.names() == [("amy", "areas")]


def test_a_collect_that_fails_is_said_once_and_leaves_one_log(
    watching: Watching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the log, which is in the course's own folder; submissions are graded all the same."""
    exchange = tmp_path / "exchange"
    (exchange / "neural-networks" / "inbound").mkdir(parents=True)
    with (watching.course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    assert watching.names() == [("amy", "areas")]
    broken = breaks_collect(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{broken}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    before = set(Path(tempfile.gettempdir()).glob("mashq-*.log"))
    watching.said.clear()
    watching.nothing_is_done_within(3)
    assert len([line for line in watching.said if "collect" in line and "failed" in line]) == 1, watching.said
    assert any("collect.log" in line for line in watching.said)
    assert (watching.course / ".mashq" / "collect.log").read_text()
    assert set(Path(tempfile.gettempdir()).glob("mashq-*.log")) == before


@pytest.fixture
def exchange_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exchange that Jupyter's own settings name, in which there is no course yet."""
    settings = tmp_path / "jupyter" / "nbgrader_config.py"
    settings.parent.mkdir()
    settings.write_text(f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(settings.parent))
    return tmp_path / "exchange"


def test_an_exchange_without_the_course_is_said_once(exchange_of_the_hub: Path, watching: Watching) -> None:
    """It is collected from as soon as the course is there."""
    assert watching.names() == [("amy", "areas")]
    watching.nothing_is_done_within(3)
    inbound = exchange_of_the_hub / "neural-networks" / "inbound"
    said = [line for line in watching.said if "nothing is collected" in line]
    assert len(said) == 1, watching.said
    assert str(inbound) in said[0]
    inbound.mkdir(parents=True)
    watching.said.clear()
    watching.nothing_is_done_within(3)
    assert not any("nothing is collected" in line for line in watching.said)


def breaks_collect(folder: Path) -> Path:
    """A folder that, in front of Python's path, makes every nbgrader command fail."""
    (folder / "broken" / "nbgrader").mkdir(parents=True)
    (folder / "broken" / "nbgrader" / "__init__.py").write_text(
        "raise OSError('the exchange is not mounted')"
    )
    return folder / "broken"
