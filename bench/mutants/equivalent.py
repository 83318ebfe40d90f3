"""Survivors that deserve all points, and the list of them that a course keeps.

The list is `tests/ASSIGNMENT/zoo/equivalent.toml`:

    [GRADE_ID.MUTANT_ID]
    change = "what mutants() calls before → after"
    reason = "why it deserves all points"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.mutants.judging import Verdict


@dataclass(frozen=True)
class Equivalent:
    """A mutant that deserves all points."""

    change: str
    reason: str


def read_equivalent(path: Path) -> dict[str, dict[str, Equivalent]]:
    """{grade_id: {id of a mutant: Equivalent}} of such a file."""
    cells = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        cell: {key: Equivalent(**entry) for key, entry in entries.items()} for cell, entries in cells.items()
    }


@dataclass(frozen=True)
class Tally:
    """The mutants of one cell after judging, by what became of them."""

    killed: list[Verdict]
    equivalent: list[Verdict]
    surviving: list[Verdict]  # without a reason: a check is missing
    unclear: list[Verdict]
    stale: list[Verdict]  # named equivalent, and killed

    @property
    def is_clean(self) -> bool:
        """Whether each mutant was killed or stands, rightly, among the equivalent ones."""
        return not (self.surviving or self.unclear or self.stale)

    def complaints(self) -> list[str]:
        """What has to be looked at, a line each."""
        labels = {
            "survives": self.surviving,
            "cannot be judged": self.unclear,
            "is not equivalent": self.stale,
        }
        return [
            f"{verdict.mutant.id} {label}: line {verdict.mutant.line}, {verdict.mutant.change}"
            + (f" ({verdict.said})" if verdict.said else "")
            for label, verdicts in labels.items()
            for verdict in verdicts
        ]


def tally(verdicts: Iterable[Verdict], equivalent: Mapping[str, Equivalent]) -> Tally:
    """Sort the verdicts on one cell; `equivalent` are the entries of this cell."""
    result = Tally([], [], [], [], [])
    for verdict in verdicts:
        listed = verdict.mutant.id in equivalent
        if verdict.unclear:
            result.unclear.append(verdict)
        elif verdict.survived:
            (result.equivalent if listed else result.surviving).append(verdict)
        else:
            (result.stale if listed else result.killed).append(verdict)
    return result
