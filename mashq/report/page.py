"""The page: one HTML file with everything in it.

What students wrote is text and stays text: Jinja escapes every value, and should anything slip through, the
page's own policy (Content-Security-Policy) lets no script run but the two whose hashes it names, and lets
nothing be loaded from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mashq import __version__
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.grading.engine.summary import question_statistics
from mashq.language import direction, gettext, ngettext, speaking, spoken, text_direction
from mashq.language import gettext as _
from mashq.report.anonymous import anonymise, numbers
from mashq.report.charts import Chart, accuracy_chart, grade_chart, item_chart, question_chart, usage_chart
from mashq.report.failures import causes, concerns, count_checks, count_stops, doubts
from mashq.report.gather import ReportData, gather
from mashq.report.items import FEWEST, READINGS, part_items, question_items
from mashq.report.similar import GROUP_SHARE, LEAST_SHARE, MOST_SHARING, find_similar
from mashq.translate.catalogue import check_language

LEFT_TO_RIGHT = Markup('<bdi dir="ltr">{}</bdi>')  # in every language: a date, a number with its sign
BACKTICKS = re.compile(r"`([^`]+)`")


def write_report(
    course: Path,
    assignment: str,
    output: Path | None = None,
    anonymous: bool = False,
    language: str | None = None,
) -> Path:
    """Make the report on a graded assignment; returns the file.

    output : by default ASSIGNMENT-report.html in the course folder
    anonymous : with numbers in place of students' names
    language : of the page; by default that of the released assignment. What checks said stays as it was said.

    Raises CourseError when there is nothing to report on, no such language, or the file cannot be written.
    """
    if language is not None:
        check_language(language)
    folder = CourseFolder(course)
    data = gather(folder, assignment)
    language = language or data.language
    path = output or course / f"{assignment}-report.html"
    with speaking(language, folder.translations(assignment, language)):
        if anonymous:
            data = anonymise(data, numbers(folder.numbers(), {*data.names, *data.scores.students}))
        text = render(data)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise CourseError(
            f"the report cannot be written to {path} ({error.strerror}); see --output"
        ) from error
    return path


def render(data: ReportData) -> str:
    """The report as HTML, in the language spoken."""
    items = part_items(data)
    listed = concerns(data)
    # ours: the only markup that is not made here
    scripts = [Markup(text) for text in (_vega(), _own("page.js"))]
    environment = Environment(
        loader=PackageLoader("mashq.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    environment.filters |= {
        "percent": _percent,
        "code": _code,
        "bdi": Markup("<bdi>{}</bdi>").format,  # keeps to itself, whatever its direction
        "text_direction": text_direction,
        "left_to_right": LEFT_TO_RIGHT.format,
        "signed": lambda value: LEFT_TO_RIGHT.format(f"{value:.2f}"),
    }
    return environment.get_template("page.html").render(
        data=data,
        language=spoken(),
        direction=direction(spoken()),
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        version=__version__,
        style=Markup(_own("page.css")),
        scripts=scripts,
        policy=" ".join(_hash(script) for script in scripts),
        doubts=doubts(data),
        concerns=listed,
        causes=causes(listed),
        statistics=question_statistics(data.scores),
        checks=count_checks(data),
        stops=count_stops(data),
        questions=question_items(data),
        items=items,
        readings=READINGS,
        fewest=FEWEST,
        similar=find_similar(data),
        most_sharing=MOST_SHARING,
        least_share=LEAST_SHARE,
        group_share=GROUP_SHARE,
        grades=grade_chart(data),
        by_question=question_chart(data),
        item_map=item_chart(items),
        accuracies=_accuracies(data),
        usage=[
            usage_chart(data, "seconds", _("Time"), _("seconds")) if _any(data, "seconds") else None,
            usage_chart(data, "peak_mb", _("Memory"), _("MB at most")) if _any(data, "peak_mb") else None,
        ],
    )


def _accuracies(data: ReportData) -> dict[str, list[Chart]]:
    """A chart of each check that measured something, by question."""
    charts = defaultdict(list)
    for question, thresholds in data.thresholds.items():
        for check, threshold in thresholds.items():
            measured = [
                (handed.student, result.measured)
                for handed in data.notebooks
                if handed.question == question
                for result in handed.results
                if result.check == check and result.measured is not None
            ]
            if measured:
                charts[question].append(accuracy_chart(check, threshold, measured))
    return charts


def _any(data: ReportData, of: str) -> bool:
    return any(getattr(handed, of) > 0 for handed in data.notebooks)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def _code(text: str) -> Markup:
    """Escaped text, with `words` as code."""
    return Markup(BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))


def _own(name: str) -> str:
    return files("mashq.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _vega() -> str:
    """Vega, Vega-Lite and vega-embed, which work without a network."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _hash(script: str) -> str:
    """How a page's policy names a script that may run."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
