"""Whose a file is: what the platform wrote says it, and no name that a student has given."""

from __future__ import annotations

import io
import itertools
import os
import tarfile
from pathlib import Path

import nbformat
import pytest

from mashq.collect.names import read_names
from mashq.collect.run import CollectOptions, Row, collect_assignment
from tests.support.commands import nbgrader
from tests.support.downloads import PLATFORMS, Files, download, named, own_files, unpacked, zipped
from tests.support.tiny_course import answered, released_notebook

OWN, FORGED = b'{"cells": ["own"]}', b'{"cells": ["forged"]}'
ADA, EVE, BOB = 1001, 1002, 1003
# What Eve calls her files, so that they may be taken for Ada's.
NAMES = [
    "x_1001_assignsubmission_file_q5_xnor.ipynb",
    "Ada Lovelace_1001_assignsubmission_file_q5_xnor.ipynb",
    "_1001_assignsubmission_file_q5_xnor.ipynb",
    "s1001student_1001_99999_q5_xnor.ipynb",
    "x_1001_attempt_2026-11-25-10-00-00_q5_xnor.ipynb",
    "hw_2_1001_attempt_2026-11-25-10-00-00_q5_xnor.ipynb",
    "hw_2_1001_attempt_2026-11-25-10-00-00.txt",
    "1001-67890 - Student S1001 - Nov 25, 2026 914 PM - q5_xnor.ipynb",
    "1001_2_q5_xnor.ipynb",
    "anon_1001_5_q5_xnor.ipynb",
    "..\\1001\\q5_xnor.ipynb",
]
FOLDERS = [
    "x_1001_assignsubmission_file_/q5_xnor.ipynb",
    "a/Ada_1001_assignsubmission_file_/q5_xnor.ipynb",
    "1001-67890 - Student S1001 - Nov 25, 2026 914 PM/q5_xnor.ipynb",
    "../../1001/hw2/q5_xnor.ipynb",
    "/submitted/1001/hw2/q5_xnor.ipynb",
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with an assignment of one notebook."""
    release = tmp_path / "course" / "release" / "hw2"
    release.mkdir(parents=True)
    (release / "q5_xnor.ipynb").write_text("{}")
    (release.parents[1] / "nbgrader_config.py").write_text("c = get_config()\n")
    return release.parents[1]


def collected(course: Path, *paths: Path) -> dict[str, Row]:
    return {row.student: row for row in collect_assignment(CollectOptions("hw2", paths, course)).rows}


def theirs(course: Path, student: int) -> dict[str, bytes]:
    """What is in the folder of a student, but for the time of hand-in and the platform's own files."""
    folder = course / "submitted" / str(student) / "hw2"
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name != "timestamp.txt"}


def of_the_class(platform: str, hostile: Files) -> dict[str, bytes | str]:
    """A download of three students, of whom Eve's has files with these names."""
    files: dict[str, bytes | str] = {}
    for number in (ADA, EVE, BOB):
        files[named(platform, number, "q5_xnor.ipynb")] = OWN
        files |= own_files(platform, number)
    return files | {named(platform, EVE, name): data for name, data in hostile.items()}


@pytest.mark.quick
@pytest.mark.parametrize("how", ["zip", "folder", "one by one"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_students_names_say_nothing(platform: str, how: str, course: Path) -> None:
    """Neither those of files, nor of folders, nor of what is in a zip; and nobody is held up."""
    inner = dict.fromkeys([*NAMES, *FOLDERS], FORGED)
    hostile = dict.fromkeys(NAMES if how == "zip" else NAMES[:-1], FORGED) | {"work.zip": zipped(inner)}
    if platform == "moodle":
        hostile |= dict.fromkeys(FOLDERS[:3], FORGED)
    files = of_the_class(platform, hostile)
    if how == "zip":
        rows = collected(course, download(course / "d.zip", files))
    else:
        folder = unpacked(course / "class", files)
        rows = collected(course, *([folder] if how == "folder" else sorted(folder.iterdir())))
    assert rows.keys() == {"1001", "1002", "1003"}
    for student in (ADA, BOB):
        assert theirs(course, student)["q5_xnor.ipynb"] == OWN
        assert FORGED not in theirs(course, student).values()
    assert FORGED in theirs(course, EVE).values()


@pytest.mark.quick
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", NAMES[:-1])
def test_nor_does_a_name_count_where_a_students_files_are_alone(
    platform: str, name: str, course: Path
) -> None:
    """A download of one student: it is Eve's, or it is listed for a person, and never Ada's."""
    files = {named(platform, EVE, name): FORGED}
    result = collect_assignment(CollectOptions("hw2", [download(course / "d.zip", files)], course))
    assert str(ADA) not in {row.student for row in result.rows}
    assert result.strays or [row.student for row in result.rows] == [str(EVE)]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("part", "student"),
    [
        ("1001_12345_678_q5.ipynb", "12345"),  # Canvas, of somebody whose name is a number
        ("-1001-_12345_678_q5.ipynb", "12345"),
        ("bob-1001-7_12345_678_q5.ipynb", "12345"),
        ("anon_x7Kp2_678_9_q5.ipynb", "anon_x7Kp2"),
        ("1001_assignsubmission_file_", None),  # a group of Moodle's that calls itself so
        ("group 1001_assignsubmission_file_", "group 1001"),
    ],
)
def test_a_persons_name_says_nothing(part: str, student: str | None) -> None:
    """Some platforms let people choose how they are called."""
    found = read_names([part]).get(part)
    assert (found and found.student) == student


@pytest.mark.quick
def test_a_schools_id_stands_in_all_names_or_none_is_believed(course: Path) -> None:
    """Brightspace writes it before the person's name, which may look like one."""
    when = "Nov 20, 2026 914 PM"
    files = {f"1-9 - Ada - {when}/q5_xnor.ipynb": OWN, f"2-9 - 1 - Eve - {when}/q5_xnor.ipynb": FORGED}
    assert collected(course, download(course / "d.zip", files)).keys() == {"1", "2"}
    files = {f"{n}-9 - N{n} - S - {when}/q5_xnor.ipynb": OWN for n in (5, 6)}
    assert collected(course, download(course / "e.zip", files)).keys() == {"N5", "N6"}


@pytest.mark.quick
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ["timestamp.txt", "Timestamp.TXT", "timestamp.txt/x", "work.zip", "hw2.zip"])
def test_a_students_own_timestamp_never_counts(platform: str, name: str, course: Path) -> None:
    """On top, in other letters, as a folder, in a zip, in the folder of the notebook in a zip."""
    early = b"2001-01-01 00:00:00 UTC"
    inside = {"hw2/q5_xnor.ipynb": OWN, "hw2/timestamp.txt": early, "timestamp.txt": early}
    data = zipped(inside) if name.endswith(".zip") else early
    rows = collected(course, download(course / "d.zip", of_the_class(platform, {name: data})))
    path = course / "submitted" / "1002" / "hw2" / "timestamp.txt"
    assert rows["1002"].when == rows["1001"].when
    assert not path.exists() or early not in path.read_bytes()
    assert early in theirs(course, EVE).values()


@pytest.mark.quick
@pytest.mark.parametrize("year", ["0001", "9999"])
def test_an_impossible_time_holds_nobody_up(year: str, course: Path) -> None:
    """It is no time of hand-in; the files are collected."""
    names = [f"hw2_{who}_attempt_{when}_q5_xnor.ipynb" for who, when in
             (("ada", f"{year}-01-01-00-00-00"), ("eve", "2026-11-20-21-14-03"))]  # fmt: skip
    rows = collected(course, download(course / "d.zip", dict.fromkeys(names, OWN)))
    assert [(row.student, row.when is None) for row in rows.values()] == [("ada", True), ("eve", False)]


@pytest.mark.quick
def test_zeros_take_no_room(course: Path) -> None:
    """A zip in a zip of 60 MB of nothing; what is collected is not copied again."""
    inner = zipped({f"{number}.bin": bytes(9 * 2**20) for number in range(7)})
    files = of_the_class("moodle", {"work.zip": inner})
    collected(course, download(course / "d.zip", files))
    folder = course / "submitted" / "1002" / "hw2"
    sizes = [path.stat() for path in folder.rglob("*.bin")]
    assert sum(state.st_size for state in sizes) == 63 * 2**20
    assert sum(state.st_blocks * 512 for state in sizes) < 2**20
    assert {state.st_nlink for state in sizes} == {1}
    assert theirs(course, EVE)["3.bin"] == bytes(9 * 2**20)


def tar_that_leads_out(target: Path) -> bytes:
    """A tar archive with a link and a file that are to be elsewhere."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("q5.pdf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name in ("../../../../../PWNED", str(target)):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"bad"))
    return buffer.getvalue()


@pytest.mark.long
@pytest.mark.parametrize("folders", [True, False], ids=["folders", "flat"])
def test_zip_collect_asks_moodles_part_only(folders: bool, tiny_course: Path) -> None:
    """Names, folders and archives of Eve's; nothing of hers is at Ada's, and all are collected."""
    platform = "moodle" if folders else "moodle without folders"
    right = nbformat.writes(answered(released_notebook(tiny_course))).encode()
    names = [name.replace("q5_xnor", "areas") for name in [*NAMES[:-1], *FOLDERS]]
    twice = {"areas.ipynb": FORGED, "again/areas.ipynb": FORGED + b" ", "timestamp.txt": b"2001-01-01 00:00"}
    pwned = tiny_course.parent / "PWNED"
    hostile: dict[str, bytes] = {
        **dict.fromkeys(names if folders else NAMES[:-1], FORGED),
        "work.zip": zipped(dict.fromkeys(names, FORGED) | twice),
        "damaged.zip": b"PK\x03\x04 and no more",
        "damaged.gz": b"\x1f\x8b and no more",
        "out.tar.gz": tar_that_leads_out(pwned),
    }
    files: dict[str, bytes | str] = {named(platform, n, "areas.ipynb"): right for n in (ADA, EVE, BOB)}
    files |= {named(platform, EVE, name): data for name, data in hostile.items()}
    download(tiny_course / "downloaded" / "ps1" / "archive" / "class.zip", files)
    log = nbgrader(tiny_course, "zip_collect", "ps1")
    submitted = tiny_course / "submitted"
    assert {path.name for path in submitted.iterdir()} == {"1001", "1002", "1003"}
    for student in ("1001", "1003"):
        assert [path.name for path in (submitted / student / "ps1").iterdir()] == ["areas.ipynb"]
        assert (submitted / student / "ps1" / "areas.ipynb").read_bytes() == right
    everything = itertools.chain(tiny_course.parent.rglob("PWNED"), Path("/").glob("PWNED"))
    assert not [*everything]
    assert not any(os.path.islink(path) for path in tiny_course.rglob("*"))
    assert "damaged.zip was not unpacked" in log
