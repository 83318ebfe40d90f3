"""Which version of a student's file counts: later attempts over earlier ones and over what is there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mashq.collect.paths import same_content
from mashq.course.times import read_time
from mashq.handed_in.beside import TIMESTAMP


@dataclass(frozen=True)
class Attempt:
    """What a student handed in at one time, as the platform gives it.

    whole : whether it is all that counts; else it adds to earlier attempts, and its files replace theirs
    when : None where the download does not say
    unread : it says, but in a way that cannot be read for certain
    number : of its newest file, where the platform counts them
    """

    files: Mapping[str, Path]
    whole: bool
    when: datetime | None
    number: int = 0
    source: int = 0  # which of the downloads it was in
    unread: bool = False

    @property
    def order(self) -> tuple[float, int, int]:
        """Greater for a later attempt."""
        return (self.when.timestamp() if self.when else 0.0, self.number, self.source)


@dataclass(frozen=True)
class Submission:
    """The files of a submission by their paths, and its time."""

    files: Mapping[str, Path] = field(default_factory=dict)
    when: datetime | None = None
    number: int = 0  # of its newest file, where the platform counts them; 0 where that is not known

    @property
    def exists(self) -> bool:
        """Whether there is anything."""
        return bool(self.files)


@dataclass(frozen=True)
class Merged:
    """What a student's folder shall hold."""

    submission: Submission
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()  # what a person must look at
    unchanged: bool = False  # that is what it holds


def read_submission(folder: Path, number: int = 0, course_zone: str = "") -> Submission:
    """What is in a student's folder, as files; links count as other files than any.

    number : of the newest file that was collected into it
    course_zone : see `read_time`; a time that is in doubt is as good as none
    """
    files = {
        Path(place, name).relative_to(folder).as_posix(): Path(place, name)
        for place, folders, names in os.walk(folder)
        for name in (*names, *(f for f in folders if os.path.islink(os.path.join(place, f))))
    }
    files.pop(TIMESTAMP, None)
    when, _ = read_time(folder, course_zone)
    return Submission(files, when and when.replace(tzinfo=UTC), number if files else 0)


def merge(attempts: Sequence[Attempt], there: Submission) -> Merged:
    """The files that count, of one student's attempts and of what is in the folder already.

    A file that the folder has beside the newest download's stays, if no later attempt is known: a person may
    have put it there.
    """
    attempts = sorted(attempts, key=lambda attempt: attempt.order)
    newest, notes, problems = attempts[-1], [], []
    if newest.whole and _is_later(there, newest):
        return Merged(there, [_is_older(there, newest)], unchanged=True)
    wholes = [number for number, attempt in enumerate(attempts) if attempt.whole]
    counted = attempts[wholes[-1] :] if wholes else attempts
    files: dict[str, Path] = {} if wholes else dict(there.files)
    of: dict[str, Attempt] = {}
    for attempt in counted:
        for path, content in attempt.files.items():
            if path in of and not _has_order(of[path], attempt) and not same_content(content, files[path]):
                problems.append(
                    f"{path} is there in two attempts, and their names do not tell which is later"
                )
            if path not in files or path in of or not _is_kept(files[path], there, attempt):
                files[path], of[path] = content, attempt
            elif attempt.when is None and not same_content(content, files[path]):
                notes.append(f"{path} is left as it is: {_is_older(there, attempt)}")
    for attempt in {id(attempt): attempt for attempt in of.values()}.values():
        if attempt.when is not None and newest.when is not None and attempt.when < newest.when:
            names = ", ".join(sorted(path for path, own in of.items() if own is attempt))
            notes.append(f"of the earlier attempt at {attempt.when:%Y-%m-%d %H:%M} UTC: {names}")
    others: Sequence[Attempt | Submission] = [] if wholes else [there]
    when = max((one.when for one in [*counted, *others] if one.when is not None), default=None)
    if any(attempt.unread for attempt in counted):
        when = None  # it may be later than those that are known
    number = max(one.number for one in [*counted, *others])
    same = _are_equal(files, there.files) and (len(files) == len(there.files) or not _is_earlier(there, when))
    if same and (when is None or when == there.when):
        return Merged(replace(there, number=number), notes, problems, unchanged=True)
    if there.exists and not same and not _has_order(there, newest):
        notes.append(
            "which is later, this or what was there, the download does not tell: the one given last counts"
        )
    return Merged(Submission(there.files if same else files, when, number), notes, problems)


def _has_order(one: Attempt | Submission, other: Attempt) -> bool:
    """Whether it is known which of the two is later."""
    return None not in (one.when, other.when) or 0 not in (one.number, other.number)


def _is_later(there: Submission, attempt: Attempt) -> bool:
    """Whether what is in the folder is known to be later: by the times, or else by the platform's numbers."""
    if there.when is not None and attempt.when is not None:
        return there.exists and there.when > attempt.when
    return there.exists and bool(attempt.number) and there.number > attempt.number


def _is_older(there: Submission, attempt: Attempt) -> str:
    """What to say of an attempt that is older than what is in the folder."""
    if there.when is not None and attempt.when is not None:
        return "a later hand-in is in the folder already"
    return (
        "a later hand-in is in the folder already: the platform's number of its newest file is "
        f"{there.number}, here it is {attempt.number}"
    )


def _is_earlier(there: Submission, when: datetime | None) -> bool:
    return when is not None and (there.when is None or there.when < when)


def _is_kept(own: Path, there: Submission, attempt: Attempt) -> bool:
    """Whether a file in the folder is of a later attempt than this one."""
    if not _is_later(there, attempt) or own.is_symlink():
        return False
    return attempt.when is None or own.stat().st_mtime >= attempt.when.timestamp()


def _are_equal(files: Mapping[str, Path], there: Mapping[str, Path]) -> bool:
    """Whether all these files are in a folder, with the same content."""
    return all(
        path in there
        and not there[path].is_symlink()
        and (content == there[path] or same_content(content, there[path]))
        for path, content in files.items()
    )
