"""A class of 300 on each platform, collected twice and killed between: the same submitted/ as once."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mashq.collect.place import Places
from mashq.collect.run import CollectOptions, State, collect_assignment
from tests.support.downloads import PLATFORMS, TIME, download, named, own_files, zipped
from tests.support.graded import files_of
from tests.support.processes import wait_for

pytestmark = pytest.mark.long

STUDENTS = 300


def make_course(folder: Path) -> Path:
    release = folder / "release" / "hw2"
    release.mkdir(parents=True)
    (release / "q5_xnor.ipynb").write_text("{}")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.Exchange.timezone = 'UTC'\n")
    return folder


def make_downloads(folder: Path, platform: str, students: int = STUDENTS) -> list[Path]:
    """Two downloads of a class: in the second, each third student has handed in again."""
    paths = []
    for again in (0, 1):
        files: dict[str, bytes | str] = {}
        for number in range(1000, 1000 + students):
            later = again and number % 3 == 0
            when = TIME + timedelta(days=1) if later else TIME
            text = f'{{"cells": [{number}{again if later else 0}]}}'
            own = zipped({"hw2/q5_xnor.ipynb": text}) if number % 5 == 0 else text
            name = "hw2.zip" if number % 5 == 0 else "q5_xnor.ipynb"
            files |= {
                named(platform, number, name, when): own,
                named(platform, number, "q1.jpg", when): "scan",
            }
            files |= own_files(platform, number, when)
        paths.append(download(folder / f"{again}.zip", files))
    return paths


def submitted(course: Path) -> dict[str, tuple[int, bytes]]:
    return files_of(course / "submitted")


def folders(course: Path) -> dict[str, int]:
    """{student: the number on the disk of what they handed in}; nothing is opened, so that any may go."""
    found = {}
    for student in os.listdir(course / "submitted"):
        with suppress(FileNotFoundError):  # it is being exchanged
            found[student] = (course / "submitted" / student / "hw2").stat().st_ino
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_killed_in_the_middle_and_run_again_is_as_once(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while folders of the second download are exchanged; each folder is whole at any moment."""
    put = Places.put

    def slowly(*of: Any) -> None:
        time.sleep(0.01)
        put(*of)

    paths = make_downloads(tmp_path, platform)
    once, again = make_course(tmp_path / "once"), make_course(tmp_path / "again")
    collect_assignment(CollectOptions("hw2", paths, once))
    collect_assignment(CollectOptions("hw2", paths[:1], again))
    whole, before, former = submitted(once), submitted(again), folders(again)
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Places, "put", slowly)  # to be killed in time
        collect_assignment(CollectOptions("hw2", paths, again))
        os._exit(0)
    wait_for(lambda: folders(again).items() - former.items(), "the first folder")
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    for name, content in submitted(again).items():
        if ".mashq-collect" not in name:
            assert content in (before.get(name), whole.get(name)), name
    assert submitted(again) != whole
    collect_assignment(CollectOptions("hw2", paths, again))
    assert submitted(again) == whole
    assert len({name.split("/")[0] for name in whole}) == STUDENTS
    assert collect_assignment(CollectOptions("hw2", paths, again)).count(State.UNCHANGED) == STUDENTS
    assert submitted(again) == whole


@pytest.mark.quick
def test_a_stop_at_any_step_loses_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever renaming is the last that is done; the next run then ends as if there had been no stop."""
    paths = make_downloads(tmp_path, "moodle", 7)
    once = make_course(tmp_path / "once")
    collect_assignment(CollectOptions("hw2", paths, once))
    rename = Path.rename
    for last in range(1, 10):
        course = make_course(tmp_path / str(last))
        collect_assignment(CollectOptions("hw2", paths[:1], course))
        done = 0

        def stopping(path: Path, target: Path) -> Path:
            nonlocal done
            done += 1
            if done > last:  # noqa: B023  # called while `last` is this one
                os._exit(9)
            return rename(path, target)

        child = os.fork()
        if child == 0:
            monkeypatch.setattr(Path, "rename", stopping)
            collect_assignment(CollectOptions("hw2", paths[1:], course))
            os._exit(0)
        os.waitpid(child, 0)
        rows = collect_assignment(CollectOptions("hw2", paths[1:], course)).rows
        assert submitted(course) == submitted(once), last
        assert not any(row.state is State.COLLECTED for row in rows)
        assert len(rows) == 7
