"""The store of computed results: what is a hit, what is a miss, and what outlives a bad hour."""

from __future__ import annotations

import dataclasses
import os
import signal
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mashq.course import store as store_module
from mashq.course.results import Graded, Usage
from mashq.course.store import Last, Store
from mashq.errors import RecordError
from mashq.grading.workers.task import Task, content_key
from mashq.judge import CheckResult, Judgement, Outcome, OwnNumbers
from mashq.judge.limits import Limits
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import KernelUsage, Quota
from tests.support.small_disk import fill, small_disk

pytestmark = pytest.mark.quick

TASK = Task(
    student="amy",
    assignment="ps1",
    notebook="areas",
    data=b"handed in",
    release=b"released",
    files={"data/a.csv": b"1,2", "q1.pdf": b"scan"},
    checks=b"def test_area(): ...",
    schemes={"why": "3 points"},
)
LOST = Problem(Kind.MACHINE, Sentence.of("the {what} was lost", what="kernel"))
VERSIONS = {"hoda": "39629eb7", "numpy": "2.1.0"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store's file, in a folder that is not there yet."""
    return tmp_path / "results" / "ps1.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


def graded(text: str = "", seconds: float = 1.5) -> Graded:
    """A result with every field set, and text that is hard on JSON."""
    results = [
        CheckResult("test_a", "test_area", 1.5, Outcome.PASSED, "مساحت", "", 0.25, 1e-7, 96.5),
        CheckResult("test_b", "test_area", 0.5, Outcome.FAILED, message='lone \udc80 surrogate, "quotes"'),
        CheckResult("test_c", "test_b", 1, Outcome.MACHINE_ERROR, message="no memory"),
    ]
    judgement = Judgement(
        results,
        problems=[
            Problem(
                Kind.STUDENT, Sentence.of("cell {number}: {why}", number=3, why=Sentence.plain("it died"))
            ),
            Problem(Kind.DATA, Sentence.plain("no data"), "test_a"),
        ],
        has_checks=False,
        stand_ins=["hoda"],
        notices=["run without walls"],
        seconds=12.5,
        usage=KernelUsage(3.25, 812.5),
    )
    return Graded(
        notebook=f'{{"cells": [], "text": "مشق {text}"}}\n'.encode() + bytes(range(256)),
        judgement=judgement,
        problems=(Problem(Kind.PERSON, Sentence.plain("is the answer elsewhere?\nor not"), "test_b"),),
        notes=(Sentence.of("cell {name!r} was put back", name="test_area"), Sentence.plain("a second note")),
        isolation="bubblewrap",
        usage=Usage(seconds, "node7:4711"),
    )


def test_a_result_comes_back_as_it_was(store: Store, path: Path) -> None:
    """Every field and type, whatever the text; and again from the file."""
    store.put("k", graded(), student="amy", notebook="areas")
    back = store.get("k")
    assert back == graded()
    assert back is not None
    assert type(back.judgement.results[0].outcome) is Outcome
    assert list(map(str, back.attention)) == [
        "test_b: is the answer elsewhere?\nor not",
        "test_a: no data",
        "test_b: machine error in test_c: no memory",
    ]
    with Store(path) as again:
        assert again.get("k") == graded()
    assert store.get("other") is None


OTHER: dict[str, Any] = {
    "notes": (Sentence.of("taken from {file}", file="another"),),
    "doubt": Sentence.of("may be {file}", file="another"),
    "versions": Sentence.of("there are {count}", count=2),
    "left_out": {"film.mp4": Sentence.of("more than {size} MB", size=100)},
    "own_folder": {"a.csv": "data/a.csv"},
    "assignment": "ps2",
    "notebook": "more",
    "data": b"handed in later",
    "release": b"released again",
    "files": {"data/a.csv": b"1,3", "q1.pdf": b"scan"},
    "checks": None,
    "schemes": {"why": "2 points"},
    "limits": Limits(cell_s=60),
    "run_all": True,
    "quota": Quota(memory_mb=1000),
    "packages": {"/srv/library": "0123"},
    "shown": ("/srv/course/.mashq/given/hw2/0123",),
    "steps": {"steps.Bonus": "class Bonus: ..."},
    "settings": {"Bonus": {"amount": 7}},
    "earlier": (("before", b"released", b"handed in"),),
    "allow_stand_in": True,
    "isolation": "none",
    "datasets": ("hoda",),
    "catalogue": b'msgid "one"\nmsgstr "two"\n',
    "hidden": {"test_area": ("", "assert area(2, 2) == 4")},
}


def test_each_thing_that_decides_a_result_is_in_its_key() -> None:
    """But not who handed it in; each field of a task is tried, also those of tomorrow."""
    assert OTHER.keys() | {"student"} == {field.name for field in dataclasses.fields(Task)}
    keys = {
        content_key(dataclasses.replace(TASK, **{name: value}), VERSIONS) for name, value in OTHER.items()
    }
    keys |= {content_key(TASK, VERSIONS | {"numpy": "2.1.1"}), content_key(TASK, {"numpy": "2.1.0"})}
    keys.add(content_key(dataclasses.replace(TASK, files={"data/a.csv": b"1,2"}), VERSIONS))
    assert len(keys - {content_key(TASK, VERSIONS)}) == len(OTHER) + 3
    other_order = dataclasses.replace(
        TASK, student="ben", files=dict(sorted(TASK.files.items(), reverse=True))
    )
    assert content_key(other_order, dict(sorted(VERSIONS.items(), reverse=True))) == content_key(
        TASK, VERSIONS
    )


DAMAGE: dict[str, Any] = {
    "cut off": lambda blob: blob[: len(blob) // 2],
    "a flipped bit": lambda blob: blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:],
    "empty": lambda blob: b"",
    "null": lambda blob: None,
    "text": lambda blob: "text",
    "not an object": lambda blob: zlib.compress(b"[1, 2]"),
    "a missing field": lambda blob: changed(blob, b'"isolation": "bubblewrap", ', b""),
    "an unknown field": lambda blob: changed(blob, b'"isolation":', b'"colour": 1, "isolation":'),
    "a missing field of a check": lambda blob: changed(blob, b'"title": ', b'"heading": '),
    "an unknown outcome": lambda blob: changed(blob, b'"passed"', b'"excused"'),
}


def changed(blob: bytes, old: bytes, new: bytes) -> bytes:
    text = zlib.decompress(blob)
    assert old in text
    return zlib.compress(text.replace(old, new))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_or_foreign_row_is_a_miss(damage: str, store: Store, path: Path) -> None:
    """It is computed again and can be put again."""
    store.put("k", graded(), student="amy", notebook="areas")
    store.mark_done("amy", "areas", "k")
    with sqlite3.connect(path) as other:
        blob = other.execute("SELECT graded FROM result").fetchone()[0]
        other.execute("UPDATE result SET graded = ?", [DAMAGE[damage](blob)])
    other.close()
    assert store.get("k") is None
    assert list(store.results()) == []
    store.put("k", graded(), student="amy", notebook="areas")
    assert list(store.results()) == [("amy", "areas", graded())]


def test_nothing_that_runs_is_stored(store: Store, path: Path) -> None:
    """A store may come from another machine: it is compressed JSON, all of it."""
    store.put("k", graded(), student="amy", notebook="areas")
    with sqlite3.connect(path) as other:
        blob = other.execute("SELECT graded FROM result").fetchone()[0]
    other.close()
    assert zlib.decompress(blob).startswith(b'{"notebook": ')
    assert b"pickle" not in Path(store_module.__file__).read_bytes()


def test_whose_numbers_were_graded_outlives_the_process(tmp_path: Path) -> None:
    """The identity, the answers and the right numbers are as they were noted."""
    own = OwnNumbers("test_area", "98123456", {"z": 0.5}, {"z": 0.25}, {"scan": "| z |"})
    with Store(tmp_path / "results.db") as store:
        store.mark_done("amy", "areas", "k", (), [own])
    with Store(tmp_path / "results.db") as again:
        assert again.all_done()["amy", "areas"].own == (own,)


def test_what_was_recorded_last_is_known(store: Store) -> None:
    """For each notebook of each student, in order, with one result for two who handed in the same."""
    for key in ("old", "new"):
        store.put(key, graded(key), student="ben", notebook="areas")
    lost = Problem(Kind.PERSON, Sentence.plain("is it here?\nOr there?"), "why")
    store.mark_done("ben", "areas", "old", [lost, LOST])
    assert store.all_done() == {("ben", "areas"): Last("old", (lost, LOST))}
    store.mark_done("ben", "areas", "new")
    store.mark_done("amy", "areas", "new")
    assert store.all_done() == {("amy", "areas"): Last("new", ()), ("ben", "areas"): Last("new", ())}
    assert list(store.results()) == [("amy", "areas", graded("new")), ("ben", "areas", graded("new"))]


def test_results_do_not_hold_up_the_writer(store: Store) -> None:
    """A report may be half read when the next result arrives."""
    for student in ("amy", "ben"):
        store.put(student, graded(student), student=student, notebook="areas")
        store.mark_done(student, "areas", student)
    reading = store.results()
    next(reading)
    store.put("later", graded("later"), student="cat", notebook="areas")
    store.mark_done("ben", "areas", "later")
    assert [student for student, _, _ in reading] == ["ben"]


def test_long_notebooks_are_known_by_their_median(store: Store) -> None:
    """One slow run does not make a notebook a long one."""
    for key, notebook, seconds in (
        ("a", "areas", 1),
        ("b", "areas", 2),
        ("c", "areas", 90),
        ("d", "more", 7),
    ):
        store.put(key, graded(key, seconds), student="amy", notebook=notebook)
    assert store.seconds() == {"areas": 2, "more": 7}


def test_what_took_very_long_is_known(store: Store) -> None:
    """Against the median of its own notebook, and only where it was long."""
    for n, (student, notebook, seconds) in enumerate(
        [
            ("amy", "areas", 1),
            ("ben", "areas", 1),
            ("cem", "areas", 90),
            ("dan", "areas", 20),
            ("amy", "more", 90),
        ]
    ):
        store.put(str(n), graded(str(n), seconds), student=student, notebook=notebook)
    assert store.took_long(times=5, seconds=60) == {("cem", "areas")}


def test_the_store_does_not_grow_without_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that are somebody's last stay, and the newest others, such as those on their way."""
    monkeypatch.setattr(store_module, "OTHERS", 3)
    monkeypatch.setattr(store_module, "PRUNE_EVERY", 10)
    store.put("done", graded(), student="amy", notebook="areas")
    store.mark_done("amy", "areas", "done")
    for number in range(19):
        store.put(f"k{number}", graded(), student="amy", notebook="areas")
    kept = {key for key in ("done", *(f"k{number}" for number in range(19))) if store.get(key)}
    assert kept == {"done", "k16", "k17", "k18"}


def test_what_put_returned_from_survives_a_kill(tmp_path: Path) -> None:
    """SIGKILL in the middle of work: all that was put and marked is there."""
    path = tmp_path / "ps1.db"
    child = os.fork()
    if child == 0:
        try:
            doomed = Store(path)
            for number in range(20):
                doomed.put(f"k{number}", graded(str(number)), student="amy", notebook="areas")
                doomed.mark_done("amy", f"n{number}", f"k{number}")
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    with Store(path) as store:
        assert store.all_done() == {("amy", f"n{number}"): Last(f"k{number}", ()) for number in range(20)}
        assert {found.notebook for _, _, found in store.results()} == {
            graded(str(number)).notebook for number in range(20)
        }


@pytest.mark.process
def test_a_full_disk_is_said_and_can_be_mended(tmp_path: Path) -> None:
    """What was there stays readable, and the same call works when there is space again."""
    big = dataclasses.replace(graded(), notebook=os.urandom(150_000))
    with small_disk(tmp_path / "disk") as disk, Store(disk / "ps1.db") as store:
        store.put("k", graded(), student="amy", notebook="areas")
        fill(disk / "filler")
        with pytest.raises(RecordError, match=f"{disk}/ps1.db failed .*free some space"):
            store.put("big", big, student="amy", notebook="areas")
        assert store.get("k") == graded()
        (disk / "filler").unlink()
        store.put("big", big, student="amy", notebook="areas")
        assert store.get("big") == big


def test_a_store_in_use_or_in_ruins_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another program holds, and a file that is no database."""
    monkeypatch.setattr(store_module, "PATIENCE_S", 0.1)
    with Store(tmp_path / "ps1.db") as store:
        other = sqlite3.connect(tmp_path / "ps1.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordError, match="locked it; let it finish"):
            store.mark_done("amy", "areas", "k")
        other.close()
        store.mark_done("amy", "areas", "k")
    (tmp_path / "ruin.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(RecordError, match=r"ruin\.db failed .*delete the file and grade again"):
        Store(tmp_path / "ruin.db")


OLD = """
CREATE TABLE result (
    key TEXT PRIMARY KEY, student TEXT, notebook TEXT, seconds REAL, stored REAL, graded BLOB);
CREATE TABLE done (
    student TEXT, notebook TEXT, key TEXT, faults TEXT, PRIMARY KEY (student, notebook)) WITHOUT ROWID;
INSERT INTO result VALUES ('k', 'amy', 'areas', 90.0, 1.0, 'graded');
INSERT INTO done VALUES ('amy', '', 'k', ''), ('amy', 'areas', 'k', 'the file is cut off'),
    ('ben', 'areas', 'k', 'check error in test_a: one line' || char(10) || 'another line');
"""  # as mashq 0.1 made it


def test_a_store_of_an_older_version_is_made_anew(path: Path) -> None:
    """No sentence of its is taken for a problem, and no key for a result that can be read."""
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        old.executescript(OLD)
    old.close()
    with Store(path) as store:
        assert (store.all_done(), store.get("k"), store.seconds(), list(store.results())) == (
            {},
            None,
            {},
            [],
        )
        store.put("k", graded(), student="amy", notebook="areas")
        store.mark_done("amy", "areas", "k", [LOST])
    with Store(path) as again:
        assert again.all_done() == {("amy", "areas"): Last("k", (LOST,))}
        assert again.get("k") == graded()


def test_a_store_of_a_newer_version_is_left_alone(path: Path) -> None:
    """What it holds is not ours to judge; the message says what to do."""
    with Store(path) as store:
        store.mark_done("amy", "areas", "k", [LOST])
    with sqlite3.connect(path, isolation_level=None) as newer:
        newer.execute("PRAGMA user_version = 99")
    for _ in range(2):
        with pytest.raises(RecordError, match=r"ps1\.db was made by a newer mashq; use that one, or delete"):
            Store(path)
    assert newer.execute("SELECT key FROM done").fetchall() == [("k",)]
    newer.close()


@pytest.mark.parametrize("text", ["the file is cut off", "", None, "[1]", '[{"kind": "weather"}]', "5"])
def test_a_row_that_is_not_ours_is_graded_again(text: str | None, store: Store, path: Path) -> None:
    """It is neither listed as something else nor taken for done."""
    store.mark_done("amy", "areas", "k", [LOST])
    with sqlite3.connect(path) as other:
        other.execute("UPDATE done SET problems = ?", [text])
    other.close()
    assert store.all_done()["amy", "areas"] == Last("", ())
