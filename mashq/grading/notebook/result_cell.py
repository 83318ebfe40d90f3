"""What mashq writes into a graded notebook: a test cell's score and checks, and cells of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import nbformat

from mashq.judge import CheckResult, Judgement, Outcome
from mashq.language import ENGLISH, direction, spoken
from mashq.language import gettext as _
from mashq.translate import bidi, markdown

MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗"}
COLOURS = {Outcome.PASSED: "#00664a", Outcome.FAILED: "#a33b00"}  # apart for colour-blind readers too
CELL = "padding:0.15em 0.6em"


def markdown_cell(*sentences: str, then: str = "") -> Any:
    """A Markdown cell in the language spoken now, framed as the cells of a release in it are.

    sentences : a paragraph each
    then : Markdown that follows them as it is, such as a list
    """
    way = direction(spoken())
    if way != "ltr":
        sentences = tuple(markdown.to_the_right(bidi.isolated(text)) for text in sentences)
    text = "\n\n".join(filter(None, (*sentences, then)))
    return nbformat.v4.new_markdown_cell(text if way == "ltr" else markdown.framed(text, way))


def score_output(judgement: Judgement, grade_id: str, points: float) -> Any:
    """The first output of a judged cell: the score as plain text, and the checks as HTML.

    nbgrader reads the plain text as the cell's score; an ungraded cell reads 0 there and is set apart in the
    gradebook by `SaveJudgedGrades`.
    """
    score = judgement.score(grade_id)
    notices = [
        _("Measured on a stand-in for the {name} data, not on the real data.").format(name=name)
        for name in judgement.stand_ins
    ] + judgement.notices
    html = _table(judgement.of(grade_id), score, points, notices)
    return nbformat.v4.new_output(
        "execute_result",
        data={"text/plain": f"{score or 0:g}", "text/html": html},
        execution_count=None,
    )


def _table(results: Sequence[CheckResult], score: float | None, points: float, notices: Sequence[str]) -> str:
    language = spoken()
    attributes = "" if language == ENGLISH else f' lang="{language}" dir="{direction(language)}"'
    opening = f'<div class="mashq-checks"{attributes}>'
    if score is None:
        ungraded = _("Not graded automatically: a person will look at this cell. It is not a zero.")
        return f"{opening}<p><b>{escape(ungraded)}</b></p></div>"
    earned = _("Hidden checks: {score:g} of {points:g} points").format(score=score, points=points)
    rows = "".join(_row(result) for result in results)
    notice = "".join(f"<p><b>{escape(text)}</b></p>" for text in notices)
    return f"{opening}<p><b>{escape(earned)}</b></p><table>{rows}</table>{notice}</div>"


def _row(result: CheckResult) -> str:
    passed = result.outcome is Outcome.PASSED
    earned = f"{result.points if passed else 0:g} / {result.points:g}"
    text = result.title if passed else result.message
    return (
        f'<tr><td style="{CELL};color:{COLOURS[result.outcome]}"><b>{MARKS[result.outcome]}</b></td>'
        f'<td style="{CELL};text-align:start">{escape(text)}</td>'
        f'<td style="{CELL};white-space:nowrap" dir="ltr">{earned}</td></tr>'
    )
