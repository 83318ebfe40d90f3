"""A file of a folder is opened, or nothing: no link is followed, also not one that comes in between."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mashq.handed_in.copying import copy_content
from mashq.handed_in.own_file import LinkError, NoFileError, open_own, opened_folder
from tests.support.needs import missing

pytestmark = pytest.mark.quick

SECRET = b"secret"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of a student's, beside one with a secret."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "key").write_bytes(SECRET)
    folder = tmp_path / "mine"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "x.csv").write_bytes(b"x")
    return folder


def read(folder: Path, name: str) -> bytes:
    with open_own(folder, name) as file:
        return file.read()


@pytest.mark.parametrize(
    "target",
    ["../other/key", "/etc/passwd", "a/../../other/key", "/proc/self/environ"],
)
def test_no_link_leads_out(target: str, mine: Path) -> None:
    """Relative, absolute, up and down again."""
    (mine / "link").symlink_to(target)
    with pytest.raises(LinkError):
        read(mine, "link")
    (mine / "again").symlink_to("link")
    with pytest.raises(LinkError):
        read(mine, "again")


@pytest.mark.parametrize("name", ["../other/key", "a/../../other/key", "/etc/passwd", "sub/key"])
def test_no_name_leads_out(name: str, mine: Path) -> None:
    """Nor through a folder that is a link."""
    (mine / "sub").symlink_to("../other")
    with pytest.raises(LinkError):
        read(mine, name)


def test_a_link_inside_is_the_file_that_it_leads_to(mine: Path) -> None:
    """People and archives make such links; by its descriptor, a folder is read without any."""
    (mine / "link").symlink_to("a/b/x.csv")
    (mine / "folder").symlink_to("a/b")
    assert (read(mine, "link"), read(mine, "folder/x.csv"), read(mine, "a/b/x.csv")) == (b"x",) * 3
    with opened_folder(mine) as top:
        with open_own(top, "a/b/x.csv") as file:
            assert file.read() == b"x"
        for name in ("link", "folder/x.csv"):
            with pytest.raises(LinkError):
                open_own(top, name)


@pytest.mark.parametrize("kind", ["pipe", "folder", "circle", "device", "nothing"])
def test_what_is_no_file_is_not_waited_for(kind: str, mine: Path) -> None:
    """Opening a pipe would never end; a device may do something."""
    path = mine / "odd"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to("odd")
    elif kind == "device":
        if os.getuid() != 0:
            missing("only root can make a device")
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    expected = {"circle": LinkError, "nothing": FileNotFoundError}.get(kind, NoFileError)
    with pytest.raises(expected):
        read(mine, "odd")


def test_a_hard_link_to_a_file_of_somebody_else_is_none_of_the_folder(mine: Path) -> None:
    """Its own owner's is: backups make such links."""
    if os.getuid() != 0:
        missing("only root can give a file to another user")
    key = mine.parent / "other" / "key"
    os.link(key, mine / "own")
    assert read(mine, "own") == SECRET
    os.chown(key, 65534, 65534)
    with pytest.raises(LinkError):
        read(mine, "own")


@pytest.mark.parametrize("where", ["the file", "its folder"])
def test_a_link_that_comes_in_between_is_not_followed(where: str, mine: Path) -> None:
    """A file, or the folder that it is in, becomes a link and is itself again, thousands of times."""
    name = "a/b/x.csv"
    key = mine.parent / "other" / "b"
    key.mkdir()
    (key / "x.csv").write_bytes(SECRET)
    path, target = (mine / name, key / "x.csv") if where == "the file" else (mine / "a" / "b", key)
    over = threading.Event()

    def exchange() -> None:
        while not over.is_set():
            path.rename(path.with_name("away"))
            path.symlink_to(target)
            path.unlink()
            path.with_name("away").rename(path)
            over.wait(0.0002)

    thread = threading.Thread(target=exchange)
    thread.start()
    found = set()
    try:
        for _ in range(3000):
            try:
                found.add(read(mine, name))
            except OSError as error:
                found.add(type(error).__name__.encode())
    finally:
        over.set()
        thread.join()
    assert SECRET not in found
    assert b"x" in found


def room(path: Path) -> int:
    """The bytes that a file takes on the disk."""
    return path.stat().st_blocks * 512


def end_of_nothing(path: Path) -> None:
    with path.open("wb") as file:
        file.seek(300 * 2**20)
        file.write(b"end")


def nothing_at_all(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(300 * 2**20 + 1)


def islands(path: Path) -> None:
    with path.open("wb") as file:
        for place in (0, 50, 51, 299):
            file.seek(place * 2**20)
            file.write(b"island" * 1000)
        file.truncate(300 * 2**20)


def no_holes(path: Path) -> None:
    path.write_bytes(os.urandom(3 * 2**20 + 7))


def small(path: Path) -> None:
    path.write_bytes(b"x" * 1000)


@pytest.mark.parametrize("make", [end_of_nothing, nothing_at_all, islands, no_holes, small])
def test_a_copy_holds_the_same_and_takes_no_more_room(make: Callable[[Path], None], tmp_path: Path) -> None:
    """300 MB of nothing stay nothing."""
    path, copy = tmp_path / "file", tmp_path / "copy"
    make(path)
    if make is not no_holes and make is not small and room(path) > 10 * 2**20:
        missing("files have no holes on this disk")
    with path.open("rb") as source, copy.open("wb") as target:
        copy_content(source, target)
    assert copy.stat().st_size == path.stat().st_size
    assert room(copy) <= room(path) + 2**20
    with path.open("rb") as one, copy.open("rb") as other:
        assert all(block == other.read(2**22) for block in iter(lambda: one.read(2**22), b""))
    shutil.rmtree(tmp_path)
