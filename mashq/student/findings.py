"""What a check of a notebook found, in sentences for the student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mashq.language import marked as N_

State = Literal["ok", "note", "to do"]
Looked = Literal["file", "name", "cells", "answers", "files", "grading", "run", "checks"]
STATES: dict[State, str] = {"ok": N_("OK"), "note": N_("NOTE"), "to do": N_("TO DO")}
LOOKED_AT: dict[Looked, str] = {  # what was looked at
    "file": N_("file"),
    "name": N_("name"),
    "cells": N_("cells"),
    "answers": N_("answers"),
    "files": N_("files"),
    "grading": N_("grading"),
    "run": N_("run"),
    "checks": N_("checks"),
}


@dataclass(frozen=True)
class Finding:
    """One line of the list that `mashq validate` prints, in the language of the notebook."""

    state: State
    what: Looked
    says: str
    advice: str = ""  # what to do next
