"""`mashq collect`: downloads of a learning platform into submitted/, each student by itself."""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from mashq.collect.arrange import arrange
from mashq.collect.attempts import Attempt, merge, read_submission
from mashq.collect.names import CANVAS, MOODLE
from mashq.collect.people import People, Who, know, known_as, who
from mashq.collect.place import Places
from mashq.collect.sources import Entry, Stray, gather
from mashq.collect.times import zone_called
from mashq.collect.unpack import Unpacker
from mashq.course.folder import CourseFolder
from mashq.grading.engine.progress import Progress

EXAMPLE = "2026-11-20 21:14:00 UTC"  # of a time in timestamp.txt
MOST_NAMES = 5  # of files in a sentence
OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")  # a person unpacks these


class State(StrEnum):
    """What became of a student's folder."""

    COLLECTED = "collected"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    NOTHING = "not collected"


@dataclass(frozen=True)
class Row:
    """What became of one student's files."""

    student: str
    person: str  # as the platform calls the student
    state: State
    place: Path
    when: datetime | None = None
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()  # what was not understood; a person must look
    unread: bool = False  # whether the download says when it was handed in, in a way that cannot be read


@dataclass(frozen=True)
class Collected:
    """What became of a download."""

    assignment: str
    rows: Sequence[Row]
    strays: Sequence[Stray] = ()
    zone: str = ""  # in which the platform's times were read; empty where there were none
    by_earlier_roster: int = 0  # students who have the ids that an earlier roster gave

    @property
    def needs_attention(self) -> bool:
        """Whether a person must look at something."""
        return bool(self.strays) or any(row.problems for row in self.rows)

    def count(self, state: State) -> int:
        """How many students are in a state."""
        return sum(row.state is state for row in self.rows)


@dataclass(frozen=True)
class CollectOptions:
    """What `mashq collect` was asked for."""

    assignment: str
    files: Sequence[Path]
    course: Path = Path()
    roster: Path | None = None  # who is who in the course
    timezone: str | None = None  # of the platform; nbgrader's c.Exchange.timezone or else this machine's


@dataclass
class _Student:
    """One of the course's students in a download."""

    id: str
    known_as: list[Who] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def person(self) -> str:
        """What the platform calls the student."""
        return next((entry.named.person for entry in self.entries if entry.named.person), "")


def collect_assignment(options: CollectOptions) -> Collected:
    """Put what students handed in into submitted/STUDENT/ASSIGNMENT.

    Running it again changes nothing. What of a student cannot be taken is in that student's row.

    Raises CourseError when the assignment, the roster or the time zone is not known.
    """
    folder = CourseFolder(options.course)
    folder.require_assignment(options.assignment)
    name = options.timezone or folder.config.Exchange.get("timezone")
    zone = zone_called(name) if name else None
    spelled = {f"{own}.ipynb".casefold(): f"{own}.ipynb" for own in folder.notebooks(options.assignment)}
    places = Places(folder, options.assignment)
    with ExitStack() as opened:
        entries, strays = gather(options.files, zone, opened)
        people = know([entry.named for entry in entries], options.roster, zone, places.by_an_earlier_roster)
        if options.roster:
            places.ids.update(
                {known_as(key): own for key, own in people.ids.items() if key not in people.missing}
            )
        students = _students(entries, people)
        rows = []
        counted = {options.assignment: len(students)}
        with places.begin(), Progress(counted, "students", None, 1, verb="went through") as display:
            for student in students:
                display.started(student.id, options.assignment)
                row = _collect_alone(student, people, places, spelled)
                display.done(student.id, options.assignment, row.problems, row.state is State.UNCHANGED)
                rows.append(row)
    timed = any(row.when for row in rows)
    zone_name = name or f"{datetime.now().astimezone():this machine, %Z (UTC%z)}"
    return Collected(options.assignment, rows, strays, zone_name if timed else "", len(people.before))


def _students(entries: Iterable[Entry], people: People) -> list[_Student]:
    students: dict[str, _Student] = {}
    for entry in entries:
        key = who(entry.named)
        student = students.setdefault(people.ids[key], _Student(people.ids[key]))
        student.entries.append(entry)
        if key not in student.known_as:
            student.known_as.append(key)
    return [students[name] for name in sorted(students)]


def _collect_alone(student: _Student, people: People, places: Places, spelled: Mapping[str, str]) -> Row:
    """The same as `_collect`; what the disk does not take of one student holds nobody else up."""
    try:
        return _collect(student, people, places, spelled)
    except OSError as error:
        if error.errno in OF_THE_MACHINE:
            raise
        place = places.of(student.id)
        why = f"it could not be written ({error.strerror or error})"
        return Row(student.id, student.person, State.NOTHING, place, problems=[why])


def _collect(student: _Student, people: People, places: Places, spelled: Mapping[str, str]) -> Row:
    """Bring one student's folder up to date."""
    place = places.of(student.id)
    there = read_submission(place, places.numbers.get(student.id, 0), places.folder.exchange_zone)
    notes, problems = [], _doubts(student, people, places)
    late = any(entry.named.late for entry in student.entries)
    with places.pool() as pool:
        unpacker, attempts, lost = Unpacker(pool), [], False
        for entries in _by_attempt(student.entries):
            done = unpacker.unpack(entries)
            files, said = arrange(done.items, spelled, entries[0].named.platform == CANVAS)
            problems += done.problems
            notes += done.notes
            lost = lost or done.lost
            notes += said
            attempts.append(_attempt(entries, files))
        attempts = _with_time(attempts, student, people)
        if lost and there.exists:
            problems.append("so the folder was left as it was")
            return Row(student.id, student.person, State.UNCHANGED, place, there.when, notes, problems)
        merged = merge(attempts, there)
        unread = _unread(student, people) if merged.submission.when is None else []
        notes += merged.notes
        problems += [*merged.problems, *unread]
        if late and merged.submission.when is None:
            notes.append("Canvas says that it was late; its download does not say when it was handed in")
        found = merged.submission
        problems += _without_notebook(found.files)
        if not found.exists:
            return Row(student.id, student.person, State.NOTHING, place, None, notes, problems, bool(unread))
        if not merged.unchanged:
            places.put(student.id, found)
        places.numbers[student.id] = found.number
    state = State.UNCHANGED if merged.unchanged else State.REPLACED if there.exists else State.COLLECTED
    return Row(student.id, student.person, state, place, found.when, notes, problems, bool(unread))


def _unread(student: _Student, people: People) -> list[str]:
    """What to say of times of hand-in that cannot be read for certain."""
    texts = [entry.named.time for entry in student.entries if entry.named.time and entry.when is None]
    texts += [people.unread[key] for key in student.known_as if key in people.unread]
    return [
        f"the time of hand-in {text!r} could not be read, so nobody knows whether this was late; write it "
        f"into timestamp.txt there, as {EXAMPLE}, or choose English on the platform and download again"
        for text in dict.fromkeys(texts)
    ]


def _by_attempt(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The files of each attempt; those that were named one by one on the command line are one."""
    groups: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in entries:
        attempt = entry.source if entry.whole else entry.named.time
        groups[entry.named.platform, entry.whole, attempt].append(entry)
    return [*groups.values()]


def _attempt(entries: Sequence[Entry], files: Mapping[str, Path]) -> Attempt:
    when = max((entry.when for entry in entries if entry.when is not None), default=None)
    if when is not None:
        for path in files.values():  # so that a file's own attempt is known when the next download comes
            os.utime(path, (when.timestamp(), when.timestamp()))
    number = max(entry.named.number for entry in entries)
    unread = when is None and any(entry.named.time for entry in entries)
    return Attempt(files, entries[0].whole, when, number, max(entry.source for entry in entries), unread)


def _with_time(attempts: list[Attempt], student: _Student, people: People) -> list[Attempt]:
    """With the time of hand-in that Moodle's worksheet gives for its newest attempt."""
    if any(key in people.unread for key in student.known_as):
        return [replace(attempt, unread=True) for attempt in attempts]
    times = [people.times[key] for key in student.known_as if key in people.times and key[0] == MOODLE]
    if not times:
        return attempts
    attempts = sorted(attempts, key=lambda attempt: attempt.order)
    return [*attempts[:-1], replace(attempts[-1], when=max(times))]


def _doubts(student: _Student, people: People, places: Places) -> list[str]:
    """Why a person should see whether this is the right student."""
    doubts = []
    if len(student.known_as) > 1:
        both = " and ".join(f"{name} of {platform}" for platform, name in student.known_as)
        doubts.append(f"{both} were taken for one student")
    for key in student.known_as:
        other = people.without_roster[key]
        if key in people.missing:
            doubts.append("is not in the roster; the folder has the platform's id")
        elif other != student.id and os.path.lexists(places.of(other)):
            doubts.append(f"was collected without a roster before: remove {places.of(other)}")
    return doubts


def _without_notebook(files: Mapping[str, Path]) -> list[str]:
    """What to say of files among which no notebook is."""
    if any("ipynb" in Path(path).name.lower() for path in files):
        return []
    if not files:
        return ["nothing of it could be taken"]
    names = sorted(files)
    some = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    packed = [name for name in names if name.lower().endswith(PACKED)]
    advice = f"; unpack {packed[0]} there by hand" if packed else ""
    return [f"there is no notebook, only {some}{advice}"]
