"""The table of scores, whatever students are called; and that each of them comes through every command."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from mashq.course.gradebook.scores import QuestionScore, Scores, score_table
from tests.support.commands import mashq
from tests.support.tiny_course import answered, hand_in, make_tiny_course, released_notebook

ODD = [
    "x" * 65,
    "a[b]",
    "[bold]",
    ".hidden",
    "سارا احمدی",
    'o\'neil "ada"',
    "50%",
    "%(x)s",
    "a+b",
    "{x}",
    "*",
    "q?",
    "back\\slash",
    "two words",
    "-dash",
]


def shown(names: list[str], width: int = 80) -> str:
    """The table on a terminal so wide."""
    names_of_questions = ("q1_a", "q2_b", "q3_c")
    questions = {name: QuestionScore(n, 9, True) for n, name in enumerate(names_of_questions, 3)}
    console = Console(file=io.StringIO(), width=width)
    console.print(score_table(Scores("ps1", list(questions), dict.fromkeys(names, questions))))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.quick
@pytest.mark.parametrize("name", ["a[b]", "[bold]x", "[/]", "{x}", "50%", "o'neil", ".hidden"])
def test_an_id_is_shown_as_it_is(name: str) -> None:
    """What others wrote is no markup."""
    assert f"│ {name} " in shown([name])


@pytest.mark.quick
@pytest.mark.parametrize("length", [65, 128, 500])
def test_a_long_id_does_not_hide_the_scores(length: int) -> None:
    """It is broken over lines, and all of it is there."""
    text = shown(["x" * length, "ada"])
    assert text.count("x") == length
    assert text.count("3*") == text.count("4*") == text.count("5*") == text.count("12 │") == 2


@pytest.mark.quick
def test_control_characters_of_an_id_stay_away_from_the_terminal() -> None:
    """They could move the cursor, or write a line of their own."""
    text = shown(["\x1b[2Jgone\nada"])
    assert "\x1b" not in text
    assert "│  [2Jgone ada " in text


@pytest.mark.slow
def test_every_odd_id_is_graded_shown_exported_and_gets_feedback(tmp_path: Path) -> None:
    """Long, with brackets, braces, quotes, spaces, a leading dot or dash, in Persian."""
    course = make_tiny_course(tmp_path / "course")
    for student in ODD:
        hand_in(course, student, answered(released_notebook(course)))
    out, _ = mashq("grade", "ps1", "--workers=1", "--isolation=none", "--json=-", cwd=course)
    graded = json.loads(out)["students"]
    assert {student: scores["areas"]["score"] for student, scores in graded.items()} == dict.fromkeys(ODD, 2)
    mashq("feedback", "ps1", "--workers=1", cwd=course)
    assert all((course / "feedback" / student / "ps1" / "areas.html").is_file() for student in ODD)
    mashq("export", "ps1", cwd=course)
    with (course / "ps1.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"].removeprefix("'") for row in csv.DictReader(file)}
    assert exported == set(ODD)  # an apostrophe stands before "-dash", or spreadsheets took it for a formula
    mashq("report", "ps1", cwd=course)
    shown_there, _ = mashq("scores", "ps1", cwd=course)
    assert all(student in shown_there for student in ODD if len(student) < 20 and student.isascii())
