"""How the four platforms name files: a table of names, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mashq.collect.names import BLACKBOARD, BRIGHTSPACE, CANVAS, MOODLE, Named, read_name, without_title
from mashq.collect.times import read_time
from mashq.roster.names import safe_id

pytestmark = pytest.mark.quick

TIME = "2026-11-20-21-14-03"
# part of a path → platform, student, person, the student's part
NAMES = {
    "Ada Lovelace_1001_assignsubmission_file_": (MOODLE, "1001", "Ada Lovelace", ""),
    "Ada Lovelace_1001_assignsubmission_file": (MOODLE, "1001", "Ada Lovelace", ""),
    "سارا می‌خواهم_1002_assignsubmission_file_q5.ipynb": (MOODLE, "1002", "سارا می‌خواهم", "q5.ipynb"),
    "Participant_1003_assignsubmission_file_hw2.zip": (MOODLE, "1003", "Participant", "hw2.zip"),
    "Participant 1000001_1234567_assignsubmission_file_": (MOODLE, "1234567", "Participant 1000001", ""),
    "Ada_1001_assignsubmission_onlinetext_onlinetext.html": (MOODLE, "1001", "Ada", "onlinetext.html"),
    "Default group_assignsubmission_file_": (MOODLE, "Default group", "Default group", ""),
    # a student's own name says nothing
    "Ada_1001_assignsubmission_file_x_1002_assignsubmission_file_q4.ipynb": (
        MOODLE, "1001", "Ada", "x_1002_assignsubmission_file_q4.ipynb",
    ),
    "lovelaceada_12345_6789012_q5_xnor-1.ipynb": (CANVAS, "12345", "lovelaceada", "q5_xnor-1.ipynb"),
    "lovelaceada_LATE_12345_6789012_q5 (1).ipynb": (CANVAS, "12345", "lovelaceada", "q5 (1).ipynb"),
    "lovelaceada_12345_6789012_x_7_8_q5.ipynb": (CANVAS, "12345", "lovelaceada", "x_7_8_q5.ipynb"),
    "lovelaceada_12345_6789012_x_1002_assignsubmission_file_q4.ipynb": (
        CANVAS, "12345", "lovelaceada", "x_1002_assignsubmission_file_q4.ipynb",
    ),
    "anon_x7Kp2_6789012_q5.ipynb": (CANVAS, "anon_x7Kp2", "", "q5.ipynb"),
    "LATE_anon_x7Kp2_6789012_q5.ipynb": (CANVAS, "anon_x7Kp2", "", "q5.ipynb"),
    "lovelaceada_12345_text.html": (CANVAS, "12345", "lovelaceada", "text.html"),
    f"hw2_ada_attempt_{TIME}_q5_xnor.ipynb": (BLACKBOARD, "hw2_ada", "", "q5_xnor.ipynb"),
    f"hw2_ada_attempt_{TIME}_hw2_bob_attempt_{TIME}_q5.ipynb": (
        BLACKBOARD, "hw2_ada", "", f"hw2_bob_attempt_{TIME}_q5.ipynb",
    ),
    "12345-67890 - Ada Lovelace - Nov 20, 2026 914 PM": (BRIGHTSPACE, "12345", "Ada Lovelace", ""),
    "12345-67890 - Ada Lovelace - Nov 20, 2026 914 PM - a - b.ipynb": (
        BRIGHTSPACE, "12345", "Ada Lovelace", "a - b.ipynb",
    ),
    "12345-67890 - Ada - 20. Nov 2026 21.14": (BRIGHTSPACE, "12345", "Ada", ""),
    "12345-67890 - Ada - B - 2026-11-20 2114 - q5.ipynb": (BRIGHTSPACE, "12345", "Ada - B", "q5.ipynb"),
    "12345-67890 - Ada - 20 de noviembre de 2026 21:14": (BRIGHTSPACE, "12345", "Ada", ""),
    "12345-67890 - Ada - 20/11/2026 9:14 p.m. - x 2026-11-20 10.30": (
        BRIGHTSPACE, "12345", "Ada", "x 2026-11-20 10.30",
    ),
    "12345-67890 - N0123 - Ada - B - 20 November, 2026 2114 - r.py": (
        BRIGHTSPACE, "12345", "Ada - B", "r.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", NAMES)
def test_a_name_says_whose_a_file_is(part: str) -> None:
    """By the part that the platform wrote; the rest is the student's."""
    found = read_name(part)
    assert found is not None
    assert (found.platform, found.student, found.person, found.rest) == NAMES[part]


@pytest.mark.parametrize(
    "part",
    ["q5_xnor.ipynb", "index.html", "CS101-hw2-4711", "submissions.zip", "__MACOSX",
     "hw2 Download Nov 21, 2026 803 PM.zip", "gradebook_CS101_hw2_2026-11-21-10-00-00.zip",
     "ada_attempt_2026-11-20_q5.ipynb", "12345-67890 - Ada - hw2 2026-11-20 2114.ipynb"],
)  # fmt: skip
def test_other_names_say_nothing(part: str) -> None:
    """Nor do the names of a class's download."""
    assert read_name(part) is None


def test_names_say_more_where_there_is_more() -> None:
    """Canvas's LATE and the number of the file, Brightspace's second id."""
    late = read_name("lovelaceada_LATE_12345_6789012_q5.ipynb")
    assert late is not None
    assert (late.late, late.number) == (True, 6789012)
    own = read_name("12345-67890 - N0123 - Ada - 20 November, 2026 2114 - r.py")
    assert own is not None
    assert own.own == "N0123"


@pytest.mark.parametrize(
    ("wholes", "accounts", "students"),
    [
        (["hw_2_ada", "hw_2_bob"], {}, ["ada", "bob"]),
        (["hw_2_ada", "hw_2_ada_l"], {}, ["ada", "ada_l"]),
        (["hw2_a_x", "hw2_a_y"], {"hw2_a_x": "a_x"}, ["a_x", "a_y"]),
        (["hw2_ada_l"], {"hw2_ada_l": "ada_l"}, ["ada_l"]),
        (["hw2_ada"], {"hw2_ada": "2_ada"}, ["ada"]),  # no account of that name: a `_` is missing
    ],
)
def test_blackboards_title_and_account_are_told_apart(
    wholes: list[str], accounts: Mapping[str, str], students: list[str]
) -> None:
    """By its own .txt of the attempt, or by what all names have in common."""
    found = without_title([Named(BLACKBOARD, whole) for whole in wholes], accounts)
    assert [found[whole].student for whole in wholes] == students


@pytest.mark.parametrize(
    "text",
    [TIME, "Nov 20, 2026 914 PM", "20 November, 2026 2114", "Friday, 20 November 2026, 9:14 PM",
     "Friday, November 20, 2026, 9:14 PM", "2026-11-20 2114", "20. Nov 2026 21.14", "20 novembre 2026 2114",
     "Freitag, 20. November 2026, 21:14", "viernes, 20 de noviembre de 2026, 21:14", "20 kas 2026 2114",
     "пятница, 20 ноября 2026, 21:14", "جمعه، ۲۰ نوامبر ۲۰۲۶، ۲۱:۱۴"],
)  # fmt: skip
def test_times_are_read_in_the_platforms_zone(text: str) -> None:
    """Blackboard's, Brightspace's, and those of Moodle's worksheet."""
    found = read_time(text, ZoneInfo("Asia/Tehran"))
    assert found is not None
    assert found.replace(second=0) == datetime(2026, 11, 20, 17, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "۲۹ آبان ۱۴۰۵",
        "yesterday",
        "2026-13-40-25-61-61",
        "Nov 31, 2026 914 PM",
        "20/11/2026 2114",
        "20 listopada 2026 21:14",
        "20 November 2569, 2114",
        "November 2026",
        "mardi 20 novembre",
    ],
)
def test_other_times_are_none(text: str) -> None:
    """Rather than wrong."""
    assert read_time(text, None) is None


def test_ids_are_safe_for_folders() -> None:
    """Those that are stay as they are, of any script; of others no two become one."""
    fine = ["1001", "ada.l", "ada_l-2@x.example", "سارا"]
    assert [safe_id(name) for name in fine] == fine
    odd = ["a b", "a-b", "a/b", "a[b]", "a*b", ".hidden", "../x", "-x", "", "a" * 65, "a" * 66, "a+b", "{a}"]
    safe = [safe_id(name) for name in odd]
    assert len(set(safe)) == len(odd)
    for name in safe:
        assert 1 <= len(name) <= 64
        assert not set(name) & set(" /[]*{}+?,")
        assert name[0] not in ".-"
