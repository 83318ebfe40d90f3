"""The charts of the report, as Vega-Lite specifications that the page draws.

Vega was chosen because its JavaScript, embedded once, is the smallest of the well-kept libraries that draw
such charts and react to the mouse (0.9 MB; Bokeh's is about 1.2, plotly's 4.7). It works offline, draws SVG
with labels for screen readers, and runs in a page that forbids evaluating text as code. vl-convert brings
that JavaScript in a Python package of the Vega project.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mashq.course.gradebook.scores import QuestionScore, total_of
from mashq.language import gettext as _
from mashq.plots._style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from mashq.report.gather import ReportData
from mashq.report.items import STRONG, WEAK, Item
from mashq.report.thresholds import Threshold

STEP = 5  # per cent of the points in one bar of the histogram
LABEL, TITLE = 14, 15  # pixels
AXIS = {"labelFontSize": LABEL, "labelColor": "black", "labelLimit": 150, "gridColor": "#DDDDDD"}
AXIS |= {"titleFontSize": TITLE, "titleColor": "black", "titleFontWeight": "normal", "titlePadding": 10}
LEGEND = {"labelFontSize": LABEL, "labelLimit": 300, "titleFontSize": LABEL, "orient": "top", "columns": 2}
CONFIG: dict[str, Any] = {
    "background": "white",
    "font": "system-ui, sans-serif",
    "axis": AXIS,
    "legend": LEGEND,
    "text": {"fontSize": LABEL},
    "view": {"stroke": None},
    "aria": True,
}
QUESTIONS = {"field": "question", "type": "nominal", "title": None, "axis": {"ticks": False}}  # a row each
Values = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Chart:
    """A chart; `spec` is Vega-Lite."""

    name: str
    title: str
    caption: str  # how to read it
    spec: Mapping[str, Any]  # its description says in words what it shows


def _chart(
    name: str, title: str, caption: str, description: str, height: Any, values: Values, **spec: Any
) -> Chart:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": list(values)},
        "config": CONFIG,
    }
    return Chart(name, title, caption, whole | spec)


def _tip(shares: Sequence[str] = (), **fields: str) -> list[dict[str, Any]]:
    """What the mouse shows: {field: heading}; `shares` are the fields in per cent."""
    return [
        {"field": field, "title": heading, **({"format": ".1~%"} if field in shares else {})}
        for field, heading in fields.items()
    ]


def _number(field: str, **how: Any) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", **how}


def _share(field: str, title: str) -> dict[str, Any]:
    """An axis from 0 to 100 per cent."""
    return _number(field, scale={"domain": [0, 1]}, axis={"format": "%", "title": title})


def _by_name(field: str, looks: Mapping[str, Any], title: str | None = None) -> dict[str, Any]:
    """A colour, a shape or dashes for each of some names."""
    scale = {"domain": list(looks), "range": list(looks.values())}
    return {"field": field, "type": "nominal", "scale": scale, "title": title}


def grade_chart(data: ReportData) -> Chart:
    """How many students have how much of all points."""
    totals = [total_of(questions.values()) for questions in data.scores.students.values()]
    shares = [share for total in totals if (share := total.graded_share) is not None]
    last = 100 // STEP - 1
    places = [min(last, max(0, math.floor(100 * share / STEP + 1e-9))) for share in shares]
    values = [
        {"from": STEP * place / 100, "to": STEP * (place + 1) / 100, "students": places.count(place)}
        | {"range": _("{low} to {high} %").format(low=STEP * place, high=STEP * (place + 1))}
        for place in range(last + 1)
    ]
    mean, median = (statistics.fmean(shares), statistics.median(shares)) if shares else (0.0, 0.0)
    kinds = {_("mean"): VERMILION, _("median"): "black"}
    rules = [{"what": what, "at": at} for what, at in zip(kinds, (mean, median), strict=True) if shares]
    tall = max(map(places.count, range(last + 1)))
    words = _(
        "Histogram of the total in per cent of all points, {count} students. Mean {mean:.0%}, median "
        "{median:.0%}; the fullest bar has {most} students."
    ).format(count=len(shares), mean=mean, median=median, most=tall)
    bars = {
        "mark": {"type": "bar", "color": BLUE, "stroke": "white"},
        "encoding": {
            "x": _share("from", _("share of all points")) | {"bin": "binned"},
            "x2": {"field": "to"},
            "y": _number(
                "students",
                scale={"domain": [0, max(tall, 1)]},
                axis={"values": _whole_numbers(tall), "format": "d", "title": _("students")},
            ),
            "tooltip": _tip(range=_("total"), students=_("students")),
        },
    }
    lines = {
        "data": {"values": rules},
        "mark": {"type": "rule", "strokeWidth": 3},
        "encoding": {
            "x": _number("at"),
            "color": _by_name("what", kinds),
            "strokeDash": _by_name("what", dict(zip(kinds, ([1, 0], [6, 4]), strict=True))),
            "tooltip": _tip(["at"], what=_("line"), at=_("share")),
        },
    }
    caption = _(
        "Each bar is a range of {step} % of all points; the lines are mean and median. Two humps often mean "
        "that some part was not handed in or not reached."
    ).format(step=STEP)
    if any(total.needs_person for total in totals):
        caption += " " + _("What still waits for a person is left out: the shares are of what is graded.")
    return _chart("grades", _("Distribution of the totals"), caption, words, 280, values, layer=[bars, lines])


def _whole_numbers(most: int) -> list[int]:
    """About five marks of an axis that counts, from 0: students are whole."""
    step = next(k * 10**power for power in range(9) for k in (1, 2, 5) if most <= 6 * k * 10**power)
    return list(range(0, max(most, 1) + 1, step))


def question_chart(data: ReportData) -> Chart:
    """Who has all, some and none of the points of each question."""
    every, some, none, waits = _("all points"), _("some"), _("none"), _("waits for a person")
    kinds = {every: GREEN, some: SKY, none: VERMILION, waits: "#BBBBBB"}
    all_points = _("{question}: {count} of {total} have all points")

    def kind_of(row: QuestionScore) -> str:
        if row.needs_person:
            return waits
        return every if row.score >= row.max_score - 1e-9 else some if row.score > 0 else none

    values: list[dict[str, Any]] = []
    said = []
    for name in data.scores.questions:
        rows = [questions[name] for questions in data.scores.students.values() if name in questions]
        if not rows:
            continue
        found = [kind_of(row) for row in rows]
        for place, kind in enumerate(kinds):
            count = found.count(kind)
            shown = {"question": name, "points": kind, "students": count, "share": count / len(rows)}
            values.append(shown | {"place": place})
        said.append(all_points.format(question=name, count=found.count(every), total=len(rows)))
    return _chart(
        "questions",
        _("By question"),
        _("Share of the students with all, some and none of the points."),
        _("Stacked bars, one a question. {figures}.").format(figures="; ".join(said)),
        {"step": 44},
        values,
        mark={"type": "bar", "stroke": "white"},
        encoding={
            "y": QUESTIONS,
            "x": _share("share", _("students")),
            "color": _by_name("points", kinds),
            "order": {"field": "place"},
            "tooltip": _tip(
                ["share"],
                question=_("question"),
                points=_("points"),
                students=_("students"),
                share=_("share"),
            ),
        },
    )


def item_chart(items: Sequence[Item]) -> Chart:
    """Difficulty against discrimination."""
    colours = {_("below 0.2"): VERMILION, _("0.2 to 0.4"): ORANGE, _("0.4 and more"): BLUE}
    levels = list(colours)
    shapes = dict(zip(levels, ("triangle-down", "square", "circle"), strict=True))
    values = [
        {
            "difficulty": round(item.figures.difficulty, 4),
            "discrimination": round(item.figures.discrimination, 4),
            "question": item.question,
            "item": item.name,
            "reading": _(item.figures.reading.word),
            "level": levels[(item.figures.discrimination >= WEAK) + (item.figures.discrimination >= STRONG)],
        }
        for item in items
        if item.figures.discrimination is not None
    ]
    lowest = min([-0.2, *(i.figures.discrimination for i in items if i.figures.discrimination is not None)])
    weak = sum(value["level"] == levels[0] for value in values)
    words = _(
        "Scatter plot of {count} items: difficulty (share of the points) against discrimination. {weak} lie "
        "below 0.2. The table below has all figures."
    ).format(count=len(values), weak=weak)
    points = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.75},
        "encoding": {
            "x": _share("difficulty", _("hard ← mean share of the points → easy")),
            "y": _number("discrimination", scale={"domain": [lowest, 1]}, title=_("discrimination")),
            "color": _by_name("level", colours, _("discrimination")),
            "shape": _by_name("level", shapes, _("discrimination")),
            "tooltip": _tip(
                ["difficulty"],
                question=_("question"),
                item=_("item"),
                difficulty=_("mean share of points"),
                discrimination=_("discrimination"),
                reading=_("reading"),
            ),
        },
    }
    line = {
        "data": {"values": [{"at": WEAK}]},
        "mark": {"type": "rule", "color": GREY, "strokeDash": [6, 4], "strokeWidth": 2, "aria": False},
        "encoding": {"y": _number("at", title=_("discrimination"))},
    }
    caption = _(
        "Each mark is an item. Look first at what lies below the dashed line (0.2), but neither far left nor "
        "far right."
    )
    return _chart("items", _("Items"), caption, words, 360, values, layer=[line, points])


def accuracy_chart(name: str, threshold: Threshold, measured: Sequence[tuple[str, float]]) -> Chart:
    """What the models of a class reached, against the threshold; `measured` are (student, value)."""
    fine = [value for _student, value in measured]
    above, under = _("reaches the threshold"), _("below the threshold")
    name_said = _(threshold.name)
    values = [
        {
            "student": student,
            "value": round(value, 5),
            "lift": (place * 0.618034) % 1,  # spreads equal values evenly
            "result": above if value >= threshold.at_least else under,
        }
        for place, (student, value) in enumerate(measured)
    ]
    below = sum(value < threshold.at_least for value in fine)
    words = _(
        "{count} models from {low:.3f} to {high:.3f}, median {median:.3f}. The threshold is {threshold:g}; "
        "{below} lie below it. Right solutions reached {mean:.3f} on average (sd {sd:g}, {runs} runs)."
    ).format(
        count=len(fine),
        low=min(fine),
        high=max(fine),
        median=statistics.median(fine),
        threshold=threshold.at_least,
        below=below,
        mean=threshold.mean,
        sd=threshold.sd,
        runs=threshold.runs,
    )
    low = min(0.0, *fine) if min(fine) < 0.4 else 0.4
    domain = [low, 1 if max(fine) <= 1 else max(fine)]
    x = {"type": "quantitative", "scale": {"domain": domain}, "axis": {"title": None, "tickCount": 6}}
    off = 2 * threshold.sd
    usual = _("right solutions: {mean:g} ± {off:.2g}").format(mean=threshold.mean, off=off)
    band = {
        "data": {"values": [{"low": threshold.mean - off, "high": threshold.mean + off}]},
        "mark": {"type": "rect", "color": SKY, "opacity": 0.35, "clip": True},
        "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "tooltip": [{"value": usual}]},
    }
    strip = {
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.65, "aria": False},
        "encoding": {
            "x": x | {"field": "value"},
            "y": _number("lift", axis=None, scale={"domain": [-0.15, 1.15]}),
            "color": _by_name("result", {above: BLUE, under: VERMILION}),
            "shape": _by_name("result", {above: "circle", under: "triangle-down"}),
            "tooltip": _tip(student=_("student"), value=_("measured value"), result=_("result")),
        },
    }
    named = _("the threshold: {threshold:g}").format(threshold=threshold.at_least)
    line = {
        "data": {"values": [{"at": threshold.at_least}]},
        "mark": {"type": "rule", "color": "black", "strokeWidth": 3},
        "encoding": {"x": x | {"field": "at"}, "tooltip": [{"value": named}]},
    }
    described = _("Strip chart, {name}. {figures}").format(name=name_said, figures=words)
    return _chart(f"threshold-{name}", name_said, words, described, 120, values, layer=[band, strip, line])


def usage_chart(data: ReportData, of: str, heading: str, unit: str) -> Chart:
    """A box a notebook: `of` is the field of `GradedNotebook`, in this unit; the scale is logarithmic."""
    values = [
        {"question": handed.question, "student": handed.student, "used": round(getattr(handed, of), 3)}
        for handed in data.notebooks
        if getattr(handed, of) > 0
    ]
    low, high = (limit((value["used"] for value in values), default=1.0) for limit in (min, max))
    by_question: dict[str, list[float]] = defaultdict(list)
    for value in values:
        by_question[value["question"]].append(value["used"])
    template = _("{question}: median {median:.3g}, most {most:.3g}")
    said = "; ".join(
        template.format(question=name, median=statistics.median(used), most=max(used))
        for name, used in sorted(by_question.items())
    )
    axis = {"title": _("{unit}, logarithmic").format(unit=unit), "format": "~g", "tickCount": 5}
    return _chart(
        of,
        heading,
        _(
            "Each box holds the middle half of the class, the line in it is the median; marks beyond the "
            "whiskers are single notebooks. In {unit}: {figures}."
        ).format(unit=unit, figures=said),
        _("Box plots, one a notebook, in {unit}. {figures}.").format(unit=unit, figures=said),
        {"step": 44},
        values,
        mark={
            "type": "boxplot",
            "color": SKY,
            "size": 20,
            "median": {"color": "black"},
            "rule": {"color": GREY},
            "outliers": {"color": VERMILION, "size": 30, "aria": False},
        },
        encoding={
            "y": QUESTIONS,
            "x": _number("used", scale={"type": "log", "domain": [0.9 * low, 1.1 * high]}, axis=axis),
            "tooltip": _tip(student=_("student"), used=unit),
        },
    )
