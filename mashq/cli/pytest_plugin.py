"""Hidden checks under pytest, called by hand.

`pytest tests/hw2` grades the reference solution in `source/hw2`; `pytest tests/hw2 --submission PATH` grades
a notebook, or a folder of notebooks. What runs the checks is `mashq.judge.plugin`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from mashq import datasets
from mashq.course.assignment import Assignment, require_unique_ids
from mashq.course.folder import CourseFolder
from mashq.errors import CONFIG, CheckError, CourseError, NoAnswerError
from mashq.handed_in.beside import Beside
from mashq.handed_in.own_file import open_own
from mashq.judge.plugin import JudgePlugin, notebook_name
from mashq.judge.session import NotebookSession
from mashq.language import ENGLISH, language_of, speaking
from mashq.language import gettext as _
from mashq.sandbox import Isolation, Kernels, kernels


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--submission PATH` and `--isolation HOW`."""
    group = parser.getgroup("mashq")
    group.addoption(
        "--isolation",
        choices=list(Isolation),
        default=Isolation.AUTO,
        help="walls around a submission (default: the best of this machine); the reference runs without",
    )
    group.addoption(
        "--submission",
        type=Path,
        metavar="PATH",
        help="notebook, or folder of notebooks, that the hidden checks grade (default: the reference)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Grade the reference or `--submission`."""
    chosen = config.getoption("--submission")
    if chosen is not None and not chosen.exists():
        raise pytest.UsageError(f"--submission: there is no {chosen}")
    datasets.prepare([])  # the folder that the walls show
    walls = None if chosen is None else kernels(config.getoption("--isolation"), datasets.course_folder())
    if walls is not None:
        config.add_cleanup(walls.close)
    config.pluginmanager.register(JudgePlugin(lambda file: _open(file, chosen, walls), data=_needed_by))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What a check says is in the language of its release."""
    if item.get_closest_marker("grade") is None:
        return (yield)
    with speaking(*_released_in(item.path)):
        return (yield)


def _open(check_file: Path, chosen: Path | None, walls: Kernels | None) -> NotebookSession:
    """The session for a check file when pytest is called by hand."""
    name = notebook_name(check_file)
    if chosen is None:
        folder = _course_of(check_file)
        if folder is None:
            raise CheckError(f"{check_file} is in no course folder; name a notebook with --submission")
        path = folder.source_file(check_file.parent.name, name)
    else:
        path = chosen / f"{name}.ipynb" if chosen.is_dir() else chosen
    if not os.path.lexists(path):
        raise NoAnswerError(_("{file} was not handed in").format(file=path.name))
    try:
        with path.open("rb") if chosen is None else open_own(path.parent, path.name) as file:
            text = file.read().decode(errors="replace")
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:
        raise NoAnswerError(
            _("{file} cannot be read as a notebook: {error}").format(file=path.name, error=error)
        ) from None
    if chosen is None:  # what students share between cells, grading puts right
        require_unique_ids({str(path): notebook})
    files, _left_out = Beside(path.parent).of(text)
    return NotebookSession(notebook, files, kernels=walls, run_all=False)


@functools.cache
def _released_in(check_file: Path) -> tuple[str, bytes]:
    """The language in which a check file's notebook was released, and the course's words in it."""
    folder, assignment = _course_of(check_file), check_file.parent.name
    if folder is None:
        return ENGLISH, b""
    path = folder.released_file(assignment, notebook_name(check_file))
    language = language_of(nbformat.read(path, as_version=4)) if path.is_file() else ENGLISH
    return language, folder.translations(assignment, language)


def _needed_by(check_file: Path) -> tuple[str, ...]:
    """The datasets that a check file and its released notebook name."""
    folder = _course_of(check_file)
    with suppress(CourseError):  # nothing is released yet: the checks alone say it
        if folder is not None:
            return Assignment(folder, check_file.parent.name).datasets(notebook_name(check_file))
    return datasets.needed(check_file.read_text(encoding="utf-8"))


@functools.cache
def _course_of(check_file: Path) -> CourseFolder | None:
    """The course folder whose hidden checks a file belongs to; None for a file of no course."""
    checks, here = check_file.parent.resolve(), Path.cwd()
    above = [root for root in checks.parents if (root / CONFIG).is_file()]
    beside = [root for root in (here, *here.parents) if (root / CONFIG).is_file()]
    for folder in map(CourseFolder, dict.fromkeys(above + beside)):
        if folder.checks(checks.name).resolve() == checks:
            return folder
    if above or len(checks.parents) < 2:  # not in tests/ASSIGNMENT of a folder
        return None
    return CourseFolder(checks.parents[1], Config())  # nbgrader needs no settings either
