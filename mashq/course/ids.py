"""Ids of cells that an instructor gave twice: points hang on them, so nothing is made or graded then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mashq.cells import doubled_ids
from mashq.errors import CourseError


def doubled(place: str, notebook: Any) -> Iterator[str]:
    """One sentence for each id that several cells of a notebook have.

    place : of the notebook, as a person finds it
    """
    for grade_id, numbers in doubled_ids(notebook).items():
        cells = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
        yield (
            f"{place}: cells {cells} have the same nbgrader id {grade_id!r}, on which points hang. "
            "Give all but one of them another id (in Jupyter: Create Assignment, or the cell's metadata)."
        )


def require_unique_ids(notebooks: Mapping[str, Any]) -> None:
    """Raises CourseError with all ids that are there twice in these notebooks, by their places."""
    found = [says for place, notebook in notebooks.items() for says in doubled(place, notebook)]
    if found:
        raise CourseError("\n".join(found))
