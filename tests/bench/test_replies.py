"""The bench that changes replies: what it changes, and a sample of what the checks do with it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.replies import Answers, change_of, changed, parts_of, try_notebook, try_replies
from mashq.judge import Student, expect, wire
from tests.test_checks import CHECKS, hold


def test_every_part_of_a_reply_can_be_changed() -> None:
    """And all else stays as it was."""
    reply = {"loss": [1.0, (2, 3)], "model": 4}
    made = [repr(changed(reply, place, lambda _: "other")) for place in parts_of(reply)]
    assert len(set(made)) == len(made) == 7
    assert repr(reply) not in made
    assert changed(reply, ("loss", 1, 0), lambda _: 9) == {"loss": [1.0, (9, 3)], "model": 4}


def test_the_same_seed_changes_a_reply_in_the_same_way() -> None:
    """So that what was found can be seen again."""
    parts: list[Any] = [np.eye(3), [1, 2, 3], (1,), {"a": 1}, 2.5, "x", None]
    ways = [[repr(change_of(part, random.Random(seed))) for part in parts] for seed in (5, 5, 6)]
    assert ways[0] == ways[1] != ways[2]


def test_a_check_that_stumbles_is_listed() -> None:
    """With its error and its own line; one that says what is wrong is not."""

    def careless(student: Student) -> None:
        assert student.get("x") + 1 == 2

    def careful(student: Student) -> None:
        assert expect.number(student.get("x"), "x") == 1

    found: list[Counter[str]] = []
    for check in (careless, careful):
        heard = {b"".join(wire.encode({"do": "get", "name": "x"})): {"value": 1}}
        found.append(
            try_replies(
                check.__name__,
                lambda session, check=check: check(Student(session)) or "",  # type: ignore[misc]
                lambda heard=heard: Answers({"x": 1}, heard),  # type: ignore[misc]
                60,
                20.0,
            )
        )
    assert any("careless: TypeError" in line for line in found[0])
    assert not any("Error" in line for line in found[1])


@pytest.mark.parametrize("notebook", ["q1_paper", pytest.param("q5_xnor", marks=pytest.mark.long)])
def test_a_sample_of_changed_replies_makes_no_check_stumble(
    notebook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The student fails, or the points are earned; never the check."""
    monkeypatch.chdir(tmp_path)
    checks: dict[str, list[Any]] = {}
    for param in CHECKS:
        check, arguments = param.values[:2]
        if "train" not in check.__name__:  # these take long
            grade_id = next(mark.args[0] for mark in check.pytestmark if mark.name == "grade")
            checks.setdefault(grade_id, []).append((str(param.id), check, arguments))
    found = try_notebook(notebook, checks, hold, replies=10, seconds=0.3)
    assert [line for line in found if "takes" not in line] == []
