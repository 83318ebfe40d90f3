"""Submissions that share more than the task explains: places to look, never a verdict.

What the release and the reference hold counts for nothing. Pairs are found by what few students wrote: what
many have is how the task is solved. Those who have nearly everything in common are a group of any size;
there the whole answer counts, because no task explains all of it. Two things are compared, runs of tokens and
whole statements, so that lines of no use between the lines of a copy hide nothing. Indexes and one product of
sparse matrices compare a class, which takes seconds for a thousand students.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mashq.report.fingerprints import Grams, grams
from mashq.report.gather import ReportData
from mashq.report.results import Answer, GradedNotebook

MOST_SHARING = 10  # students; a passage that more of them share is the task's (as Moss has it by default)
LEAST_SHARED = 15  # fingerprints: about 70 tokens, ten lines, or 40 words
LEAST_SHARE = 0.5  # of the fingerprints of the one who has fewer
LEAST_STATEMENTS = 6  # of ten tokens or more, that few others have
STATEMENT_SHARE = 0.6  # of the statements of the one who has fewer
FEWEST_TOGETHER = 3  # students that are a group and no pair
GROUP_SHARE = 0.9  # of all that the one who has less wrote, besides what the task gives
MOST_PAIRS = 30

Prints = frozenset[int]
Kind = Callable[[Grams], np.ndarray]


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
class Group:
    """Three or more submissions of one question that have nearly everything in common."""

    question: str
    students: Sequence[str]
    same: bool  # whether all of the answers are equal, letter by letter
    example: Pair  # the two that differ most of the first one and the others


@dataclass(frozen=True)
class Found:
    """What to look at: groups, the largest first, and pairs that are in none, those that share most first."""

    pairs: Sequence[Pair]
    left_out: int  # pairs that would be too many to show
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class Written:
    """What the students of one question wrote, besides what the task gives: all, and what few have."""

    all: Mapping[GradedNotebook, Prints]
    own: Mapping[GradedNotebook, Prints]


def find_similar(data: ReportData) -> Found:
    """Compare the answers of all students, question by question."""
    by_question: dict[str, list[GradedNotebook]] = defaultdict(list)
    for handed in data.notebooks:
        by_question[handed.question].append(handed)
    order = {student: place for place, student in enumerate(data.scores.students)}
    ranked, groups = [], []
    for question, notebooks in by_question.items():
        given = data.given.get(question, ())
        runs = _written(notebooks, given, lambda made: made.hashes[made.chosen], lambda made: made.hashes)
        statements = _written(notebooks, given, lambda made: made.statements, lambda made: made.statements)
        together = _together(notebooks, runs, statements)
        group_of = {handed: number for number, group in enumerate(together) for handed in group}
        groups += [_group(question, group, runs, statements) for group in together]
        for (first, second), (share, shared) in _alike(runs, statements).items():
            if first not in group_of or group_of[first] != group_of.get(second):
                ranked.append((share, shared, question, first, second, runs, statements))
    ranked.sort(key=lambda row: (-row[0], -row[1], row[2], order[row[3].student], order[row[4].student]))
    groups.sort(key=lambda group: (-len(group.students), group.question))
    pairs = [_pair(*row) for row in ranked[:MOST_PAIRS]]
    return Found(pairs, max(0, len(ranked) - MOST_PAIRS), groups)


def _prints(answers: Iterable[Answer], kind: Kind) -> set[int]:
    found: set[int] = set()
    for answer in answers:
        found.update(kind(grams(answer.text, answer.is_code)).tolist())
    return found


def _written(
    notebooks: Sequence[GradedNotebook], given: Sequence[Answer], kind: Kind, of_the_task: Kind
) -> Written:
    """What each of them has that the task does not give, and of it what not many have."""
    known = _prints(given, of_the_task)
    found = {handed: frozenset(_prints(handed.answers, kind) - known) for handed in notebooks}
    held = Counter(fingerprint for own in found.values() for fingerprint in own)
    few = {handed: frozenset(p for p in own if held[p] <= MOST_SHARING) for handed, own in found.items()}
    return Written(found, few)


def _alike(
    runs: Written, statements: Written
) -> dict[tuple[GradedNotebook, GradedNotebook], tuple[float, int]]:
    """{pair: (share, how many fingerprints)} of the pairs to look at, by runs or by statements."""
    found = _sharing(statements.own, LEAST_STATEMENTS, STATEMENT_SHARE)
    for pair, (share, shared) in _sharing(runs.own, LEAST_SHARED, LEAST_SHARE).items():
        found[pair] = max(share, found.get(pair, (0.0, 0))[0]), shared
    return found


def _sharing(
    own: Mapping[GradedNotebook, Prints], least: int, least_share: float
) -> dict[tuple[GradedNotebook, GradedNotebook], tuple[float, int]]:
    """The pairs that share so many fingerprints, and such a share of the shorter one's."""
    holders: dict[int, list[GradedNotebook]] = defaultdict(list)
    for handed, fingerprints in own.items():
        for fingerprint in fingerprints:
            holders[fingerprint].append(handed)
    shared = Counter(pair for some in holders.values() for pair in combinations(some, 2))
    shares = {pair: (count / min(len(own[one]) for one in pair), count) for pair, count in shared.items()}
    return {
        pair: (share, count)
        for pair, (share, count) in shares.items()
        if count >= least and share >= least_share
    }


def _together(
    notebooks: Sequence[GradedNotebook], runs: Written, statements: Written
) -> list[list[GradedNotebook]]:
    """The groups: who has nearly everything of somebody, who is put together with that one."""
    from scipy.sparse.csgraph import connected_components

    near = _nearly_all(notebooks, runs.all, LEAST_SHARED) + _nearly_all(
        notebooks, statements.all, LEAST_STATEMENTS
    )
    count, labels = connected_components(near, directed=False)
    found: list[list[GradedNotebook]] = [[] for _ in range(count)]
    for handed, label in zip(notebooks, labels, strict=True):
        found[label].append(handed)
    return [group for group in found if len(group) >= FEWEST_TOGETHER]


def _nearly_all(
    notebooks: Sequence[GradedNotebook], all_of: Mapping[GradedNotebook, Prints], least: int
) -> np.ndarray:
    """Of which pairs nearly all that the one who has less wrote is in the other's, bool of shape (n, n)."""
    from scipy.sparse import csr_matrix

    columns: dict[int, int] = {}
    rows = [[columns.setdefault(p, len(columns)) for p in all_of[handed]] for handed in notebooks]
    sizes = np.array([len(row) for row in rows])
    places = np.array([column for row in rows for column in row], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shape = len(notebooks), max(1, len(columns))
    held = csr_matrix((np.ones(len(places), np.float32), places, starts), shape=shape)
    shared = np.asarray((held @ held.T).todense())
    return np.asarray((shared >= least) & (shared >= GROUP_SHARE * np.minimum.outer(sizes, sizes)))


def _group(question: str, group: Sequence[GradedNotebook], runs: Written, statements: Written) -> Group:
    first, *others = group
    other = min(others, key=lambda one: len(runs.all[first] & runs.all[one]) / max(1, len(runs.all[one])))
    shared = len(runs.all[first] & runs.all[other])
    share = shared / max(1, min(len(runs.all[first]), len(runs.all[other])))
    example = _pair(
        share,
        shared,
        question,
        first,
        other,
        Written(runs.all, runs.all),
        Written(statements.all, statements.all),
    )
    same = all(one.answers == first.answers for one in others)
    return Group(question, [one.student for one in group], same, example)


def _pair(
    share: float,
    shared: int,
    question: str,
    first: GradedNotebook,
    second: GradedNotebook,
    runs: Written,
    statements: Written,
) -> Pair:
    both = _prints(first.answers, lambda made: made.hashes) & _prints(
        second.answers, lambda made: made.hashes
    )
    alike = statements.all[first] & statements.all[second]
    common = (runs.own[first] & runs.own[second]) | (statements.own[first] & statements.own[second])
    sides = tuple(_marked(handed.answers, both, alike, common) for handed in (first, second))
    return Pair(
        question=question,
        students=(first.student, second.student),
        shared=shared,
        share=share,
        same=first.answers == second.answers,
        sides=(sides[0], sides[1]),
    )


def _marked(answers: Sequence[Answer], both: set[int], alike: Prints, common: Prints) -> list[Side]:
    """The cells in which something is shared; marked are the lines of runs and statements that both have."""
    sides = []
    for answer in answers:
        made = grams(answer.text, answer.is_code)
        if common.isdisjoint(made.hashes.tolist()) and common.isdisjoint(made.statements.tolist()):
            continue
        marked: set[int] = set()
        for hashes, places, wanted in (
            (made.hashes, made.lines, both),
            (made.statements, made.statement_lines, alike),
        ):
            for value, (start, end) in zip(hashes.tolist(), places.tolist(), strict=True):
                if value in wanted:
                    marked.update(range(start, end + 1))
        lines = [(number in marked, line) for number, line in enumerate(answer.text.split("\n"))]
        sides.append(Side(answer.grade_id, answer.is_code, lines))
    return sides
