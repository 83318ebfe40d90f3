"""The results that were computed, by the content of everything that decides them, in one SQLite file.

Grading again looks here first, so only what is new or changed is run, and a run that was killed goes on where
it stopped. The gradebook is what counts: deleting this file costs no more than computing time.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import sqlite3
import statistics
import time
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self, get_args, get_origin, get_type_hints

from mashq.course.results import Graded
from mashq.errors import RecordError
from mashq.judge.results import Outcome, OwnNumbers
from mashq.problems import Problem, Sentence

OTHERS = 500  # how many results are kept that are nobody's last: of earlier versions, or of runs that go on
PRUNE_EVERY = 100  # puts
LITTLE_LOST = "the grades are in the gradebook, only computing time is lost"
PATIENCE_S = 5.0  # for another program that has the file locked

SCHEMA = 3  # of the tables, in SQLite's `user_version`; 0 in a new file, and in one that mashq 0.1 made
TABLES = (
    "DROP TABLE IF EXISTS result",
    "DROP TABLE IF EXISTS done",
    "CREATE TABLE result (key TEXT PRIMARY KEY, student TEXT, notebook TEXT, seconds REAL, stored REAL, "
    "graded BLOB)",
    "CREATE TABLE done (student TEXT, notebook TEXT, key TEXT, problems TEXT, own TEXT, "
    "PRIMARY KEY (student, notebook)) WITHOUT ROWID",
    f"PRAGMA user_version = {SCHEMA}",
)


class Last(NamedTuple):
    """What was last recorded of a notebook."""

    key: str  # of the result; empty for one that is not final, which is to be graded again
    problems: tuple[Problem, ...]  # why somebody must still act
    own: tuple[OwnNumbers, ...] = ()  # whose numbers it is about, where it is about numbers of one's own


class Store:
    """The results of one assignment; a context manager, for one thread.

    What `put` and `mark_done` return from survives the death of the process. Every method raises RecordError
    when the file cannot be read or written: a full disk, a lock held by another program, a damaged file.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which is made with its folder where there is none.

        The results of an older version are dropped: their keys name that version, so nobody asks for them. A
        file of a newer one is left as it is, with a RecordError.
        """
        self._path = path
        self._puts = 0
        with self._guard():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()  # for whom the process makes files; SQLite would leave the group without
            self._db = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
            try:
                # the write-ahead log survives the process; a power cut may cost the last results, no more
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._require_tables()
            except BaseException:
                self._db.close()
                raise

    def _require_tables(self) -> None:
        """Make the tables, unless they are there; another process may do so at the same time."""
        if self._version() == SCHEMA:
            return
        self._db.execute("BEGIN IMMEDIATE")
        version = self._version()
        if version > SCHEMA:
            raise RecordError(
                f"the store of results {self._path} was made by a newer mashq; use that one, or delete the "
                f"file and grade again: {LITTLE_LOST}"
            )
        if version < SCHEMA:
            for statement in TABLES:
                self._db.execute(statement)
        self._db.execute("COMMIT")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def get(self, key: str) -> Graded | None:
        """A result; None when there is none, or one that is damaged or of another version of mashq."""
        rows = self._rows("SELECT graded FROM result WHERE key = ?", key)
        return _unpack(rows[0][0]) if rows else None

    def put(self, key: str, graded: Graded, *, student: str, notebook: str) -> None:
        """Keep a result; `student` is whose submission it was computed for."""
        row = (key, student, notebook, graded.usage.seconds, time.time(), _pack(graded))
        self._rows("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?)", *row)
        self._puts += 1
        if self._puts % PRUNE_EVERY == 0:  # results that are nobody's last, but for the newest
            self._rows(
                "DELETE FROM result WHERE key IN (SELECT key FROM result WHERE key NOT IN "
                "(SELECT key FROM done) ORDER BY stored DESC, rowid DESC LIMIT -1 OFFSET ?)",
                OTHERS,
            )

    def mark_done(
        self,
        student: str,
        notebook: str,
        key: str,
        problems: Sequence[Problem] = (),
        own: Sequence[OwnNumbers] = (),
    ) -> None:
        """Say what is recorded in the gradebook, and what somebody must still act on.

        key : of the result; empty for one that is not final: it is listed, and graded again next time
        """
        text = json.dumps([problem.as_json() for problem in problems])
        whose = json.dumps([dataclasses.asdict(numbers) for numbers in own])
        row = (student, notebook, key, text, whose)
        self._rows("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?)", *row)

    def forget(self, student: str, notebooks: Collection[str] = ()) -> None:
        """Forget what was recorded of a student but for these notebooks: the others are there no more."""
        for (notebook,) in self._rows("SELECT notebook FROM done WHERE student = ?", student):
            if notebook not in notebooks:
                self._rows("DELETE FROM done WHERE student = ? AND notebook = ?", student, notebook)

    def all_done(self) -> dict[tuple[str, str], Last]:
        """{(student, notebook): what was last recorded of it}."""
        rows = self._rows("SELECT student, notebook, key, problems, own FROM done ORDER BY student, notebook")
        return {(student, notebook): _last(*last) for student, notebook, *last in rows}

    def seconds(self) -> dict[str, float]:
        """Median wall time of the stored results, in seconds, by notebook."""
        times = defaultdict(list)
        for notebook, seconds in self._rows("SELECT notebook, seconds FROM result"):
            times[notebook].append(seconds)
        return {notebook: statistics.median(values) for notebook, values in times.items()}

    def took_long(self, times: float, seconds: float) -> set[tuple[str, str]]:
        """(student, notebook) that took more than so many times the median, and than so many seconds."""
        usual = self.seconds()
        rows = self._rows("SELECT student, notebook, MAX(seconds) FROM result GROUP BY student, notebook")
        return {
            (student, notebook)
            for student, notebook, longest in rows
            if longest > max(seconds, times * usual[notebook])
        }

    def results(self) -> Iterator[tuple[str, str, Graded]]:
        """(student, notebook, result) of what was last recorded, sorted, one result in memory at a time."""
        for (student, notebook), last in self.all_done().items():
            graded = self.get(last.key)
            if graded is not None:
                yield student, notebook, graded

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._guard():
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RecordError(
                f"the store of results {self._path} failed ({error}); {_advice(error)}"
            ) from error


def _advice(error: Exception) -> str:
    """What to do about it, by the code of SQLite's or the system's error."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without SQLite's details
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        return "free some space on that disk, then grade again"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another program has locked it; let it finish or end it, then grade again"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return f"delete the file and grade again: {LITTLE_LOST}"
    return "see that it can be written, then grade again"


def _last(key: str, problems: Any, own: Any) -> Last:
    """A row of `done`; one that this version would not have written is to be graded again."""
    try:
        return Last(
            key,
            tuple(Problem.from_json(problem) for problem in json.loads(problems)),
            tuple(_restore(OwnNumbers, numbers) for numbers in json.loads(own)),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return Last("", ())


def _pack(graded: Graded) -> bytes:
    """Compressed JSON; bytes are written as the characters of the same numbers."""
    text = json.dumps(dataclasses.asdict(graded), default=lambda data: data.decode("latin-1"))
    return zlib.compress(text.encode(), level=1)


def _unpack(blob: Any) -> Graded | None:
    """None for anything that this version would not have written; zlib's checksum finds damage."""
    try:
        graded: Graded = _restore(Graded, json.loads(zlib.decompress(blob)))
    except (zlib.error, ValueError, TypeError, AttributeError, LookupError):
        return None
    return graded


def _restore(kind: Any, value: Any) -> Any:
    """A value of this type, which has no code of its own to run, from what JSON made of it."""
    if kind is Problem or kind is Sentence:
        return kind.from_json(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        if set(value) != set(hints):
            raise ValueError(f"not a {kind} of this version")
        return kind(**{name: _restore(hint, value[name]) for name, hint in hints.items()})
    if get_origin(kind) in (list, tuple):
        return get_origin(kind)(_restore(get_args(kind)[0], item) for item in value)
    if kind is bytes:
        return value.encode("latin-1")
    return kind(value) if kind is Outcome else value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
