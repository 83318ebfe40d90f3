"""What grading one notebook of one submission gave: plain data, as it travels and as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mashq.judge.results import Judgement


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
        faults += [] if self.unreadable else [str(p) for p in self.judgement.problems if p.needs_attention]
        faults += [
            f"{result.outcome} in {result.check}: {result.message}"
            for result in self.judgement.results
            if result.outcome not in ("passed", "failed")
        ]
        return faults + [f"{grade_id}: {why}" for grade_id, why in self.attention.items()]
