"""Many small assignments of plain nbgrader: each cell has the points that `nbgrader autograde` gives.

An entry is a source with what some students hand in. Where mashq is meant to give other points, the entry
lists the cell with the reason; such a difference that no longer occurs fails, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.grading.corpus import (
    beside_files,
    formats,
    from_nbgrader,
    hidden_tests,
    languages,
    notebook_features,
    python_features,
    scores,
    students,
)
from tests.grading.corpus.course import Scores, graded
from tests.grading.corpus.entry import Entry
from tests.support.languages import with_kernel_of_bash
from tests.support.needs import missing

pytestmark = pytest.mark.slow

OWN = (
    *hidden_tests.ENTRIES,
    *scores.ENTRIES,
    *notebook_features.ENTRIES,
    *python_features.ENTRIES,
    *beside_files.ENTRIES,
    *formats.ENTRIES,
    *students.ENTRIES,
    *languages.ENTRIES,
)
ALL = (*OWN, *from_nbgrader.ENTRIES)


class Corpus:
    """Entries that share settings and an assignment are graded together, when one is asked for."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._found: dict[tuple[str | None, str], tuple[Scores, Scores] | AssertionError] = {}

    def scores(self, entry: Entry) -> tuple[Scores, Scores]:
        """What nbgrader and mashq give to the notebooks of an entry."""
        if entry.shares not in self._found:
            together = [other for other in ALL if other.shares == entry.shares]
            try:
                self._found[entry.shares] = graded(self._factory.mktemp("course"), together)
            except AssertionError as error:  # a command that failed would fail for each of them
                self._found[entry.shares] = error
        found = self._found[entry.shares]
        if isinstance(found, AssertionError):
            raise found
        theirs, ours = found
        return _of(entry, theirs), _of(entry, ours)


def _of(entry: Entry, scores: Scores) -> Scores:
    return {where: score for where, score in scores.items() if where[1] in entry.notebooks}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """All entries, graded as they are asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(with_kernel_of_bash(tmp_path_factory.mktemp("jupyter"))))
        yield Corpus(tmp_path_factory)


COURSES = list(dict.fromkeys(entry.shares for entry in ALL))
# Entries that are graded together are for one process, where several share out the tests.
IN_COURSES = [
    pytest.param(entry, id=entry.name, marks=pytest.mark.xdist_group(f"course-{COURSES.index(entry.shares)}"))
    for entry in ALL
]


@pytest.mark.parametrize("entry", IN_COURSES)
def test_each_cell_has_the_points_of_nbgrader(entry: Entry, corpus: Corpus) -> None:
    """But for the differences that the entry lists, each of which is there."""
    theirs, ours = corpus.scores(entry)
    assert theirs
    different = {
        where: f"nbgrader {theirs.get(where)}, mashq {ours.get(where)}"
        for where in sorted(theirs.keys() | ours.keys())
        if theirs.get(where) != ours.get(where)
    }
    unmeant = [f"{where}: {both}" for where, both in different.items() if where not in entry.differences]
    assert not unmeant, "\n".join(unmeant)
    gone = [f"{where}: {why}" for where, why in entry.differences.items() if where not in different]
    assert not gone, "listed, but no longer different:\n" + "\n".join(gone)


def test_names_of_entries_and_notebooks_are_used_once() -> None:
    """Two entries of one assignment would share a notebook of the same name."""
    names = Counter(entry.name for entry in ALL)
    notebooks = Counter((e.shares, name) for e in ALL for name in e.notebooks)
    assert max(names.values()) == max(notebooks.values()) == 1


def test_the_notebooks_of_nbgrader_are_there() -> None:
    """The installed wheel has them."""
    if not from_nbgrader.ENTRIES:
        missing("this nbgrader was installed without its tests; its wheel on PyPI has them")
    assert len(from_nbgrader.ENTRIES) > 10
