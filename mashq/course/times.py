"""When something was handed in: what `timestamp.txt` says, where that is certain.

nbgrader takes what it does not understand for UTC or for nothing. Here a time is taken that can be read in
one way only; any other is a doubt, for a person, and costs nobody anything. As in nbgrader, a time without a
zone is in UTC.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from dateutil import parser

from mashq.handed_in.beside import TIMESTAMP
from mashq.handed_in.own_file import LinkError, NoFileError, open_own
from mashq.language import marked as N_
from mashq.problems import Sentence

MOST_BYTES = 200
EARLIEST_YEAR = 2000
MOST_AHEAD = timedelta(days=366)  # clocks may be wrong, but not by so much
UNIVERSAL = ("UTC", "GMT", "Z", "UCT", "Zulu")
# In the time zone database, but abbreviations, too: with or without summer time, or of two continents.
AMBIGUOUS = {"CET", "EET", "EST", "HST", "MET", "MST", "WET", "localtime", "Factory"}
MOMENT = re.compile(
    r"(?P<clock>(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?[AaPp][Mm](?![A-Za-z]))?|(?<=\dT)\d{4}(?:\d{2})?)(?!\d)"
    r"\s*(?P<zone>(?:UTC|GMT)?[+-](?:\d{2}:?\d{2}|\d:\d{2}|\d{1,2})(?![\d:])|[A-Za-z][A-Za-z0-9_/+-]*)?"
)
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}?):?(\d{2})?")
YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")
BLANKS = (datetime(2000, 1, 1), datetime(2004, 2, 2))  # what is missing is taken from these, and so found out


class DoubtError(ValueError):
    """A text from which no time is certain; the argument says why."""

    def __init__(self, template: str, **arguments: str | int) -> None:
        super().__init__(template)
        self.why = Sentence.of(template, **arguments)


def read_time(folder: Path, course_zone: str = "") -> tuple[datetime | None, Sentence | None]:
    """When a submission was handed in, in UTC without a zone, as nbgrader saves it; and what is in doubt.

    folder : of the submission
    course_zone : c.Exchange.timezone, in whose abbreviations nbgrader's exchange writes times

    Both are None when the folder has no timestamp.txt of its own, or an empty one.
    """
    said = ""
    try:
        with open_own(folder, TIMESTAMP) as file:
            data = file.read(MOST_BYTES + 1)
        said = _decoded(data)
        return (certain_time(said, course_zone) if said else None), None
    except DoubtError as error:
        why = error.why
    except (FileNotFoundError, NotADirectoryError, LinkError, NoFileError):
        return None, None
    except OSError as error:
        why = Sentence.plain(error.strerror or error)
    doubt = N_("the time of hand-in is not certain: {file} says {text!r}, but {why}")
    return None, Sentence.of(doubt, file=TIMESTAMP, text=said[:60], why=why)


def certain_time(text: str, course_zone: str = "") -> datetime:
    """The time that a text gives, in UTC without a zone.

    Raises DoubtError when it gives none, or can be read in more than one way.
    """
    if "\n" in text or len(text) > MOST_BYTES:
        raise DoubtError(N_("that is more than one line with a time"))
    found = MOMENT.search(text)
    if found is None:
        raise DoubtError(N_("that is no date with a time of day"))
    start, end = found.span("zone")
    local = _one_reading(text[:start] + " " + text[end:] if found["zone"] else text)
    if local.year < EARLIEST_YEAR or local > datetime.now(UTC).replace(tzinfo=None) + MOST_AHEAD:
        raise DoubtError(N_("nothing was handed in then: the year would be {year}"), year=local.year)
    return _universal(local, found["zone"] or "UTC", course_zone)


def _decoded(data: bytes) -> str:
    """The text of a file without marks that nobody sees, and with digits as Python writes them."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if marked else "utf-8", "replace")
    seen = (sign for sign in text if unicodedata.category(sign) != "Cf")
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in seen).strip()


def _one_reading(text: str) -> datetime:
    """The date and time of a text without a zone, when every way of reading it gives the same."""
    orders = [(False, True)] if YEAR_FIRST.search(text) else list(product((False, True), repeat=2))
    try:
        readings: set[datetime] = {
            parser.parse(text, default=blank, dayfirst=day, yearfirst=year, tzinfos=_no_zone)
            for blank in BLANKS
            for day, year in orders
        }
    except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError):
        raise DoubtError(N_("that is no date with a time of day")) from None
    if len(readings) > 1:
        raise DoubtError(N_("the date in it can be read in more than one way, or is not whole"))
    (reading,) = readings
    return reading


def _no_zone(name: str | None, offset_s: int | None) -> None:
    if (name, offset_s) != (None, None):
        raise ValueError("a zone in an odd place")


def _universal(local: datetime, zone: str, course_zone: str) -> datetime:
    offset = OFFSET.fullmatch(zone)
    if zone in UNIVERSAL:
        return local
    if offset is not None:
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        ahead = timedelta(hours=hours, minutes=minutes) * (-1 if offset[1] == "-" else 1)
        if minutes < 60 and abs(ahead) <= timedelta(hours=14):
            return _without_zone(local.replace(tzinfo=timezone(ahead)))
    moments = [local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1) if zone in _zones()]
    if not moments and course_zone in _zones():
        both = (local.replace(tzinfo=ZoneInfo(course_zone), fold=fold) for fold in (0, 1))
        moments = [moment for moment in both if moment.tzname() == zone]
    times = {_without_zone(moment) for moment in moments}
    if not times:
        raise DoubtError(N_("which zone {zone} is cannot be said for certain"), zone=zone)
    if len(times) > 1:
        raise DoubtError(N_("the clocks of {zone} were set at that hour"), zone=zone)
    return times.pop()


def _without_zone(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None, fold=0)


@cache
def _zones() -> set[str]:
    """The names of the time zone database that name one zone only."""
    return available_timezones() - AMBIGUOUS
