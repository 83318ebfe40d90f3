"""The instructor's files: small ones are at hand, large and many ones are shown where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mashq.course.given import MOST_FILES, SMALL_MB, Given
from mashq.sandbox import Link

pytestmark = pytest.mark.quick


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.csv").write_text("1,2")
    (folder / "areas.ipynb").write_text("{}")
    return folder


def large(path: Path, letter: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(letter.encode() * (SMALL_MB * 2**20 + 1))
    return path


def test_small_files_travel(source: Path, tmp_path: Path) -> None:
    """Notebooks are not among them."""
    given = Given(source, tmp_path / "place")
    assert given.files == {"a.csv": b"1,2"}
    assert (given.folder, given.left_out) == ("", {})
    assert not (tmp_path / "place").exists()


def test_a_large_file_is_shown_and_no_secret_with_it(source: Path, tmp_path: Path) -> None:
    """The folder that is shown holds that file alone."""
    large(source / "data" / "all.bin")
    given = Given(source, tmp_path / "place")
    link = given.files["data/all.bin"]
    assert isinstance(link, Link)
    assert Path(os.fsdecode(link)) == Path(given.folder, "data", "all.bin")
    assert Path(os.fsdecode(link)).read_bytes() == (source / "data" / "all.bin").read_bytes()
    shown = [path for path in Path(given.folder).rglob("*") if path.is_file()]
    assert shown == [Path(given.folder, "data", "all.bin")]
    assert given.files["a.csv"] == b"1,2"


def test_a_file_that_only_its_owner_may_read_is_shown_to_all(source: Path, tmp_path: Path) -> None:
    """Student code runs as another user; the instructor's own file keeps its rights."""
    path = large(source / "all.bin")
    path.chmod(0o600)
    given = Given(source, tmp_path / "place")
    assert Path(given.folder, "all.bin").stat().st_mode & 0o777 == 0o444
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_has_changed_has_another_place(source: Path, tmp_path: Path) -> None:
    """So that a result of before is not taken for one of now; what was there before goes."""
    path = large(source / "all.bin")
    before = Given(source, tmp_path / "place")
    assert Given(source, tmp_path / "place").folder == before.folder
    path.unlink()
    large(path, "y")
    after = Given(source, tmp_path / "place")
    assert after.files["all.bin"] != before.files["all.bin"]
    assert Path(os.fsdecode(after.files["all.bin"])).read_bytes()[:1] == b"y"
    assert not Path(before.folder).exists()


def test_many_files_are_all_there(source: Path, tmp_path: Path) -> None:
    """Modules first among those that travel."""
    for number in range(MOST_FILES + 500):
        (source / f"{number:04}.txt").write_text("x" * 10)
    (source / "helper.py").write_text("x" * 1000)
    given = Given(source, tmp_path / "place")
    assert len(given.files) == MOST_FILES + 502
    assert not isinstance(given.files["helper.py"], Link)
    assert sum(isinstance(data, Link) for data in given.files.values()) == 502


def test_a_link_of_the_instructor_is_followed(source: Path, tmp_path: Path) -> None:
    """To a file; one to a folder is named as what is not there."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.csv").write_text("3")
    (source / "b.csv").symlink_to(tmp_path / "elsewhere" / "b.csv")
    (source / "c.bin").symlink_to(large(tmp_path / "elsewhere" / "c.bin"))
    (source / "more").symlink_to(tmp_path / "elsewhere")
    given = Given(source, tmp_path / "place")
    assert given.files["b.csv"] == b"3"
    assert Path(os.fsdecode(given.files["c.bin"])).stat().st_size > SMALL_MB * 2**20
    assert not Path(given.folder, "c.bin").is_symlink()
    assert set(given.left_out) == {"more"}
