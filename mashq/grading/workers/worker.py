"""Grade one notebook of one submission: a task of plain bytes in, a graded notebook and its results out.

Runs on a worker, on this machine or another. What is worth keeping between tasks, warm sandboxes and check
files, is kept in the worker's process; nothing of it decides a grade.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import socket
import time
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import IgnorePattern, LimitOutput
from traitlets.config import Config

import mashq
from mashq import datasets
from mashq.course.results import Graded, Usage
from mashq.errors import CheckError, MachineError
from mashq.grading.identities import sheets_of
from mashq.grading.intake.earlier import as_received
from mashq.grading.intake.own_steps import run_own_steps
from mashq.grading.intake.receive import receive
from mashq.grading.notebook.judging import course_kernels, run_and_judge
from mashq.grading.notebook.schemes import show_to_graders
from mashq.grading.workers.task import DATA, Task, relevant
from mashq.handed_in.beside import put_over
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import IsolationError, Kernels, Quota, choose_isolation
from mashq.temporary.folders import new_folder, remove_leftovers

# The packages whose versions decide results; a worker with others is refused.
DECIDING = (
    "mashq", "numpy", "scipy", "torch", "torchvision", "tensorflow", "keras",
    "ipykernel", "matplotlib", "nh3",
)  # fmt: skip


class OtherVersionsError(MachineError):
    """A worker has other packages or data than the process that shares out the work."""


def grade(task: Task, expected: Mapping[str, str] | None = None) -> Graded:
    """Grade one notebook.

    task : what was handed in (not trusted) and everything else that decides the grade
    expected : `versions()` of the process that shares out the work; None takes any

    What the student's code does, also when it fails, is in the result. Raises MachineError when this machine
    cannot grade: no walls, no kernel, other versions than expected. Another worker may be able to.
    """
    started = time.monotonic()
    _compare_versions(relevant(expected or {}, task))
    release = nbformat.reads(task.release.decode(), as_version=4)
    received = receive(
        Path(f"{task.notebook}.ipynb"), task.data, release, task.notes, task.doubt, task.versions
    )
    source = _kernels(task.isolation, task.quota, tuple(task.packages), task.shown)
    check_file = None if task.checks is None else _check_file(task)
    notebook: Any = received.notebook
    about = {"student": task.student, "assignment": task.assignment, "notebook": task.notebook}
    failed: list[Problem] = []
    try:
        notebook = run_own_steps(notebook, task.steps, about, task.settings)
    except CheckError as error:
        failed.append(Problem(Kind.CHECK, Sentence.plain(error)))
    judgement = run_and_judge(
        notebook,
        check_file,
        put_over(task.files, {name: task.files[other] for name, other in task.own_folder.items()}),
        source,
        task.limits,
        problems=failed,
        run_all=task.run_all,
        allow_stand_in=task.allow_stand_in,
        catalogue=task.catalogue,
        data=task.datasets,
        left_out=task.left_out,
        hidden=task.hidden,
        earlier=[as_received(*one) for one in task.earlier],
        name=task.notebook,
        folder=task.assignment,
    )
    # a person may grade one of them, such as a scan; a name need not be UTF-8
    notebook.metadata.mashq["files"] = {
        name.encode(errors="backslashreplace").decode(): hashlib.sha256(data).hexdigest()
        for name, data in sorted(task.files.items())
    }
    settings = Config(dict(task.settings))
    for step in (IgnorePattern(config=settings), LimitOutput(config=settings)):
        notebook, _ = step(notebook, {})
    show_to_graders(notebook, task.schemes, task.files, sheets_of(judgement.own))
    return Graded(
        notebook=nbformat.writes(notebook).encode(),
        judgement=judgement,
        problems=tuple(received.problems),
        notes=tuple(received.notes),
        isolation=str(source.isolation),
        usage=Usage(
            seconds=round(time.monotonic() - started, 3),
            worker=f"{socket.gethostname()}:{os.getpid()}",
        ),
    )


def versions(names: Iterable[str]) -> dict[str, str]:
    """What decides results beside the task: package versions, and which data this machine has.

    names : of the datasets that the tasks need
    """
    return _packages() | {
        f"{DATA}{name}": f"{datasets.source(name)} {datasets.content(name)}" for name in names
    }


def data_of(versions: Mapping[str, str]) -> list[str]:
    """The names of the datasets among `versions()`."""
    return [name.removeprefix(DATA) for name in versions if name.startswith(DATA)]


@cache
def _packages() -> dict[str, str]:
    found = {}
    for name in DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    # mashq's own code changes more often than its version where it is developed
    root = Path(mashq.__file__).parent
    texts = [path.read_bytes() for path in sorted([*root.rglob("*.py"), *root.rglob("*.po")])]
    key = hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]
    found["mashq"] += f" {key}"
    return found


def _compare_versions(expected: Mapping[str, str]) -> None:
    mine = versions(data_of(expected)) if expected else {}
    differences = [f"{n} {mine.get(n)} instead of {v}" for n, v in expected.items() if mine.get(n) != v]
    if differences:
        raise OtherVersionsError(
            f"worker {socket.gethostname()} would grade by other rules: {'; '.join(differences)}. "
            "Install the same versions there; `mashq data fetch` gets the data."
        )


# -- what a worker keeps ----------------------------------------------------------------------------------

_sources: dict[tuple[str, Quota, tuple[str, ...], tuple[str, ...]], Kernels] = {}


def _kernels(isolation: str, quota: Quota, packages: tuple[str, ...], shown: tuple[str, ...]) -> Kernels:
    """The kernels of this process for these settings; made once."""
    key = (isolation, quota, packages, shown)
    if key not in _sources:
        remove_leftovers()  # what a killed worker left
        _sources[key] = course_kernels(isolation, quota, packages=packages, shown=shown)
    return _sources[key]


@atexit.register
def close_kernels() -> None:
    """End this process's sandboxes; they would end with it in any case."""
    while _sources:
        _, source = _sources.popitem()
        source.close()


def _check_file(task: Task) -> Path:
    """The hidden checks as a file that pytest can load, outside every sandbox; written once."""
    assert task.checks is not None
    folder = _check_folder() / hashlib.sha256(task.checks).hexdigest()[:16] / "tests" / task.assignment
    path = folder / f"test_{task.notebook}.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(task.checks)
    return path


@cache
def _check_folder() -> Path:
    folder = new_folder("checks")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def why_not_isolated(isolation: str) -> str:
    """Why this machine cannot keep student code in as is asked; empty when it can. Workers are asked this."""
    try:
        choose_isolation(isolation)
    except IsolationError as missing:
        return str(missing)
    return ""
