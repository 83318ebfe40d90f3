"""The unit of grading: one notebook of one submission, everything that decides its grade, and what came out.

A `Task` and a `Graded` are plain data: they travel to a worker on another machine, and into the store of
results. Grading one (`grade`) reads nothing of the course folder and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mashq.judge.limits import Limits
from mashq.judge.results import Judgement
from mashq.sandbox.limits import Quota


@dataclass(frozen=True)
class Task:
    """One notebook of one submission."""

    student: str
    assignment: str
    notebook: str  # name without .ipynb
    data: bytes  # the handed-in file, not trusted
    release: bytes  # the released notebook of the same name
    files: Mapping[str, bytes] = field(default_factory=dict)  # {relative path: content} beside the notebook
    checks: bytes | None = None  # text of tests/ASSIGNMENT/test_NOTEBOOK.py; None: its own test cells decide
    schemes: Mapping[str, str] = field(default_factory=dict)  # mark schemes, {grade_id: text}
    limits: Limits = field(default_factory=Limits)
    whole: bool | None = None  # run and draw what no grade depends on; None where a person grades
    memory_mb: int = Quota.memory_mb  # for all processes of the submission
    allow_stand_in: bool = False
    isolation: str = "auto"  # see `mashq.sandbox`
    notes: tuple[str, ...] = ()  # how the file was found, in the release's language
    catalogue: bytes = b""  # what hidden checks say in the language of the release, a .po file
    doubt: str = ""  # an `intake.Reason`: why no file was taken, though one may be it; `data` is then empty


@dataclass(frozen=True)
class Usage:
    """What grading one notebook took, beside what its kernels used (`Judgement.usage`)."""

    seconds: float = 0.0  # wall time of the whole task
    worker: str = ""  # host and process that did it


@dataclass(frozen=True)
class Graded:
    """What grading one notebook gave."""

    notebook: bytes  # the graded notebook, as it goes into autograded/
    judgement: Judgement
    unreadable: str = ""  # why the handed-in file could not be read; every cell waits for a person
    notes: tuple[str, ...] = ()  # what was put right in the file, one sentence each
    attention: Mapping[str, str] = field(default_factory=dict)  # {grade_id: why a person must look}
    isolation: str = ""  # the walls that it ran behind
    usage: Usage = field(default_factory=Usage)

    def faults(self) -> list[str]:
        """Why this is not a complete grade, one sentence each; empty when only people's grading is left.

        A student's wrong code is no fault. An unreadable file, a broken check and a machine that failed are.
        """
        faults = [f"the file {self.unreadable}"] if self.unreadable else []
        faults += [] if self.unreadable else self.judgement.errors
        faults += [
            f"{result.outcome} in {result.check}: {result.message}"
            for result in self.judgement.results
            if result.outcome not in ("passed", "failed")
        ]
        return faults + [f"{grade_id}: {why}" for grade_id, why in self.attention.items()]
