"""What `mashq grade` is to do, by plain values: no clock, no disk, no gradebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashq.course.store import Last
from mashq.grading.engine.plan import WHOLE, Plan, Submission, expected_seconds, make_plan
from mashq.grading.intake.find import Work
from mashq.problems import Kind, Problem, Sentence

EXPECTED = {"areas": 5.0, "more": 30.0}
DONE = {("amy", WHOLE): Last("files", ()), ("amy", "areas"): Last("key", ())}
CUT_OFF = (Problem(Kind.FILE, Sentence.plain("the file is cut off")),)


def work(student: str, notebook: str) -> Work:
    return Work(student, notebook, Path(f"{notebook}.ipynb"))


def handed_in(student: str = "amy", files: str = "files", **keys: str) -> Submission:
    """A submission of notebooks with these content keys."""
    return Submission(student, files, [(work(student, name), key) for name, key in keys.items()])


def test_what_was_recorded_as_it_is_stays() -> None:
    """Its problems are said again."""
    done = DONE | {("amy", "areas"): Last("key", CUT_OFF)}
    plan = make_plan([handed_in(areas="key")], done, {("amy", "areas")}, EXPECTED)
    assert plan == Plan(unchanged={("amy", "areas"): CUT_OFF})


@pytest.mark.parametrize(
    ("done", "in_gradebook", "submission"),
    [
        pytest.param({}, {("amy", "areas")}, handed_in(areas="key"), id="never recorded"),
        pytest.param(DONE, set(), handed_in(areas="key"), id="lost from the gradebook"),
        pytest.param(DONE, {("amy", "areas")}, handed_in(areas="new"), id="another content"),
        pytest.param(DONE, {("amy", "areas")}, handed_in(files="late", areas="key"), id="other files"),
        pytest.param(
            {("amy", "areas"): Last("key", ())}, {("amy", "areas")}, handed_in(areas="key"), id="rows missing"
        ),
    ],
)
def test_what_differs_from_what_was_recorded_is_done(
    done: dict[tuple[str, str], Last], in_gradebook: set[tuple[str, str]], submission: Submission
) -> None:
    """Whichever part it is."""
    plan = make_plan([submission], done, in_gradebook, EXPECTED)
    assert plan == Plan(todo=[work("amy", "areas")])


def test_force_does_everything() -> None:
    """Also what is recorded as it is."""
    plan = make_plan([handed_in(areas="key")], DONE, {("amy", "areas")}, EXPECTED, force=True)
    assert plan == Plan(todo=[work("amy", "areas")])


def test_only_the_notebook_that_changed_is_done() -> None:
    """Not the student's other one, and nobody else's."""
    done = DONE | {
        ("amy", "more"): Last("old", ()),
        ("ben", WHOLE): Last("files", ()),
        ("ben", "areas"): Last("key", ()),
    }
    in_gradebook = {("amy", "areas"), ("amy", "more"), ("ben", "areas")}
    class_ = [handed_in(areas="key", more="new"), handed_in("ben", areas="key")]
    plan = make_plan(class_, done, in_gradebook, EXPECTED)
    assert plan.todo == [work("amy", "more")]
    assert set(plan.unchanged) == {("amy", "areas"), ("ben", "areas")}


def test_long_ones_are_begun_first() -> None:
    """Or the last worker would be alone with a long one at the end; else the order is that of students."""
    class_ = [handed_in(student, areas="a", more="b") for student in ("amy", "ben")]
    plan = make_plan(class_, {}, set(), EXPECTED)
    assert plan.todo == [work(s, n) for n in ("more", "areas") for s in ("amy", "ben")]


def test_who_took_very_long_before_comes_last() -> None:
    """Behind the shortest notebook of the others."""
    class_ = [handed_in("amy", more="key"), handed_in("ben", more="key"), handed_in("cem", areas="key")]
    plan = make_plan(class_, {}, set(), EXPECTED, slow={("amy", "more")})
    assert plan.todo == [work("ben", "more"), work("cem", "areas"), work("amy", "more")]


def test_an_empty_submission_is_not_one_of_which_other_notebooks_are_asked_for() -> None:
    """`--notebook more` is no reason to say that amy handed in nothing."""
    plan = make_plan([handed_in("amy"), Submission("ben", "files", empty=True)], {}, set(), EXPECTED)
    assert plan == Plan(empty=["ben"])


def test_seconds_are_measured_or_guessed_by_imports() -> None:
    """What was measured of a notebook that is released no more does not count."""
    release = {"a": b"import numpy", "b": b"import torch", "c": b"import torch"}
    expected = expected_seconds(release, {"c": 3.0, "old": 9.0})
    assert expected["a"] < expected["b"]
    assert (expected["c"], set(expected)) == (3.0, {"a", "b", "c"})
