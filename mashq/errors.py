"""The errors that mashq raises.

    MashqError
    ├── DataError           a dataset is missing, damaged or asked for in an impossible way
    ├── SubmissionError     a handed-in file cannot be graded as it is
    ├── CourseError         the course folder is not set up for what was asked
    ├── StudentError        the student's code failed a check (an AssertionError too: it costs points)
    │   └── NoAnswerError   ... by not answering at all: a missing name, a hang, a dead kernel
    ├── CheckError          a hidden check is wrong: never a grade, the instructor must mend it
    ├── FeedbackError       feedback could not be made for some students (`grading.feedback`)
    └── MachineError        the machine failed (no kernel, no memory, no disk): never a grade, try again
        ├── SandboxError        a sandbox did not start or stopped answering (`sandbox.sandbox`)
        ├── IsolationError   this machine cannot keep student code in (`sandbox.isolation`)
        ├── OtherVersionsError  a worker has other packages or data (`grading.grade`)
        └── RecordError         the gradebook or the disk failed (`grading.record`)

Only `StudentError` ever becomes a score; `CheckError` and `MachineError` leave the cell ungraded, for a
person to look at.
"""

from __future__ import annotations

import difflib
import errno
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

CONFIG = "nbgrader_config.py"
NEXT_STEP = {
    errno.ENOSPC: "Free some space, then run the command again.",
    errno.EDQUOT: "Free some space, then run the command again.",
    errno.EROFS: "The disk is read-only: name another place, or a course folder that you may write to.",
    errno.EACCES: "Mend its permissions (`ls -ld`), or name another place.",
    errno.EPERM: "Mend its permissions (`ls -ld`), or name another place.",
    errno.ENOENT: "Is the name right, and is its folder there?",
    errno.ENOTDIR: "Is the name right, and is its folder there?",
    errno.EISDIR: "It is a folder: name a file.",
}


class MashqError(Exception):
    """Base of every error that mashq raises on purpose."""


class DataError(MashqError):
    """A dataset is missing, damaged or asked for in an impossible way."""


class SubmissionError(MashqError):
    """A handed-in file cannot be graded as it is; the message names the file and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class CourseError(MashqError):
    """The course folder is not set up for what was asked; the message says which command comes first."""


class StudentError(MashqError, AssertionError):
    """The student's code failed a check; the message is the sentence that the student reads."""


class NoAnswerError(StudentError):
    """The student's code did not answer: a name is missing, a call hangs, the kernel is gone."""


class CheckError(MashqError):
    """A hidden check is itself wrong."""


class MachineError(MashqError):
    """The machine failed, not the student."""


class RecordError(MachineError):
    """The gradebook, the store or the disk failed; nothing was recorded, and it can be tried again."""


# -- words for people -------------------------------------------------------------------------------------


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message, " Did you mean 'hw2'?"; empty when no known name is near."""
    names = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    return f" Did you mean {names[near[0]]!r}?" if near else ""


def saved_log(log: str) -> str:
    """The file that a log was written to; the log itself where that cannot be done."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="mashq-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write(log)
    except OSError as error:
        return f"no file ({error}), but here:\n{log}"
    return file.name


def explain(error: Exception) -> str | None:
    """What happened, where and what to do next, for an error of the disk, the gradebook or the settings.

    None for any other error: that is a fault of mashq's.
    """
    step = next(
        (f for f in traceback.extract_tb(error.__traceback__)[::-1] if f.filename.endswith(CONFIG)), None
    )
    if isinstance(error, SyntaxError) and str(error.filename).endswith(CONFIG):
        return (
            f"{error.filename}, line {error.lineno}: {error.msg}. Mend that line, then run the command again."
        )
    if step is not None:
        why = f"{type(error).__name__}: {error}"
        return f"{step.filename}, line {step.lineno}: {why}. Mend that line, then run the command again."
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    if modules & {"sqlalchemy", "sqlite3", "alembic"}:
        why = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return (
            f"the gradebook cannot be used ({why}). It is what c.CourseDirectory.db_url of "
            f"{CONFIG} names, else gradebook.db: may you write to it and to its folder? If it is damaged, "
            "put a copy of it back."
        )
    if "nbformat" in modules:
        return (
            f"a notebook of the course cannot be read ({str(error)[:100]}). Look among the sources and in "
            "the release for a file that is cut off or was merged by hand, and put a copy of it back."
        )
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        advice = NEXT_STEP.get(error.errno or 0, "Look at it, then run the command again.")
        return f"{error.filename} cannot be read or written: {error.strerror}. {advice}"
    if isinstance(error, OSError) and error.errno in NEXT_STEP:
        return f"{error.strerror}. {NEXT_STEP[error.errno]}"
    return None
