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
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import LimitOutput

from mashq import datasets
from mashq.course.results import Graded, Usage
from mashq.errors import MachineError
from mashq.grading.engine.task import Task
from mashq.grading.intake.receive import receive
from mashq.grading.notebook.judging import course_kernels, run_and_judge
from mashq.grading.notebook.schemes import show_to_graders
from mashq.sandbox import Isolation, Kernels, remove_leftovers
from mashq.sandbox.sandbox import FOLDER_PREFIX

# The packages whose versions decide results; a worker with others is refused.
DECIDING = (
    "mashq",
    "numpy",
    "scipy",
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "ipykernel",
    "matplotlib",
    "nh3",
)


class OtherVersionsError(MachineError):
    """A worker has other packages or data than the coordinator."""


def grade(task: Task, expected: Mapping[str, str] | None = None) -> Graded:
    """Grade one notebook.

    task : what was handed in (not trusted) and everything else that decides the grade
    expected : `versions()` of the coordinator; None takes any

    Whatever the student's code does is in the result. Raises MachineError when this machine cannot grade: no
    walls, no kernel, other versions than expected. Another worker may do better.
    """
    started = time.monotonic()
    _compare_versions(expected)
    release = nbformat.reads(task.release.decode(), as_version=4)
    received = receive(Path(f"{task.notebook}.ipynb"), task.data, release, task.notes, task.doubt)
    source = _kernels(task.isolation, task.memory_mb)
    check_file = None if task.checks is None else _check_file(task)
    notebook: Any = received.notebook
    judgement = run_and_judge(
        notebook,
        check_file,
        task.files,
        source,
        task.limits,
        run_all=task.run_all,
        allow_stand_in=task.allow_stand_in,
        catalogue=task.catalogue,
    )
    notebook, _ = LimitOutput().preprocess(notebook, {})
    show_to_graders(notebook, task.schemes, task.files)
    return Graded(
        notebook=nbformat.writes(notebook).encode(),
        judgement=judgement,
        unreadable=received.unreadable,
        notes=tuple(received.notes),
        attention=received.attention,
        isolation=str(source.isolation),
        usage=Usage(
            seconds=round(time.monotonic() - started, 3),
            worker=f"{socket.gethostname()}:{os.getpid()}",
        ),
    )


def versions() -> dict[str, str]:
    """What decides results beside the task: package versions, and which data this machine has."""
    return _packages() | {
        f"data {row}": f"{datasets.source(row)} {datasets.content(row)}" for row in ("hoda", "mnist")
    }


@cache
def _packages() -> dict[str, str]:
    found = {}
    for name in DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    found["mashq"] += f" {_own_code()}"
    return found


def _own_code() -> str:
    """A key of mashq's own code, which changes more often than its version where it is developed."""
    root = Path(__file__).parents[2]
    texts = [path.read_bytes() for path in sorted([*root.rglob("*.py"), *root.rglob("*.po")])]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]


def _compare_versions(expected: Mapping[str, str] | None) -> None:
    mine = versions() if expected else {}
    differences = [
        f"{n} {mine.get(n)} instead of {v}" for n, v in (expected or {}).items() if mine.get(n) != v
    ]
    if differences:
        raise OtherVersionsError(
            f"worker {socket.gethostname()} would grade by other rules: {'; '.join(differences)}. "
            "Install the same versions there; `mashq data fetch` gets the data."
        )


# -- what a worker keeps ----------------------------------------------------------------------------------

_sources: dict[tuple[str, int], Kernels] = {}


def _kernels(isolation: str, memory_mb: int) -> Kernels:
    """The kernels of this process for these settings; made once."""
    key = (isolation, memory_mb)
    if key not in _sources:
        remove_leftovers()  # what a killed worker left
        _sources[key] = course_kernels(isolation, memory_mb)
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
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-checks-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def isolation_of_worker(isolation: str) -> str:
    """The isolation that this machine can give, or why it cannot; for asking workers before a run."""
    from mashq.sandbox import IsolationError, choose_isolation

    try:
        return str(choose_isolation(isolation))
    except IsolationError as missing:
        return f"{Isolation.NONE}: {missing}"
