"""A class of 200 over a whole term: each notebook has points, a reason to wait, or was not handed in.

Submissions of all kinds come in and are handed in anew, hidden checks change and break, runs are killed, the
disk is full. Whatever happened on the way, the same final state gives the same grades.
"""

from __future__ import annotations

import copy
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mashq.grading.engine.summary import NO_NOTEBOOK
from tests.support.cells import code_cell
from tests.support.graded import rows_of, sqlite_of
from tests.support.grading import Done, Grading, run
from tests.support.late_course import DUE, released_late_course
from tests.support.small_disk import fill, small_disk
from tests.support.tiny_course import ANSWER, HALF, TINY_CHECKS, answered, released_notebook

STUDENTS = [f"student-{number:03}" for number in range(200)]
AT_ONCE = 25  # at most, hand in between two runs
DISK_MB = 96
STEPS = 20
OTHER_CHECKS = TINY_CHECKS.replace("points=1", "points=1.5", 1).replace("points=1)", "points=0.5)")
BROKEN_CHECKS = "import a_module_that_is_not_there\n" + TINY_CHECKS
CHECKS = {"first": TINY_CHECKS, "other": OTHER_CHECKS, "broken": BROKEN_CHECKS}

Files = Mapping[str, bytes]


def areas(course: Path, code: str = ANSWER, change: Callable[[Any], None] | None = None) -> Files:
    """`areas` with this answer, and something else done to the notebook."""
    notebook = answered(released_notebook(course), code)
    if change is not None:
        change(notebook)
    return {"areas.ipynb": nbformat.writes(notebook).encode()}


def more(course: Path, answer: str = "side = 3") -> Files:
    """The second notebook with this answer."""
    notebook = released_notebook(course, "more")
    notebook.cells[0].source = answer
    return {"more.ipynb": nbformat.writes(notebook).encode()}


def lose_ids(notebook: Any) -> None:
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def fail_above(notebook: Any) -> None:
    notebook.cells.insert(0, code_cell("from google.colab import drive\nimport math"))


def double_answer(notebook: Any) -> None:
    twice = copy.deepcopy(notebook.cells[1])
    twice.source, twice.id = HALF, "second"
    notebook.cells.insert(2, twice)


# {kind: its files}; the expected grades of each are those of a fresh course
KINDS: dict[str, Callable[[Path], Files]] = {
    "right": lambda course: {**areas(course), **more(course)},
    "half": lambda course: {**areas(course, HALF), **more(course, "side = 2")},
    "untouched": lambda course: {
        name: (course / "release" / "ps1" / name).read_bytes() for name in ("areas.ipynb", "more.ipynb")
    },
    "one notebook": areas,
    "the other notebook": more,
    "nothing": lambda _: {},
    "no notebook": lambda _: {"answer.pdf": b"%PDF-1.4"},
    "cut off": lambda course: {name: data[: len(data) // 2] for name, data in areas(course).items()},
    "empty": lambda course: {"areas.ipynb": b"", **more(course)},
    "no syntax": lambda course: areas(course, "def area(a, b:\n    return a"),
    "kills the kernel": lambda course: areas(course, f"{ANSWER}\nimport os\nos._exit(1)"),
    "raises": lambda course: areas(course, "def area(a, b):\n    raise SystemExit(a)"),
    "odd value": lambda course: areas(
        course, "class Odd(float):\n    pass\n\ndef area(a, b):\n    return Odd('nan')"
    ),
    "lost ids": lambda course: areas(course, ANSWER, lose_ids),
    "fails above": lambda course: areas(course, ANSWER, fail_above),
    "two answers": lambda course: areas(course, ANSWER, double_answer),
    "another name": lambda course: {"my homework.ipynb": areas(course)["areas.ipynb"]},
    "two versions": lambda course: {**areas(course, HALF), "areas-1.ipynb": areas(course)["areas.ipynb"]},
    "a line a thousand times": lambda course: areas(
        course, f"{ANSWER}\nfor _ in range(1000):\n    print('x' * 80)"
    ),
    "own files": lambda course: {**areas(course, f"import helper\n{ANSWER}"), "helper.py": b"x = 1\n"},
}


def put(course: Path, student: str, files: Files) -> None:
    """Hand in, in place of what was there before."""
    folder = course / "submitted" / student / "ps1"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(DUE)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def grades(course: Path) -> dict[str, list[tuple[Any, ...]]]:
    """{student: rows of the gradebook}: notebook, cell, type, points of the machine and of people, ..."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for student, *row in rows_of(sqlite_of(course))["grade"]:
        found.setdefault(student, []).append(tuple(row))
    return found


def assert_all_is_accounted_for(course: Path, done: Done, report: Path) -> None:
    """After a run that came to its end."""
    assert done.code in (0, 3), done.err
    listed = {(row["student"], row["notebook"]) for row in json.loads(report.read_text())["attention"]}
    assert (done.code == 3) == bool(listed)
    by_student = grades(course)
    for folder in (course / "submitted").iterdir():
        student = folder.name
        as_a_whole = (student, NO_NOTEBOOK) in listed
        assert student in by_student or any(student == who for who, _ in listed), student
        for notebook, cell, _kind, points, *_ in by_student.get(student, []):
            if cell.startswith("test_"):  # essays and tasks wait for a person anyhow
                accounted = points is not None or (student, notebook) in listed or as_a_whole
                assert accounted, (student, notebook, cell)


class Term(RuleBasedStateMachine):
    """One course, in which much happens."""

    released: Path
    disk: Path
    expected: Mapping[tuple[str, str], list[tuple[Any, ...]]]

    def __init__(self) -> None:
        super().__init__()
        self.course = self.disk / "course"
        shutil.rmtree(self.course, ignore_errors=True)
        shutil.copytree(self.released, self.course)
        self.kinds: dict[str, str] = {}
        self.checks = "first"
        self.stale = True  # whether something has changed since the last run that came to its end

    @initialize(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=200, max_size=200))
    def begin(self, kinds: list[str]) -> None:
        """Everybody hands in."""
        for student, kind in zip(STUDENTS, kinds, strict=True):
            put(self.course, student, KINDS[kind](self.course))
            self.kinds[student] = kind

    @rule(
        first=st.integers(0, len(STUDENTS) - 1),
        kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=AT_ONCE // 2, max_size=AT_ONCE),
    )
    def hand_in(self, first: int, kinds: list[str]) -> None:
        """Students hand in, some of them anew."""
        for number, kind in enumerate(kinds):
            student = STUDENTS[(first + number) % len(STUDENTS)]
            put(self.course, student, KINDS[kind](self.course))
            self.kinds[student] = kind
        self.stale = True

    @rule(checks=st.sampled_from(sorted(CHECKS)))
    def change_checks(self, checks: str) -> None:
        """The hidden checks become others; also such as do not load."""
        self.checks, self.stale = checks, True
        (self.course / "tests" / "ps1" / "test_areas.py").write_text(CHECKS[checks])

    @precondition(lambda self: self.stale)
    @rule(seconds=st.sampled_from([3, 6, 9, 12]))
    def kill(self, seconds: int) -> None:
        """A run is killed, wherever it is then."""
        temporary = self.course.parent / "tmp"
        temporary.mkdir(exist_ok=True)
        grading = Grading(self.course, temporary)
        time.sleep(seconds)
        grading.kill()
        self.stale = True

    @precondition(lambda self: self.stale)
    @rule()
    def fill_disk(self) -> None:
        """A run meets a full disk, and says so."""
        filler = self.course.parent / "filler"
        fill(filler)
        done = run(self.course)
        filler.unlink()
        assert done.code in (0, 1, 3), done.err
        assert "Traceback" not in done.err
        self.stale = True

    @rule()
    def grade(self) -> None:
        """A run comes to its end."""
        report = self.course.parent / "report.json"
        assert_all_is_accounted_for(self.course, run(self.course, f"--json={report}"), report)
        self.stale = False

    @invariant()
    def no_grade_is_wrong(self) -> None:
        """Whatever is recorded after a run that came to its end is what a fresh course gives."""
        if self.stale:
            return
        found = grades(self.course)
        for student, kind in self.kinds.items():
            assert found.get(student, []) == self.expected[kind, self.checks], (student, kind)

    def teardown(self) -> None:
        """The way does not matter: everybody is graded by the first checks in the end."""
        self.change_checks("first")
        self.grade()
        self.no_grade_is_wrong()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real disk of its own, small enough to be filled."""
    with small_disk(tmp_path_factory.mktemp("term") / "disk", DISK_MB) as folder:
        yield folder


@pytest.mark.slow
@pytest.mark.process
def test_a_term_in_which_much_happens(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """200 submissions at least, drawn at random from all kinds."""
    released = released_late_course(tmp_path_factory)
    fresh = shutil.copytree(released, tmp_path_factory.mktemp("fresh") / "course")
    for kind, files in KINDS.items():
        put(fresh, kind, files(fresh))
    expected: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for name, text in CHECKS.items():
        (fresh / "tests" / "ps1" / "test_areas.py").write_text(text)
        report = fresh.parent / "report.json"
        assert_all_is_accounted_for(fresh, run(fresh, f"--json={report}"), report)
        expected |= {(kind, name): grades(fresh).get(kind, []) for kind in KINDS}

    class OneTerm(Term):
        """With the course of this test."""

    OneTerm.released, OneTerm.disk, OneTerm.expected = released, disk, expected
    run_state_machine_as_test(
        OneTerm,
        settings=settings(
            max_examples=2,  # Hypothesis begins with the dullest term, in which everybody is of one kind
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # a shorter way to the same fault would take hours to find
            print_blob=False,
            verbosity=Verbosity.verbose,
            suppress_health_check=list(HealthCheck),
        ),
    )
