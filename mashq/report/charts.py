"""The charts of the report, as Vega-Lite specifications that the page draws.

Vega was chosen because its JavaScript, embedded once, is the smallest of the well-kept libraries that draw
such charts and react to the mouse (0.9 MB; Bokeh's is about 1.2, plotly's 4.7). It works offline, draws SVG
with labels for screen readers, and runs in a page that forbids evaluating text as code. vl-convert brings
that JavaScript in a Python package of the Vega project.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mashq.plots._style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION
from mashq.report.bars import Bar
from mashq.report.gather import Class
from mashq.report.items import STRONG, WEAK, Item

STEP = 5  # per cent of the points in one bar of the histogram
LABEL, TITLE = 14, 15  # pixels
CONFIG: dict[str, Any] = {
    "background": "white",
    "font": "system-ui, sans-serif",
    "axis": {
        "labelFontSize": LABEL,
        "titleFontSize": TITLE,
        "titleFontWeight": "normal",
        "gridColor": "#DDDDDD",
        "labelColor": "black",
        "titleColor": "black",
        "titlePadding": 10,
        "labelLimit": 150,
    },
    "legend": {
        "labelFontSize": LABEL,
        "titleFontSize": LABEL,
        "orient": "top",
        "columns": 2,
        "labelLimit": 300,
    },
    "text": {"fontSize": LABEL},
    "view": {"stroke": None},
    "aria": True,
}
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


def _tip(**fields: str) -> list[dict[str, Any]]:
    """What the mouse shows: {field: heading}; shares are those whose heading says so."""
    return [
        {"field": field, "title": heading, **({"format": ".1~%"} if "share" in heading else {})}
        for field, heading in fields.items()
    ]


def grade_chart(data: Class) -> Chart:
    """How many students have how much of all points."""
    shares = []
    for questions in data.scores.students.values():
        of = sum(question.max_score for question in questions.values())
        shares.append(sum(question.score for question in questions.values()) / of if of else 0)
    last = 100 // STEP - 1
    places = [min(last, max(0, math.floor(100 * share / STEP + 1e-9))) for share in shares]
    values = [
        {"from": STEP * place / 100, "to": STEP * (place + 1) / 100, "students": places.count(place)}
        | {"range": f"{STEP * place} to {STEP * (place + 1)} %"}
        for place in range(last + 1)
    ]
    mean, median = statistics.fmean(shares), statistics.median(shares)
    rules = [{"what": "mean", "at": mean}, {"what": "median", "at": median}]
    tall = max(value["students"] for value in values)
    words = (
        f"Histogram of the total in per cent of all points, {len(shares)} students. Mean {mean:.0%}, median "
        f"{median:.0%}; the fullest bar has {tall} students."
    )
    x = {"field": "from", "type": "quantitative", "axis": {"format": "%", "title": "share of all points"}}
    bars = {
        "mark": {"type": "bar", "color": BLUE, "stroke": "white"},
        "encoding": {
            "x": x | {"scale": {"domain": [0, 1]}, "bin": "binned"},
            "x2": {"field": "to"},
            "y": {"field": "students", "type": "quantitative", "axis": {"tickMinStep": 1}},
            "tooltip": _tip(range="total", students="students"),
        },
    }
    lines = {
        "data": {"values": rules},
        "mark": {"type": "rule", "strokeWidth": 3},
        "encoding": {
            "x": {"field": "at", "type": "quantitative"},
            "color": _colours("what", {"mean": VERMILLION, "median": "black"}),
            "strokeDash": {
                "field": "what",
                "scale": {"domain": ["mean", "median"], "range": [[1, 0], [6, 4]]},
                "title": None,
            },
            "tooltip": _tip(what="line", at="share"),
        },
    }
    caption = (
        f"Each bar is a range of {STEP} % of all points; the lines are mean and median. Two humps often mean "
        "that some part was not handed in or not reached."
    )
    return _chart("grades", "Distribution of the totals", caption, words, 280, values, layer=[bars, lines])


def question_chart(data: Class) -> Chart:
    """Who has all, some and none of the points of each question."""
    kinds = {"all points": GREEN, "some": SKY, "none": VERMILLION, "waits for a person": "#BBBBBB"}
    values = []
    said = []
    for name in data.scores.questions:
        rows = [questions[name] for questions in data.scores.students.values() if name in questions]
        if not rows:
            continue
        found = [
            "waits for a person"
            if row.needs_person
            else "all points"
            if row.score >= row.max_score - 1e-9
            else "some"
            if row.score > 0
            else "none"
            for row in rows
        ]
        for place, kind in enumerate(kinds):
            count = found.count(kind)
            values.append(
                {
                    "question": name,
                    "points": kind,
                    "students": count,
                    "share": count / len(rows),
                    "place": place,
                }
            )
        said.append(f"{name}: {found.count('all points')} of {len(rows)} have all points")
    return _chart(
        "questions",
        "By question",
        "Share of the students with all, some and none of the points.",
        f"Stacked bars, one a question. {'; '.join(said)}.",
        {"step": 44},
        values,
        mark={"type": "bar", "stroke": "white"},
        encoding={
            "y": {"field": "question", "type": "nominal", "title": None, "axis": {"ticks": False}},
            "x": {
                "field": "share",
                "type": "quantitative",
                "scale": {"domain": [0, 1]},
                "axis": {"format": "%", "title": "students"},
            },
            "color": _colours("points", kinds),
            "order": {"field": "place"},
            "tooltip": _tip(question="question", points="points", students="students", share="share"),
        },
    )


def item_chart(items: Sequence[Item]) -> Chart:
    """Difficulty against discrimination."""
    colours = {"below 0.2": VERMILLION, "0.2 to 0.4": ORANGE, "0.4 and more": BLUE}
    levels = list(colours)
    values = [
        {
            "difficulty": round(item.figures.difficulty, 4),
            "discrimination": round(item.figures.discrimination, 4),
            "question": item.question,
            "item": item.name,
            "reading": item.figures.reading.word,
            "level": levels[(item.figures.discrimination >= WEAK) + (item.figures.discrimination >= STRONG)],
        }
        for item in items
        if item.figures.discrimination is not None
    ]
    lowest = min([-0.2, *(i.figures.discrimination for i in items if i.figures.discrimination is not None)])
    weak = sum(value["level"] == levels[0] for value in values)
    words = (
        f"Scatter plot of {len(values)} items: difficulty (share of the points) against discrimination. "
        f"{weak} lie below 0.2. The table below has all figures."
    )
    points = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.75},
        "encoding": {
            "x": {
                "field": "difficulty",
                "type": "quantitative",
                "scale": {"domain": [0, 1]},
                "axis": {"format": "%", "title": "hard ← mean share of the points → easy"},
            },
            "y": {
                "field": "discrimination",
                "type": "quantitative",
                "scale": {"domain": [lowest, 1]},
            },
            "color": _colours("level", colours, "discrimination"),
            "shape": {
                "field": "level",
                "scale": {"domain": levels, "range": ["triangle-down", "square", "circle"]},
                "title": "discrimination",
            },
            "tooltip": _tip(
                question="question",
                item="item",
                difficulty="mean share of points",
                discrimination="discrimination",
                reading="reading",
            ),
        },
    }
    line = {
        "data": {"values": [{"at": WEAK}]},
        "mark": {"type": "rule", "color": GREY, "strokeDash": [6, 4], "strokeWidth": 2, "aria": False},
        "encoding": {"y": {"field": "at", "type": "quantitative", "title": "discrimination"}},
    }
    caption = (
        "Each mark is an item. Look first at what lies below the dashed line (0.2), but neither far left nor "
        "far right."
    )
    return _chart("items", "Items", caption, words, 360, values, layer=[line, points])


def accuracy_chart(name: str, bar: Bar, figures: Sequence[tuple[str, float]]) -> Chart:
    """What the models of a class reached, against the bar; `figures` are (student, figure)."""
    fine = [figure for _, figure in figures]
    values = [
        {
            "student": student,
            "figure": round(figure, 5),
            "lift": (place * 0.618034) % 1,  # spreads equal figures evenly
            "result": "reaches the bar" if figure >= bar.at_least else "below the bar",
        }
        for place, (student, figure) in enumerate(figures)
    ]
    below = sum(figure < bar.at_least for figure in fine)
    words = (
        f"{len(fine)} models from {min(fine):.3f} to {max(fine):.3f}, median "
        f"{statistics.median(fine):.3f}. The bar is {bar.at_least:g}; {below} lie below it. Right solutions "
        f"reached {bar.mean:.3f} on average (sd {bar.sd:g}, {bar.runs} runs)."
    )
    low = min(0.0, *fine) if min(fine) < 0.4 else 0.4
    domain = [low, 1 if max(fine) <= 1 else max(fine)]
    x = {"type": "quantitative", "scale": {"domain": domain}, "axis": {"title": None, "tickCount": 6}}
    band = {
        "data": {"values": [{"low": bar.mean - 2 * bar.sd, "high": bar.mean + 2 * bar.sd}]},
        "mark": {"type": "rect", "color": SKY, "opacity": 0.35, "clip": True},
        "encoding": {
            "x": x | {"field": "low"},
            "x2": {"field": "high"},
            "tooltip": [{"value": f"right solutions: {bar.mean:g} ± {2 * bar.sd:.2g}"}],
        },
    }
    strip = {
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.65, "aria": False},
        "encoding": {
            "x": x | {"field": "figure"},
            "y": {"field": "lift", "type": "quantitative", "axis": None, "scale": {"domain": [-0.15, 1.15]}},
            "color": _colours("result", {"reaches the bar": BLUE, "below the bar": VERMILLION}),
            "shape": {
                "field": "result",
                "scale": {
                    "domain": ["reaches the bar", "below the bar"],
                    "range": ["circle", "triangle-down"],
                },
                "title": None,
            },
            "tooltip": _tip(student="student", figure="figure", result="result"),
        },
    }
    line = {
        "data": {"values": [{"at": bar.at_least}]},
        "mark": {"type": "rule", "color": "black", "strokeWidth": 3},
        "encoding": {"x": x | {"field": "at"}, "tooltip": [{"value": f"the bar: {bar.at_least:g}"}]},
    }
    described = f"Strip chart, {bar.name}. {words}"
    return _chart(f"bar-{name}", bar.name, words, described, 120, values, layer=[band, strip, line])


def usage_chart(data: Class, of: str, heading: str, unit: str) -> Chart:
    """A box a notebook: `of` is the field of `Handed`, in this unit; the scale is logarithmic."""
    values = [
        {"question": handed.question, "student": handed.student, "used": round(getattr(handed, of), 3)}
        for handed in data.handed
        if getattr(handed, of) > 0
    ]
    low, high = (limit((value["used"] for value in values), default=1.0) for limit in (min, max))
    by_question: dict[str, list[float]] = {}
    for value in values:
        by_question.setdefault(value["question"], []).append(value["used"])
    said = "; ".join(
        f"{name}: median {statistics.median(used):.3g}, most {max(used):.3g}"
        for name, used in sorted(by_question.items())
    )
    return _chart(
        of,
        heading,
        "Each box holds the middle half of the class, the line in it is the median; marks beyond the "
        f"whiskers are single notebooks. In {unit}: {said}.",
        f"Box plots, one a notebook, in {unit}. {said}.",
        {"step": 44},
        values,
        mark={
            "type": "boxplot",
            "color": SKY,
            "size": 20,
            "median": {"color": "black"},
            "rule": {"color": GREY},
            "outliers": {"color": VERMILLION, "size": 30, "aria": False},
        },
        encoding={
            "y": {"field": "question", "type": "nominal", "title": None, "axis": {"ticks": False}},
            "x": {
                "field": "used",
                "type": "quantitative",
                "scale": {"type": "log", "domain": [0.9 * low, 1.1 * high]},
                "axis": {"title": f"{unit}, logarithmic", "format": "~g", "tickCount": 5},
            },
            "tooltip": _tip(student="student", used=unit),
        },
    )


def _colours(field: str, colours: Mapping[str, str], title: str | None = None) -> dict[str, Any]:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "scale": scale, "title": title}
