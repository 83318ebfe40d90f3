"""`mashq demo`: release hw2, grade a small class of varied submissions, show the grades.

The class is made from the reference solutions and the answers in `tests/hw2/zoo`. Everything happens in a
course folder of its own, which stays for looking at: in formgrader essays wait, and one of them is graded;
every student has feedback; the report has its charts.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import MissingEntry
from rich.console import Console

from mashq.course.copy import copy_assignment
from mashq.course.folder import CHECKS, STEPS, CourseFolder
from mashq.course.gradebook.access import open_gradebook
from mashq.course.gradebook.scores import read_scores
from mashq.course.nbgrader import run_nbgrader
from mashq.errors import CONFIG, CourseError
from mashq.feedback.generate import generate_feedback
from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.engine.summary import print_summary
from mashq.grading.engine.tasks import Overrides
from mashq.report.page import write_report
from mashq.zoo.answers import fill_in, read_answer

ASSIGNMENT = "hw2"
REPORT = "report.html"
MARKER = ".mashq-demo"  # only a folder with this file is ever replaced
# The essay that a person has graded: student, notebook, cell, points of 5, comment.
ESSAY = ("odd-but-right", "q2_theory", "q2_a", 5.0, "Every part is there, and the rank is well argued.")

Notebooks = dict[str, Any]  # notebook name → notebook


def run_demo(course: Path, folder: Path, workers: int) -> None:
    """Make the demo's course folder, grade its class and print what came out.

    course : a checkout of mashq
    folder : where the demo's course folder is made; an earlier demo there is replaced
    workers : how many notebooks are graded at once

    Raises CourseError when the checkout or the folder will not do, or nbgrader fails, and IsolationError
    where student code cannot be kept in.
    """
    console = Console(highlight=False)
    _make_course(course, folder, console)
    console.print(f"[bold]1. Release[/] the assignment {ASSIGNMENT} in {folder}/")
    run_nbgrader(folder, "generate_assignment", ASSIGNMENT)
    made = CourseFolder(folder)
    students = _hand_in(CourseFolder(course), made)
    where = _shown(folder, made.submitted(ASSIGNMENT, "STUDENT"))
    console.print(f"[bold]2. Hand in[/]: {len(students)} submissions in {where}")
    console.print(f"[bold]3. Grade[/] them, {workers} notebooks at a time, and one essay by hand")
    options = Options(ASSIGNMENT, folder, workers=workers, overrides=Overrides(allow_stand_in=True))
    summary = grade_assignment(options)
    _grade_essay(made)
    summary = replace(summary, scores=read_scores(made, ASSIGNMENT))
    console.print("[bold]4. Feedback[/] for every student, and the report")
    generate_feedback(folder, ASSIGNMENT, workers=workers)
    write_report(folder, ASSIGNMENT, folder / REPORT)
    run_nbgrader(folder, "export", "--to", "grades.csv")
    print_summary(summary, console)
    for line in _left(folder, made, students[0]):
        console.print(line, markup=False, soft_wrap=True)
    console.print("\n[bold]Try next[/]")
    for what, command in next_commands(folder, made):
        console.print(f"{what}:", markup=False, soft_wrap=True)
        console.print(f"    {command}", markup=False, soft_wrap=True, style="bold")


def next_commands(folder: Path, made: CourseFolder) -> list[tuple[str, str]]:
    """What to try after the demo: what it is for, and a line for the shell in the folder that we are in.

    folder : the demo's course folder, as it was named
    """
    python, mashq = _program("python"), _program("mashq")
    there = shlex.quote(str(folder))
    copied = _shown(folder, made.submitted(ASSIGNMENT, "half-done") / "q5_xnor.ipynb")
    target = _shown(folder, made.submitted(ASSIGNMENT, "nothing-done"))
    return [
        (
            "Read the report in a browser",
            f"{python} -m webbrowser {shlex.quote((folder / REPORT).resolve().as_uri())}",
        ),
        (
            "Grade essays: in JupyterLab open Nbgrader → Formgrader → hw2",
            f"(cd {there} && {_program('jupyter', folder)} lab)",
        ),
        (
            "Let nothing-done hand in q5 after all, and grade again: nothing runs twice",
            f"cp {shlex.quote(copied)} {shlex.quote(target)} && {mashq} grade {ASSIGNMENT} --course {there}",
        ),
    ]


def _program(name: str, folder: Path = Path()) -> str:
    """A program of this Python's environment, as it is called from a folder: relative when that is near."""
    path, here = Path(sys.executable).parent / name, Path.cwd()
    if path.is_relative_to(here) and folder.resolve().is_relative_to(here):
        path = Path(os.path.relpath(path, folder.resolve()))
    return shlex.quote(str(path))


def _shown(folder: Path, path: Path) -> str:
    """A path of the demo's course, beginning with its folder as it was named."""
    return str(folder / path.relative_to(folder.resolve()))


def _left(folder: Path, made: CourseFolder, student: str) -> list[str]:
    """What the demo leaves behind, a line each."""
    essay = made.feedback(ASSIGNMENT, ESSAY[0]) / f"{ESSAY[1]}.html"
    return [
        f"graded notebooks  {_shown(folder, made.autograded(ASSIGNMENT, 'STUDENT'))}",
        f"feedback          {_shown(folder, made.feedback(ASSIGNMENT, 'STUDENT'))}, for instance "
        f"{_shown(folder, made.feedback(ASSIGNMENT, student) / 'q5_xnor.html')}",
        f"a graded essay    {_shown(folder, essay)}; the others wait (*)",
        f"report            {folder / REPORT}",
        f"grades            {folder}/grades.csv",
    ]


def _grade_essay(made: CourseFolder) -> None:
    """Give one essay points and a comment, as formgrader does."""
    student, notebook, cell, points, comment = ESSAY
    # where the machine failed there is no result to give points to, and the summary says so
    with open_gradebook(made, ASSIGNMENT) as gradebook, suppress(MissingEntry):
        grade = gradebook.find_grade(cell, notebook, ASSIGNMENT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment(cell, notebook, ASSIGNMENT, student).manual_comment = comment
        gradebook.db.commit()


def _make_course(course: Path, folder: Path, console: Console) -> None:
    here = course.resolve()
    if not (here / CONFIG).is_file():
        raise _no_checkout(here, CONFIG)
    real = CourseFolder(course)
    own = [str(getattr(real.directory, f"{step}_directory")) for step in STEPS]
    for path in (real.source(ASSIGNMENT), real.zoo(ASSIGNMENT)):
        if not path.is_dir():
            raise _no_checkout(here, str(path))
    other = "name another folder, as `mashq demo /tmp/demo`"
    if any(folder.resolve().is_relative_to(real.root / name) for name in (*own, CHECKS)):
        raise CourseError(f"{folder} is in the course's own files; {other}")
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file; {other}")
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARKER).exists():
            raise CourseError(f"{folder} exists and is no demo of mashq; {other}")
        if (folder / MARKER).exists():
            console.print(f"{folder}/ holds an earlier demo: it is made anew, with what was graded in it.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    copy_assignment(real, ASSIGNMENT, folder)


def _no_checkout(here: Path, lacks: str) -> CourseError:
    return CourseError(
        f"the demo runs in a checkout of mashq; {here} lacks {lacks}. Change to the checkout with cd, then "
        "run it again."
    )


# -- the class --------------------------------------------------------------------------------------------

# What each student of the demo hands in: the questions, solved, and the answers of the zoo in place of the
# reference's. Who solved none hands in everything as it was released.
EVERYTHING = ("q1_paper", "q2_theory", "q3_playground", "q4_hoda", "q5_xnor", "q6_mnist")
QUICK = ("q1_paper", "q2_theory", "q5_xnor")
CLASS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "everything-right": (EVERYTHING, ()),
    "nothing-done": ((), ()),
    "half-done": (QUICK, ()),
    "odd-but-right": (QUICK, ("odd/xnor_loops_and_base2",)),
    "forgot-relu-derivative": (QUICK, ("wrong/backprop_without_relu_derivative",)),
    "updated-too-early": (QUICK, ("wrong/backprop_through_updated_weights",)),
    "memorised-weights": (QUICK, ("wrong/train_memorised_weights",)),
    "sigmoid-output": ((*QUICK, "q4_hoda"), ("wrong/hoda_sigmoid_output",)),
    "forgot-zero-grad": ((*QUICK, "q6_mnist"), ("wrong/mnist_without_zero_grad",)),
    "accuracy-in-percent": ((*QUICK, "q6_mnist"), ("wrong/mnist_accuracy_in_percent",)),
    "ended-python": (QUICK, ("wrong/forward_ends_python",)),
}


def _hand_in(real: CourseFolder, made: CourseFolder) -> list[str]:
    """Write the class as it hands in; returns the students, heaviest work first."""
    release, source = _read(made.release(ASSIGNMENT)), _read(made.source(ASSIGNMENT))
    zoo = real.zoo(ASSIGNMENT)
    for student, (solved, answers) in CLASS.items():
        cells = {"q1_identity": f'identity = "{student}"'}  # the reference works out whatever follows
        for name in answers:
            cells.update(read_answer(zoo / f"{name}.py").cells)
        notebooks = {name: fill_in(release[name], source[name], cells) for name in solved}
        _write(made, student, notebooks or release)
    _write_broken(made, release, source)
    return sorted(made.students(ASSIGNMENT), key=lambda s: -len(CLASS.get(s, ((), ()))[0]))


def _write_broken(made: CourseFolder, release: Notebooks, source: Notebooks) -> None:
    """Three files that people really hand in: cut off, stripped of metadata, with an endless loop."""

    def solved(student: str) -> Notebooks:
        own = {"q1_identity": f'identity = "{student}"'}
        return {name: fill_in(release[name], source[name], own) for name in QUICK}

    _write(made, "file-cut-off", solved("file-cut-off"))
    path = made.submitted(ASSIGNMENT, "file-cut-off") / "q5_xnor.ipynb"
    path.write_bytes(path.read_bytes()[:5000])

    stripped = solved("metadata-stripped")
    for notebook in stripped.values():
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict({})
    _write(made, "metadata-stripped", stripped)

    endless = solved("endless-loop")
    endless["q1_paper"].cells.insert(1, nbformat.v4.new_code_cell("while True:\n    pass"))
    _write(made, "endless-loop", endless)


def _read(folder: Path) -> Notebooks:
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}


def _write(made: CourseFolder, student: str, notebooks: Notebooks) -> None:
    target = made.submitted(ASSIGNMENT, student)
    target.mkdir(parents=True)
    for name, notebook in notebooks.items():
        nbformat.write(notebook, target / f"{name}.ipynb")
