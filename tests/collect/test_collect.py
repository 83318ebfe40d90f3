"""`mashq collect` on downloads of all four platforms, and on what students put into them."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import stat
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.utils import parse_utc
from rich.console import Console

from mashq.cli.collected import print_table
from mashq.collect import unpack
from mashq.collect.run import Collected, CollectOptions, Row, State, collect_assignment
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from tests.support.commands import mashq, mashq_output
from tests.support.downloads import PLATFORMS, TIME, Files, download, named, own_files, unpacked, zipped

pytestmark = pytest.mark.quick

NOTEBOOKS = ("q4_hoda", "q5_xnor")
OLD, NEW = b'{"cells": [1]}', b'{"cells": [2]}'
SNAPSHOTS, KEEPERS = ("moodle", "canvas"), ("blackboard", "brightspace")  # of earlier attempts


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with an assignment of two notebooks."""
    release = tmp_path / "course" / "release" / "hw2"
    release.mkdir(parents=True)
    for name in NOTEBOOKS:
        (release / f"{name}.ipynb").write_text("{}")
    config = "c = get_config()\nc.Exchange.timezone = 'Asia/Tehran'\n"
    (release.parents[1] / "nbgrader_config.py").write_text(config)
    return release.parents[1]


def collect(course: Path, *paths: Path, **wanted: object) -> Collected:
    return collect_assignment(CollectOptions("hw2", paths, course, **wanted))  # type: ignore[arg-type]


def collect_files(course: Path, files: Files) -> dict[str, Row]:
    """Collect a zip of these files; what became of each student."""
    return {row.student: row for row in collect(course, download(course / "d.zip", files)).rows}


def of_moodle(number: int, files: Files) -> dict[str, bytes | str]:
    return {named("moodle", number, name): data for name, data in files.items()}


def holds(course: Path, student: str | int) -> dict[str, bytes]:
    """What the student's folder holds, but for the time."""
    folder = course / "submitted" / str(student) / "hw2"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    return {name: data for name, data in files.items() if name != "timestamp.txt"}


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder below: inode, time and content."""
    return {
        str(path): (
            path.lstat().st_ino,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


def timestamp(course: Path, student: str | int) -> datetime | None:
    path = course / "submitted" / str(student) / "hw2" / "timestamp.txt"
    return parse_utc(path.read_text()) if path.exists() else None


# -- the four platforms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["zip", "folder", "zip in a folder", "folder in a zip"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_file_of_every_student_is_there(platform: str, how: str, course: Path) -> None:
    """Helpers, data and scans beside the notebooks, whose names are the assignment's own spelling."""
    files: dict[str, bytes | str] = {}
    for number in (1001, 1002):
        for name in ("Q5_XNOR.IPYNB", "q4_hoda.ipynb", "helpers.py", "q1.jpg", "data.csv"):
            files[named(platform, number, name)] = f"{number} {name}"
        files |= own_files(platform, number)
    if how == "zip":
        path = download(course / "d" / "class.zip", files)
    elif how == "folder":
        path = unpacked(course / "d" / "class", files)
    elif how == "zip in a folder":
        path = download(course / "d" / "class.zip", files).parent
    else:
        path = download(course / "d" / "class.zip", {f"class 1/{name}": data for name, data in files.items()})
    collected = collect(course, path)
    assert [(row.student, row.state) for row in collected.rows] == [
        ("1001", State.COLLECTED),
        ("1002", State.COLLECTED),
    ]
    assert not collected.needs_attention
    for number in (1001, 1002):
        found = {name: data for name, data in holds(course, number).items() if "attempt" not in name}
        assert found == {
            "q5_xnor.ipynb": f"{number} Q5_XNOR.IPYNB".encode(),
            **{n: f"{number} {n}".encode() for n in ("q4_hoda.ipynb", "helpers.py", "q1.jpg", "data.csv")},
        }
    before = state_of(course / "submitted")
    assert {row.state for row in collect(course, path).rows} == {State.UNCHANGED}
    assert state_of(course / "submitted") == before


@pytest.mark.parametrize("platform", ["moodle without folders", "canvas", "blackboard", "brightspace flat"])
def test_one_students_zip_and_one_students_files_are_collected_alone(platform: str, course: Path) -> None:
    """Where the file itself has the platform's name; another one given later adds to it."""
    collect(course, download(course / named(platform, 1001, "hw2.zip"), {"hw2/q5_xnor.ipynb": NEW}))
    collect(
        course,
        unpacked(course, {named(platform, 1001, "q4_hoda.ipynb"): OLD})
        / named(platform, 1001, "q4_hoda.ipynb"),
    )
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW, "q4_hoda.ipynb": OLD}


def test_times_are_those_of_the_names_in_the_courses_zone(course: Path) -> None:
    """nbgrader reads them with a zone; a student's own timestamp.txt is kept under another name."""
    files: dict[str, bytes | str] = {}
    for number, platform in enumerate(KEEPERS, 1001):
        for name in ("q5_xnor.ipynb", "timestamp.txt"):
            files = {named(platform, number, name): "2020-01-01 00:00:00 UTC"}
            collect(course, download(course / f"{number}-{name}.zip", files))
        assert timestamp(course, number) == datetime(
            2026, 11, 20, 17, 44, 3 if platform == "blackboard" else 0
        )
        assert "UTC" in (course / "submitted" / str(number) / "hw2" / "timestamp.txt").read_text()
        assert holds(course, number)["handed-in-timestamp.txt"].startswith(b"2020")


def test_times_of_an_archive_count_unless_they_are_when_it_was_made(course: Path) -> None:
    """Older versions of Moodle give each file its own; newer ones, and Canvas, the moment of the download."""

    def archive(minutes: int, platform: str) -> Path:
        path = course / f"{platform}{minutes}.zip"
        with zipfile.ZipFile(path, "w") as made:
            for number in (1001, 1002):
                when = TIME + timedelta(minutes=minutes * (number - 1001))
                made.writestr(
                    zipfile.ZipInfo(named(platform, number, "q5_xnor.ipynb"), when.timetuple()[:6]), NEW
                )
        return path

    for minutes, platform in ((2, "moodle"), (300, "canvas")):
        collect(course, archive(minutes, platform))
        assert timestamp(course, 1001) is timestamp(course, 1002) is None
    collect(course, archive(300, "moodle"))
    assert timestamp(course, 1001) == datetime(2026, 11, 20, 17, 44, 2)  # zips count two seconds at a time
    assert timestamp(course, 1002) == datetime(2026, 11, 20, 22, 44, 2)


# -- later attempts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", KEEPERS)
def test_a_later_attempt_replaces_files_and_keeps_the_others(platform: str, course: Path) -> None:
    """In one download or in two, whichever comes first; the note says what is of the earlier one."""
    later = TIME + timedelta(hours=1)
    first = {named(platform, 1001, name): OLD for name in ("q4_hoda.ipynb", "q5_xnor.ipynb")}
    second = {named(platform, 1001, "q5_xnor.ipynb", later): NEW}
    paths = [download(course / f"{n}.zip", files) for n, files in enumerate((first, second, second | first))]
    for order in ((2,), (0, 1), (1, 0), (2, 0, 1)):
        collected = [collect(course, paths[n]) for n in order]
        assert holds(course, 1001) == {"q4_hoda.ipynb": OLD, "q5_xnor.ipynb": NEW}, order
        assert timestamp(course, 1001) == datetime(2026, 11, 20, 18, 44, 3 if platform == "blackboard" else 0)
        if order == (2,):
            assert "earlier attempt at 2026-11-20 17:44 UTC: q4_hoda.ipynb" in collected[0].rows[0].notes[0]
        (course / "submitted").rename(course / f"done{order}")


@pytest.mark.parametrize("platform", SNAPSHOTS)
def test_a_later_download_counts_as_it_is(platform: str, course: Path) -> None:
    """Moodle and Canvas give what counts now: a file that the student has taken out is gone. No --force."""
    first = {named(platform, 1001, name): OLD for name in ("q4_hoda.ipynb", "q5_xnor.ipynb")}
    second = {named(platform, 1001, "q5_xnor.ipynb"): NEW}
    paths = [download(course / f"{n}.zip", files) for n, files in enumerate((first, second))]
    assert collect(course, paths[0]).rows[0].state is State.COLLECTED
    assert collect(course, paths[1]).rows[0].state is State.REPLACED
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW}
    assert collect(course, *paths).rows[0].state is State.UNCHANGED


def test_an_earlier_download_never_replaces_a_later_hand_in(course: Path) -> None:
    """Where times are known, here by the worksheet, the order of the downloads does not matter."""
    roster = course / "worksheet.csv"
    head = "Identifier,Grade,Last modified (submission),Last modified (grade)\n"
    for day, content in ((21, NEW), (20, OLD)):
        path = download(course / f"{day}.zip", of_moodle(1001, {"q5_xnor.ipynb": content}))
        roster.write_text(f'{head}Participant 1001,,"{day} November 2026, 9:14 PM",-\n')
        row = collect(course, path, roster=roster).rows[0]
    assert row.state is State.UNCHANGED
    assert row.notes == ["a later hand-in is in the folder already"]
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW}


def of_canvas(name: str, content: bytes, file: int, more: Files | None = None) -> dict[str, bytes | str]:
    """A student's hand-in on Canvas, whose newest file has this number."""
    others = {named("canvas", 1001, other, file=file - 1): data for other, data in (more or {}).items()}
    return {named("canvas", 1001, name, file=file): content} | others


@pytest.mark.parametrize("together", [False, True])
def test_an_older_download_of_canvas_never_replaces_a_newer_one(together: bool, course: Path) -> None:
    """Canvas gives no times, but the numbers of its files grow."""
    old = download(course / "old.zip", of_canvas("q5_xnor.ipynb", OLD, 500, {"q4_hoda.ipynb": OLD}))
    new = download(course / "new.zip", of_canvas("q5_xnor-1.ipynb", NEW, 600))
    collected = collect(course, new, old) if together else [collect(course, new), collect(course, old)][1]
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW}
    if not together:
        assert collected.rows[0].state is State.UNCHANGED
        assert collected.rows[0].notes == [
            "a later hand-in is in the folder already: the platform's number of its newest file is 600, "
            "here it is 500"
        ]
    single = of_canvas("q4_hoda.ipynb", OLD, 400) | of_canvas("q5_xnor.ipynb", OLD, 400)
    loose = [unpacked(course / "loose", single) / name for name in single]
    (row,) = collect(course, *loose).rows
    assert holds(course, 1001) == {"q4_hoda.ipynb": OLD, "q5_xnor.ipynb": NEW}
    assert row.notes[0].startswith("q5_xnor.ipynb is left as it is: a later hand-in is in the folder already")
    newest = download(course / "newest.zip", of_canvas("q5_xnor-2.ipynb", b"{}", 700))
    assert collect(course, newest).rows[0].state is State.REPLACED
    assert holds(course, 1001) == {"q5_xnor.ipynb": b"{}"}


def test_a_folder_that_was_taken_away_is_collected_anew(course: Path) -> None:
    """What was known of it does not stand in the way."""
    collect(course, download(course / "new.zip", of_canvas("q5_xnor.ipynb", NEW, 600)))
    (course / "submitted" / "1001").rename(course / "away")
    old = download(course / "old.zip", of_canvas("q5_xnor.ipynb", OLD, 500))
    assert collect(course, old).rows[0].state is State.COLLECTED
    assert holds(course, 1001) == {"q5_xnor.ipynb": OLD}


def test_an_order_that_nobody_knows_is_said(course: Path) -> None:
    """Moodle's newer downloads have neither times nor numbers: the one given last counts, with a note."""
    for content in (OLD, NEW):
        (row,) = collect_files(course, of_moodle(1001, {"q5_xnor.ipynb": content})).values()
    assert row.state is State.REPLACED
    assert "the download does not tell: the one given last counts" in row.notes[0]
    assert collect_files(course, of_moodle(1001, {"q5_xnor.ipynb": NEW}))["1001"].notes == []


def test_attempts_with_times_that_cannot_be_read_are_for_a_person(course: Path) -> None:
    """Such as those of two months whose names are not known."""
    files = {
        f"1001-67890 - Ada - {day} ffeb 2026 914 PM/q5_xnor.ipynb": content
        for day, content in ((3, OLD), (20, NEW))
    }
    (row,) = collect(course, download(course / "d.zip", files)).rows
    order = "q5_xnor.ipynb is there in two attempts, and their names do not tell which is later"
    assert row.problems[0] == order
    same = {name.replace("1001", "1002"): OLD for name in files}
    assert order not in collect(course, download(course / "s.zip", same)).rows[0].problems


@pytest.mark.parametrize(
    "day", ["Nov 31, 2026 914 PM", "20 listopada 2026 21.14", "20.11.2026 2114", "2026年11月20日 21:14"]
)
def test_a_time_in_a_name_that_cannot_be_read_is_said(day: str, course: Path) -> None:
    """Not that there is none: a person writes it down, and the next run says nothing more."""
    path = download(course / "d.zip", {f"1001-67890 - Ada - {day}/q5_xnor.ipynb": NEW})
    for _ in range(2):
        collected = collect(course, path)
        (problem,) = collected.rows[0].problems
        assert problem.startswith(f"the time of hand-in {day!r} could not be read")
        assert collected.needs_attention
    (course / "submitted" / "1001" / "hw2" / "timestamp.txt").write_text("2026-11-20 21:14:00 Asia/Tehran")
    assert not collect(course, path).needs_attention
    assert timestamp(course, 1001) == datetime(2026, 11, 20, 17, 44)


def test_an_attempt_whose_time_cannot_be_read_has_not_that_of_an_earlier_one(course: Path) -> None:
    """What came too late would be in time."""
    first = {"1001-67890 - Ada - Nov 20, 2026 914 PM/q5_xnor.ipynb": OLD}
    collect(course, download(course / "d.zip", first))
    assert timestamp(course, 1001) is not None
    second = {"1001-67890 - Ada - Nov 31, 2026 914 PM/q5_xnor.ipynb": NEW}
    states = [collect(course, download(course / "e.zip", second)).rows[0] for _ in range(2)]
    assert [row.state for row in states] == [State.REPLACED, State.UNCHANGED]
    assert all("'Nov 31, 2026 914 PM' could not be read" in " ".join(row.problems) for row in states)
    assert timestamp(course, 1001) is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Freitag, 20. November 2026, 21:14", True),
        ("جمعه، ۲۰ نوامبر ۲۰۲۶، ۲۱:۱۴", True),
        ("جمعه، ۲۹ آبان ۱۴۰۵، ۲۱:۱۴", False),
        ("-", True),
    ],
)
def test_a_worksheet_in_another_language(said: str, read: bool, course: Path) -> None:
    """Its times are read for certain, or a person hears which could not be read."""
    roster = course / "worksheet.csv"
    columns = "Identifier,Full name,Status,Grade,Last modified (submission)"
    roster.write_text(f'{columns}\nParticipant 1001,Ada,Submitted,,"{said}"\n')
    path = download(course / "d.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    (row,) = collect(course, path, roster=roster).rows
    assert (row.problems == []) == read
    if said != "-":
        assert timestamp(course, 1001) == (datetime(2026, 11, 20, 17, 44) if read else None)
    if not read:
        assert f"{said!r} could not be read" in row.problems[0]
    roster.write_text(f'ID,Vollständiger Name,Status\nTeilnehmer/in 1001,Ada,"{said}"\n')
    with pytest.raises(CourseError, match="choose English as your language in Moodle"):
        collect(course, path, roster=roster)


@pytest.mark.parametrize(
    ("there", "replaced"),
    [
        ("2026-11-20 21:30:00 Asia/Tehran", False),  # later than 21:14
        ("2026-11-20 21:30:00 IRST", True),  # nobody knows for certain which zone that is
        ("2026-11-20 18:14:00 IRST", True),
        ("1405-08-29 22:00:00 UTC", True),
    ],
)
def test_a_time_in_the_folder_counts_where_it_is_certain(there: str, replaced: bool, course: Path) -> None:
    """One that can be read in more than one way protects nothing, as it decides about nobody's lateness."""
    path = download(course / "d.zip", {named("blackboard", 1001, "q5_xnor.ipynb"): NEW})
    unpacked(course / "submitted" / "1001" / "hw2", {"q5_xnor.ipynb": OLD, "timestamp.txt": there})
    collect(course, path)
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW if replaced else OLD}


def test_what_a_person_has_added_stays(course: Path) -> None:
    """Such as the content of a .rar, unpacked by hand."""
    path = download(course / "d.zip", of_moodle(1001, {"work.rar": b"Rar!"}))
    assert collect(course, path).needs_attention
    (course / "submitted" / "1001" / "hw2" / "q5_xnor.ipynb").write_bytes(NEW)
    assert collect(course, path).rows[0].problems == []
    assert holds(course, 1001) == {"work.rar": b"Rar!", "q5_xnor.ipynb": NEW}


def test_canvas_numbers_a_name_that_was_handed_in_before(course: Path) -> None:
    """Alone it is the notebook; beside the one of that name, which counts is for a person to say."""
    names = {1001: ["q5_xnor-1.ipynb"], 1002: ["q5_xnor.ipynb", "q5_xnor-1.ipynb"], 1003: ["run-1.ipynb"]}
    files = {
        named("canvas", number, name, late=number == 1003): NEW
        for number, own in names.items()
        for name in own
    }
    rows = collect_files(course, files)
    assert "q5_xnor.ipynb is there 2 times" in rows["1002"].notes[0]
    assert "Canvas says that it was late" in rows["1003"].notes[0]
    assert {number: sorted(holds(course, number)) for number in names} == {
        1001: ["q5_xnor.ipynb"],
        1002: ["q5_xnor-1.ipynb", "q5_xnor.ipynb"],
        1003: ["run-1.ipynb"],
    }


# -- what students hand in --------------------------------------------------------------------------------


def linked(name: str, target: str) -> bytes:
    """A zip with a link in it, and a notebook."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, target)
        archive.writestr("q5_xnor.ipynb", NEW)
    return buffer.getvalue()


def damaged(files: Files) -> bytes:
    """A zip whose first file cannot be unpacked."""
    data = bytearray(zipped(files))
    data[50:70] = bytes(20)
    return bytes(data)


def locked(files: Files) -> bytes:
    """A zip whose files say that they are encrypted."""
    data = bytearray(zipped(files))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    return bytes(data)


# what a student hands in → what the folder holds, and what is said that a person must look at
UNCLEAR: Mapping[str, tuple[Files, set[str], str]] = {
    "rar": ({"hw2.rar": b"Rar!"}, {"hw2.rar"}, "only hw2.rar; unpack hw2.rar there by hand"),
    "page": ({"hw2.html": "<p>"}, {"hw2.html"}, "there is no notebook, only hw2.html"),
    "no zip": ({"hw2.zip": b"Rar!"}, {"hw2.zip"}, "hw2.zip was not unpacked: it is damaged or"),
    "damaged": (
        {"w.zip": damaged({"a.bin": os.urandom(200), "q5_xnor.ipynb": NEW})},
        {"w.zip", "q5_xnor.ipynb"},
        "in w.zip: a.bin was not read: it is damaged",
    ),
    "locked": (
        {"w.zip": locked({"q5_xnor.ipynb": NEW})},
        {"w.zip"},
        "in w.zip: q5_xnor.ipynb was not read: it is locked with a password",
    ),
    "link": (
        {"w.zip": linked("x", "/etc/passwd")},
        {"w.zip", "q5_xnor.ipynb"},
        "x was not read: it is a link",
    ),
    "bomb": (
        {"w.zip": zipped({"z": bytes(2**24)})},
        {"w.zip"},
        "z would grow to more than 200 times its size",
    ),
    "nested bomb": (
        {"w.zip": zipped({"v.zip": zipped({"z": bytes(2**24)})})},
        {"v.zip"},
        "v.zip was not unpacked: z would grow",
    ),
    "too deep": (
        {"1.zip": zipped({"2.zip": zipped({"3.zip": zipped({"4.zip": zipped({"q5_xnor.ipynb": NEW})})})})},
        {"4.zip"},
        "4.zip was not unpacked: there are more than 3 archives in one another",
    ),
    "too many": (
        {"w.zip": zipped({f"{n}.txt": "" for n in range(unpack.MAX_FILES + 1)})},
        {"w.zip"},
        "w.zip was not unpacked: the student has more than 2000 files",
    ),
}


def test_what_is_not_understood_is_kept_and_listed_and_costs_nobody_else(course: Path) -> None:
    """Each student has a row; the folder holds what there is."""
    files = of_moodle(1, {"q5_xnor.ipynb": NEW}) | of_moodle(999, {"q5_xnor.ipynb": NEW})
    for number, (own, _, _) in enumerate(UNCLEAR.values(), 100):
        files |= of_moodle(number, own)
    files[f"{named('moodle', 300, 'x').partition('_file_')[0]}_onlinetext_/onlinetext.html"] = (
        "<p>my work</p>"
    )
    rows = collect_files(course, files)
    assert len(rows) == len(UNCLEAR) + 3
    for number, (kind, (_, names, says)) in enumerate(UNCLEAR.items(), 100):
        row = rows[str(number)]
        assert any(says in problem for problem in row.problems), (kind, row.problems)
        assert set(holds(course, number)) == names, kind
        assert row.place == course / "submitted" / str(number) / "hw2"
    assert rows["300"].problems == ["there is no notebook, only onlinetext.html"]
    for number in (1, 999):
        assert holds(course, number) == {"q5_xnor.ipynb": NEW}
        assert not rows[str(number)].problems


@pytest.mark.parametrize(
    ("handed_in", "there", "says"),
    [
        pytest.param(
            {"hw2.zip": zipped({"hw2/q5_xnor.ipynb": NEW, "hw2/data/x.csv": "1", "__MACOSX/._x": ""})},
            {"q5_xnor.ipynb", "data/x.csv"},
            "",
            id="a zip with its folder",
        ),
        pytest.param(
            {"hw2.zip": zipped({"q5_xnor.ipynb": NEW}), "q5_xnor.ipynb": OLD},
            {"q5_xnor.ipynb", "q5_xnor-2.ipynb"},
            "two files are named q5_xnor.ipynb; the other from hw2.zip is q5_xnor-2.ipynb",
            id="zip and loose copy",
        ),
        pytest.param(
            {"hw2.zip": zipped({"q5_xnor.ipynb": NEW}), "q5_xnor.ipynb": NEW},
            {"q5_xnor.ipynb"},
            "",
            id="zip and the same loose",
        ),
        pytest.param(
            {"old/q5_xnor.ipynb": OLD, "final/q5_xnor.ipynb": NEW},
            {"old/q5_xnor.ipynb", "final/q5_xnor.ipynb"},
            "q5_xnor.ipynb is there 2 times: final/q5_xnor.ipynb, old/q5_xnor.ipynb",
            id="old and final",
        ),
        pytest.param(
            {"Q5_Xnor.ipynb": OLD, "q5_xnor.ipynb": NEW},
            {"q5_xnor.ipynb", "q5_xnor-2.ipynb"},
            "two files are named q5_xnor.ipynb",
            id="spelled twice",
        ),
        pytest.param(
            {"w.zip": zipped({"C:\\work\\q5_xnor.ipynb": NEW, "..\\..\\evil.py": "", "/abs/x.txt": ""})},
            {"q5_xnor.ipynb", "evil.py", "abs/x.txt"},
            "evil.py had a name that leads out of its folder",
            id="names that lead out",
        ),
        pytest.param(
            {"w.zip": zipped({"a": "1", "a/q5_xnor.ipynb": NEW, "n" * 300 + ".py": "", "b\nc.txt": ""})},
            {"a", "q5_xnor.ipynb", "n" * 197 + ".py", "b_c.txt"},
            "",
            id="names that no disk takes",
        ),
        pytest.param(
            {"w.zip": zipped({"timestamp.txt/q5_xnor.ipynb": NEW, "TIMESTAMP.TXT/a.py": ""})},
            {"q5_xnor.ipynb", "handed-in-timestamp.txt/a.py"},
            "",
            id="a folder in the place of the time",
        ),
        pytest.param(
            {"w.zip": zipped({"/".join(["d" * 190] * 30) + "/q5_xnor.ipynb": NEW})},
            {"q5_xnor.ipynb"},
            "",
            id="a path that no disk takes",
        ),
        pytest.param(
            {"q4/q4_hoda.ipynb": OLD, "q5/q5_xnor.ipynb": NEW, "q5/d.csv": "1"},
            {"q4_hoda.ipynb", "q5_xnor.ipynb", "d.csv"},
            "",
            id="a folder for each",
        ),
        pytest.param(
            {"x_1002_assignsubmission_file_q5.ipynb": NEW, "S_1002_assignsubmission_file_/a.py": ""},
            {"x_1002_assignsubmission_file_q5.ipynb", "S_1002_assignsubmission_file_/a.py"},
            "",
            id="names as of the platform",
        ),
    ],
)
def test_both_of_two_files_of_one_name_are_kept(
    handed_in: Files, there: set[str], says: str, course: Path
) -> None:
    """Nothing gets lost, whatever the names; nobody else's folder is reached."""
    rows = collect_files(course, of_moodle(1001, handed_in))
    assert set(holds(course, 1001)) == there
    assert says in "; ".join(rows["1001"].notes)
    assert not rows["1001"].problems
    assert [path.name for path in (course / "submitted").iterdir()] == ["1001"]


def test_no_damage_to_an_archive_holds_the_class_up(course: Path) -> None:
    """Bytes changed anywhere, packed in any way: everybody has a row, and the archive is kept or unpacked."""
    chance = random.Random(1)
    files: dict[str, bytes | str] = {}
    for number in range(1000, 1200):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", (0, 8, 12, 14)[number % 4]) as archive:
            archive.writestr("q5_xnor.ipynb", NEW * 20)
            archive.writestr("d/e.zip", zipped({"x.py": "1"}))
        data = bytearray(buffer.getvalue())
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        files |= of_moodle(number, {"hw2.zip": bytes(data)})
    rows = collect_files(course, files | of_moodle(999, {"q5_xnor.ipynb": NEW}))
    assert len(rows) == 201
    assert not rows["999"].problems
    assert all(holds(course, number) for number in rows)
    assert sum(bool(row.problems) for row in rows.values()) > 100


def test_bounds_hold_for_all_files_of_a_student_together(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each archive by itself; what is beside the archives is taken first."""
    monkeypatch.setattr(unpack, "MAX_MB", 2)
    large = os.urandom(2**20)
    handed_in = {f"{n}.zip": zipped({f"{n}.bin": large[:700_000]}) for n in range(2)} | {"q5_xnor.ipynb": NEW}
    rows = collect_files(course, of_moodle(1001, handed_in) | of_moodle(1002, {"q5_xnor.ipynb": NEW}))
    assert "more than 2 MB" in rows["1001"].problems[0]
    assert holds(course, 1001)["q5_xnor.ipynb"] == NEW
    assert holds(course, 1002) == {"q5_xnor.ipynb": NEW}


@pytest.mark.parametrize("how", ["zip", "folder"])
def test_what_programs_fill_is_left_out_and_said(how: str, course: Path) -> None:
    """An environment of thousands of files keeps nothing from being unpacked."""
    files: Files = {f".venv/lib/site-packages/m{n}.py": b"" for n in range(unpack.MAX_FILES + 100)}
    files = {**files, "q5_xnor.ipynb": NEW, "venv.py": b"1"}
    handed_in = {"hw2.zip": zipped(files)} if how == "zip" else files
    row = collect_files(course, of_moodle(1001, handed_in))["1001"]
    assert row.problems == []
    assert row.notes == [".venv was left out (files: 2100): a program makes it anew"]
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW, "venv.py": b"1"}


def test_what_is_empty_is_said_to_be(course: Path) -> None:
    """A student's zip, and a download that was cut off before its first byte."""
    row = collect_files(course, of_moodle(1001, {"hw2.zip": zipped({})}))["1001"]
    assert "nothing is in hw2.zip" in row.problems
    (course / "class.zip").write_bytes(b"")
    (stray,) = collect(course, course / "class.zip").strays
    assert stray.why == "it is empty"


def test_links_of_a_folder_are_not_followed(course: Path, tmp_path: Path) -> None:
    """Neither those of files nor those of folders, nor one in the place of what is there."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    folder = unpacked(course / "d", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    (own,) = folder.iterdir()
    (own / "a.txt").symlink_to(secret / "key")
    (own / "b").symlink_to(secret)
    row = collect(course, folder).rows[0]
    assert holds(course, 1001) == {"q5_xnor.ipynb": NEW}
    assert len([problem for problem in row.problems if "it is a link" in problem]) == 2


def test_a_damaged_download_replaces_nothing(course: Path) -> None:
    """What the folder had stays; a sound download then replaces it."""
    files = of_moodle(1001, {"q4_hoda.ipynb": os.urandom(300), "q5_xnor.ipynb": NEW})
    collect_files(course, of_moodle(1001, {"q4_hoda.ipynb": OLD, "q5_xnor.ipynb": OLD}))
    (course / "bad.zip").write_bytes(damaged(files))
    row = collect(course, course / "bad.zip").rows[0]
    assert row.state is State.UNCHANGED
    assert "so the folder was left as it was" in row.problems
    assert set(holds(course, 1001).values()) == {OLD}
    assert collect_files(course, files)["1001"].state is State.REPLACED


def test_what_is_no_platforms_is_listed(course: Path) -> None:
    """A file that is no archive, one of another platform, a stranger among the students' files."""
    (course / "a.rar").write_bytes(b"Rar!")
    other = download(course / "b.zip", {"hw2/q5.ipynb": NEW, "hw2/x_1002_assignsubmission_file_q4.ipynb": NEW,
                                        "hw2/notes.txt": ""})  # fmt: skip
    mixed = download(course / "c.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}) | {"grades.csv": ""})
    collected = collect(course, course / "a.rar", other, mixed)
    assert [row.student for row in collected.rows] == ["1001"]
    assert [stray.where.rpartition("/")[2] for stray in collected.strays][:1] == ["a.rar"]
    assert len(collected.strays) == 3
    assert collected.needs_attention


# -- who is who -------------------------------------------------------------------------------------------


def test_a_roster_gives_the_courses_ids(course: Path) -> None:
    """A list of one's own, Canvas's gradebook, Brightspace's; who is not in it is listed."""
    rosters = {
        "moodle": "student_id,number\nada,1001\n",
        "canvas": "Student,ID,SIS Login ID,Section\n    Points Possible,,,\nAda,1001,ada,M\n",
        "brightspace": "OrgDefinedId,Username,Last Name,First Name\n#900,#ada,S1001,Student\n",
        "blackboard": "Last Name,First Name,Username,Student ID\nS1001,Student,1001,900\n",
    }
    ids = {"blackboard": "1001"}  # the account, which Blackboard writes into names itself
    for platform, text in rosters.items():
        roster = course / "roster.csv"
        roster.write_text(text)
        files = {named(platform, number, "q5_xnor.ipynb"): NEW for number in (1001, 1002)}
        collected = collect(course, download(course / f"{platform}.zip", files), roster=roster)
        students = {row.student: list(row.problems) for row in collected.rows}
        assert students == {
            ids.get(platform, "ada"): [],
            "1002": ["is not in the roster; the folder has the platform's id"],
        }, platform
        (course / "submitted").rename(course / f"done {platform}")
    roster.write_text("student_id,number\nada,7\n")
    with pytest.raises(CourseError, match="names nobody of this download"):
        collect(course, course / "moodle.zip", roster=roster)
    roster.write_text("name,number\nada,1001\n")
    with pytest.raises(CourseError, match="no column for the course's ids; name one student_id"):
        collect(course, course / "moodle.zip", roster=roster)


def test_a_roster_that_comes_late_is_noticed(course: Path) -> None:
    """Or a student would be there twice."""
    path = download(course / "d.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    collect(course, path)
    roster = course / "roster.csv"
    roster.write_text("student_id,number\nada,1001\n")
    assert (
        "was collected without a roster before: remove"
        in collect(course, path, roster=roster).rows[0].problems[0]
    )


def test_a_roster_that_is_left_out_later_still_counts(course: Path) -> None:
    """Or a student would be there twice; once the folder is taken away, the platform's id is used again."""
    path = download(course / "d.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    roster = course / "roster.csv"
    roster.write_text("student_id,number\nada,1001\n")
    collect(course, path, roster=roster)
    more = {**of_moodle(1001, {"q5_xnor.ipynb": OLD}), **of_moodle(1002, {"q5_xnor.ipynb": NEW})}
    collected = collect(course, download(course / "e.zip", more))
    assert [(row.student, row.state) for row in collected.rows] == [
        ("1002", State.COLLECTED),
        ("ada", State.REPLACED),
    ]
    assert collected.by_earlier_roster == 1
    assert not collected.needs_attention
    console = Console(file=io.StringIO(), width=200)
    print_table(collected, console)
    assert "1 have the ids that an earlier --roster gave them" in console.file.getvalue()  # type: ignore[attr-defined]
    shutil.rmtree(course / "submitted")
    assert [row.student for row in collect(course, path).rows] == ["1001"]


def test_moodles_worksheet_tells_the_times(course: Path) -> None:
    """In it each student has the number that names have, and the time of the last change."""
    roster = course / "worksheet.csv"
    roster.write_text(
        "Identifier,Full name,Status,Grade,Last modified (submission),Last modified (grade)\n"
        'Participant 1001,Ada,Submitted,,"Friday, 20 November 2026, 9:14 PM",-\n'
    )
    path = download(course / "d.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    assert collect(course, path, roster=roster).rows[0].student == "1001"
    assert timestamp(course, 1001) == datetime(2026, 11, 20, 17, 44)
    assert collect(course, path).rows[0].state is State.UNCHANGED  # nothing is known that says otherwise
    assert timestamp(course, 1001) == datetime(2026, 11, 20, 17, 44)


def test_names_of_the_course_are_asked_for(course: Path) -> None:
    """An unknown assignment or time zone is no reason to collect."""
    path = download(course / "d.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    with pytest.raises(CourseError, match="no assignment 'hw9'"):
        collect_assignment(CollectOptions("hw9", [path], course))
    with pytest.raises(CourseError, match="no time zone 'IRST'; write it as Asia/Tehran"):
        collect(course, path, timezone="IRST")
    assert not (course / "submitted").exists()


def test_folders_are_where_the_settings_say(course: Path) -> None:
    """With assignments above students, too; and nothing of the work is left."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(
            'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"\n'
        )
    collect_files(course, of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    assert (course / "submitted" / "hw2" / "1001" / "q5_xnor.ipynb").read_bytes() == NEW
    assert CourseFolder(course).students("hw2") == ["1001"]
    assert not CourseFolder(course).collecting().exists()


# -- the command ------------------------------------------------------------------------------------------


@pytest.mark.process
def test_the_command_says_what_became_of_everybody(course: Path) -> None:
    """The table, what was not understood, exit code 3; and `mashq grade` says what comes first."""
    archive = course / "downloaded" / "hw2" / "archive"
    files = of_moodle(1001, {"q5_xnor.ipynb": NEW}) | of_moodle(1002, {"hw2.rar": b"Rar!"})
    download(archive / "class.zip", files)
    told = " ".join(mashq_output("grade", "hw2", cwd=course, code=1).split())
    assert "run `mashq collect hw2 downloaded/hw2/archive/*` first" in told
    text, log = mashq("collect", "hw2", "downloaded/hw2/archive/class.zip", cwd=course, code=3)
    assert "went through 2 of 2 students" in log
    assert "1002: there is no notebook, only hw2.rar; unpack hw2.rar there by hand" in text
    assert "what there is lies in submitted/1002/hw2" in text
    assert "2 have no time of hand-in" in text
    assert text.endswith("hw2: 2 collected, 1 not understood\n")
    text, _ = mashq("collect", "hw2", "downloaded/hw2/archive", "--json", "-", cwd=course, code=3)
    told = json.loads(text)
    assert [student["state"] for student in told["students"]] == ["unchanged", "unchanged"]
    assert told["students"][1]["not_understood"] == [
        "there is no notebook, only hw2.rar; unpack hw2.rar there by hand"
    ]
    download(archive / "class.zip", of_moodle(1001, {"q5_xnor.ipynb": NEW}))
    assert "1 unchanged" in mashq_output("collect", "hw2", "downloaded/hw2/archive/class.zip", cwd=course)
    assert "does not exist" in mashq_output("collect", "hw2", "no.zip", cwd=course, code=2)
