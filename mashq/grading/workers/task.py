"""The unit of grading: one notebook of one submission, and everything that decides its grade.

A `Task` is plain data, so that it can travel to a worker on another machine. Grading one (`worker.grade`)
reads nothing of the course folder and writes nothing; what comes out is a `mashq.course.results.Graded`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mashq.judge.limits import Limits
from mashq.problems import Sentence
from mashq.sandbox.limits import Quota

DATA = "data "  # before the name of a dataset, among the versions of packages


@dataclass(frozen=True)
class Task:
    """One notebook of one submission."""

    student: str
    assignment: str
    notebook: str  # name without .ipynb
    data: bytes  # the handed-in file, not trusted
    release: bytes  # the released notebook of the same name
    files: Mapping[str, bytes] = field(default_factory=dict)  # {relative path: content} beside the notebook
    checks: bytes | None = None  # text of tests/ASSIGNMENT/test_NOTEBOOK.py; None: its own test cells decide
    hidden: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # see `Assignment.hidden`
    schemes: Mapping[str, str] = field(default_factory=dict)  # mark schemes, {grade_id: text}
    limits: Limits = field(default_factory=Limits)
    run_all: bool | None = None  # run and draw what no grade depends on; None where a person grades
    quota: Quota = field(default_factory=Quota)
    packages: Mapping[str, str] = field(default_factory=dict)  # see `package_folders`
    shown: tuple[str, ...] = ()  # see `Assignment.shown`
    steps: Mapping[str, str] = field(default_factory=dict)  # the course's own, {dotted name: its code}
    # those of nbgrader_config.py for these steps, and for nbgrader's own that look at outputs
    settings: Mapping[str, Any] = field(default_factory=dict)
    # (name, released notebook, what was handed in) of those that run first, see `earlier.writers`
    earlier: tuple[tuple[str, bytes, bytes], ...] = ()
    allow_stand_in: bool = False
    isolation: str = "auto"  # see `mashq.sandbox`
    notes: tuple[Sentence, ...] = ()  # how the file was found
    catalogue: bytes = b""  # what hidden checks say in the language of the release, a .po file
    datasets: tuple[str, ...] = ()  # those that the release and the checks name; no others are at hand
    doubt: Sentence | None = None  # why no file was taken, though one may be it; `data` is then empty
    versions: Sentence | None = None  # which answered versions there are, of which a person must choose one
    left_out: Mapping[str, Sentence] = field(default_factory=dict)  # {file that is not there: why}
    own_folder: Mapping[str, str] = field(default_factory=dict)  # {name where it runs: name in `files`}


def relevant(versions: Mapping[str, str], task: Task) -> dict[str, str]:
    """Of the versions of packages and data, those that may decide a task's result."""
    others = {f"{DATA}{name}" for name in task.datasets}
    return {name: value for name, value in versions.items() if not name.startswith(DATA) or name in others}


def content_key(task: Task, versions: Mapping[str, str]) -> str:
    """SHA-256, in hexadecimal, of all that decides a task's result.

    Who handed it in decides nothing, unless the course has steps of its own, which are told.

    versions : what decides it besides the task, such as the versions of packages and datasets
    """
    fields = [field.name for field in dataclasses.fields(task) if field.name != "student" or task.steps]
    parts = {name: _plain(getattr(task, name)) for name in fields}
    # settings of a course's own steps may be anything
    text = json.dumps({"task": parts, "versions": relevant(versions, task)}, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value  # type: ignore[arg-type]
