"""The reference and the untouched release, graded as the class will be, before anything is handed out.

Most of what can be wrong with an assignment shows here: a check that no right answer passes, a point that an
empty answer earns, a file or a package that is not there, a limit that is too low.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from mashq.cells import about, id_of, is_test
from mashq.course.copy import copy_assignment
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import open_gradebook
from mashq.course.store import Store
from mashq.errors import CourseError
from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.engine.summary import Summary
from mashq.grading.engine.tasks import Overrides
from mashq.grading.identities import ANY
from mashq.grading.nbgrader_steps import JudgeExecute
from mashq.problems import Kind
from mashq.sandbox import IsolationError, choose_isolation
from mashq.temporary.folders import folder_for
from mashq.zoo.answers import fill_in

REFERENCE, UNTOUCHED = "reference", "untouched"
ROOM = 2  # a limit should be so many times what the reference needs


@dataclass(frozen=True)
class Need:
    """What the reference of one notebook took, and its points."""

    notebook: str
    points: float  # that the machine gives; those of people are not among them
    seconds: float
    memory_mb: float
    disk_mb: float

    def __str__(self) -> str:
        return (
            f"{self.notebook}: the reference has all {self.points:g} points of the machine, an untouched "
            f"notebook none; {self.seconds:.0f} s, {self.memory_mb:.0f} MB of memory, "
            f"{self.disk_mb:.0f} MB written"
        )


@dataclass
class Trial:
    """What came of it: what stands against a release, and what notebooks needed."""

    problems: list[str] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what an instructor should know


def require_sound(
    folder: CourseFolder,
    assignment: str,
    released: Path,
    gradebook: Path,
    say: Callable[[str], None],
    force: bool = False,
) -> bool:
    """Try a release out, see `try_out`, and say what was found; whether nothing stands against it.

    force : whether to go on all the same

    Raises CourseError when something does.
    """
    trial = try_out(folder, assignment, released, gradebook)
    for line in [*trial.notes, *map(str, trial.needs)]:
        say(line)
    if trial.problems and not force:
        raise CourseError(
            f"{assignment} is not released: graded as a class will be, it does not hold.\n"
            + "\n".join(f"  {problem}" for problem in trial.problems)
            + f"\nMend the sources or the checks. `mashq release {assignment} --force-release` releases it "
            "as it is."
        )
    for problem in trial.problems:
        say(f"released all the same: {problem}")
    return not trial.problems


def try_out(folder: CourseFolder, assignment: str, released: Path, gradebook: Path) -> Trial:
    """Grade the reference and the untouched release, with the course's settings, in a course of its own.

    released : folder of the new release
    gradebook : the SQLite file that nbgrader made with it

    Raises CourseError when the checks cannot be loaded at all.
    """
    trial = Trial()
    settings = JudgeExecute(config=folder.config)
    try:
        choose_isolation(str(settings.isolation))
    except IsolationError as missing:
        trial.notes.append(f"The reference was not tried out: {missing}")
        return trial
    with folder_for("trial") as place:
        course = copy_assignment(folder, assignment, place, cell_s=settings.timeout)
        shutil.copytree(released, course.release(assignment))
        shutil.copy(gradebook, place / "gradebook.db")
        points = _hand_in(course, assignment)
        overrides = Overrides(allow_stand_in=True, run_all=False, identities=ANY)
        options = Options(assignment, place, overrides=overrides)
        summary = grade_assignment(options, Console(file=io.StringIO()))
        trial.problems += _against(course, assignment, points, summary)
        if summary.stand_ins:
            data = ", ".join(summary.stand_ins)
            trial.notes.append(f"Tried out on stand-ins for the data of {data}.")
        trial.needs += _needs(course, assignment, points)
    if trial.problems:
        trial.needs.clear()
    trial.notes += tight(trial.needs, settings)
    return trial


def _hand_in(course: CourseFolder, assignment: str) -> dict[str, dict[str, float]]:
    """Two submissions; the points of the test cells, {notebook: {grade_id: points}}."""
    points = {}
    for student in (REFERENCE, UNTOUCHED):
        shutil.copytree(course.release(assignment), course.submitted(assignment, student))
    for path in sorted(course.release(assignment).glob("*.ipynb")):
        release, source = (
            nbformat.read(file, as_version=4) for file in (path, course.source_file(assignment, path.stem))
        )
        points[path.stem] = {
            id_of(cell): float(about(cell)["points"]) for cell in filter(is_test, release.cells)
        }
        handed_in = course.submitted(assignment, REFERENCE) / path.name
        handed_in.chmod(0o644)
        nbformat.write(fill_in(release, source), handed_in)
    return points


def _against(
    course: CourseFolder, assignment: str, points: dict[str, dict[str, float]], summary: Summary
) -> Iterator[str]:
    """A sentence for each test cell of which the points are not what they must be."""
    with open_gradebook(course, assignment) as gradebook:
        for student in (REFERENCE, UNTOUCHED):
            for notebook, cells in points.items():
                whys = {
                    problem.cell: str(problem.sentence)
                    for who, name, problem in summary.attention
                    if (who, name) == (student, notebook) and problem.kind is not Kind.IDENTITY
                }
                for cell, worth in cells.items():
                    grade = gradebook.find_grade(cell, notebook, assignment, student)
                    got = None if grade.needs_manual_grade else grade.auto_score
                    why = whys.get(cell) or whys.get("") or _said(course, assignment, student, notebook, cell)
                    if problem := _problem(f"{notebook}, {cell}", student, got, worth, why):
                        yield problem


def _problem(where: str, student: str, got: float | None, worth: float, why: str) -> str:
    """What is wrong with the points of one cell; empty where nothing is."""
    if got is None:
        return f"{where}: the {_whose(student)} gets no points before somebody looks: {why}"
    if student == REFERENCE and got < worth:
        return f"{where}: the reference gets {got:g} of {worth:g} points: {why}"
    if student == UNTOUCHED and got > 0:
        return f"{where}: an untouched notebook gets {got:g} of {worth:g} points"
    return ""


def _whose(student: str) -> str:
    return "reference" if student == REFERENCE else "untouched notebook"


def _said(course: CourseFolder, assignment: str, student: str, notebook: str, cell: str) -> str:
    """What the failed checks of a cell said, or the error that it stopped with."""
    path = course.autograded(assignment, student) / f"{notebook}.ipynb"
    if not path.is_file():
        return "it was not graded"
    graded: Any = nbformat.read(path, as_version=4)
    judgement = graded.metadata.get("mashq", {}).get("judgement", {})
    said = [
        f"{result['check']}: {result['message']}"
        for result in judgement.get("results", [])
        if result["grade_id"] == cell and result["outcome"] != "passed"
    ]
    said += [
        f"{output.ename}: {output.evalue}"
        for one in graded.cells
        if id_of(one) == cell
        for output in one.get("outputs", [])
        if output.output_type == "error"
    ]
    return "; ".join(said) or "no check says why"


def _needs(course: CourseFolder, assignment: str, points: dict[str, dict[str, float]]) -> Iterator[Need]:
    with Store(course.store(assignment)) as store:
        for student, notebook, graded in store.results():
            if student == REFERENCE:
                used = graded.judgement.usage
                yield Need(
                    notebook,
                    sum(points[notebook].values()),
                    graded.usage.seconds,
                    used.peak_mb,
                    used.disk_mb,
                )


def tight(needs: list[Need], settings: Any) -> Iterator[str]:
    """Limits with little room above what the reference needed, and what to set."""
    for need in needs:
        for name, used, limit in (
            ("memory_mb", need.memory_mb, settings.memory_mb),
            ("disk_mb", need.disk_mb, settings.disk_mb),
            ("notebook_s", need.seconds, settings.notebook_s),
        ):
            if used * ROOM > limit:
                yield (
                    f"{need.notebook} needs {used:.0f} of {limit} (c.JudgeExecute.{name}), and a right "
                    f"answer may need more: set c.JudgeExecute.{name} = {2 * ROOM * used:.0f}"
                )
