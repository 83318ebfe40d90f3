"""What failed, what needs attention, and what makes grades doubtful."""

from __future__ import annotations

import dataclasses

import pytest

from mashq.problems import Sentence
from mashq.report.failures import commonest, concerns, count_checks, count_stops, doubts
from mashq.report.page import render
from mashq.report.thresholds import Threshold, read_thresholds
from tests.support.classes import class_of, handed, unreadable

pytestmark = pytest.mark.quick


def test_messages_that_differ_in_numbers_are_one() -> None:
    """The example is the commonest of them."""
    said = ["off by 0.5 at [1]", "off by 1e-3 at [2]", "off by 0.5 at [1]", "no dict"]
    assert commonest(said) == [("off by 0.5 at [1]", 3), ("no dict", 1)]
    (text, _), *_ = commonest(["x" * 1000])
    assert len(text) < 500


def test_checks_are_counted() -> None:
    """Passed, failed, and the share of those with a grade."""
    first, second = count_checks(class_of(handed("amy", "+-"), handed("ben", "++"), handed("cat", "--")))
    assert (first.passed, first.failed, second.passed, second.failed) == (2, 1, 1, 2)
    assert first.share == 2 / 3
    assert second.messages == [("wrong value", 2)]


def test_concerns_say_what_to_do_next() -> None:
    """Those with a reason in the store, and those whose test cell waits for no known reason."""
    listed = {"amy": [unreadable("is cut off")]}
    data = class_of(handed("amy", "+-"), handed("ben", "++"), problems=listed)
    waiting = dataclasses.replace(data, grades={("amy", "test_area"): None, ("ben", "test_area"): None})
    file, machine = concerns(waiting)
    assert (file.reason, file.who) == ("the file is cut off", [("amy", "areas")])
    assert "submitted/STUDENT/ps1" in file.next_step
    assert machine.who == [("ben", "areas")]
    assert "`mashq grade ps1`" in machine.next_step
    assert concerns(data) == concerns(dataclasses.replace(data, grades={})) != []


def test_doubts_are_loud() -> None:
    """Stand-ins, missing walls, students of whom nothing is known."""
    data = class_of(
        handed("amy", "+", stand_ins=("hoda",)), handed("ben", "+", isolation="none"), handed("cat", "+")
    )
    partly = dataclasses.replace(data, notebooks=data.notebooks[:2])
    stand_in, walls, unknown = doubts(partly)
    assert "STAND-IN for the hoda data" in stand_in
    assert "1 notebook (areas 1)" in stand_in
    assert "WITHOUT WALLS" in walls
    assert "Of 1 of 3 students" in unknown
    assert doubts(class_of(handed("amy", "+"))) == []


def test_bars_are_read_without_running_the_checks() -> None:
    """Plain names, f-strings of constants, positional numbers; what is no plain bar is left out."""
    text = """
FEW = "train(5)"
raise SystemExit
@threshold(f"accuracy after {FEW}", at_least=0.5, mean=0.83, sd=0.02, runs=44)
def test_a(student): ...
@stochastic.threshold("accuracy", 0.95, 0.97, 0.003, runs=24)
def test_b(student): ...
@threshold("unknown", at_least=f(), mean=0.83, sd=0.02, runs=44)
def test_c(student): ...
@statistical(trials=3, at_least=2, pass_rate=1)
def test_d(student): ...
"""
    assert read_thresholds(text) == {
        "test_a": Threshold("accuracy after train(5)", 0.5, 0.83, 0.02, 44),
        "test_b": Threshold("accuracy", 0.95, 0.97, 0.003, 24),
    }
    assert read_thresholds("def (") == {}


def test_cells_that_stopped_are_counted_by_their_cause() -> None:
    """A package that many import is one line of the report, with how many notebooks it stopped."""
    lacks = Sentence.of(
        "the answer cell area stopped in line 2 with {error}", error="ModuleNotFoundError: seaborn"
    )
    slip = Sentence.of("the answer cell area stopped in line 7 with NameError: x")
    data = class_of(
        handed("amy", "--", stops=(lacks,)), handed("ben", "--", stops=(lacks, slip)), handed("cat", "++")
    )
    assert count_stops(data) == [("areas", 2, [(str(lacks), 2), (str(slip), 1)])]
    assert "ModuleNotFoundError: seaborn" in render(data)
