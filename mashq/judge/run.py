"""Judge one notebook: run its cells, hold the hidden checks against them, return what was found."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from mashq.cells import about, id_of, is_test
from mashq.errors import CheckError
from mashq.judge.limits import Limits
from mashq.judge.plugin import JudgePlugin
from mashq.judge.results import Judgement
from mashq.judge.session import NotebookSession
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import Files, Kernels

# What nobody sees here, and plugins that cost each notebook a garbage collection or two (0.4 s).
NOT_NEEDED = (
    "cacheprovider", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "pastebin", "setuponly",
    "setupplan", "stepwise", "terminal", "threadexception", "unittest", "unraisableexception", "warnings",
)  # fmt: skip
# A pytest of our own: no settings, plugins or conftest.py of the caller, so grades do not depend on them.
PYTEST_OPTIONS = (
    *("-c", os.devnull),
    "--noconftest",
    "--disable-plugin-autoload",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=sys",
    *(word for name in NOT_NEEDED for word in ("-p", f"no:{name}")),
)


def judge_notebook(
    notebook: Any,
    check_file: Path,
    files: Files | None = None,
    *,
    limits: Limits | None = None,
    kernels: Kernels | None = None,
    run_all: bool = True,
    folder: str = "work",
    allow_stand_in: bool = False,
    only: str | None = None,
    data: Collection[str] = (),
) -> Judgement:
    """Run a notebook and its hidden checks.

    notebook : nbformat notebook, made by a student and not trusted; gets its outputs, in place
    check_file : `tests/ASSIGNMENT/test_NOTEBOOK.py`, trusted; runs in this process, outside the kernel
    files, limits, kernels, run_all, folder : see `NotebookSession`
    allow_stand_in : whether checks may measure on stand-ins for real data that is missing
    only : the one test cell to hold checks against, None for all; the notebook may then have no other
    data : datasets that the release names, besides those that the checks are marked with

    Whatever the student's code does ends up in the judgement. A check that is wrong and a machine that fails
    end up there too, apart from grades. Nothing is written.

    Raises CheckError when there is no such check file.
    """
    if not check_file.is_file():
        raise CheckError(f"there is no check file {check_file}")
    _forget_another_version(check_file)
    with NotebookSession(notebook, files, limits, kernels, run_all, folder) as session:
        plugin = JudgePlugin(lambda _: session, allow_stand_in=allow_stand_in, only=only, data=lambda _: data)
        judgement = plugin.judgement
        # without confcutdir, pytest looks at each file of all folders above, such as a full temporary one
        where = [f"--{word}={check_file.parent}" for word in ("rootdir", "confcutdir")]
        code = pytest.main([*PYTEST_OPTIONS, *where, str(check_file)], plugins=[plugin])
        if plugin.interrupted:  # pytest keeps that to itself
            raise KeyboardInterrupt
        _compare_points(notebook, judgement)
        _note_unjudged_cells(notebook, judgement, check_file, code, only)
        if not session.started and not judgement.stopped:  # a notebook in which nothing is judged
            plugin.finish(session)
    if any(problem.kind is Kind.CHECK for problem in judgement.problems):
        _forget(check_file)  # what is loaded may be half of it, which would not be read again
    judgement.usage = session.usage
    judgement.stops, judgement.costly = session.causes.found()
    judgement.problems += session.causes.lacking()
    judgement.own = list(session.own.values())
    return judgement


_loaded: dict[str, tuple[Path, bytes]] = {}  # {module name: the check file it was loaded from, its text}


def _forget_another_version(check_file: Path) -> None:
    """The same file stays loaded for the next notebook, with what its caches hold; an older text does not."""
    found = check_file, check_file.read_bytes()
    if _loaded.get(check_file.stem) != found:
        _forget(check_file)
        _loaded[check_file.stem] = found


def _forget(check_file: Path) -> None:
    """Have the check file read again the next time."""
    sys.modules.pop(check_file.stem, None)
    _loaded.pop(check_file.stem, None)


def _compare_points(notebook: Any, judgement: Judgement) -> None:
    """Note test cells whose checks are not worth what the cell says; nobody is graded by those."""
    for cell in filter(is_test, notebook.cells):
        name, points = id_of(cell), about(cell)["points"]
        worth = sum(result.points for result in judgement.of(name))
        if judgement.of(name) and abs(worth - points) > 1e-9:
            differ = N_(
                "the checks of {name} add up to {worth:g} points, the cell is worth {points:g}: change "
                "the checks' points or the cell's"
            )
            sentence = Sentence.of(differ, name=name, worth=worth, points=points)
            judgement.problems.append(Problem(Kind.CHECK, sentence))


def _note_unjudged_cells(
    notebook: Any, judgement: Judgement, check_file: Path, code: int, only: str | None
) -> None:
    """A judged cell has results, or there is a problem that says why not: nothing is graded in silence.

    code : with which pytest ended
    """
    ended = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
    if judgement.stopped:
        return
    if code not in ended:
        early = N_("the checks in {file} ended early: run `pytest {file}`, which says why (exit code {code})")
        sentence = Sentence.of(early, file=check_file.name, code=int(code))
        judgement.problems.append(Problem(Kind.CHECK, sentence))
        return
    for cell in filter(is_test, notebook.cells):
        name = id_of(cell)
        # a test cell without points is run, and needs no check
        if about(cell)["points"] and not judgement.of(name) and only in (None, name):
            none = N_(
                "this cell has no checks: write one in {file}, marked "
                '@pytest.mark.grade("{name}", points={points:g}), or make it a cell without points'
            )
            sentence = Sentence.of(none, file=check_file.name, name=name, points=about(cell)["points"])
            judgement.problems.append(Problem(Kind.CHECK, sentence, name))
