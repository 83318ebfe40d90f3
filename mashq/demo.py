"""`mashq demo`: release hw2, grade a small class of varied submissions, show the grades.

The class is made from the reference solutions and the answers in `tests/hw2/zoo`. Everything happens in a
course folder of its own, which stays for looking at.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from mashq.errors import CourseError
from mashq.grading.course import Choices
from mashq.grading.feedback import generate_feedback
from mashq.grading.run import Options, grade_assignment
from mashq.grading.summary import print_summary
from mashq.nbgrader_command import run_nbgrader
from mashq.report import write_report
from mashq.zoo import fill_in, read_answer

ASSIGNMENT = "hw2"
MARKER = ".mashq-demo"  # only a folder with this file is ever replaced
PARTS = ("nbgrader_config.py", f"source/{ASSIGNMENT}", f"tests/{ASSIGNMENT}")
CELL_TIMEOUT_S = 45  # shorter than the course's own, because of the endless loop in the class

Notebooks = dict[str, Any]  # notebook name → notebook


def run_demo(course: Path, folder: Path, workers: int) -> None:
    """Make the demo's course folder, grade its class and print what came out.

    course : a checkout of mashq
    folder : where the demo's course folder is made; an earlier demo there is replaced
    workers : how many notebooks are graded at once

    Raises CourseError when the checkout or the folder will not do, or nbgrader fails, and WallsMissingError
    where student code cannot be kept in.
    """
    console = Console()
    _make_course(course, folder)
    console.print(f"[bold]1. Release[/] the assignment {ASSIGNMENT} in {folder}/")
    run_nbgrader(folder, "generate_assignment", ASSIGNMENT)
    students = _hand_in(folder)
    console.print(f"[bold]2. Hand in[/]: {len(students)} submissions in {folder}/submitted")
    console.print(f"[bold]3. Grade[/] them, {workers} notebooks at a time")
    options = Options(ASSIGNMENT, folder, workers=workers, choices=Choices(allow_stand_in=True))
    summary = grade_assignment(options)
    console.print("[bold]4. Feedback[/] for every student")
    generate_feedback(folder, ASSIGNMENT, workers=workers)
    report = write_report(folder, ASSIGNMENT, folder / "report.html")
    run_nbgrader(folder, "export", "--to", "grades.csv")
    print_summary(summary, console)
    first = f"{folder}/feedback/{students[0]}/{ASSIGNMENT}/q5_xnor.html"
    console.print(
        f"graded notebooks  {folder}/autograded/STUDENT/{ASSIGNMENT}\n"
        f"feedback          {folder}/feedback/STUDENT/{ASSIGNMENT}, for instance {first}\n"
        f"report            {report}\n"
        f"grades            {folder}/grades.csv\n\n"
        "Essays and q1.pdf wait for a person (*): "
        f"[bold]cd {folder} && ../.venv/bin/jupyter lab[/], then Nbgrader → Formgrader.",
        highlight=False,
    )


def _make_course(course: Path, folder: Path) -> None:
    missing = [part for part in PARTS if not (course / part).exists()]
    if missing:
        raise CourseError(
            f"the demo runs in a checkout of mashq; {course.resolve()} lacks {', '.join(missing)}"
        )
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARKER).exists():
            raise CourseError(f"{folder} exists and is no demo of mashq; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    for part in PARTS:
        copy_part: Callable[..., Any] = shutil.copytree if (course / part).is_dir() else shutil.copy
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy_part(course / part, folder / part)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\n# The demo's own: real data is not needed, and no loop runs long.\n")
        config.write(f"c.JudgeExecute.allow_stand_in = True\nc.JudgeExecute.timeout = {CELL_TIMEOUT_S}\n")


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


def _hand_in(folder: Path) -> list[str]:
    """Write the class into `submitted/`; returns the students, heaviest work first."""
    release, source = _read(folder / "release" / ASSIGNMENT), _read(folder / "source" / ASSIGNMENT)
    zoo = folder / "tests" / ASSIGNMENT / "zoo"
    for student, (solved, answers) in CLASS.items():
        cells = {}
        for name in answers:
            cells.update(read_answer(zoo / f"{name}.py").cells)
        _write(
            folder, student, {name: fill_in(release[name], source[name], cells) for name in solved} or release
        )
    _write_broken(folder, {name: fill_in(release[name], source[name]) for name in QUICK})
    students = sorted(path.name for path in (folder / "submitted").iterdir())
    return sorted(students, key=lambda s: -len(CLASS.get(s, ((), ()))[0]))


def _write_broken(folder: Path, notebooks: Notebooks) -> None:
    """Three files that people really hand in: cut off, stripped of metadata, with an endless loop."""
    _write(folder, "file-cut-off", notebooks)
    path = folder / "submitted" / "file-cut-off" / ASSIGNMENT / "q5_xnor.ipynb"
    path.write_bytes(path.read_bytes()[:5000])

    stripped = copy.deepcopy(notebooks)
    for notebook in stripped.values():
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict({})
    _write(folder, "metadata-stripped", stripped)

    endless = copy.deepcopy(notebooks)
    endless["q1_paper"].cells.insert(1, nbformat.v4.new_code_cell("while True:\n    pass"))
    _write(folder, "endless-loop", endless)


def _read(folder: Path) -> Notebooks:
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}


def _write(folder: Path, student: str, notebooks: Notebooks) -> None:
    target = folder / "submitted" / student / ASSIGNMENT
    target.mkdir(parents=True)
    for name, notebook in notebooks.items():
        nbformat.write(notebook, target / f"{name}.ipynb")
