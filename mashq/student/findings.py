"""What a check of a notebook found, in sentences for the student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mashq.language import gettext as _

State = Literal["ok", "note", "to do"]


@dataclass(frozen=True)
class Finding:
    """One line of the list that `mashq validate` prints, in the language of the notebook."""

    state: State
    what: str  # one word, in English: file, name, cells, answers, grading, run, checks
    says: str
    advice: str = ""  # what to do next


def listed(names: list[str], most: int = 8) -> str:
    """Names after each other, the first `most` of them."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)
