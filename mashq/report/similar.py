"""Pairs of submissions that share more than the task explains: places to look, never a verdict.

What the release and the reference hold counts for nothing, nor does what many students wrote: that is how
the task is solved. Found through an index of fingerprints, so a class of any size takes seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from mashq.report.fingerprints import grams
from mashq.report.gather import ReportData
from mashq.report.results import Answer, GradedNotebook

MOST_SHARING = 10  # students; a passage that more of them share is the task's (as Moss has it by default)
LEAST_SHARED = 15  # fingerprints: about 70 tokens, ten lines, or 40 words
LEAST_SHARE = 0.5  # of the fingerprints of the one who has fewer
MOST_PAIRS = 30


@dataclass(frozen=True)
class Side:
    """A cell of one of the two."""

    grade_id: str
    is_code: bool
    lines: Sequence[tuple[bool, str]]  # (whether the other has it too, text)


@dataclass(frozen=True)
class Pair:
    """Two submissions of one question."""

    question: str
    students: tuple[str, str]
    shared: int  # fingerprints
    share: float  # of the fingerprints of the one who has fewer, 0 to 1
    same: bool  # whether the answers are equal, letter by letter
    sides: tuple[Sequence[Side], Sequence[Side]]


@dataclass(frozen=True)
class Found:
    """The pairs to look at, those that share most first."""

    pairs: Sequence[Pair]
    left_out: int  # pairs that would be too many to show


def find_similar(data: ReportData) -> Found:
    """Compare the answers of all students, question by question."""
    by_question: dict[str, list[GradedNotebook]] = defaultdict(list)
    for handed in data.notebooks:
        by_question[handed.question].append(handed)
    ranked = [
        (share, shared, question, first, second, own)
        for question, notebooks in by_question.items()
        for own in [_own_fingerprints(notebooks, data.given.get(question, ()))]
        for (first, second), (shared, share) in _alike(own).items()
    ]
    order = {student: place for place, student in enumerate(data.scores.students)}
    ranked.sort(key=lambda row: (-row[0], -row[1], row[2], order[row[3].student], order[row[4].student]))
    return Found([_pair(*row) for row in ranked[:MOST_PAIRS]], max(0, len(ranked) - MOST_PAIRS))


def _fingerprints(answers: Iterable[Answer], every: bool = False) -> set[int]:
    found: set[int] = set()
    for answer in answers:
        made = grams(answer.text, answer.is_code)
        found.update((made.hashes if every else made.hashes[made.chosen]).tolist())
    return found


def _own_fingerprints(
    notebooks: Sequence[GradedNotebook], given: Sequence[Answer]
) -> dict[GradedNotebook, set[int]]:
    """What each of them has that neither the task gives nor many have."""
    known = _fingerprints(given, every=True)
    found = {handed: _fingerprints(handed.answers) - known for handed in notebooks}
    held = Counter(fingerprint for own in found.values() for fingerprint in own)
    return {
        handed: {fingerprint for fingerprint in own if held[fingerprint] <= MOST_SHARING}
        for handed, own in found.items()
    }


def _alike(
    own: Mapping[GradedNotebook, set[int]],
) -> dict[tuple[GradedNotebook, GradedNotebook], tuple[int, float]]:
    """{pair: (shared fingerprints, share)} of the pairs to look at."""
    holders: dict[int, list[GradedNotebook]] = defaultdict(list)
    for handed, fingerprints in own.items():
        for fingerprint in fingerprints:
            holders[fingerprint].append(handed)
    shared = Counter(pair for some in holders.values() for pair in combinations(some, 2))
    shares = {pair: (count, count / min(len(own[one]) for one in pair)) for pair, count in shared.items()}
    return {
        pair: (count, share)
        for pair, (count, share) in shares.items()
        if count >= LEAST_SHARED and share >= LEAST_SHARE
    }


def _pair(
    share: float,
    shared: int,
    question: str,
    first: GradedNotebook,
    second: GradedNotebook,
    own: Mapping[GradedNotebook, set[int]],
) -> Pair:
    both = _fingerprints(first.answers, every=True) & _fingerprints(second.answers, every=True)
    common = own[first] & own[second]
    sides = tuple(_marked(handed.answers, both, common) for handed in (first, second))
    return Pair(
        question=question,
        students=(first.student, second.student),
        shared=shared,
        share=share,
        same=first.answers == second.answers,
        sides=(sides[0], sides[1]),
    )


def _marked(answers: Sequence[Answer], both: set[int], common: set[int]) -> list[Side]:
    """The cells in which something is shared; marked are the lines of runs that both have, around it."""
    sides = []
    for answer in answers:
        made = grams(answer.text, answer.is_code)
        if common.isdisjoint(made.hashes.tolist()):
            continue
        marked: set[int] = set()
        for value, (start, end) in zip(made.hashes.tolist(), made.lines.tolist(), strict=True):
            if value in both:
                marked.update(range(start, end + 1))
        lines = [(number in marked, line) for number, line in enumerate(answer.text.split("\n"))]
        sides.append(Side(answer.grade_id, answer.is_code, lines))
    return sides
