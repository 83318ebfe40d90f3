"""Times of hand-in, as platforms write them, and as they are kept; `mashq.course.times` reads those."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import cache
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from mashq.course.times import EARLIEST_YEAR, MOST_AHEAD
from mashq.errors import CourseError

WRITTEN = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's timestamp.txt
# Blackboard; Brightspace in its two orders of day and month; Moodle's worksheet; each with 12 and 24 hours.
DAYS = ("%Y-%m-%d", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%A %d %B %Y", "%A %B %d %Y")
HOURS = ("%I%M %p", "%I:%M %p", "%H%M", "%H:%M", "%H:%M:%S")
ENGLISH = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# The languages whose names of months and days are known. What a name means must be the same in all of them:
# listopad is November in one and October in another, and so is read in none.
LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "en_GB", "es", "et", "eu", "fa", "fi", "fr", "gl", "he",
    "hi", "hr", "hu", "id", "it", "ja", "kk", "ko", "lt", "lv", "mk", "ms", "nb", "nl", "nn", "pl", "pt",
    "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
# Between a day and a month, a year or an hour.
FILLERS = frozenset(
    ("a", "à", "às", "at", "de", "del", "di", "kl", "klo", "la", "las", "le", "om", "um", "uhr", "г", "в")
)
LONGEST = 80  # letters of a time
FORMS = ("%Y-%m-%d-%H-%M-%S", *(f"{day} {hour}" for day in DAYS for hour in HOURS))


def zone_called(name: str) -> tzinfo:
    """A time zone by its name, such as Asia/Tehran; CourseError where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(
            f"there is no time zone {name!r}; write it as Asia/Tehran, Europe/Berlin or UTC"
        ) from None


def read_time(text: str, zone: tzinfo | None) -> datetime | None:
    """The moment of a platform's text; None for one that is not certain, such as of another calendar.

    zone : of the platform; this machine's when None
    """
    plain = re.sub(r"\b(\d{3}) (?=[AP]M)", r"0\1 ", text.replace(",", " ").replace(".", "").upper())
    plain = " ".join(plain.split())
    for said in (plain, _in_english(text)):
        for form in FORMS:
            try:
                return possible(datetime.strptime(said, form), zone)
            except (ValueError, OverflowError):
                continue
    return None


def _in_english(text: str) -> str:
    """A time with the month in English and without the day of the week; empty where a word is not known."""
    if len(text) > LONGEST:
        return ""
    seen = (sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in seen).casefold()
    months, days = _names()
    said = []
    for word in re.findall(r"\d+(?:[:.]\d+)+|\d+|[^\W\d_][^\s\d,،]*", plain):
        name = word.rstrip(".")
        if word[0].isdecimal():
            said.append(word.replace(".", ":"))
        elif name in ("am", "a.m", "pm", "p.m"):
            said.append(name.replace(".", ""))
        elif len(months.get(name, ())) == 1 and name not in days:
            said.append(ENGLISH[min(months[name]) - 1])
        elif name not in days and name not in FILLERS:
            return ""
    if re.fullmatch(r"\d{3}", said[-2] if len(said) > 1 else "") and said[-1] in ("am", "pm"):
        said[-2] = f"0{said[-2]}"
    return " ".join(said).upper()


@cache
def _names() -> tuple[dict[str, set[int]], frozenset[str]]:
    """{name of a month: its numbers}, and names of the days of the week, in small letters."""
    months: dict[str, set[int]] = {}
    days: set[str] = set()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for number, name in _all_names(locale.months):
            months.setdefault(name, set()).add(number)
        days |= {name for _, name in _all_names(locale.days)}
    return months, frozenset(days)


def _all_names(names: Any) -> Iterator[tuple[int, str]]:
    for context, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
        for number, name in names[context][width].items():
            yield int(number), name.casefold().rstrip(".")


def possible(local: datetime, zone: tzinfo | None) -> datetime | None:
    """A platform's local time in UTC; None for one at which nobody can have handed in anything."""
    if not EARLIEST_YEAR <= local.year <= datetime.now(UTC).year + MOST_AHEAD.days // 366:
        return None
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC)


def written(when: datetime) -> str:
    """The content of timestamp.txt."""
    return when.astimezone(UTC).strftime(WRITTEN)
