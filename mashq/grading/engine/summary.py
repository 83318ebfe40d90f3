"""What a grading run says at its end, to people and to machines."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mashq.course.gradebook.scores import QuestionScore, Scores, score_table, total_of
from mashq.grading.engine.progress import clock, readable
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, by_cause

MOST_ROWS = 40  # students; a longer table scrolls away what matters
MOST_NAMES = 8  # names below one reason
NO_NOTEBOOK = "-"  # in the list of what needs attention, in the place of a notebook's name

# What to do next about what needs attention, in the order in which it is listed; `CourseFolder.places` is
# filled in.
NEXT_STEPS = {
    Kind.FILE: N_(
        "Look at {submission}. Put a readable copy in its place and run "
        "`mashq grade {assignment}` again, or give the points in formgrader."
    ),
    Kind.VERSIONS: N_(
        "Keep the version that counts as {submission}, move the others out of that folder, and run "
        "`mashq grade {assignment}` again. That decides it.",
    ),
    Kind.DATA: N_("Run `mashq data fetch`, then `mashq grade {assignment}` again."),
    Kind.CHECK: N_(
        "A hidden check is wrong, not the students. Mend {check_file}, then run "
        "`mashq grade {assignment}` again."
    ),
    Kind.PERSON: N_("Look at the notebook in formgrader and give these cells their points by hand."),
    Kind.IDENTITY: N_(
        "Ask the student whose numbers these are, and give the points of these cells by hand in formgrader. "
        "A student who mistyped their identity hands in again, or gets what the numbers are worth."
    ),
    Kind.LEFT_OUT: N_(
        "Look beside {submission}. Ask for smaller files if the grade needs what was left out; what it does "
        "not need, move out of that folder. Then run `mashq grade {assignment}` again.",
    ),
    Kind.TIME: N_(
        "Nothing is taken off for being late there. Write the time into {timestamp}, as "
        "2026-11-20 22:00:00 Asia/Tehran, then run `mashq grade {assignment}` again.",
    ),
    Kind.MACHINE: N_(
        "The machine failed, not the students. Run `mashq grade {assignment}` again. If it stays, look at "
        "the free memory and disk, and at the kernels (`jupyter kernelspec list`).",
    ),
}


@dataclass(frozen=True)
class Summary:
    """One run of `mashq grade`."""

    assignment: str
    graded: int  # notebooks that were run
    unchanged: int  # notebooks whose result was at hand
    seconds: float  # wall time of the whole run
    workers: int
    attention: list[tuple[str, str, Problem]]  # student, notebook, why somebody must act
    isolation: str  # the walls that student code ran behind; "none" without
    stand_ins: list[str]  # datasets that were not the real ones
    scores: Scores  # of all submissions in the gradebook
    places: Mapping[str, str]  # see `CourseFolder.places`

    @property
    def per_minute(self) -> float:
        """Notebooks run per minute; 0 when none was."""
        return 60 * self.graded / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class Statistics:
    """The points of one question over all students."""

    of: float  # points that can be had
    mean: float | None  # over what is graded, as if all points were; None where nothing is
    median: float | None
    full: float  # share of students with all points, 0 to 1
    waiting: int  # students of whom something waits for a person


def print_summary(summary: Summary, console: Console) -> None:
    """Print scores, what needs attention, warnings, and how fast it went, in this order.

    The last lines are those that stay on the screen, so what somebody has to do comes late.
    """
    if len(summary.scores.students) > MOST_ROWS:
        console.print(statistics_table(summary.scores))
        everybody = f"all {len(summary.scores.students)} students"
        _say(console, f"`mashq scores {summary.assignment}` prints {everybody}.")
    else:
        console.print(score_table(summary.scores))
    _print_attention(summary, console)
    for warning in warnings(summary):
        _say(console, f"WARNING: {warning}", "bold red")
    _say(console, throughput(summary))


def warnings(summary: Summary) -> list[str]:
    """What makes the grades of this run doubtful, one sentence each."""
    found = []
    if summary.stand_ins:
        found.append(
            f"graded on STAND-INS for the {' and '.join(sorted(summary.stand_ins))} data, not on the real "
            "data. Do not give out these grades. Run `mashq data fetch`, then grade again."
        )
    if summary.isolation == "none":
        found.append(
            "student code ran WITHOUT WALLS (isolation none): it could read your files and use the network. "
            "See docs/security.md."
        )
    return found


def throughput(summary: Summary) -> str:
    """`graded 600 notebooks in 12:05 with 8 workers (49.7 a minute), 40 unchanged`."""
    workers = "1 worker" if summary.workers == 1 else f"{summary.workers} workers"
    rate = f" ({summary.per_minute:.1f} a minute)" if summary.graded else ""
    notebooks = "1 notebook" if summary.graded == 1 else f"{summary.graded} notebooks"
    return (
        f"graded {notebooks} in {clock(summary.seconds)} with {workers}{rate}, {summary.unchanged} unchanged"
    )


def statistics_table(scores: Scores) -> Table:
    """A table by question, for a class too large to list."""
    table = Table(
        title=f"{scores.assignment}: {len(scores.students)} students, points by question",
        caption="* over what is graded, as if all were",
    )
    table.add_column("question", no_wrap=True)
    for heading in ("of", "mean *", "median *", "full points", "waiting for a person"):
        table.add_column(heading, justify="right")
    for name, found in question_statistics(scores).items():
        if name == "total":
            table.add_section()
        table.add_row(
            name,
            f"{found.of:g}",
            "-" if found.mean is None else f"{found.mean:.2f}",
            "-" if found.median is None else f"{found.median:g}",
            f"{100 * found.full:.0f} %",
            str(found.waiting),
        )
    return table


def question_statistics(scores: Scores) -> dict[str, Statistics]:
    """{question: its statistics}, and `total` last; empty without students."""
    students = list(scores.students.values())
    if not students:
        return {}
    found = {
        name: _statistics([questions[name] for questions in students if name in questions])
        for name in scores.questions
        if any(name in questions for questions in students)
    }
    return found | {"total": _statistics([total_of(questions.values()) for questions in students])}


def _statistics(values: list[QuestionScore]) -> Statistics:
    of = max(value.max_score for value in values)
    points = [of * share for value in values if (share := value.graded_share) is not None]
    return Statistics(
        of=of,
        mean=statistics.fmean(points) if points else None,
        median=statistics.median(points) if points else None,
        full=sum(value.score >= value.max_score - 1e-9 for value in values) / len(values),
        waiting=sum(value.needs_person for value in values),
    )


def _print_attention(summary: Summary, console: Console) -> None:
    """What needs attention: by what to do next, then by reason, then names."""
    groups: dict[Kind, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for student, notebook, problem in _sorted(summary):
        groups[problem.kind][str(problem)].append(f"{student} {notebook}")
    notebooks = len({(student, notebook) for student, notebook, _ in summary.attention})
    if not notebooks:
        return
    one, more = "1 notebook needs attention; it has", f"{notebooks} notebooks need attention; they have"
    _say(console, f"{one if notebooks == 1 else more} no complete grade yet:", "bold")
    for kind in (kind for kind in NEXT_STEPS if kind in groups):
        for reason, names in sorted(groups[kind].items(), key=lambda item: (-len(item[1]), item[0])):
            _say(console, f"  {reason}")
            more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            _say(console, f"      {', '.join(names[:MOST_NAMES])}{more}")
        step = NEXT_STEPS[kind].format(assignment=summary.assignment, **summary.places)
        _say(console, f"  Next: {step}", "bold")


def _sorted(summary: Summary) -> list[tuple[str, str, Problem]]:
    """What needs attention, each cause once, in an order that does not depend on which worker was first."""
    found: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for student, notebook, problem in summary.attention:
        found[student, notebook].append(problem)
    rows = [(*of, problem) for of, problems in found.items() for problem in by_cause(problems)]
    return sorted(rows, key=lambda row: (row[0], row[1], str(row[2])))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(readable(text, console.encoding), style=style), soft_wrap=True)


def as_json(summary: Summary) -> str:
    """The summary as JSON text, for `--json FILE`; equal runs give equal text, apart from the seconds.

    assignment, graded, unchanged, seconds, workers, isolation, stand_ins : as in `Summary`
    notebooks_per_minute : notebooks that were run, by wall time
    complete : whether nothing needs attention
    attention : [{student, notebook, reason, kind}], sorted; the kind says who must act, see `problems.Kind`:
        file, versions, person, identity, left_out, time, check, data or machine
    questions : {question: {of, mean, median, full, waiting}}, `total` last; full is a share, 0 to 1;
        mean and median are over what is graded, null where nothing is
    students : {student: {question: {score, max_score, needs_person}}}, sorted by student
    """
    scores = summary.scores
    everything = {
        "assignment": summary.assignment,
        "complete": not summary.attention,
        "graded": summary.graded,
        "unchanged": summary.unchanged,
        "seconds": round(summary.seconds, 2),
        "notebooks_per_minute": round(summary.per_minute, 2),
        "workers": summary.workers,
        "isolation": summary.isolation,
        "stand_ins": sorted(summary.stand_ins),
        "attention": [
            {"student": student, "notebook": notebook, "reason": str(problem), "kind": str(problem.kind)}
            for student, notebook, problem in _sorted(summary)
        ],
        "questions": {
            name: {key: value if value is None else round(value, 6) for key, value in vars(found).items()}
            for name, found in question_statistics(scores).items()
        },
        "students": {
            student: {
                name: {key: getattr(questions[name], key) for key in ("score", "max_score", "needs_person")}
                for name in scores.questions
                if name in questions
            }
            for student, questions in sorted(scores.students.items())
        },
    }
    return json.dumps(everything, indent=2, ensure_ascii=False) + "\n"
