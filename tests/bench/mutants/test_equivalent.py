"""The list of mutants that deserve all points."""

from __future__ import annotations

import nbformat

from bench.mutants.equivalent import Equivalent, read_equivalent, tally
from bench.mutants.judging import Verdict, graded_cells, mutants_of
from bench.mutants.making import Mutant
from tests.support.commands import ROOT

EQUIVALENT = ROOT / "tests" / "hw2" / "zoo" / "equivalent.toml"
SOURCES = sorted((ROOT / "source" / "hw2").glob("*.ipynb"))


def test_a_survivor_needs_a_reason() -> None:
    """Each verdict counts once; what is listed and killed, or cannot be judged, is a complaint too."""
    listed = {"a": Equivalent("x → y", "the same"), "b": Equivalent("x → z", "the same")}
    a, b, c, d, e = (Mutant(name, 1, "x", "y", "y") for name in "abcde")
    killed = [Verdict(one, killed_by="test_x", said="wrong") for one in (b, c)]
    result = tally([Verdict(a), *killed, Verdict(d), Verdict(e, unclear=True)], listed)
    assert [v.mutant for v in (*result.equivalent, *result.killed, *result.surviving)] == [a, c, d]
    assert not result.is_clean
    assert [line.split(":")[0] for line in result.complaints()] == [
        "d survives",
        "e cannot be judged",
        "b is not equivalent",
    ]
    assert tally([Verdict(a), killed[1]], listed).is_clean


def test_equivalent_mutants_exist_and_have_a_reason() -> None:
    """An entry names a mutant of today's reference, by its id and by what it changes."""
    found: dict[str, list[Mutant]] = {}
    for path in SOURCES:
        source = nbformat.read(path, as_version=4)
        found |= {grade_id: mutants_of(source, grade_id) for grade_id in graded_cells(source)}
    for grade_id, entries in read_equivalent(EQUIVALENT).items():
        changes = {mutant.id: mutant.change for mutant in found[grade_id]}
        assert {key: entry.change for key, entry in entries.items()}.items() <= changes.items()
        assert all(len(entry.reason.split()) > 3 for entry in entries.values())
