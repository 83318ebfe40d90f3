"""Why a gradebook cannot be used, and what to do about it, from the codes of SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sqlalchemy.engine import make_url


class Fault(NamedTuple):
    """What is wrong with a gradebook."""

    says: str  # what happened, with a place for the gradebook
    advice: str
    passes: bool = False  # whether it may be over in a moment


LOCKED = Fault("another program has locked the {it}", "let it finish or end it", passes=True)
FULL = Fault("the disk of the {it} is full", "free some space")
READ_ONLY = Fault(
    "the {it} may not be written", "mend the permissions of the file and of its folder, and see who owns them"
)
NO_DATABASE = Fault(
    "the {it} is no database",
    "see that c.CourseDirectory.db_url names the right file, or put a copy of it back",
)
DAMAGED = Fault("the {it} is damaged", "put a copy of it back")
NOT_OPENED = Fault(
    "the {it} cannot be opened", "see that it is a file, that its folder is there, and that you may use both"
)
OLDER = Fault(
    "the {it} was made by an older nbgrader",
    "run `nbgrader db upgrade` in the course folder, which keeps a copy of the old one beside it",
)
NEWER = Fault(
    "the {it} was made by a newer nbgrader", "use that one here, too (`pip install --upgrade nbgrader`)"
)
NO_SERVER = Fault(
    "the {it} failed: there is no connection to its server",
    "see that the server runs and that c.CourseDirectory.db_url names it",
)
REFUSED = Fault(
    "the server of the {it} lets nobody in with this name and password", "mend c.CourseDirectory.db_url"
)
MISSING = Fault("the {it} is not there", "make it (`createdb`), or mend its name in c.CourseDirectory.db_url")
OTHER = Fault("the {it} failed", "see that it can be reached and written")

SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_NOTADB: NO_DATABASE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_CANTOPEN: NOT_OPENED,
}
POSTGRES = {  # by the beginning of SQLSTATE
    "55P03": LOCKED,
    "40": LOCKED,
    "53": FULL,
    "25006": READ_ONLY,
    "42501": READ_ONLY,
    "42P01": OLDER,
    "42703": OLDER,
    "28": REFUSED,
    "3D000": MISSING,
    "08": NO_SERVER,
    "57P": NO_SERVER,
}


def shown(url: str) -> str:
    """A gradebook's URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


def fault_of(error: BaseException) -> Fault:
    """What an exception of SQLAlchemy, SQLite or PostgreSQL's driver says."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return SQLITE.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF, OTHER)  # without details
    if hasattr(cause, "sqlstate"):
        state = cause.sqlstate
        if state is None:  # no server was there to give one
            return NO_SERVER
        return next((POSTGRES[state[:n]] for n in (5, 3, 2) if state[:n] in POSTGRES), OTHER)
    return OTHER


def sentence(fault: Fault, url: str, error: BaseException | None = None) -> str:
    """What happened, which gradebook, and what to do, without a full stop."""
    text = str(getattr(error, "orig", None) or error or "").strip().partition("\n")[0]
    happened = fault.says.format(it=f"gradebook {shown(url)}")
    return f"{happened}{f' ({text})' if text else ''}; {fault.advice}"
