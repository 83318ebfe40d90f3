"""The record of what the reference earned with other global seeds: `tests/ASSIGNMENT/zoo/seeds.jsonl`.

One JSON object a line, one line a run of one notebook, in the order in which they were made. In a checkout of
mashq, `bench/seeds.py` makes and records them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mashq.errors import CourseError

NAME = "seeds.jsonl"


@dataclass(frozen=True)
class SeedRun:
    """One run of a notebook's reference with a global seed."""

    date: str  # YYYY-MM-DD
    notebook: str
    seed: int
    outcomes: Mapping[str, str]  # {check: outcome}
    measured: Mapping[str, float]  # {check with @threshold or @statistical: what it measured}
    stand_ins: Sequence[str]  # datasets that were not the real ones
    versions: Mapping[str, str]  # of the packages that decide results


def read(path: Path) -> list[SeedRun]:
    """All runs; none where there is no record. CourseError when a line is not one of ours."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    runs = []
    for number, line in enumerate(lines, start=1):
        try:
            runs.append(SeedRun(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise CourseError(
                f"{path}, line {number} is no recorded run ({error}); delete the line"
            ) from error
    return runs
