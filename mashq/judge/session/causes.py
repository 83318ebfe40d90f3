"""`Causes`: which of the cells that stopped cost points, and which of those a person must look at."""

from __future__ import annotations

from typing import Any

from mashq import cells
from mashq.judge.session import stops
from mashq.judge.session.stops import LeftAbove, Stop
from mashq.language import marked as N_
from mashq.language import visible
from mashq.problems import Kind, Problem, Sentence

MOST_IN_LISTS = 100  # letters of an error, where what to do next stands behind it
LACKS_PACKAGE = N_(
    "{stop}; points were lost by it: install the package where grading runs and grade again with "
    "--force, or give points"
)
LACKS_OTHER = N_(
    "{stop}; points were lost by it: such a line may work where it was written, and does not where this is "
    "graded; look at the answer without it, and give points"
)
ASSIGNS = N_(
    "what the checks of {test} call assigns to {name}: that is a function, to be called as {name}(...)"
)


class Causes:
    """The cells of one run that stopped, and the exercises whose checks failed because of that.

    notebook : the one that runs
    """

    def __init__(self, notebook: Any) -> None:
        self._notebook = notebook
        self.stops: list[Stop] = []  # the cells that did not run to their end, but those of tests
        self._failed_tests: list[Stop] = []  # of those that the notebook brings
        self._suspected: set[tuple[int, str]] = set()  # (index, test cell), while a check runs
        self._blamed: set[tuple[int, str]] = set()  # of those that a failed check named as its cause
        self._lost: set[str] = set()  # test cells with a failed check
        # {function of a library to which code assigned that a check called: the test cell}
        self._overwritten: dict[str, str] = {}

    def add(self, stop: Stop) -> None:
        """Note that a cell stopped; what was known of the same cell before does not hold any more."""
        self.stops = [other for other in self.stops if other.index != stop.index] + [stop]

    def of(self, name: str, test: str) -> Sentence | None:
        """Which cell stopped, so that there is no such name for a check; None where that is not known.

        test : the test cell that is judged
        """
        stop = stops.cause_of(name, self.stops)
        if stop is None:
            return None
        self._suspected.update((link.index, test) for link in stops.chain(stop))
        return stop.short(stop.error)

    def overwritten(self, name: str, test: str) -> None:
        """Note that code which a check of this test cell called assigns to a function of a library."""
        self._overwritten.setdefault(visible(name)[:100], test)

    def forget_suspicion(self) -> None:
        """The check that runs is held once more, with other functions in place of those that are missing."""
        self._suspected.clear()

    def after_check(self, test: str, failed: bool) -> None:
        """A check of a test cell has ended: what it met costs points only where it failed."""
        if failed:
            self._blamed |= self._suspected
            self._lost.add(test)
        self._suspected.clear()

    def after_own_tests(self) -> None:
        """Note which stops the failed tests of the notebook's own come from, where these decide."""
        for index, cell in enumerate(self._notebook.cells):
            stop = stops.stop_of(cell, index, self.stops, False) if cells.is_test(cell) else None
            if stop is not None:
                self._failed_tests.append(stop)
                self._lost.add(cells.id_of(cell))
                self._blamed.update((link.index, cells.id_of(cell)) for link in stops.chain(stop))

    def found(self) -> tuple[list[Sentence], int]:
        """What kept cells from running to their end, but for what others led to in given cells.

        Those that cost points come first, each part in the order of the notebook; the number is theirs.
        """
        found: list[Stop | LeftAbove] = [*self.stops, *stops.left_above(self._notebook)]
        found.sort(key=lambda stop: stop.index)
        costly = [stop for stop in found if self._cost_points(stop)]
        others = [stop for stop in found if stop not in costly and _is_its_own(stop)]
        assigned = [
            Sentence.of(ASSIGNS, name=name, test=test)
            for name, test in self._overwritten.items()
            if test in self._lost
        ]
        first = [*(stop.sentence() for stop in costly), *assigned]
        return [*first, *(stop.sentence() for stop in others)], len(first)

    def _cost_points(self, stop: Stop | LeftAbove) -> bool:
        if any(index == stop.index for index, _ in self._blamed):
            return True
        behind = self._notebook.cells[stop.index + 1 :]
        test = next((cells.id_of(cell) for cell in behind if cells.is_test(cell)), "")
        return bool(stop.grade_id) and test in self._lost

    def lacking(self) -> list[Problem]:
        """What grading has not, where a failed check comes from that: a person decides."""
        return [
            Problem(Kind.PERSON, _lacks(stop), grade_id)
            for stop in [*self.stops, *self._failed_tests]
            for index, grade_id in sorted(self._blamed)
            if index == stop.index and stop.is_of_this_place
        ]


def _is_its_own(stop: Stop | LeftAbove) -> bool:
    """Whether it is more than what another stop led to."""
    return isinstance(stop, LeftAbove) or bool(stop.grade_id) or (stop.within and stop.cause is None)


def _lacks(stop: Stop) -> Sentence:
    template = LACKS_PACKAGE if stop.error == "ModuleNotFoundError" else LACKS_OTHER
    return Sentence.of(template, stop=stop.with_line(MOST_IN_LISTS))
