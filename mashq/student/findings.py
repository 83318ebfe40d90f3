"""What a check of a notebook found, in sentences for the student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "to do"]


@dataclass(frozen=True)
class Finding:
    """One line of the list that `mashq validate` prints."""

    state: State
    what: str  # one word: file, name, cells, answers, run, checks
    says: str
    advice: str = ""  # what to do next


def listed(names: list[str], most: int = 8) -> str:
    """Names after each other, the first `most` of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
