"""What a student can put into the exchange, and what becomes of it on its way to the feedback page."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.course.times import read_time
from tests.support.commands import nbgrader
from tests.support.needs import missing
from tests.support.tiny_course import answered, released_notebook

SECRET = "SECRET-OF-ANOTHER"
TIME = "2026-11-20 10:00:00.000000 UTC"


def inbound(course: Path, student: str, time: str = TIME, end: str = "+r4nd0m") -> Path:
    """A folder in the exchange's inbound folder, as a student's own program could make it."""
    folder = exchange_of(course) / "neural-networks" / "inbound" / f"{student}+ps1+{time}{end}"
    folder.mkdir(parents=True)
    return folder


def exchange_of(course: Path) -> Path:
    """The course's exchange, which is in its settings from then on."""
    exchange = course.parent / "exchange"
    if not exchange.exists():
        exchange.mkdir(mode=0o777)
        with (course / "nbgrader_config.py").open("a") as config:
            config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    return exchange


def answer(course: Path, folder: Path, text: str = "Because sides multiply.") -> Path:
    """A right answer in a folder."""
    path = folder / "areas.ipynb"
    nbformat.write(answered(released_notebook(course), essay=text), path)
    return path


def leaks(course: Path, *steps: str) -> list[str]:
    """The files of these steps that hold the secret."""
    return [
        str(path.relative_to(course))
        for step in steps
        for path in sorted((course / step).rglob("*"))
        if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


def to_a_file(folder: Path, secret: Path) -> None:
    (folder / "data.csv").symlink_to(secret)


def as_the_notebook(folder: Path, secret: Path) -> None:
    (folder / "areas.ipynb").unlink()
    (folder / "areas.ipynb").symlink_to(secret)


def to_a_folder(folder: Path, secret: Path) -> None:
    (folder / "data").symlink_to(secret.parent)


def in_a_folder(folder: Path, secret: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c.csv").symlink_to(os.path.relpath(secret, folder / "a" / "b"))


def chain(folder: Path, secret: Path) -> None:
    (folder / "first.csv").symlink_to("second.csv")
    (folder / "second.csv").symlink_to("third.csv")
    (folder / "third.csv").symlink_to(secret)


def as_the_time(folder: Path, secret: Path) -> None:
    (folder / "timestamp.txt").symlink_to(secret)


def as_the_whole(folder: Path, secret: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(secret.parent)


def hard_link(folder: Path, secret: Path) -> None:
    if os.getuid() != 0:
        missing("only root can give a file to another user")
    os.chown(secret, 65534, 65534)
    os.link(secret, folder / "data.csv")


LINKS = [to_a_file, as_the_notebook, to_a_folder, in_a_folder, chain, as_the_time, as_the_whole, hard_link]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no student may read, in a folder of its own."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "key.txt").write_text(SECRET)
    return folder / "key.txt"


def a_pipe(folder: Path, secret: Path) -> None:
    os.mkfifo(folder / "pipe")


def a_socket(folder: Path, secret: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one, within(folder):
        one.bind("socket")


def a_device(folder: Path, secret: Path) -> None:
    if os.getuid() != 0:
        missing("only root can make a device")
    os.mknod(folder / "zero", 0o600 | stat.S_IFCHR, os.makedev(1, 5))


def a_pipe_as_the_time(folder: Path, secret: Path) -> None:
    (folder / "timestamp.txt").unlink(missing_ok=True)
    os.mkfifo(folder / "timestamp.txt")


ODD = [*LINKS, a_pipe, a_socket, a_device, a_pipe_as_the_time]


@pytest.mark.long
def test_the_exchange_follows_no_link(tiny_course: Path, secret: Path) -> None:
    """Links of every kind, pipes, sockets, devices: left out and named, and everybody is collected.

    What is graded, and the feedback page, hold nothing of the file that they lead to.
    """
    for odd in ODD:
        folder = inbound(tiny_course, odd.__name__)
        answer(tiny_course, folder)
        odd(folder, secret)
    answer(tiny_course, inbound(tiny_course, "ada"))
    log = nbgrader(tiny_course, "collect", "ps1")
    assert not leaks(tiny_course, "submitted")
    for odd in ODD:
        assert f"NOT COLLECTED from {odd.__name__}+ps1+" in log
        assert not any(not is_ordinary(p) for p in (tiny_course / "submitted" / odd.__name__).rglob("*"))
    ada = tiny_course / "submitted" / "ada" / "ps1"
    assert {path.name for path in ada.iterdir()} == {"areas.ipynb", "timestamp.txt"}
    assert (ada / "timestamp.txt").read_text() == TIME
    told = tiny_course / "submitted" / "to_a_file" / "ps1" / "not-collected.txt"
    assert told.read_text() == "'data.csv' was left out: it is a link that leads elsewhere\n"


@pytest.mark.long
def test_autograde_and_feedback_follow_no_link(
    tiny_course: Path, secret: Path, hand_in: Callable[..., Path]
) -> None:
    """What somebody has put into `submitted/` by another way, where nbgrader copies whatever there is."""
    odd_ones = [one for one in ODD if one is not as_the_whole]
    for odd in odd_ones:
        path = hand_in(odd.__name__, answered(released_notebook(tiny_course)))
        odd(path.parent, secret)
    hand_in("ada", answered(released_notebook(tiny_course)))
    (tiny_course / "submitted" / "ada" / "ps1" / "data.csv").write_text("1,2")
    log = nbgrader(tiny_course, "autograde", "ps1")
    nbgrader(tiny_course, "generate_feedback", "ps1")
    assert not leaks(tiny_course, "autograded", "feedback")
    for odd in odd_ones:
        graded = [*(tiny_course / "autograded" / odd.__name__).rglob("*")]
        assert all(map(is_ordinary, graded))
        assert any(path.name == "areas.ipynb" for path in graded)
        assert (tiny_course / "feedback" / odd.__name__ / "ps1" / "areas.html").is_file()
    assert "student to_a_file: 'data.csv' was left out: it is a link that leads elsewhere" in log
    assert (tiny_course / "feedback" / "ada" / "ps1" / "data.csv").read_text() == "1,2"
    scores = read_scores(CourseFolder(tiny_course), "ps1").students
    assert (scores["ada"]["areas"].score, scores["as_the_notebook"]["areas"].needs_person) == (2, True)


def is_ordinary(path: Path) -> bool:
    """Whether it is a file or a folder itself."""
    return stat.S_ISREG(path.lstat().st_mode) or stat.S_ISDIR(path.lstat().st_mode)


@contextmanager
def within(folder: Path) -> Iterator[None]:
    """Work in a folder: the path of a socket must be short."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.mark.long
def test_nothing_in_the_exchange_stops_the_collection(tiny_course: Path) -> None:
    """Impossible times, names that lead out, folders without end, files that nobody may read."""
    times = ["garbage", "Inf", "0001-01-01 00:00:00 UTC", "9999-12-31 23:59:59 UTC", "9" * 100]
    times += ["", "1e400", "nan", "-1"]
    for time in times:
        answer(tiny_course, inbound(tiny_course, "mallory", time))
    answer(tiny_course, inbound(tiny_course, "offset", "2026-11-20 10:00:00 +23:59:59"))
    doubtful = inbound(tiny_course, "doubtful", "2026-11-20 10:00:00 IRST")
    answer(tiny_course, doubtful)
    for name in (".", ".."):
        answer(tiny_course, inbound(tiny_course, name))
    (exchange_of(tiny_course) / "neural-networks" / "inbound" / f"file+ps1+{TIME}+x").write_text("no folder")
    deep = inbound(tiny_course, "deep")
    answer(tiny_course, deep)
    with within(deep):
        for _ in range(300):
            os.mkdir("d")
            os.chdir("d")
    many = inbound(tiny_course, "many")
    answer(tiny_course, many)
    for number in range(5100):
        (many / f"{number}.txt").touch()
    large = inbound(tiny_course, "large")
    with answer(tiny_course, large).with_name("nothing.bin").open("wb") as file:
        file.truncate(700 * 2**20)
    old = answer(tiny_course, inbound(tiny_course, "ancient"))
    os.utime(old, (2**40, 2**40))
    mine = inbound(tiny_course, "ada", "2026-11-20 09:00:00.000000 UTC")
    answer(tiny_course, mine, "The first.")
    (mine / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    log = nbgrader(tiny_course, "collect", "ps1")
    submitted = tiny_course / "submitted"
    there = {"deep", "many", "large", "ancient", "ada", "doubtful"}
    assert {path.name for path in submitted.iterdir()} == there
    assert not (tiny_course / "ps1").exists()
    assert log.count("there is no possible time in its name") == len(times) - 1  # one has no time at all
    assert (submitted / "ada" / "ps1" / "timestamp.txt").read_text() == "2026-11-20 09:00:00.000000 UTC"
    read, doubt = read_time(submitted / "doubtful" / "ps1")
    assert (read, "not certain" in str(doubt)) == (None, True)
    assert not (submitted / "large" / "ps1" / "nothing.bin").exists()
    assert "it is in more than 50 folders" in (submitted / "deep" / "ps1" / "not-collected.txt").read_text()
    assert len([*(submitted / "many" / "ps1").iterdir()]) == 5000 + 2  # and two that say so


@pytest.mark.long
@pytest.mark.process
def test_a_folder_with_anothers_name_does_not_count_over_their_own(tiny_course: Path) -> None:
    """Who owns the folder decides, which no student can forge; the name of it is the student's to write."""
    if os.getuid() != 0:
        missing("only root can give a folder to another user")
    answer(tiny_course, inbound(tiny_course, "nobody"), "My own.")
    forged = inbound(tiny_course, "nobody", "2026-11-21 10:00:00.000000 UTC")
    answer(tiny_course, forged, "Forged.")
    for path in (forged.with_name(f"nobody+ps1+{TIME}+r4nd0m"), forged):
        os.chown(path, 65534 if TIME in path.name else 1, -1)
    log = nbgrader(tiny_course, "collect", "ps1")
    text = (tiny_course / "submitted" / "nobody" / "ps1" / "areas.ipynb").read_text()
    assert ("My own." in text, "Forged." in text) == (True, False)
    assert "it is of another user than the one whose name it has" in log


@pytest.mark.long
def test_the_checks_by_hand_follow_no_link(
    tiny_course: Path, secret: Path, hand_in: Callable[..., Path]
) -> None:
    """`pytest tests/ps1 --submission FOLDER` where the notebook is a link out, or a pipe."""
    solution = tiny_course / "source" / "ps1" / "areas.ipynb"
    for name, make in (("link", lambda path: path.symlink_to(solution)), ("pipe", os.mkfifo)):
        path = hand_in(name, b"{}")
        path.unlink()
        make(path)
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ps1"]
        done = subprocess.run(
            [*words, f"--submission={path.parent}"],
            cwd=tiny_course,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "2 failed" in done.stdout
        assert ("leads elsewhere" if name == "link" else "no ordinary file") in done.stdout
