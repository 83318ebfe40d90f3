"""Which reasons to act points of a person settle."""

from __future__ import annotations

import pytest

from mashq.grading.gradebook.settled import Open, unsettled
from mashq.problems import Kind, Problem, Sentence

pytestmark = pytest.mark.quick


def is_settled(kind: Kind, *cells: Open, cell: str = "", notebook: str = "areas") -> bool:
    """Whether a problem of amy's is, with these open cells in the gradebook."""
    problems = {("amy", notebook): [Problem(kind, Sentence.plain("why"), cell)]}
    return not unsettled(problems, cells, ["areas", "more"])


def of_areas(cell: str, waits: bool, by_machine: bool = False) -> Open:
    """A cell of amy's."""
    return Open("amy", "areas", cell, waits, by_machine)


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.PERSON, Kind.VERSIONS, Kind.CHECK, Kind.DATA])
def test_every_cell_concerned_must_have_its_points(kind: Kind) -> None:
    """One cell where the problem is about one, all of the notebook where it is about that."""
    given, waits = of_areas("test_area", waits=False), of_areas("why", waits=True)
    assert is_settled(kind, given, waits, cell="test_area")
    assert not is_settled(kind, given, waits, cell="why")
    assert not is_settled(kind, given, waits)
    assert is_settled(kind, given)


@pytest.mark.parametrize("kind", [Kind.MACHINE, Kind.TIME])
def test_no_points_settle_a_fault_of_the_machine_or_a_time(kind: Kind) -> None:
    """The machine is to be put right, and the time to be written down."""
    assert not is_settled(kind, of_areas("test_area", waits=False))


def test_a_wrong_check_is_not_settled_by_the_points_of_the_machine() -> None:
    """Nobody has acted where nothing waits because the machine gave points."""
    assert not is_settled(Kind.CHECK)
    assert not is_settled(Kind.CHECK, of_areas("test_area", waits=False, by_machine=True))


def test_a_submission_without_a_notebook_needs_all_points() -> None:
    """Of all its notebooks; those of others do not count."""
    more = Open("amy", "more", "draw", waits=True, by_machine=False)
    ben = Open("ben", "areas", "why", waits=True, by_machine=False)
    for nothing in ("", "-"):
        assert not is_settled(Kind.FILE, of_areas("why", waits=False), more, notebook=nothing)
        assert is_settled(Kind.FILE, of_areas("why", waits=False), ben, notebook=nothing)
