"""The errors that mashq raises on purpose, and how their messages end.

Each class says what happened and so whose turn it is; the folders of the package have narrower kinds of their
own, such as `SandboxError`, a `MachineError`. What the student's code did, a `StudentError` or a failed
assertion, becomes a score. `CheckError` and `MachineError` leave the cell ungraded, for a person to look at.
"""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Iterable
from pathlib import Path

CONFIG = "nbgrader_config.py"


class MashqError(Exception):
    """Base of every error that mashq raises on purpose."""


class DataError(MashqError):
    """A dataset is missing, damaged or asked for in an impossible way."""


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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message, " Did you mean 'hw2'?"; empty when no known name is near."""
    names = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    return f" Did you mean {names[near[0]]!r}?" if near else ""


def saved_log(log: str, file: Path | None = None) -> str:
    """The file that a log was written to; the log itself where that cannot be done.

    file : where to, in place of what is there; a new temporary file by default
    """
    try:
        if file is not None:
            file.write_text(log, encoding="utf-8")
            return str(file)
        with tempfile.NamedTemporaryFile(
            "w", prefix="mashq-", suffix=".log", delete=False, encoding="utf-8"
        ) as temporary:
            temporary.write(log)
    except OSError as error:
        return f"no file ({error}), but here:\n{log}"
    return temporary.name
