"""The pytest plugin: hidden checks are ordinary pytest functions that hold a `student`.

A file `test_NOTEBOOK.py` belongs to the notebook `NOTEBOOK.ipynb`. Checks run in the order of their cells,
each just after its test cell has run.
"""

from __future__ import annotations

import math
import os
import re
import zlib
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mashq.errors import CheckError, DataError, MachineError, NoAnswerError
from mashq.judge.data import prepare_data
from mashq.judge.results import CheckResult, Judgement, Outcome
from mashq.judge.session import NotebookSession
from mashq.judge.stochastic import FALSE_FAILURE, MEASURED
from mashq.judge.student import Student, unanswered
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.language import visible
from mashq.problems import Kind, Problem, Sentence

# What is raised where the machine failed, and not the check.
MACHINE_FAULTS = (MachineError, DataError, OSError, MemoryError)
WHY_LETTERS = 400  # of why checks do not load
OpenSession = Callable[[Path], NotebookSession]  # from a check file to the notebook it grades


def notebook_name(check_file: Path) -> str:
    """`tests/hw2/test_q5_xnor.py` → `q5_xnor`."""
    return check_file.stem.removeprefix("test_")


def sentence_of(error: BaseException) -> str:
    """The first paragraph of an error, without what pytest's assertion rewriting adds."""
    text = str(error).split("\nassert ")[0].strip()
    if not text or text.startswith("assert "):
        return _("the result is not what the exercise asks for")
    return " ".join(text.split("\n\n")[0].split())


def title_of(docstring: str | None) -> str:
    """What a right answer does: the first paragraph of a check's docstring, on one line."""
    return " ".join((docstring or "").split("\n\n")[0].split())


def why_not_loaded(check_file: str, report: str, root: Path) -> str:
    """The error of a failed collection and the line of a check file that led to it, on one line.

    report : pytest's, with a traceback of its own, of importlib's and of the check file's lines
    check_file : named already where this is said
    root : is left out of what is said, for it differs from worker to worker
    """
    files = report
    for folder in (str(root), os.path.relpath(root)):
        files = files.replace(f"{folder}{os.sep}", "")
    errors = [line[1:].strip() for line in files.splitlines() if line.startswith("E ")]
    error = " ".join(line for line in errors if line.strip("^~ ")) or " ".join(files.split())
    places = re.findall(r"^([^:\s]+\.py):(\d+): in ", files, re.MULTILINE)
    own = [
        f"line {line}: " if name == check_file else f"{name}, line {line}: "
        for name, line in places
        if not Path(name).is_absolute() and (root / name).is_file()
    ]
    at = own[-1] if own and "line " not in error else ""
    return at + (error if len(error) <= WHY_LETTERS else f"{error[:WHY_LETTERS]} ...")


class JudgePlugin:
    """Runs notebooks beside the checks and keeps the results in `judgement`."""

    def __init__(
        self,
        open_session: OpenSession,
        allow_stand_in: bool = True,
        only: str | None = None,
        data: Callable[[Path], Collection[str]] = lambda _: (),
    ) -> None:
        self.judgement = Judgement()
        self.interrupted = False  # whether somebody pressed Ctrl-C
        self._only = only  # grade_id of the one test cell whose checks are held; None: all
        self._data = data  # the datasets that a check file and its notebook name, besides marks
        self._open_session = open_session
        self._allow_stand_in = allow_stand_in
        self._sessions: dict[Path, NotebookSession | NoAnswerError] = {}
        self._root = Path()  # pytest's root, which in a worker is a temporary folder

    def pytest_configure(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        config.addinivalue_line(
            "markers", "grade(grade_id, points): a hidden check and what it is worth in which test cell"
        )
        config.addinivalue_line("markers", "dataset(name): the checks and their notebook use this dataset")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            unloaded = Sentence.of(
                N_("the checks do not load: {name}: {why}"),
                name=report.nodeid,
                why=why_not_loaded(report.nodeid, report.longreprtext, self._root),
            )
            self.judgement.problems.append(Problem(Kind.CHECK, unloaded))
        elif report.skipped:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
            skipped = Sentence.of(
                N_("the checks skip themselves as they are loaded: {name}: {why}"),
                name=report.nodeid,
                why=why.removeprefix("Skipped: "),
            )
            self.judgement.problems.append(Problem(Kind.CHECK, skipped))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Put the checks of each notebook into the order of its cells."""
        chosen = config.getoption("--submission", None)
        if chosen is not None and chosen.is_file():
            others = [item for item in items if _mark(item) and notebook_name(item.path) != chosen.stem]
            items[:] = [item for item in items if item not in others]
            config.hook.pytest_deselected(items=others)
        if self._only:
            items[:] = [i for i in items if not (mark := _mark(i)) or mark.args[:1] == (self._only,)]
        self._look_for_wrong_marks(items)
        self.judgement.stand_ins, problem = prepare_data(self._needed(items), self._allow_stand_in)
        self.judgement.problems += [problem] if problem else []
        if self.judgement.stopped:
            items.clear()
        first_seen = {item.path: index for index, item in reversed(list(enumerate(items)))}
        positions = {path: self._positions(path) for path in {i.path for i in items if _mark(i)}}

        def place(item: pytest.Item) -> tuple[int, float]:
            mark = _mark(item)
            cell = positions[item.path].get(mark.args[0], math.inf) if mark else -1
            return first_seen[item.path], cell

        items.sort(key=place)

    def _look_for_wrong_marks(self, items: list[pytest.Item]) -> None:
        """Note the checks of which nobody can tell what they are worth; then nothing runs."""
        for item in items:
            mark = _mark(item)
            if mark is not None and not _is_right(mark):
                write = N_('{check}: write @pytest.mark.grade("test_...", points=2), not {args} {kwargs}')
                wrong = Sentence.of(write, check=item.name, args=str(mark.args), kwargs=str(mark.kwargs))
                self.judgement.problems.append(Problem(Kind.CHECK, wrong))
                raise pytest.UsageError(str(wrong))

    def _needed(self, items: list[pytest.Item]) -> list[str]:
        """The datasets that the checks and their notebooks use."""
        marked = {mark.args[0] for item in items for mark in item.iter_markers("dataset")}
        return sorted(marked.union(*(self._data(path) for path in {i.path for i in items if _mark(i)})))

    def _positions(self, check_file: Path) -> dict[str, int]:
        session = self._session(check_file)
        return session.positions() if isinstance(session, NotebookSession) else {}

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The student's notebook, run up to and with the test cell that is being graded."""
        mark = _mark(request.node)
        if mark is None:
            raise CheckError(
                f'{request.node.name}: a check with a student needs @pytest.mark.grade("test_...")'
            )
        session = self._session(request.node.path)
        if isinstance(session, NoAnswerError):
            return unanswered(str(session))
        session.run_until(mark.args[0])
        return Student(session)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random numbers of the check's own: the same for every submission."""
        return np.random.default_rng(zlib.crc32(request.node.name.encode()))

    def _session(self, check_file: Path) -> NotebookSession | NoAnswerError:
        if check_file not in self._sessions:
            try:
                self._sessions[check_file] = self._open_session(check_file)
            except NoAnswerError as absent:
                self._sessions[check_file] = absent
        return self._sessions[check_file]

    def _finish(self, check_file: Path) -> None:
        session = self._sessions.pop(check_file, None)
        if isinstance(session, NotebookSession) and session.started:
            self.finish(session)

    def finish(self, session: NotebookSession) -> None:
        """Run the cells after the last check too, and stop the kernel."""
        try:
            session.finish()
        except MACHINE_FAULTS as error:
            self.judgement.problems.append(Problem(Kind.MACHINE, Sentence.plain(error)))
        finally:
            session.close()
        self.judgement.problems += session.problems
        self.judgement.seconds += session.seconds

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        mark = _mark(item)
        if mark is not None and (call.when == "call" or (call.when == "setup" and not report.passed)):
            self.judgement.results.append(result := _result(item, mark, call))
            session = self._sessions.get(item.path)
            if isinstance(session, NotebookSession):
                session.causes.after_check(result.grade_id, failed=result.outcome is Outcome.FAILED)
        elif mark is not None and call.when == "teardown" and call.excinfo is not None:
            self._note_early_end(call.excinfo.value)
        return report

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._note_early_end(excinfo.value)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, `pytest.exit()` in a check, or checks that do not load, which are noted already."""
        if excinfo.type is KeyboardInterrupt:
            self.interrupted = True
        elif isinstance(excinfo.value, pytest.exit.Exception):
            self._note_early_end(excinfo.value)

    def _note_early_end(self, error: BaseException) -> None:
        kind = Kind.MACHINE if isinstance(error, MACHINE_FAULTS) else Kind.CHECK
        why = Sentence.of(
            N_("the checks ended early: {why}"), why=f"{type(error).__name__}: {sentence_of(error)}"
        )
        self.judgement.problems.append(Problem(kind, why))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """One kernel at a time: a notebook ends with the last check of its file."""
        if nextitem is None or nextitem.path != item.path:
            self._finish(item.path)

    def pytest_sessionfinish(self) -> None:
        """Also where the run was broken off."""
        for check_file in list(self._sessions):
            self._finish(check_file)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Points by test cell, for whoever runs pytest by hand."""
        grade_ids = list(dict.fromkeys(result.grade_id for result in self.judgement.results))
        if not grade_ids:
            return
        terminalreporter.section("points")
        for grade_id in grade_ids:
            results = self.judgement.of(grade_id)
            score = self.judgement.score(grade_id)
            shown = "not graded" if score is None else f"{score:g}"
            terminalreporter.write_line(f"{grade_id:30} {shown:>10} of {sum(r.points for r in results):g}")
        for name in self.judgement.stand_ins:
            terminalreporter.write_line(f"NOTE: measured on a stand-in for the {name} data", yellow=True)


def _mark(item: pytest.Item) -> pytest.Mark | None:
    return item.get_closest_marker("grade")


def _is_right(mark: pytest.Mark) -> bool:
    """Whether a mark names one test cell and says what the check is worth."""
    points = mark.kwargs.get("points")
    named = len(mark.args) == 1 and isinstance(mark.args[0], str)
    return named and isinstance(points, (int, float)) and 0 < points < math.inf


def _result(item: pytest.Item, mark: pytest.Mark, call: pytest.CallInfo[None]) -> CheckResult:
    check = getattr(item, "function", None)
    title = title_of(getattr(check, "__doc__", None))
    error = call.excinfo.value if call.excinfo else None
    if error is None:
        outcome, message = Outcome.PASSED, ""
    elif isinstance(error, AssertionError):
        outcome, message = Outcome.FAILED, sentence_of(error)
    else:
        machine = isinstance(error, MACHINE_FAULTS)
        outcome = Outcome.MACHINE_ERROR if machine else Outcome.CHECK_ERROR
        message = f"{type(error).__name__}: {sentence_of(error)}"
    return CheckResult(
        check=item.name,
        grade_id=mark.args[0],
        points=float(mark.kwargs["points"]),
        outcome=outcome,
        title=_(title) if title else "",
        message=visible(message),
        seconds=round(call.duration, 3),
        false_failure=getattr(check, FALSE_FAILURE, None),
        measured=getattr(check, MEASURED, None),
    )
