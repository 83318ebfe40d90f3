"""Item analysis: how hard each question and each check was, and whether it tells strong work from weak.

difficulty : mean share of the points, 0 to 1; the larger, the easier (the item's "facility" elsewhere).
discrimination : the corrected item-total correlation: Pearson's r between the share of the item's points and
    the share of the points of everything else. It uses every student and takes partial points, which the
    upper-lower index of the best and worst 27 % does not; for an item of all or nothing it is the
    point-biserial correlation with the rest. The item is left out of the total, because it would correlate
    with itself: J. P. Guilford, "The correlation of an item with a composite of the remaining items in a
    test", Educational and Psychological Measurement 13 (1953), 87-93; S. Henrysson, "Correction of
    item-total correlations in item analysis", Psychometrika 28 (1963), 211-218, compares it with others.
limits : 0.2, 0.3 and 0.4 as R. L. Ebel and D. A. Frisbie, "Essentials of Educational Measurement" (5th ed.,
    1991), have them for discrimination. They are customs, not laws.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.stats import pearsonr

from mashq.judge.results import GRADES, Outcome
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.report.gather import ReportData

WEAK, MARGINAL, STRONG = 0.2, 0.3, 0.4
EASY, HARD = 0.9, 0.3
FEWEST = 30  # students; with fewer the interval says more than the figure


@dataclass(frozen=True)
class Reading:
    """What a figure usually means, and what one does about it; in English, to be translated where shown."""

    word: str
    advice: str


READINGS = {
    "against": Reading(
        N_("against the rest"),
        N_(
            "Who does well elsewhere loses here. Suspect the check first: read the failed answers of "
            "strong students, and ask whether the text allows what the check refuses."
        ),
    ),
    "weak": Reading(
        N_("weak"),
        N_(
            "It hardly tells strong work from weak. Read some failed answers: is the text unclear, or "
            "does chance decide? Reword it or give it fewer points next time."
        ),
    ),
    "weak-easy": Reading(
        N_("weak, as all pass"),
        N_(
            "Nearly everybody has it, so it cannot tell them apart. "
            "Fine for a warm-up; otherwise ask for more."
        ),
    ),
    "weak-hard": Reading(
        N_("weak, as all fail"),
        N_("Nearly nobody has it, so it cannot tell them apart. Was it taught? See its commonest failures."),
    ),
    "marginal": Reading(
        N_("marginal"), N_("It tells them apart a little. Keep it, and look at its commonest failures.")
    ),
    "good": Reading(N_("good"), N_("Keep it.")),
    "strong": Reading(N_("strong"), N_("Keep it. It goes well with everything else that was asked.")),
    "none": Reading(
        N_("cannot be said"),
        N_("Everybody has the same here or elsewhere, or fewer than three students have it."),
    ),
}


@dataclass(frozen=True)
class Figures:
    """What item analysis says of one item."""

    students: int  # whose points count
    difficulty: float
    discrimination: float | None
    interval: tuple[float, float] | None  # of the discrimination, 95 %

    @property
    def reading(self) -> Reading:
        return READINGS[_reading(self.difficulty, self.discrimination)]

    @property
    def hardness(self) -> str:
        easy, hard, medium = N_("easy"), N_("hard"), N_("medium")
        return easy if self.difficulty > EASY else hard if self.difficulty < HARD else medium


@dataclass(frozen=True)
class Item:
    """A question, a check, or a cell that a person graded."""

    question: str
    name: str
    title: str
    points: float
    figures: Figures


def _reading(difficulty: float, discrimination: float | None) -> str:
    if discrimination is None:
        return "none"
    if discrimination < 0:
        return "against"
    if discrimination < WEAK:
        return "weak-easy" if difficulty > EASY else "weak-hard" if difficulty < 1 - EASY else "weak"
    return "marginal" if discrimination < MARGINAL else "good" if discrimination < STRONG else "strong"


def analyse(shares: np.ndarray, points: np.ndarray, counted: np.ndarray | None = None) -> list[Figures]:
    """The figures of each item.

    shares : float array, shape (students, items): the share of the points, NaN where there is no grade
    points : float array, shape (items,)
    counted : bool array like shares, for whom an item's own figures count; by default who has a grade. The
        rest of a student's points count in any case.
    """
    graded = ~np.isnan(shares)
    counted = graded if counted is None else counted & graded
    earned = np.where(graded, shares, 0) * points
    possible = graded * points
    found = []
    for item in range(shares.shape[1]):
        left = possible.sum(axis=1) - possible[:, item]
        who = counted[:, item] & (left > 0)
        own = shares[counted[:, item], item]
        rest = (earned.sum(axis=1) - earned[:, item])[who] / left[who]
        difficulty = float(own.mean()) if len(own) else math.nan
        found.append(Figures(len(own), difficulty, *_correlation(shares[who, item], rest)))
    return found


def _correlation(x: np.ndarray, y: np.ndarray) -> tuple[float | None, tuple[float, float] | None]:
    """Pearson's r and its 95 % interval, by Fisher's z; None where there is none."""
    if len(x) < 3 or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-9:
        return None, None
    found = pearsonr(x, y)
    if len(x) < 4:  # it would be everything
        return float(found.statistic), None
    low, high = found.confidence_interval(0.95)
    return float(found.statistic), (float(low), float(high))


def question_items(data: ReportData) -> list[Item]:
    """Each question as one item, by the gradebook; those who did not hand it in have no points."""
    students, questions = list(data.scores.students.values()), data.scores.questions
    points = np.array([max((s[q].max_score for s in students if q in s), default=0) for q in questions])
    shares = np.array(
        [
            [s[q].score / s[q].max_score if q in s and s[q].max_score else math.nan for q in questions]
            for s in students
        ]
    )
    return [
        Item(name, name, "", float(of), row)
        for name, of, row in zip(questions, points, analyse(shares, points), strict=True)
        if row.students
    ]


def part_items(data: ReportData) -> list[Item]:
    """Each check, and each other cell that gives points, as an item.

    The figures of one are of those who handed in its notebook; in everybody's rest, a notebook that was not
    handed in has no points. Cells that wait for a person are left out.
    """
    parts = _parts(data)
    students = {student: row for row, student in enumerate(data.scores.students)}
    columns = {part[:2]: column for column, part in enumerate(parts)}
    shares = np.full((len(students), len(parts)), math.nan)
    handed_in = {(handed.student, handed.question) for handed in data.notebooks}
    in_store = {student for student, _ in handed_in}
    counted = np.zeros(shares.shape, dtype=bool)
    for handed in data.notebooks:
        for result in handed.results:
            if result.outcome in GRADES and (handed.question, result.check) in columns:
                passed = result.outcome is Outcome.PASSED
                shares[students[handed.student], columns[handed.question, result.check]] = passed
    cell_points = {cell.grade_id: cell.points for cell in data.cells}
    for (question, name), column in columns.items():
        for student, row in students.items():
            there = (student, question) in handed_in or student not in in_store
            counted[row, column] = there
            if name in cell_points and data.grades.get((student, name)) is not None:
                shares[row, column] = (data.grades[student, name] or 0) / cell_points[name]
            elif not there and not _waits(data, student, question):
                shares[row, column] = 0
    points = np.array([part[3] for part in parts])
    items = [
        Item(question, name, title, of, row)
        for (question, name, title, of), row in zip(parts, analyse(shares, points, counted), strict=True)
    ]
    return [item for item in items if item.figures.students]


def _parts(data: ReportData) -> list[tuple[str, str, str, float]]:
    """(question, name, title, points) of each check and of each cell without checks, in order."""
    checks: dict[str, dict[str, tuple[str, str, str, float]]] = defaultdict(dict)
    for handed in data.notebooks:
        for r in handed.results:
            checks[r.grade_id].setdefault(r.check, (handed.question, r.check, r.title, r.points))
    parts: list[tuple[str, str, str, float]] = []
    for cell in data.cells:
        if checks[cell.grade_id]:
            parts += checks[cell.grade_id].values()
        elif cell.points > 0:
            what = _("graded by a person") if cell.by_person else _("a test cell of its own")
            parts.append((cell.question, cell.grade_id, what, cell.points))
    return [part for part in parts if part[3] > 0]


def _waits(data: ReportData, student: str, question: str) -> bool:
    """Whether something of a question waits for a person, so that it was handed in after all."""
    return any(
        data.grades.get((student, c.grade_id), 0) is None for c in data.cells if c.question == question
    )
