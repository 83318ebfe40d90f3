"""Times of hand-in, as platforms write them, and as they are kept; `mashq.course.times` reads those."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mashq.course.times import EARLIEST_YEAR, MOST_AHEAD
from mashq.errors import CourseError

WRITTEN = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's timestamp.txt
# Blackboard; Brightspace in its two orders of day and month; Moodle's worksheet; each with 12 and 24 hours.
DAYS = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%A %d %B %Y", "%A %B %d %Y")
HOURS = ("%I%M %p", "%I:%M %p", "%H%M", "%H:%M", "%H:%M:%S")
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
    """The moment of a platform's text; None for a text in another language or form.

    zone : of the platform; this machine's when None
    """
    plain = re.sub(r"\b(\d{3}) (?=[AP]M)", r"0\1 ", text.replace(",", " ").replace(".", "").upper())
    plain = " ".join(plain.split())
    for form in FORMS:
        try:
            return possible(datetime.strptime(plain, form), zone)
        except ValueError:
            continue
    return None


def possible(local: datetime, zone: tzinfo | None) -> datetime | None:
    """A platform's local time in UTC; None for one at which nobody can have handed in anything."""
    if not EARLIEST_YEAR <= local.year <= datetime.now(UTC).year + MOST_AHEAD.days // 366:
        return None
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC)


def written(when: datetime) -> str:
    """The content of timestamp.txt."""
    return when.astimezone(UTC).strftime(WRITTEN)
