"""The recorder on a real PostgreSQL server, which many course sites share: grades, exports, a crash."""

from __future__ import annotations

import csv
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError, RecordError
from mashq.grading.gradebook.record import Recorder
from tests.support import postgres
from tests.support.commands import nbgrader
from tests.support.graded import area_score, graded_notebook, hand_in_folder
from tests.support.late_course import make_late_course
from tests.support.postgres import Postgres, postgres_server

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def course(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A released course whose gradebook is on the server; and the gradebook's URL."""
    url = server.create("gradebook")
    settings = f"\nc.CourseDirectory.db_url = {url!r}\n"
    return make_late_course(tmp_path_factory.mktemp("postgres") / "course", settings), url


def test_nbgrader_exports_what_was_recorded(course: tuple[Path, str]) -> None:
    """Scores go into the server's gradebook, none into a file, and `nbgrader export` reads them."""
    folder, url = course
    with Recorder(CourseFolder(folder), "ps1") as recorder:
        for student, points in (("amy", 2.0), ("ben", 0.5)):
            recorder.prepare(student, hand_in_folder(folder, student))
            recorder.record(student, "areas", graded_notebook(folder, points))
            recorder.record(student, "areas", graded_notebook(folder, points))
        assert recorder.recorded() == {("amy", "areas"), ("ben", "areas")}
    assert area_score(url, "ben") == (0.5, False)
    nbgrader(folder, "export", "--to", "grades.csv")
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert exported == {"amy": "2.0", "ben": "0.5"}
    assert not (folder / "gradebook.db").exists()


def test_a_server_that_crashes_loses_no_grade(course: tuple[Path, str], server: Postgres) -> None:
    """Stopped hard between two records: the first is kept, the second is refused and can be tried again."""
    folder, url = course
    with Recorder(CourseFolder(folder), "ps1") as recorder:
        for student in ("cat", "dan"):
            recorder.prepare(student, hand_in_folder(folder, student))
        recorder.record("cat", "areas", graded_notebook(folder, 1.5))
        server.stop(signal.SIGQUIT)
        for _ in range(2):
            with pytest.raises(
                RecordError, match=r"dan, areas.ipynb was not .*gradebook postgresql\S+ failed"
            ):
                recorder.record("dan", "areas", graded_notebook(folder, 1))
        assert not (folder / "autograded" / "dan" / "ps1" / "areas.ipynb").exists()
        server.start()
        recorder.record("dan", "areas", graded_notebook(folder, 1))
        assert {("cat", "areas"), ("dan", "areas")} <= recorder.recorded()
    assert area_score(url, "cat") == (1.5, False)
    assert area_score(url, "dan") == (1, False)


def test_a_server_that_was_away_for_a_while_is_found_again(
    course: tuple[Path, str], server: Postgres
) -> None:
    """Stopped and started between two records, as an update of the server does."""
    folder, url = course
    with Recorder(CourseFolder(folder), "ps1") as recorder:
        recorder.prepare("eve", hand_in_folder(folder, "eve"))
        server.stop()
        server.start()
        with pytest.raises(RecordError, match="run `mashq grade ps1` again"):
            recorder.record("eve", "areas", graded_notebook(folder, 1))
        recorder.record("eve", "areas", graded_notebook(folder, 1))
    assert area_score(url, "eve") == (1, False)


def test_an_empty_database_is_named_without_its_password(
    course: tuple[Path, str], server: Postgres, tmp_path: Path
) -> None:
    """The message says which command comes first."""
    url = server.create("empty").replace("teacher@", "teacher:secret@")
    (tmp_path / "nbgrader_config.py").write_text(f"get_config().CourseDirectory.db_url = {url!r}\n")
    with pytest.raises(CourseError, match="run `nbgrader generate_assignment ps1 --force` first") as caught:
        Recorder(CourseFolder(tmp_path), "ps1")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("ci", "expected"), [("", "Skipped"), ("true", "Failed")])
def test_ci_does_not_pass_without_a_server(ci: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On somebody's laptop these tests are skipped where PostgreSQL is not installed; in CI they fail."""
    monkeypatch.setattr(postgres, "DEBIAN", Path("/nowhere"))
    monkeypatch.setenv("CI", ci)
    with (
        pytest.raises(BaseException, match="no PostgreSQL server below /nowhere; install one") as caught,
        postgres_server(),
    ):
        pass
    assert caught.typename == expected
