"""How learning platforms name what students handed in; each rule reads one part of a path.

Only the part that the platform wrote says who a student is. What follows it, and what is below it, is the
student's, whatever it looks like.

- **Moodle** (*Download all submissions*): `Ada Lovelace_1001_assignsubmission_file_/q5.ipynb`, or without
  folders `Ada Lovelace_1001_assignsubmission_file_q5.ipynb`; newer versions leave out a folder's last `_`.
  Names hold no `_`. In a blind assignment the name is `Participant`. `onlinetext` is text that was typed. A
  group without a number has a name alone. See mod/assign/classes/downloader.php of
  https://github.com/moodle/moodle.
- **Canvas** (*Download Submissions*): `lovelaceada_LATE_12345_6789012_q5_xnor-1.ipynb`: name, `LATE` where it
  was, number of the student, number of the file, name of the file; `-1` where the student has handed in that
  name before. `anon_x7Kp2` stands for name and number where names are hidden. `lovelaceada_12345_text.html`
  is text that was typed, `_link.html` an address. See lib/content_zipper.rb of
  https://github.com/instructure/canvas-lms.
- **Blackboard** (*Assignment File Download*): `hw2_alovelace_attempt_2026-11-20-21-14-03_q5.ipynb`: title,
  account, time of the attempt, name of the file; and for each attempt a `.txt` without the last part, which
  begins with `Name: Ada Lovelace (alovelace)`.
- **Brightspace** (D2L, *Download*): `12345-67890 - Ada Lovelace - Nov 20, 2026 914 PM/q5.ipynb`, or without
  folders `12345-67890 - Ada Lovelace - Nov 20, 2026 914 PM - q5.ipynb`; an `index.html` lists them.
"""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

MOODLE, CANVAS, BLACKBOARD, BRIGHTSPACE = "Moodle", "Canvas", "Blackboard", "Brightspace"
JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")  # of operating systems, and no student's

_TIME = r"\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}"
# In any language and order: words and numbers, of these at least three, one of them the year. Letters and
# digits stand apart, as they do not in names of files.
_WORD = r"(?:\d[\d.,:/年月日년월일-]*|(?:[^\W\d_]|[.,])+)"
_DAY = (
    r"(?=(?:(?:(?! - )\D)*\d+(?!\d)){3})(?=(?:(?! - ).)*(?<!\d)\d{4}(?!\d))"
    rf"{_WORD}(?: {_WORD}){{1,9}}"
)
RULES = {  # where two fit, the first: it says most of what must be there
    BRIGHTSPACE: re.compile(
        r"(?:(?P<student>\d+)-\d+ - )(?:(?P<own>\w*\d\w*) - )?"
        rf"(?P<person>.+?) - (?P<time>{_DAY})(?: - (?P<rest>.+))?",
        re.DOTALL,
    ),
    MOODLE: re.compile(
        # a group may have any name, but none that is another's number
        r"(?:(?P<person>[^_]+?)_(?P<student>\d+)|(?P<group>[^_]*[^_\d][^_]*?))"
        r"_assignsubmission_(?P<kind>[a-z0-9]+)(?:_(?P<rest>.*))?",
        re.DOTALL,
    ),
    BLACKBOARD: re.compile(
        rf"(?P<student>.+?)_attempt_(?P<time>{_TIME})(?:_(?P<rest>.+)|(?P<about>\.txt))", re.DOTALL
    ),
    CANVAS: re.compile(
        # a person may be called by a number
        r"(?:(?P<person>(?!(?:LATE_)?anon_)[\w-]+?)_)?(?P<late>LATE_)?(?P<student>\d+|anon_[A-Za-z0-9]+)"
        r"_(?:(?P<file>\d+)_(?P<rest>.+)|(?P<typed>(?:text|link)\.html))",
        re.DOTALL,
    ),
}


@dataclass(frozen=True)
class Named:
    """What the platform's part of a path says."""

    platform: str
    student: str  # the platform's id of the student
    person: str = ""  # the student's name, as the platform writes it
    own: str = ""  # a second id, the school's
    time: str = ""  # of the attempt, as it is written
    number: int = 0  # of the file; the later one is greater
    late: bool = False
    rest: str = ""  # the student's part
    about: bool = False  # it is Blackboard's own file about the attempt

    @property
    def whole(self) -> bool:
        """Whether a download holds all that counts of a student, and no earlier attempts."""
        return self.platform in (MOODLE, CANVAS)


def read_name(part: str) -> Named | None:
    """What a part of a path says by the rules of the platforms; None when it is none of theirs."""
    return next(iter(_readings(part).values()), None)


def read_names(parts: Iterable[str]) -> dict[str, Named]:
    """What parts of paths say that stand at one place of a download; those that say nothing are left out.

    The end of a part is the student's, and may look like another platform's name: where two rules fit, that
    of the platform that most parts fit is meant. Canvas's and Blackboard's may fit all: then there are
    several students, as Canvas has them, or a person must look.
    """
    readings = {part: found for part in parts if (found := _readings(part))}
    fits = Counter(platform for found in readings.values() for platform in found)
    unclear = [found for found in readings.values() if CANVAS in found and BLACKBOARD in found]
    # a title and an account that are numbers, as in hw_2_1001_attempt_..., leave no room for a name
    numbers = all(one[CANVAS].rest.startswith("attempt_") for one in unclear)
    named = {}
    for part, found in readings.items():
        platform = max(found, key=lambda one: fits[one])  # the first of equals
        if CANVAS in found and platform == BLACKBOARD and fits[CANVAS] == fits[BLACKBOARD] and not numbers:
            if len({one[CANVAS].student for one in unclear}) == 1:
                continue
            platform = CANVAS
        named[part] = found[platform]
    return named


def _readings(part: str) -> dict[str, Named]:
    """What a part says by the rule of each platform that it fits."""
    return {
        platform: _named(platform, part, found)
        for platform, rule in RULES.items()
        if (found := rule.fullmatch(part))
    }


def _named(platform: str, part: str, found: re.Match[str]) -> Named:
    has = {name: text or "" for name, text in found.groupdict().items()}
    person = has.get("person") or has.get("group", "")
    rest = has.get("rest") or has.get("typed") or (part if has.get("about") else "")
    return Named(
        platform,
        has.get("student") or person,
        person,
        has.get("own", ""),
        has.get("time", ""),
        int(has.get("file") or 0),
        bool(has.get("late")),
        rest,
        bool(has.get("about")),
    )


def is_junk(part: str) -> bool:
    """Whether an operating system left a file or folder of this name, and not a student."""
    return part in JUNK or part.startswith("._")


def without_title(named: Iterable[Named], accounts: Mapping[str, str]) -> dict[str, Named]:
    """Blackboard's names by what stands in them for title and account, with the account alone as the student.

    accounts : what the first lines of the `.txt` files say, by title and account

    The title is the same in a whole download. Both it and an account may hold `_`: the `.txt` files tell, or
    else what all have in common.
    """
    names = {name.student: name for name in named}
    titles = {
        whole[: -len(account)]
        for whole, account in accounts.items()
        if whole in names and account and whole.endswith(f"_{account}")
    }
    if not titles:
        common = os.path.commonprefix([*names])  # noqa: RUF071  # letters are meant
        titles = {common[: common.rfind("_") + 1]}
    found = {}
    for whole, name in names.items():
        own = accounts.get(whole, "")
        if not (own and whole.endswith(f"_{own}")):
            title = max((title for title in titles if whole.startswith(title)), key=len, default="")
            own = whole[len(title) :]
        found[whole] = replace(name, student=own or whole)
    return found
