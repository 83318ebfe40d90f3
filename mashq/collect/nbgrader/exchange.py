"""`nbgrader collect`, kept from what a student can put into the exchange's inbound folder.

Students write there with their own commands, so all of it is theirs: links, pipes, names with impossible
times or with somebody else's id. nbgrader's own collector follows the links, and one bad name ends the
command for the whole class. This one takes ordinary files only, says what it leaves out, and goes on.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from mashq.collect.nbgrader.inbound import copy_inbound
from mashq.course.permissions import share
from mashq.course.times import EARLIEST_YEAR, MOST_AHEAD, DoubtError, certain_time, read_time
from mashq.handed_in.beside import NOT_COLLECTED, TIMESTAMP
from mashq.language import one_line

NEVER = datetime(1, 1, 1)
WHOLE = 10  # digits of a date with a time of day, at least; dateutil takes what is missing from today
MOST_SAID = 8  # files of one submission


class InboundCollect(ExchangeCollect):
    """nbgrader's collector with other rules about whose a folder is, when it came, and what is copied."""

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """nbgrader's choice among the folders of each student, without those that cannot be one's."""
        self.coursedir.get_existing_timestamp = lambda folder: read_time(Path(folder), self.timezone)[0]
        super().init_src()
        records = [record for record in self.src_records if not record["refused"]]
        owned = {record["username"][0] for record in records if record["username"][1]}
        kept = [r for r in records if r["username"][1] or r["username"][0] not in owned]
        for record in records:
            if record not in kept:
                self._say(record["filename"], "it is of another user than the one whose name it has")
        self.src_records = [record | {"username": record["username"][0]} for record in kept]
        self._names = {os.path.join(self.inbound_path, r["filename"]): r["written"] for r in kept}

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """What the name of a folder says; nbgrader keeps the latest of each `username`.

        That is the id with whether the folder is the student's own here, or of who collects; and nobody's
        where it is refused.
        """
        name = os.path.basename(path)
        try:
            student, written, time = self._read_name(path, name)
        except ValueError as error:
            self._say(name, str(error))
            return {"username": ("", False), "filename": name, "timestamp": NEVER, "refused": True}
        whose = (student, not self.check_owner or _owner(path) in (student, None))
        return {
            "username": whose,
            "filename": name,
            "timestamp": time,
            "written": written,
            "refused": False,
        }

    def _read_name(self, path: str, name: str) -> tuple[str, str, datetime]:
        """The student, the time as it is written, and the time; ValueError where it is no submission's."""
        assignment = re.escape(self.coursedir.assignment_id)
        found = re.fullmatch(
            rf"(?P<student>.+)\+{assignment}\+(?P<time>[^+]+(?:\+\d\d:?\d\d)?)(?:\+[^+]*)?", name, re.DOTALL
        )
        if found is None or found["student"] in (".", ".."):
            raise ValueError("its name is not that of a submission")
        if not os.path.isdir(path) or os.path.islink(path):
            raise ValueError("it is a link or no folder")
        return found["student"], found["time"], self._time(found["time"])

    def _time(self, text: str) -> datetime:
        """The time in a name; in doubt, as nbgrader reads it. ValueError where there is none."""
        try:
            return certain_time(text, self.timezone)
        except DoubtError:
            pass
        time = NEVER
        if sum(map(str.isdecimal, text)) >= WHOLE:
            with suppress(Exception):  # of any kind: dateutil has many
                time = parse_utc(text)
        latest = datetime.now(UTC).replace(tzinfo=None) + MOST_AHEAD
        if time.year < EARLIEST_YEAR or time > latest:
            raise ValueError("there is no possible time in its name")
        return time

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission's ordinary files; what is left out is logged, and told beside the rest."""
        settings = self.coursedir
        left_out = copy_inbound(
            Path(src),
            Path(dest),
            include=settings.include,
            exclude=settings.ignore,
            file_bytes=1000 * settings.max_file_size or None,
            all_bytes=1000 * settings.max_dir_size,
        )
        Path(dest, TIMESTAMP).write_text(self._names[src], encoding="utf-8", errors="replace")
        said = [f"{name!r} was left out: {why}" for name, why in sorted(left_out.items())]
        if said:
            lines = "".join(f"{one_line(line)}\n" for line in said)
            Path(dest, NOT_COLLECTED).write_text(lines, encoding="utf-8", errors="replace")
            more = [f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
            for line in [*said[:MOST_SAID], *more]:
                self._say(os.path.basename(src), line)
        if settings.groupshared:
            share([Path(dest), *Path(dest).rglob("*")])

    def _say(self, name: str, why: str) -> None:
        self.log.error("%s", one_line(f"NOT COLLECTED from {name}: {why}"))


def _owner(path: str) -> str | None:
    """Whose a folder is; None where it is of who collects, or of the machine's administrator."""
    number = os.lstat(path).st_uid
    if number in (0, os.getuid()):
        return None
    try:
        import pwd  # which Windows has not; there is no exchange, but nbgrader asks for this class

        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
