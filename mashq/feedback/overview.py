"""The points of all notebooks of a submission: on each feedback page, and on a page of all, `index.html`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from mashq.feedback.mathematics import Mathematics
from mashq.feedback.policy import policy
from mashq.feedback.released import Release
from mashq.language import direction, speaking
from mashq.language import gettext as _

TEMPLATES = Path(__file__).parent / "templates"
INDEX = "index"  # the name of that page, without its ending


@dataclass(frozen=True)
class Part:
    """One notebook of a submission."""

    name: str
    title: str
    score: float  # the penalty is taken off
    points: float
    waits: bool  # whether some of its points are not known yet
    has_page: bool  # not where it was not handed in
    is_shown: bool  # whether this page is its own

    @property
    def points_in_words(self) -> str:
        """Its points, or that it was not handed in."""
        if self.has_page or self.waits:
            return points_in_words(self.score, self.points, self.waits)
        template = _("not handed in, {score} of {most} points")
        return template.format(score=number(self.score), most=number(self.points))


@dataclass(frozen=True)
class Overview:
    """All notebooks of a submission, in the order of their names."""

    place: str  # course and assignment
    parts: tuple[Part, ...]

    @property
    def waits(self) -> bool:
        """Whether some points are not known yet."""
        return any(part.waits for part in self.parts)

    @property
    def total_in_words(self) -> str:
        """The sum of their points."""
        score, most = sum(part.score for part in self.parts), sum(part.points for part in self.parts)
        return points_in_words(score, most, self.waits)

    @property
    def waiting_in_words(self) -> str:
        """That points are not known yet; empty when they are."""
        return _("Some points wait for a person and are not a zero.") if self.waits else ""

    @property
    def has_index(self) -> bool:
        """Whether there is more than one page, and no notebook has the name of the page of all."""
        return len(self.parts) > 1 and all(part.name.lower() != INDEX for part in self.parts)


def number(value: float) -> str:
    """Points as people write them: 2, 2.5, 17.625."""
    return f"{round(value, 3):g}"


def points_in_words(score: float, most: float, waits: bool) -> str:
    """Points so far, or in all."""
    template = _("{score} of {most} points so far") if waits else _("{score} of {most} points")
    return template.format(score=number(score), most=number(most))


def overview_of(
    submission: Any, course: str, graded: Path, shown: str, released: Callable[[str], Release]
) -> Overview:
    """What the gradebook has of a submission.

    submission : nbgrader's row
    course : the course's name, if it has one
    graded : the folder of the graded notebooks, of which each has a page
    shown : the notebook whose page this is for
    released : from a notebook's name to what its release says
    """
    parts = [
        Part(
            notebook.name,
            released(notebook.name).title or notebook.name,
            notebook.score - (notebook.late_submission_penalty or 0),
            notebook.max_score,
            notebook.needs_manual_grade,
            (graded / f"{notebook.name}.ipynb").exists(),
            notebook.name == shown,
        )
        for notebook in sorted(submission.notebooks, key=lambda notebook: str(notebook.name))
    ]
    return Overview(" · ".join(filter(None, (course, submission.assignment.name))), tuple(parts))


def index_page(overview: Overview, language: str) -> str:
    """The page of all notebooks as HTML; empty where there is none."""
    if not overview.has_index:
        return ""
    templates = Environment(loader=FileSystemLoader(TEMPLATES / "mashq_feedback"), autoescape=True)
    templates.globals["_"] = _
    templates.filters["mathematics"] = lambda html: Markup(Mathematics().draw(html))  # noqa: S704
    with speaking(language):
        return templates.get_template("overview.html.j2").render(
            overview=overview,
            policy=policy(),
            language=language.replace("_", "-"),
            direction=direction(language),
            style=Markup((TEMPLATES / "mashq_feedback" / "page.css").read_text(encoding="utf-8")),  # noqa: S704
        )
