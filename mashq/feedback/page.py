"""The feedback page of one notebook: a summary of its points first, then the notebook.

`nbgrader_config.py` names both classes, so `nbgrader generate_feedback` and `mashq feedback` write the same
page. The summary is made from the gradebook, from the judge's record in the graded notebook's metadata and
from the released notebook; nothing that a student wrote or printed decides what stands there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades
from traitlets.config import Config

from mashq.cells import is_test
from mashq.course.folder import CourseFolder
from mashq.course.results import MISSING, attention, problems_in
from mashq.exercises import in_words
from mashq.feedback.mathematics import Mathematics
from mashq.feedback.overview import (
    TEMPLATES,
    Overview,
    index_page,
    number,
    overview_of,
    points_in_words,
)
from mashq.feedback.policy import hosts_of, policy
from mashq.feedback.released import release_of
from mashq.grading.careful import be_careful
from mashq.grading.notebook.markup import clean_html
from mashq.judge.results import GRADES, Outcome
from mashq.language import ENGLISH, direction, language_of, ngettext, speaking, text_direction
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence

MOST_STOPS = 3  # cells that stopped with an error; more where more of them cost points
FIRST_LEVEL = 3  # of the notebook's headings: the page's own title and parts stand above them
NO_RESPONSE = "No response."  # nbgrader's own comment on an answer that was left as it was
OUR_FAULT = {  # why checks gave no points; the details are for staff, and may tell of hidden checks
    Kind.CHECK: N_("A hidden check is wrong here: that is not your mistake."),
    Kind.DATA: N_("The data that the checks need was missing: that is not your mistake."),
    Kind.MACHINE: N_("The machine that grades failed here: that is not your mistake."),
}


@dataclass
class Item:
    """One graded cell as the summary shows it."""

    title: str
    grade_id: str
    anchor: str  # of its cell in the page
    mark: str  # full, part, none, waits, ungraded or free
    score: float
    points: float
    passed: int = 0  # checks
    failed: list[str] = field(default_factory=list)  # sentences of the failed ones
    notes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)  # a grader's, in Markdown

    @property
    def open(self) -> bool:
        """Whether its points are not known yet."""
        return self.mark in ("waits", "ungraded")

    @property
    def said(self) -> list[str]:
        """What the failed checks say, each sentence once."""
        lines = []
        for sentence, count in Counter(self.failed).items():
            some = ngettext("{sentence} ({count} check)", "{sentence} ({count} checks)", count)
            lines.append(sentence if count == 1 else some.format(sentence=sentence, count=count))
        return lines

    @property
    def mark_in_words(self) -> str:
        return {
            "full": _("full points"),
            "part": _("part of the points"),
            "none": _("no points"),
            "waits": _("waits for a person"),
            "ungraded": _("not graded automatically"),
            "free": _("no points to get"),
        }[self.mark]

    @property
    def points_in_words(self) -> str:
        if self.open:
            return _("{most} points, not graded yet").format(most=number(self.points))
        return points_in_words(self.score, self.points, waits=False)

    @property
    def checks_in_words(self) -> str:
        """How many checks passed; empty where there are none."""
        total = self.passed + len(self.failed)
        if not total or self.open:
            return ""
        said = ngettext("{passed} of {total} check passed", "{passed} of {total} checks passed", total)
        return said.format(passed=self.passed, total=total)


@dataclass
class Summary:
    """What stands above the notebook."""

    title: str
    place: str  # course, assignment, notebook
    score: float  # without the penalty
    points: float
    penalty: float
    items: list[Item]
    notes: list[str]
    overview: Overview  # of all notebooks

    @property
    def total_in_words(self) -> str:
        waits = any(item.open for item in self.items)
        return points_in_words(self.score - self.penalty, self.points, waits)

    @property
    def lines(self) -> list[str]:
        """What belongs to the total, a sentence each."""
        lines = []
        if self.penalty > 0:
            late = _("Late penalty: {penalty} points taken from {score}.")
            lines.append(late.format(penalty=number(self.penalty), score=number(self.score)))
        if any(item.open for item in self.items):
            open_ones = _("Points that wait for a person, and are not a zero: {points}.")
            waiting = sum(item.points for item in self.items if item.open)
            lines.append(open_ones.format(points=number(waiting)))
        return lines + self.notes


# -- what was found ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _gradebook(url: str) -> Any:
    """nbgrader's object, one for all pages: SQLAlchemy compiles its queries anew for each.

    That would be half of a page's time. It is closed between the pages, and opens again when it is used.
    """
    return Gradebook(url)


class SummariseGrades(GetGrades):
    """nbgrader's `GetGrades`, which also makes the summary and puts it into `resources["mashq"]`."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id = about["notebook"], about["assignment"]
        self.student_id = about["student"]
        found = nb.metadata.get("mashq", {})
        self._missing = MISSING in found
        self._record = {} if self._missing else found.get("judgement", {})
        judged = [Problem.from_json(problem) for problem in self._record.get("problems", [])]
        self._problems = attention([*problems_in(nb), *judged], self._record.get("results", []))
        self._release = release_of(self.parent.parent, about)
        self._items: list[Item] = []
        self._comments: list[str] = []
        course = str(self.parent.parent.coursedir.course_id)
        with _gradebook(about["db_url"]) as self.gradebook:
            nb, resources = super(GetGrades, self).preprocess(nb, resources)  # each cell
            if self._comments and self._items:  # on answers behind the last graded cell
                self._items[-1].comments += self._comments
            notebook = self.gradebook.find_submission_notebook(
                self.notebook_id, self.assignment_id, self.student_id
            )
            penalty = notebook.late_submission_penalty or 0
            # as nbgrader's own step says it, for a course's own template
            about["score"], about["max_score"] = notebook.score - penalty, notebook.max_score
            about["late_penalty"] = penalty
            resources["mashq"] = Summary(
                title=self._release.title or self.notebook_id,
                place=" · ".join(filter(None, (course, self.assignment_id, self.notebook_id))),
                score=notebook.score,
                points=notebook.max_score,
                penalty=penalty,
                items=self._items,
                notes=self._notes(),
                overview=self._overview(notebook.assignment, about),
            )
        return nb, resources

    def _overview(self, submission: Any, about: Mapping[str, str]) -> Overview:
        converter = self.parent.parent
        graded = CourseFolder.of_converter(converter).autograded(self.assignment_id, self.student_id)
        return overview_of(
            submission,
            str(converter.coursedir.course_id),
            graded,
            self.notebook_id,
            lambda name: release_of(converter, {**about, "notebook": name}),
        )

    def preprocess_cell(self, cell: Any, resources: dict[str, Any], cell_index: int) -> tuple[Any, Any]:
        cell.metadata["mashq"] = nbformat.from_dict({})  # whatever the student had there
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        for output in cell.get("outputs", []):
            for kind in output.get("data", {}):
                if kind.startswith("image/"):
                    output.metadata.setdefault(kind, nbformat.from_dict({}))["alt"] = _("figure of this cell")
        return cell, resources

    def _get_comment(self, cell: Any, resources: dict[str, Any]) -> None:
        super()._get_comment(cell, resources)
        comment = cell.metadata.nbgrader.get("comment")
        if comment:
            shown = _("No response.") if comment == NO_RESPONSE else str(comment)
            cell.metadata.nbgrader["comment"] = shown
            self._comments.append(shown)

    def _get_score(self, cell: Any, resources: dict[str, Any]) -> None:
        about = cell.metadata.nbgrader
        grade = self.gradebook.find_grade(
            about.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        about["score"], about["points"] = grade.score, grade.max_score
        item = self._item(about.grade_id, grade, is_test(cell))
        self._items.append(item)
        cell.metadata.mashq["item"] = len(self._items) - 1
        if about.get("task"):  # its comment is fetched before its score, as that of an essay
            item.comments = [comment for comment in (about.get("comment"),) if comment]

    def _item(self, grade_id: str, grade: Any, has_checks: bool) -> Item:
        results = [r for r in self._record.get("results", []) if r.grade_id == grade_id]
        problems = [problem for problem in self._problems if problem.cell in ("", grade_id)]
        unreadable = any(problem.kind is Kind.FILE for problem in problems)
        judged = bool(results) or unreadable or (has_checks and bool(problems))
        item = Item(
            title=self._release.titles.get(grade_id) or in_words(grade_id),
            grade_id=grade_id,
            anchor=f"graded-{len(self._items) + 1}",
            mark=mark_of(grade, judged),
            score=grade.score,
            points=grade.max_score,
            comments=self._comments,
        )
        self._comments = []
        graded = all(result.outcome in GRADES for result in results)
        if graded and not item.open:
            item.passed = sum(result.outcome == Outcome.PASSED for result in results)
            item.failed = [result.message for result in results if result.outcome == Outcome.FAILED]
        if item.open:
            item.notes += [problem.sentence.said() for problem in problems if problem.kind is Kind.PERSON]
        if item.mark == "ungraded":
            kinds = dict.fromkeys(problem.kind for problem in problems if problem.kind in OUR_FAULT)
            item.notes += [_(OUR_FAULT[kind]) for kind in kinds]
            item.notes.append(_("A person will look at this. It is not a zero."))
        elif grade.auto_score is not None and grade.manual_score not in (None, grade.auto_score):
            changed = _("A person changed these points; the checks gave {score}.")
            changed = changed.format(score=number(grade.auto_score))
            item.notes.append(changed if results else _("A person gave these points."))
        return item

    def _notes(self) -> list[str]:
        if self._missing:
            return [
                _(
                    "This notebook is not in what you handed in last, so its checks give no points. What a "
                    "person gave for it stays until a person has looked at that."
                )
            ]
        unreadable = _("This notebook could not be graded automatically: {problem}.")
        files = [problem.said().rstrip(".") for problem in self._problems if problem.kind is Kind.FILE]
        versions = [problem.said() for problem in self._problems if problem.kind is Kind.VERSIONS]
        if not any(item.open for item in self._items):
            versions = []  # a person has decided
        undecided = _("This notebook has no points yet: {problem}.")
        notes = [unreadable.format(problem=problem) for problem in files]
        notes += [undecided.format(problem=problem) for problem in versions]
        notes += stops_in_words(self._record)
        return notes + [
            _("Measured on a stand-in for the {name} data, not on the real data.").format(name=name)
            for name in self._record.get("stand_ins", [])
        ]


def stops_in_words(record: Mapping[str, Any]) -> list[str]:
    """What is said of cells that stopped: of all that cost points, and else of the first few.

    record : of the judge, see `judging.write_record`
    """
    most = max(MOST_STOPS, record.get("costly", 0))
    stopped = _("What stopped with an error: {stop}.")
    stops = [Sentence.from_json(stop).said() for stop in record.get("stops", [])[:most]]
    return [stopped.format(stop=stop) for stop in stops]


def mark_of(grade: Any, judged: bool) -> str:
    """Which mark a row of the gradebook gets; one that waits for a person is never a zero.

    judged : whether checks were to decide, so that a missing score is a fault of ours
    """
    if grade.manual_score is None and (grade.needs_manual_grade or grade.auto_score is None):
        return "ungraded" if judged else "waits"
    if grade.max_score <= 0 and grade.score <= 0:
        return "free"
    if grade.score >= grade.max_score:
        return "full"
    return "part" if grade.score > 0 else "none"


# -- the page ---------------------------------------------------------------------------------------------


class PageRenderer(IPythonRenderer):
    """Markdown of the notebook, its headings below the page's own."""

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        return str(super().heading(text, min(level + FIRST_LEVEL - 1, 6), **attributes))


class FeedbackExporter(HTMLExporter):
    """Writes the page with the template `mashq_feedback`, in the language of the notebook."""

    index: Callable[[], str]  # makes the page of all notebooks of the submission that was written last

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        be_careful(self.parent)

    @property
    def default_config(self) -> Any:
        config = Config(
            {
                "FeedbackExporter": {  # nbgrader sets its own template for every HTMLExporter
                    "template_name": "mashq_feedback",
                    "extra_template_basedirs": [str(TEMPLATES)],
                    "exclude_input_prompt": True,
                    "exclude_output_prompt": True,
                    "exclude_anchor_links": True,  # no id in the page comes from a student's heading
                }
            }
        )
        config.merge(super().default_config)
        return config

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        resources = resources if resources is not None else {}
        language = language_of(nb)
        if language == ENGLISH:  # graded before the release was translated
            language = release_of(self.parent, resources["nbgrader"]).language
        self._mathematics = Mathematics()
        resources["policy"] = policy(hosts_of(nb))
        with speaking(language):
            resources["words"] = {"language": language.replace("_", "-"), "direction": direction(language)}
            output: tuple[str, Any] = super().from_notebook_node(nb, resources, **kwargs)
        self.index = partial(index_page, output[1]["mashq"].overview, language)
        return output

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.globals["_"] = _
        return environment

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()
        yield "mathematics", lambda html: self._mathematics.draw(html)
        yield "comment2html", self._comment
        yield "text_direction", text_direction

    def _comment(self, source: str) -> str:
        """A grader's comment, with every tag closed that it opens."""
        renderer = PageRenderer(escape=False, exclude_anchor_links=True)
        return self._mathematics.draw(clean_html(MarkdownWithMath(renderer=renderer).render(source)))

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """nbconvert's filter, with headings and mathematics as this page has them."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = PageRenderer(escape=False, attachments=attachments, exclude_anchor_links=True)
        return self._mathematics.draw(MarkdownWithMath(renderer=renderer).render(source))
