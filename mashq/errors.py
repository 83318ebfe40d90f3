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
        ├── WallsMissingError   this machine cannot keep student code in (`sandbox.walls`)
        ├── OtherVersionsError  a worker has other packages or data (`grading.grade`)
        └── RecordError         the gradebook or the disk failed (`grading.record`)

Only `StudentError` ever becomes a score; `CheckError` and `MachineError` leave the cell ungraded, for a
person to look at.
"""

from __future__ import annotations

from pathlib import Path


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
