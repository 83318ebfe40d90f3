"""The recorder against `nbgrader autograde`: the same rows, the same files; and its bad hours."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import find_all_files
from sqlalchemy import event
from sqlalchemy.engine import Engine

from mashq.course.folder import CourseFolder
from mashq.course.results import Graded
from mashq.errors import CourseError, RecordError
from mashq.grading.gradebook.record import Recorder
from mashq.grading.intake.copies import files_below
from mashq.judge import CheckResult, Judgement, Outcome
from mashq.problems import Problem
from tests.support.cells import code_cell
from tests.support.commands import nbgrader
from tests.support.graded import (
    ROWS,
    area_score,
    failed_notebook,
    files_of,
    graded_notebook,
    hand_in_folder,
    rows_of,
    sqlite_of,
)
from tests.support.late_course import DUE, FEW, LATE_TIME, make_late_course
from tests.support.small_disk import fill, small_disk
from tests.support.students import CLASS

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course above, released, with a due date; to be copied, not changed."""
    course = make_late_course(tmp_path_factory.mktemp("released") / "course")
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=DUE, course_id="neural-networks")
    return course


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Path:
    """A copy of the released course, of this test's own."""
    return Path(shutil.copytree(released, tmp_path / "course"))


def hand_in_class(course: Path) -> None:
    """Submissions of all kinds: late, cut off, incomplete, with files of many sorts."""
    release = course / "release" / "ps1"
    for student in FEW:
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        data = CLASS[student][0](nbformat.read(release / "areas.ipynb", as_version=4))
        if isinstance(data, bytes):
            (folder / "areas.ipynb").write_bytes(data)
        else:
            nbformat.write(data, folder / "areas.ipynb")
    submitted = course / "submitted"
    solved = nbformat.read(release / "more.ipynb", as_version=4)
    solved.cells[0].source = "side = 3"
    nbformat.write(solved, submitted / "right" / "ps1" / "more.ipynb")
    shutil.copy(release / "more.ipynb", submitted / "half" / "ps1")
    for student in FEW:
        (submitted / student / "ps1" / "timestamp.txt").write_text(DUE if student == "right" else LATE_TIME)
    mine = submitted / "right" / "ps1"
    for name in ("q1.pdf", "notes/page 1.txt", "ours.py", "yours.py", "old.tmp", ".ipynb_checkpoints/a.txt"):
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_text(f"# {name} of a student\n")
    shutil.copy(mine / "areas.ipynb", mine / "areas (1).ipynb")


def graded_from(path: Path) -> Graded:
    """What a worker would have returned for a notebook that nbgrader graded."""
    about = nbformat.read(path, as_version=4).metadata.mashq
    record = about.get("judgement", {})
    results = [
        CheckResult(**result | {"outcome": Outcome(result["outcome"])})
        for result in record.get("results", [])
    ]
    problems = [Problem.from_json(problem) for problem in record.get("problems", [])]
    judgement = Judgement(results, problems, has_checks=path.stem == "areas")
    of_file = tuple(Problem.from_json(problem) for problem in about.problems)
    return Graded(path.read_bytes(), judgement, of_file)


@pytest.fixture(scope="module")
def twins(
    released: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, dict[str, list[str]]]:
    """The class graded by `nbgrader autograde`, and the same grades recorded; with the recorder's notes."""
    folder = tmp_path_factory.mktemp("twins")
    theirs, ours = (Path(shutil.copytree(released, folder / name)) for name in ("theirs", "ours"))
    for course in (theirs, ours):
        hand_in_class(course)
    nbgrader(theirs, "autograde", "ps1")
    notes = {}
    with Recorder(CourseFolder(ours), "ps1") as recorder:
        for student in FEW:
            notes[student] = recorder.prepare(student, ours / "submitted" / student / "ps1").notes
            for path in sorted((theirs / "autograded" / student / "ps1").glob("*.ipynb")):
                recorder.record(student, path.stem, graded_from(path))
    return theirs, ours, notes


@pytest.mark.parametrize("table", ROWS)
def test_the_gradebook_is_as_after_nbgrader_autograde(table: str, twins: tuple[Path, Path, object]) -> None:
    """Every score, comment, penalty and time; also of files that cannot be read and notebooks left out."""
    theirs, ours, _ = twins
    expected = rows_of(sqlite_of(theirs))[table]
    assert rows_of(sqlite_of(ours))[table] == expected
    assert {row[0] for row in expected} == set(FEW)


def test_the_class_covers_what_must_agree(twins: tuple[Path, Path, object]) -> None:
    """Or the comparison with nbgrader would prove little."""
    rows = rows_of(sqlite_of(twins[0]))
    scores = {(row[2], row[4], row[7]) for row in rows["grade"]}
    assert {("test_area", score, False) for score in (0, 1, 2)} <= scores
    assert {("test_area", None, True), ("test_side", 1, False), ("draw", None, True)} <= scores
    assert {row[3] for row in rows["notebook"]} == {None, 0, 1, 1.5}
    assert "No response." in {row[4] for row in rows["comment"]}


def test_autograded_files_are_as_after_nbgrader_autograde(twins: tuple[Path, Path, object]) -> None:
    """The same names, permissions and bytes: notebooks, the student's other files, the instructor's."""
    theirs, ours, _ = twins
    expected = files_of(theirs / "autograded")
    assert files_of(ours / "autograded") == expected
    assert expected["right/ps1/ours.py"][1] == b"# ours.py of the instructor\n"
    assert expected["right/ps1/yours.py"][1] == b"# yours.py of a student\n"
    assert expected["right/ps1/areas.ipynb"][0] == 0o444


def test_the_instructor_is_told_what_was_left_out(twins: tuple[Path, Path, dict[str, list[str]]]) -> None:
    """A misnamed notebook and one that was not handed in are notes of the submission."""
    notes = twins[2]
    assert notes["right"] == ["'areas (1).ipynb' is not graded: ps1 has no such notebook"]
    assert notes["blank"] == ["not handed in, no points: more"]


def test_files_are_found_as_nbgrader_finds_them(twins: tuple[Path, Path, object]) -> None:
    """Ignored names, ignored folders and hidden files included."""
    folder = twins[0] / "submitted" / "right" / "ps1"
    (folder / ".hidden.tmp").touch()
    for ignore in ([], ["*.tmp", ".ipynb_checkpoints", "*.ipynb"], ["notes"], ["[qo]*"]):
        theirs = {os.path.relpath(path, folder) for path in find_all_files(str(folder), ignore)}
        assert set(files_below(folder, ignore)) == theirs


@pytest.fixture
def recorder(course: Path) -> Iterator[Recorder]:
    """A recorder with one submission, of `amy`, that is prepared."""
    with Recorder(CourseFolder(course), "ps1") as recorder:
        recorder.prepare("amy", hand_in_folder(course, "amy"))
        yield recorder


def by_a_person(course: Path) -> None:
    """Points, extra credit and a comment, as formgrader saves them."""
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for grade_id in ("test_area", "why"):
            grade = gradebook.find_grade(grade_id, "areas", "ps1", "amy")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.75, 0.5, False
        gradebook.find_comment("why", "areas", "ps1", "amy").manual_comment = "Well put."
        gradebook.db.commit()


def test_what_a_person_gave_is_kept(recorder: Recorder, course: Path) -> None:
    """Points, extra credit and comments stay when another result is recorded; it asks for another look."""
    recorder.record("amy", "areas", graded_notebook(course, points=1))
    by_a_person(course)
    recorder.record("amy", "areas", graded_notebook(course, points=2))
    rows = rows_of(sqlite_of(course))
    assert [row[4:] for row in rows["grade"] if row[2] == "test_area"] == [(2, 1.75, 0.5, True)]
    assert [row[4:] for row in rows["grade"] if row[2] == "why"] == [(None, 1.75, 0.5, True)]
    assert [row[4:] for row in rows["comment"] if row[2] == "why"] == [(None, "Well put.")]


def test_another_version_is_not_said_to_be_no_notebook(recorder: Recorder, course: Path) -> None:
    """It is listed for a person, who chooses; of other notebooks it is told that nobody grades them."""
    folder = course / "submitted" / "amy" / "ps1"
    for name in ("areas-1.ipynb", "notes.ipynb"):
        (folder / name).write_text("{}")
    notes, _ = recorder.prepare(
        "amy", folder, {"areas": folder / "areas.ipynb"}, True, [folder / "areas-1.ipynb"]
    )
    assert [note for note in notes if "areas-1" in note] == []
    assert "'notes.ipynb' is not graded: ps1 has no such notebook" in notes


def test_a_grade_is_not_replaced_by_none(recorder: Recorder, course: Path) -> None:
    """Where the machine failed, rows and file stay; where there was none, the cell waits."""
    failed = failed_notebook(course)
    assert not recorder.has_points("amy", "areas")
    assert recorder.record("amy", "areas", failed).older is False
    assert area_score(sqlite_of(course), "amy") == (None, True)
    assert not recorder.has_points("amy", "areas")
    recorder.record("amy", "areas", graded_notebook(course, points=1))
    before = rows_of(sqlite_of(course)), files_of(course / "autograded")
    assert recorder.has_points("amy", "areas")
    for _ in range(2):
        assert recorder.record("amy", "areas", failed).older is True
        assert (rows_of(sqlite_of(course)), files_of(course / "autograded")) == before
    recorder.record("amy", "areas", graded_notebook(course, points=2))
    assert area_score(sqlite_of(course), "amy") == (2, False)


def test_no_points_for_what_was_missing_are_no_grade(recorder: Recorder, course: Path) -> None:
    """It comes back, and the machine fails on it: it waits, and does not stay at nothing."""
    recorder.record("amy", "areas", graded_notebook(course, points=1))
    empty = course / "empty"
    empty.mkdir()
    (empty / "other.txt").write_text("no notebook")
    recorder.prepare("amy", empty)
    recorder.prepare("amy", course / "submitted" / "amy" / "ps1")
    assert recorder.record("amy", "areas", failed_notebook(course)).older is False
    assert area_score(sqlite_of(course), "amy") == (None, True)


def test_recording_the_same_again_changes_nothing(recorder: Recorder, course: Path) -> None:
    """No row, no byte, no time of a file; a person is not asked to look again."""
    graded = graded_notebook(course)
    recorder.record("amy", "areas", graded)
    by_a_person(course)
    before = rows_of(sqlite_of(course)), files_of(course / "autograded")
    stamps = [path.stat().st_mtime_ns for path in sorted((course / "autograded").rglob("*.ipynb"))]
    recorder.record("amy", "areas", graded)
    assert (rows_of(sqlite_of(course)), files_of(course / "autograded")) == before
    assert [path.stat().st_mtime_ns for path in sorted((course / "autograded").rglob("*.ipynb"))] == stamps
    recorder.prepare("amy", course / "submitted" / "amy" / "ps1")
    assert (rows_of(sqlite_of(course)), files_of(course / "autograded")) == before


def test_an_extension_takes_the_penalty_back(recorder: Recorder, course: Path) -> None:
    """The same result, recorded after an extension was granted, costs nothing any more."""
    (course / "submitted" / "amy" / "ps1" / "timestamp.txt").write_text(LATE_TIME)
    recorder.prepare("amy", course / "submitted" / "amy" / "ps1")
    recorder.record("amy", "areas", graded_notebook(course))
    penalties = [row[3] for row in rows_of(sqlite_of(course))["notebook"]]
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "amy", days=1)
    recorder.record("amy", "areas", graded_notebook(course))
    assert penalties == [1.5, None]
    assert [row[3] for row in rows_of(sqlite_of(course))["notebook"]] == [None, None]


def test_a_kill_before_the_file_appears_leaves_the_old_one(recorder: Recorder, course: Path) -> None:
    """The grades are saved, the old notebook is whole, and recording again brings the new one."""
    old, new = graded_notebook(course, points=1), graded_notebook(course, points=2)
    recorder.record("amy", "areas", old)
    path = course / "autograded" / "amy" / "ps1" / "areas.ipynb"
    child = os.fork()
    if child == 0:
        os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        try:
            with Recorder(CourseFolder(course), "ps1") as killed:
                killed.record("amy", "areas", new)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert path.read_bytes() == old.notebook
    assert area_score(sqlite_of(course), "amy") == (2, False)
    recorder.prepare("amy", course / "submitted" / "amy" / "ps1")
    recorder.record("amy", "areas", new)
    assert path.read_bytes() == new.notebook
    assert sorted(os.listdir(path.parent)) == ["areas.ipynb", "data", "ours.py"]


@pytest.mark.parametrize("what", ["gradebook", "notebooks"])
def test_a_full_disk_loses_nothing(what: str, course: Path, tmp_path: Path) -> None:
    """The error says which disk; nothing of the notebook is recorded; with some space it goes on."""
    with small_disk(tmp_path / "disk") as disk:
        gradebook, place = sqlite_of(course), "course/autograded"
        if what == "gradebook":
            shutil.move(course / "gradebook.db", disk)
            gradebook, place = sqlite_of(disk), str(disk)
            with (course / "nbgrader_config.py").open("a") as config:
                config.write(f"c.CourseDirectory.db_url = {gradebook!r}\n")
        else:
            (disk / "autograded").mkdir()
            (course / "autograded").symlink_to(disk / "autograded")
        with Recorder(CourseFolder(course), "ps1") as recorder:
            recorder.prepare("amy", hand_in_folder(course, "amy"))
            recorder.record("amy", "areas", graded_notebook(course, points=1))
            before = rows_of(gradebook), files_of(course / "autograded")
            new = graded_notebook(course, points=2, note="n" * 200_000)
            fill(disk / "filler")
            with pytest.raises(RecordError, match=f"{place}.*free some space.*run `mashq grade ps1` again"):
                recorder.record("amy", "areas", new)
            with pytest.raises(RecordError, match=r"student ben .*free some space"):
                recorder.prepare("ben", hand_in_folder(course, "ben"))
            (disk / "filler").unlink()
            rows = rows_of(gradebook)
            assert [row for row in rows["grade"] if row[0] == "amy"] == before[0]["grade"]
            files = {
                name: file for name, file in files_of(course / "autograded").items() if name[:3] == "amy"
            }
            assert files == before[1]
            recorder.record("amy", "areas", new)
            assert area_score(gradebook, "amy") == (2, False)
            assert (course / "autograded/amy/ps1/areas.ipynb").read_bytes() == new.notebook


@pytest.mark.parametrize("by", ["a writer", "a reader"])
def test_a_locked_gradebook_can_be_tried_again(by: str, course: Path) -> None:
    """Whether reading or only the commit is refused: nothing is saved, then everything."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = '{sqlite_of(course)}?timeout=0.1'\n")
    graded = graded_notebook(course)
    with Recorder(CourseFolder(course), "ps1") as recorder:
        recorder.prepare("amy", hand_in_folder(course, "amy"))
        before = rows_of(sqlite_of(course))
        other = sqlite3.connect(course / "gradebook.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE" if by == "a writer" else "BEGIN")
        other.execute("SELECT * FROM grade").fetchone()
        with pytest.raises(
            RecordError, match=r"another program has locked the gradebook sqlite:.*let it finish"
        ):
            recorder.record("amy", "areas", graded)
        with pytest.raises(RecordError, match="another program has locked the gradebook"):
            recorder.prepare("ben", hand_in_folder(course, "ben"))
        other.close()
        assert rows_of(sqlite_of(course)) == before
        assert recorder.recorded() == set()
        recorder.record("amy", "areas", graded)
    assert area_score(sqlite_of(course), "amy") == (2, False)


def test_links_that_lead_out_of_a_submission_are_not_followed(recorder: Recorder, course: Path) -> None:
    """Neither as a file to copy nor as the time of submission; a link inside is an ordinary file."""
    secret = course / "secret.txt"
    secret.write_text(LATE_TIME)
    folder = hand_in_folder(course, "eve")
    (folder / "timestamp.txt").symlink_to(secret)
    (folder / "key.txt").symlink_to("../../../secret.txt")
    (folder / "all").symlink_to(course / "source")
    (folder / "scan.pdf").write_text("scan")
    (folder / "q1.pdf").symlink_to("scan.pdf")
    os.mkfifo(folder / "pipe")
    notes = recorder.prepare("eve", folder).notes
    assert sum("was left out: it is a link that leads elsewhere" in note for note in notes) == 2
    assert "'pipe' was left out: it is no ordinary file" in notes
    files = files_of(course / "autograded" / "eve" / "ps1")
    assert not files.keys() & {"key.txt", "timestamp.txt", "pipe"}
    assert files["q1.pdf"][1] == b"scan"
    assert LATE_TIME.encode() not in {content for _, content in files.values()}
    assert {row[0]: row[2] for row in rows_of(sqlite_of(course))["submission"]} == {"amy": None, "eve": None}


def test_files_of_a_former_submission_go(recorder: Recorder, course: Path) -> None:
    """What is not handed in again is not left for the grader; folders and files may change places."""
    folder = course / "submitted" / "amy" / "ps1"
    (folder / "q1.pdf").touch()
    (folder / "more.ipynb").write_text("{}")
    (folder / "plot").mkdir()
    (folder / "plot" / "a.png").touch()
    (folder / "data").write_text("in the place of a folder of the assignment")
    notes = recorder.prepare("amy", folder).notes
    assert "'data' was left out: it is in the place of a file of the assignment" in notes
    recorder.record("amy", "areas", graded_notebook(course))
    assert {"q1.pdf", "plot/a.png"} <= files_of(course / "autograded/amy/ps1").keys()
    for name in ("q1.pdf", "plot/a.png"):
        (folder / name).unlink()
    (folder / "plot").rmdir()
    (folder / "plot").touch()
    recorder.prepare("amy", folder)
    expected = {"areas.ipynb", "plot", "ours.py", "data/numbers.csv"}
    assert files_of(course / "autograded/amy/ps1").keys() == expected


def test_a_submission_without_any_notebook_is_not_a_zero(recorder: Recorder, course: Path) -> None:
    """Only a scan, or a misnamed file: a person looks. nbgrader does not grade it either."""
    folder = hand_in_folder(course, "pdf")
    (folder / "areas.ipynb").rename(folder / "areas-final.ipynb")
    notes = recorder.prepare("pdf", folder).notes
    assert "no notebook of ps1 was handed in; nothing is graded" in notes
    assert area_score(sqlite_of(course), "pdf") == (None, True)


@pytest.mark.parametrize("stamp", [b"yesterday", b"\xff\xfe", b"9" * 400, b"", None])
def test_what_is_no_time_leaves_none_of_before(stamp: bytes | None, recorder: Recorder, course: Path) -> None:
    """The submission is recorded, where nbgrader gives it up, and a former attempt's time is not its own."""
    folder = hand_in_folder(course, "odd")
    (folder / "timestamp.txt").write_text(LATE_TIME)
    recorder.prepare("odd", folder)
    (folder / "timestamp.txt").unlink()
    if stamp is not None:
        (folder / "timestamp.txt").write_bytes(stamp)
    recorder.prepare("odd", folder)
    assert {row[0]: row[2] for row in rows_of(sqlite_of(course))["submission"]}["odd"] is None


def test_recorded_needs_row_and_file_and_one_query(recorder: Recorder, course: Path) -> None:
    """A notebook that is not graded yet, or whose file is gone, is not recorded."""
    recorder.prepare("ben", hand_in_folder(course, "ben"))
    for student in ("amy", "ben"):
        recorder.record(student, "areas", graded_notebook(course))
    statements = []

    def count(*about: Any) -> None:
        statements.append(about[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert recorder.recorded() == {("amy", "areas"), ("ben", "areas")}
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(statements) == 1
    (course / "autograded" / "ben" / "ps1" / "areas.ipynb").unlink()
    assert recorder.recorded() == {("amy", "areas")}


def test_the_course_decides_about_permissions(course: Path) -> None:
    """A group that grades together can write files and folders, as nbgrader has it."""
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.groupshared = True\n")
    with Recorder(CourseFolder(course), "ps1") as recorder:
        recorder.prepare("amy", hand_in_folder(course, "amy"))
        recorder.record("amy", "areas", graded_notebook(course))
    path = course / "autograded" / "amy" / "ps1" / "areas.ipynb"
    assert path.stat().st_mode & 0o777 == 0o664
    assert path.parent.stat().st_mode & 0o2070 == 0o2070


def test_what_is_missing_is_named_with_the_command(course: Path, tmp_path: Path) -> None:
    """No settings, no assignment, no gradebook at all, a student that the course does not know."""
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py"):
        Recorder(CourseFolder(tmp_path), "ps1")
    with pytest.raises(
        CourseError, match=r"it has: ps1\..* run `nbgrader generate_assignment ps2 --force` first"
    ):
        Recorder(CourseFolder(course), "ps2")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.Autograde.create_student = False\n")
    with (
        Recorder(CourseFolder(course), "ps1") as recorder,
        pytest.raises(CourseError, match="run `nbgrader db student add amy`"),
    ):
        recorder.prepare("amy", hand_in_folder(course, "amy"))
    (course / "gradebook.db").unlink()
    with pytest.raises(CourseError, match="run `nbgrader generate_assignment ps1 --force` first"):
        Recorder(CourseFolder(course), "ps1")


def test_a_cell_that_the_gradebook_lacks_is_no_grade(recorder: Recorder, course: Path) -> None:
    """The release is newer than the gradebook: nothing is saved, and the message says what to do."""
    notebook = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    notebook.cells.append(code_cell("assert True", "test_new", 1))
    graded = Graded(nbformat.writes(notebook).encode(), Judgement())
    before = rows_of(sqlite_of(course))
    with pytest.raises(
        CourseError, match="cell test_new of this submission; run `nbgrader generate_assignment"
    ):
        recorder.record("amy", "areas", graded)
    assert rows_of(sqlite_of(course)) == before
