"""What came of a case, against what must come of it; every difference is a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat

from mashq.audit import files
from mashq.audit.cases import Case, Notebook
from mashq.audit.files import CLOSE
from mashq.course.results import Graded
from mashq.judge.results import Outcome
from mashq.problems import Problem

LEAKED = "LEAKED"  # what a hostile answer prints when it has got somewhere
SHOWN = 160  # letters of a quoted sentence


@dataclass(frozen=True)
class Found:
    """What grading a case gave."""

    scores: Mapping[str, float | None]  # {test cell: points in the gradebook}; None waits for a person
    graded: Graded | None  # None: not graded, or not to be kept
    attention: Sequence[Problem] = ()  # why somebody must act
    strange: Sequence[str] = ()  # files in its graded folder that are not its own, one sentence each


@dataclass(frozen=True)
class Verdict:
    """A case with what came of it."""

    case: Case
    scores: Mapping[str, float | None]
    cells: Mapping[str, bool]  # {test cell that something is expected of: whether that came}
    misses: Sequence[str] = field(default_factory=list)  # one sentence each; none: all as it must be

    @property
    def right(self) -> bool:
        return not self.misses


def judge(case: Case, notebook: Notebook, found: Found, secret: str) -> Verdict:
    """Hold a case's expectations against what was found; `secret` is a text that no result may contain."""
    points, waits = notebook.points, bool(found.attention)
    others: list[str] = []
    if case.damage:
        misses = files.misses_of_cells(case.damage, notebook, found.scores, waits)
        others = files.other_misses(case.damage, notebook, found.scores, found.graded, waits)
        others += found.strange
    else:
        misses = _of_answer(case, points, found)
    named = {*case.loses, *case.earns} or set(points)
    return Verdict(
        case,
        {cell: found.scores.get(cell) for cell in points},
        {cell: cell not in misses for cell in points if cell in named or cell in misses},
        [*misses.values(), *others, *_leaks(found, secret)],
    )


def _of_answer(case: Case, points: Mapping[str, float], found: Found) -> dict[str, str]:
    """{test cell: what is wrong}."""
    named = {*case.loses, *case.earns}
    misses = {
        cell: f"its expectation names {cell}, which is no test cell of {case.notebook}"
        for cell in named - points.keys()
    }
    for cell, worth in points.items():
        miss = _miss_of_cell(case, cell, worth, found)
        if miss:
            misses[cell] = miss
    return misses


def _miss_of_cell(case: Case, cell: str, worth: float, found: Found) -> str:
    score = found.scores.get(cell)
    if score is None:
        why = "; ".join(map(str, found.attention)) or "it was not graded"
        return f"{cell} has no score: {why[:SHOWN]}"
    most = case.earns.get(cell)
    if most is not None and score > most + CLOSE:
        return f"{cell} earns {score:g} of {worth:g}, and {most:g} at most is right"
    lost = score < worth - CLOSE
    if cell in case.loses and not lost:
        return f"{cell} keeps all {worth:g} points, and must lose some"
    if lost and cell not in case.loses and most is None:
        return f"{cell} earns {score:g} of {worth:g}, and must keep all: {_quoted(_sentences(found, cell))}"
    if case.says and case.loses and cell == case.loses[0]:
        sentences = _sentences(found, cell)
        if not any(re.search(case.says, sentence) for sentence in sentences):
            return f"{cell} says nothing that matches /{case.says}/: {_quoted(sentences)}"
    return ""


def _sentences(found: Found, cell: str) -> list[str]:
    """What the failed checks of a test cell say."""
    results = found.graded.judgement.of(cell) if found.graded else []
    return [result.message for result in results if result.outcome is Outcome.FAILED]


def _quoted(sentences: Sequence[str]) -> str:
    """The first of some sentences, and how many more there are."""
    if not sentences:
        return "it says nothing"
    more = f" and {len(sentences) - 1} more" if sentences[1:] else ""
    return f'"{sentences[0][:SHOWN]}"{more}'


def _leaks(found: Found, secret: str) -> list[str]:
    """Whether a result shows that an attack got somewhere."""
    if found.graded is None:
        return []
    printed = [text for text in _printed(found.graded.notebook) if LEAKED in text]
    leaks = [f"its output says: {text[text.index(LEAKED) :][:SHOWN]!r}" for text in printed]
    texts = [found.graded.notebook.decode(errors="replace")]
    texts += [result.message for result in found.graded.judgement.results]
    if any(secret in text for text in texts):
        leaks.append("its result contains the text of the canary")
    return leaks


def _printed(notebook: bytes) -> list[str]:
    """What the cells wrote; not tracebacks, which quote the attack's own lines."""
    read: Any = nbformat.reads(notebook.decode(), as_version=4)
    outputs = [output for cell in read.cells if cell.cell_type == "code" for output in cell.outputs]
    texts = [str(output.get("text", "")) for output in outputs]
    texts += [str(output.get("evalue", "")) for output in outputs]
    return texts + [str(output.get("data", {}).get("text/plain", "")) for output in outputs]
