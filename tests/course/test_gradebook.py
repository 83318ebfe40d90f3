"""Opening the gradebook: what is wrong with it is one sentence with what to do, from every command."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbgrader
import pytest
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.gradebook import access as opener
from mashq.course.gradebook.access import known_assignments, open_gradebook
from mashq.course.gradebook.faults import LOCKED, NO_SERVER, OLDER, READ_ONLY, fault_of
from mashq.errors import CourseError, RecordError
from mashq.grading.gradebook.record import Recorder
from tests.support.commands import mashq_output

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "one"\n'
LATEST = "UPDATE alembic_version SET version_num = "


def sql(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with a gradebook that has an assignment; to be copied, not changed."""
    course = tmp_path_factory.mktemp("gradebook") / "course"
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "one") as gradebook:
        gradebook.update_or_create_assignment("ps1", course_id="one")
    return course


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "course"))


def test_a_new_gradebook_has_the_version_that_alembic_names(course: Path) -> None:
    """Also where `alembic` is not on the PATH, which nbgrader asks for seconds."""
    with sqlite3.connect(course / "gradebook.db") as database:
        found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
    assert found == [(scripts.get_current_head(),)]


def older(path: Path) -> None:
    sql(path, LATEST + "'724cde206c17'", "ALTER TABLE student DROP COLUMN lms_user_id")


def not_stamped(path: Path) -> None:
    sql(path, "DROP TABLE alembic_version")


def newer(path: Path) -> None:
    sql(path, LATEST + "'ffffffffffff'")


def text_file(path: Path) -> None:
    path.write_bytes(b"student,grade\n" * 100)


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    path.write_bytes(data)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (older, "was made by an older nbgrader; run `nbgrader db upgrade`"),
        (not_stamped, "was made by an older nbgrader; run `nbgrader db upgrade`"),
        (newer, "was made by a newer nbgrader; use that one here"),
        (text_file, "is no database (file is not a database); see that c.CourseDirectory.db_url names"),
        (damaged, "is damaged (database disk image is malformed); put a copy of it back"),
        (a_folder, "cannot be opened (unable to open database file); see that it is a file"),
    ],
)
def test_a_gradebook_that_cannot_be_used(spoil: Callable[[Path], None], says: str, course: Path) -> None:
    """Reading or writing, it is named with what to do; it is left as it is, and nobody waits for it."""
    spoil(course / "gradebook.db")
    begun = time.monotonic()
    for use in (lambda folder: open_gradebook(folder, "ps1").__enter__(), lambda f: Recorder(f, "ps1")):
        with pytest.raises(RecordError) as caught:
            use(CourseFolder(course))
        assert f"{course}/gradebook.db {says}" in str(caught.value)
        assert str(caught.value).endswith(", then run the command again")
    assert time.monotonic() - begun < opener.PATIENCE_S


def test_the_commands_say_so(course: Path) -> None:
    """One of them as a person types it: exit code 1, one line, and no traceback."""
    older(course / "gradebook.db")
    text = " ".join(mashq_output("scores", "ps1", cwd=course, code=1).split())
    assert text.startswith("mashq: the gradebook sqlite:///")
    assert "run `nbgrader db upgrade` in the course folder" in text
    assert "Traceback" not in text


def test_a_read_only_gradebook_is_read_and_not_graded_into(course: Path) -> None:
    """Before anything is run, not after."""
    url = f"sqlite:///file:{course}/gradebook.db?mode=ro&uri=true"
    (course / "nbgrader_config.py").write_text(f"{CONFIG}c.CourseDirectory.db_url = {url!r}\n")
    with open_gradebook(CourseFolder(course), "ps1") as gradebook:
        assert [assignment.name for assignment in gradebook.assignments] == ["ps1"]
    with pytest.raises(RecordError, match=r"may not be written .*mend the permissions of the file"):
        Recorder(CourseFolder(course), "ps1")


@pytest.mark.parametrize("free_after_s", [2.0, None])
def test_a_locked_gradebook_is_waited_for(
    free_after_s: float | None, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For half a minute, here for less; it is not said to be damaged."""
    monkeypatch.setattr(opener, "TRY_S", 0.2)
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    if free_after_s is not None:
        threading.Timer(free_after_s, other.execute, ["ROLLBACK"]).start()
        with open_gradebook(CourseFolder(course), "ps1") as gradebook:
            assert gradebook.find_assignment("ps1").name == "ps1"
    else:
        begun = time.monotonic()
        with pytest.raises(RecordError, match=r"another program has locked the gradebook .*let it finish"):
            open_gradebook(CourseFolder(course), "ps1", patience_s=2).__enter__()
        assert 1.5 < time.monotonic() - begun < 15
    other.close()


@pytest.mark.parametrize("url", ["mongo://x/y", "gradebook.db", "postgresql+nodriver://x/y"])
def test_an_address_that_is_none_is_named_with_the_setting(url: str) -> None:
    """A slip in nbgrader_config.py."""
    with pytest.raises(CourseError, match=r"mend c.CourseDirectory.db_url in nbgrader_config.py, as sqlite:"):
        known_assignments(url)


def test_a_gradebook_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Nor an empty file in its place that would look like one."""
    assert known_assignments(f"sqlite:///{tmp_path}/gradebook.db") == []
    assert list(tmp_path.iterdir()) == []


def test_postgresqls_errors_are_told_apart_by_their_code() -> None:
    """By SQLSTATE, in whatever language the server speaks."""
    psycopg = pytest.importorskip("psycopg")
    assert fault_of(psycopg.errors.LockNotAvailable("verrouillé")) is LOCKED
    assert fault_of(psycopg.errors.ReadOnlySqlTransaction("lecture seule")) is READ_ONLY
    assert fault_of(psycopg.errors.UndefinedColumn("colonne")) is OLDER
    assert fault_of(psycopg.OperationalError("pas de route")) is NO_SERVER
