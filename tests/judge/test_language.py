"""What a student reads about their work is in the language of the release; the grade is the same in all."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.grading.engine.tasks import Tasks
from mashq.grading.intake.receive import receive
from mashq.grading.notebook.judging import run_and_judge
from mashq.grading.workers.task import content_key
from mashq.judge import Judgement
from mashq.judge.limits import Limits
from mashq.language import speaking
from mashq.sandbox import kernels
from mashq.student.validate import Options, validate
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import ROOT
from tests.support.tiny_course import hand_in

CHECKS = '''
import pytest
from mashq.judge import threshold, expect
from mashq.language import gettext as _
from mashq.language import marked as N_

SIDES = N_("both sides")


@pytest.mark.grade("test_area", points=1)
def test_square(student):
    """The area of a square is its side squared."""
    expect.close(student.call("area", 3, 3), 9, "area(3, 3)")


@pytest.mark.grade("test_area", points=1)
def test_rectangle(student):
    """Both sides count."""
    expect.close(student.call("area", 2, 5), 10, _("area of {a} and {b}").format(a=2, b=5), hint=_(SIDES))


@pytest.mark.grade("test_area", points=1)
@threshold(N_("share of it"), at_least=0.5, mean=0.9, sd=0.001, runs=40)
def test_share(student):
    """The share is large."""
    return 0.25
'''
PO = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Both sides count."
msgstr "هر دو ضلع به حساب می‌آید."

msgid "The area of a square is its side squared."
msgstr "مساحت مربع، توان دوم ضلع است."

msgid "area of {a} and {b}"
msgstr "مساحت {a} و {b}"

msgid "both sides"
msgstr "هر دو ضلع"

msgid "share of it"
msgstr "سهم آن"
""".encode()
HALF = "def area(a, b):\n    return a * a"


def release(language: str | None) -> Any:
    """A released notebook with one function and its test cell."""
    stub = code_cell("raise NotImplementedError", "area")
    notebook = notebook_of(stub, code_cell("pass", "test_area", 3))
    if language:
        notebook.metadata["mashq"] = {"language": language}
    return notebook


def graded(language: str | None, folder: Path, source: str = HALF) -> tuple[Any, Judgement]:
    """A submission after intake, repair and judge; the student's file names another language in vain."""
    submission = copy.deepcopy(release(None))
    submission.metadata["mashq"] = {"language": "de"}
    submission.cells[0].source = source
    del submission.cells[1]
    check_file = folder / "test_areas.py"
    check_file.write_text(CHECKS, encoding="utf-8")
    received = receive(Path("areas.ipynb"), nbformat.writes(submission).encode(), release(language))
    judgement = run_and_judge(
        received.notebook, check_file, {}, kernels("none"), Limits(), catalogue=PO if language else b""
    )
    return received.notebook, judgement


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Judgement]]:
    """English, Persian and English again, by one process with the same check module loaded."""
    folder = tmp_path_factory.mktemp("checks")
    return {name: graded("fa" if name == "fa" else None, folder) for name in ("en", "fa", "again")}


def test_sentences_are_in_the_language_of_the_release(both: dict[str, tuple[Any, Judgement]]) -> None:
    """Titles, messages made at the moment of failing, and a `bar`'s name that was given at import."""
    en, fa, again = (both[name][1].results for name in ("en", "fa", "again"))
    assert [r.message for r in en] == [
        "",
        "area of 2 and 5: wrong value, off by 6; both sides",
        "share of it: 0.25, and at least 0.5 is needed",
    ]
    with speaking("fa"):
        assert [r.title for r in fa] == [
            "مساحت مربع، توان دوم ضلع است.",
            "هر دو ضلع به حساب می‌آید.",
            "The share is large.",
        ]
    plain = [r.message.translate({0x2068: None, 0x2069: None}) for r in fa]
    assert plain == [
        "",
        "مساحت 2 و 5: مقدار نادرست است، با اختلاف 6؛ هر دو ضلع",
        "سهم آن: 0.25، در حالی که دست‌کم 0.5 لازم است",
    ]
    assert [r.message for r in again] == [r.message for r in en]


def test_the_grade_is_the_same(both: dict[str, tuple[Any, Judgement]]) -> None:
    """Outcome by outcome and cell by cell."""
    en, fa = both["en"][1], both["fa"][1]
    assert [(r.check, r.outcome, r.points, r.measured) for r in en.results] == [
        (r.check, r.outcome, r.points, r.measured) for r in fa.results
    ]
    assert en.score("test_area") == fa.score("test_area") == 1
    texts = [
        [cell.outputs[0].data["text/plain"] for cell in notebook.cells if cell.get("outputs")]
        for notebook, _judgement in (both["en"], both["fa"])
    ]
    assert texts == [["1"], ["1"]]


def test_the_graded_notebook_reads_from_the_right(both: dict[str, tuple[Any, Judgement]]) -> None:
    """The checks' table and the notes at the top; the English one has no mark of a language."""
    pages = {
        name: "\n".join(
            [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
            + [cell.outputs[0].data["text/html"] for cell in notebook.cells if cell.get("outputs")]
        )
        for name, (notebook, _judgement) in both.items()
    }
    assert '<div class="mashq-checks" lang="fa" dir="rtl">' in pages["fa"]
    assert "آزمون‌های پنهان" in pages["fa"]
    assert "دوباره گذاشته شد" in pages["fa"]  # the test cell was missing
    assert "Hidden checks: 1 of 3 points" in pages["en"]
    assert "was missing and was put back" in pages["en"]
    assert 'dir="rtl"' not in pages["en"]
    assert both["fa"][0].metadata.mashq.language == "fa"


def test_reasons_for_staff_stay_english(tmp_path: Path) -> None:
    """The summary of a run says them on a terminal; the student's notice is in Persian."""
    received = receive(Path("areas.ipynb"), b'{"cells": [', release("fa"))
    assert str(received.problems[0]).startswith("the file is cut off")
    assert "mashq نتوانست این نوت‌بوک را تصحیح کند." in received.notebook.cells[0].source


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one submission, released in English."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    folder = course / "release" / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(release(None), folder / "areas.ipynb")
    hand_in(course, "amy", nbformat.writes(release(None)).encode())
    return course


def _key(course: Path) -> tuple[str, bytes]:
    """Of the result of the one task, and what goes with the task."""
    opened = Tasks(course, "ps1")
    task = opened.task(opened.found("amy")[0])
    return content_key(task, {}), task.catalogue


def test_the_catalogue_travels_with_the_task_and_decides_its_key(course: Path) -> None:
    """With another language or translation the sentences are others; English has no catalogue."""
    catalogue = course / "locale" / "fa" / "LC_MESSAGES" / "ps1.po"
    catalogue.parent.mkdir(parents=True)
    english = _key(course)
    catalogue.write_bytes(PO)
    assert _key(course) == english
    assert english[1] == b""
    nbformat.write(release("fa"), course / "release" / "ps1" / "areas.ipynb")
    assert Tasks(course, "ps1").assignment.language == "fa"
    persian = _key(course)
    assert "مساحت".encode() in persian[1]
    catalogue.write_bytes(PO + b"\n# another comment\n")
    assert _key(course) == persian
    catalogue.write_bytes(PO.replace("مساحت".encode(), "سطح".encode()))
    assert len({english[0], persian[0], _key(course)[0]}) == 3


@pytest.mark.long
def test_pytest_by_hand_speaks_the_language_of_the_release(tmp_path: Path) -> None:
    """`pytest tests/ps1 --submission FILE` finds it in the course around the checks."""
    for folder in ("tests/ps1", "release/ps1", "locale/fa/LC_MESSAGES"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tests/ps1/test_areas.py").write_text(CHECKS, encoding="utf-8")
    (tmp_path / "locale/fa/LC_MESSAGES/ps1.po").write_bytes(PO)
    nbformat.write(release("fa"), tmp_path / "release/ps1/areas.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--isolation", "none", "tests/ps1"]
    submission = ["--submission", "release/ps1/areas.ipynb"]
    ran = subprocess.run([*command, *submission], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "تعریف نشده است" in ran.stdout


@pytest.mark.parametrize(
    ("language", "says"),
    [(None, "not written yet"), ("fa", "هنوز نوشته نشده است"), ("tlh", "not written yet")],
)
def test_validate_speaks_the_notebook_s_language(language: str | None, says: str, tmp_path: Path) -> None:
    """States and topics stay words for programs."""
    path = tmp_path / "areas.ipynb"
    nbformat.write(release(language), path)
    say: Callable[..., None] = lambda *_: None  # noqa: E731
    report = validate(path, Options(run=False), say)
    found = next(finding for finding in report.findings if finding.what == "answers")
    assert found.state == "to do"
    assert says in found.says
