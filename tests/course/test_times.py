"""What a timestamp.txt says: a time where it can be read in one way only, and else a doubt that says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mashq.course.times import DoubtError, certain_time, read_time

pytestmark = pytest.mark.quick

EVENING = "2026-11-20 22:00:00"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        (EVENING, EVENING),
        (f"{EVENING} UTC", EVENING),
        (f"{EVENING}.25 UTC", f"{EVENING}.250000"),  # as nbgrader's exchange writes it
        ("2026-11-20T22:00:00Z", EVENING),
        ("20261120T220000Z", EVENING),
        (f"{EVENING} Asia/Tehran", "2026-11-20 18:30:00"),
        (f"{EVENING} Iran", "2026-11-20 18:30:00"),
        (f"{EVENING} +0330", "2026-11-20 18:30:00"),  # which nbgrader takes for 330 seconds
        (f"{EVENING}+03:30", "2026-11-20 18:30:00"),
        (f"{EVENING} UTC+3", "2026-11-20 19:00:00"),
        (f"{EVENING} -8", "2026-11-21 06:00:00"),
        (f"{EVENING} America/New_York", "2026-11-21 03:00:00"),
        ("2026-07-01 12:00 Europe/Berlin", "2026-07-01 10:00:00"),
        ("Fri Nov 20 22:00:00 UTC 2026", EVENING),  # as `date` writes it
        ("Fri, 20 Nov 2026 22:00:00 +0330", "2026-11-20 18:30:00"),  # as mail has it
        ("20 November 2026 10:00 pm", EVENING),
        ("2026-03-04 10:00", "2026-03-04 10:00:00"),  # the year first: then the month
        ("20/11/2026 22:00", EVENING),  # there is no twentieth month
    ],
)
def test_a_time_that_can_be_read_in_one_way(text: str, utc: str) -> None:
    """However people and programs write it."""
    assert str(certain_time(text)) == utc


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{EVENING} IRST", "which zone IRST is"),
        (f"{EVENING} Asia/Teheran", "which zone Asia/Teheran is"),
        (f"{EVENING} BST", "which zone BST is"),  # British summer, Bougainville, Bangladesh
        (f"{EVENING} CET", "which zone CET is"),
        (f"{EVENING} +25:00", "which zone"),
        (f"{EVENING} right/Asia/Tehran", "which zone"),
        (f"{EVENING} /etc/passwd", "no date with a time"),
        ("2026-10-25 02:30:00 Europe/Berlin", "the clocks of Europe/Berlin were set"),  # back: twice
        ("2026-03-29 02:30:00 Europe/Berlin", "the clocks of Europe/Berlin were set"),  # forward: never
        ("1405-08-29 22:00:00", "the year would be 1405"),
        ("0001-01-01 00:00:00 UTC", "the year would be 1"),
        ("9999-12-31 23:59:59 UTC", "the year would be 9999"),
        ("1970-01-01 00:00:00", "the year would be 1970"),
        ("26-11-20 22:00", "more than one way"),
        ("04/03/2026 22:00", "more than one way"),
        ("20 Nov 22:00", "not whole"),
        ("22:00", "not whole"),
        ("2026-11-20", "no date with a time"),
        ("2026-02-30 22:00", "no date with a time"),
        ("2026-11-20 24:01", "no date with a time"),
        ("Inf", "no date with a time"),
        ("nan 10:00", "no date with a time"),
        ("1" * 150 + " 10:00", "no date with a time"),
        ("yesterday at 22:00", "no date with a time"),
        ("2026-11-20 IRST 22:00", "no date with a time"),
        (f"{EVENING}\n2026-11-19 22:00:00", "more than one line"),
    ],
)
def test_what_is_not_certain_says_why(text: str, why: str) -> None:
    """None of these is taken for UTC, or for a date that somebody did not mean."""
    with pytest.raises(DoubtError) as caught:
        certain_time(text)
    assert why in str(caught.value.why)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20 22:00:00 CET", "2026-11-20 21:00:00"),
        ("2026-07-20 22:00:00 CEST", "2026-07-20 20:00:00"),
        ("2026-10-25 02:30:00 CEST", "2026-10-25 00:30:00"),  # the first of two
        ("2026-10-25 02:30:00 CET", "2026-10-25 01:30:00"),
        ("2026-07-20 22:00:00 CET", None),  # no clock there said that in summer
        ("2026-11-20 22:00:00 EST", None),
    ],
)
def test_the_exchanges_own_abbreviations_are_certain(text: str, utc: str | None) -> None:
    """nbgrader's exchange writes them where c.Exchange.timezone names a zone."""
    if utc is None:
        with pytest.raises(DoubtError):
            certain_time(text, "Europe/Berlin")
    else:
        assert str(certain_time(text, "Europe/Berlin")) == utc


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf2026-11-20 22:00:00 UTC\r\n",
        "2026-11-20 22:00:00 UTC\n".encode("utf-16"),
        "\u200f۲۰۲۶-۱۱-۲۰ ۲۲:۰۰:۰۰ UTC".encode(),
    ],
)
def test_what_editors_and_keyboards_do_to_a_file(data: bytes, tmp_path: Path) -> None:
    """A byte-order mark, UTF-16, Persian digits and marks of direction say the same time."""
    (tmp_path / "timestamp.txt").write_bytes(data)
    time, doubt = read_time(tmp_path)
    assert (str(time), doubt) == (EVENING, None)


@pytest.mark.parametrize("kind", ["missing", "empty", "a link that leads out", "a folder", "a pipe"])
def test_files_that_say_nothing(kind: str, tmp_path: Path) -> None:
    """No time, and no doubt: nobody wrote one down."""
    folder = tmp_path / "ada"
    folder.mkdir()
    path = folder / "timestamp.txt"
    if kind == "empty":
        path.touch()
    elif kind == "a link that leads out":
        (tmp_path / "secret").write_text(EVENING)
        path.symlink_to(tmp_path / "secret")
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    assert read_time(folder) == (None, None)


def test_a_doubt_shows_the_text(tmp_path: Path) -> None:
    """A person sees at once what the student or a program wrote."""
    (tmp_path / "timestamp.txt").write_text("soon")
    time, doubt = read_time(tmp_path)
    assert time is None
    assert str(doubt).startswith("the time of hand-in is not certain: timestamp.txt says 'soon', but that is")
