"""What a notebook had before it is recorded again: its graded file and its points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import nbformat

from mashq.course.results import MISSING
from mashq.grading.notebook.judging import grade_basis


def read_graded(notebook: bytes) -> Any:
    """A graded notebook; None where there is none, or it is damaged."""
    try:
        read = nbformat.v4.reads(notebook.decode())
        return read if isinstance(read.metadata, dict) else None
    except (ValueError, LookupError, AttributeError, TypeError):
        return None


def had_points(earlier: Any, former: Mapping[str, float | None], now: Mapping[str, float | None]) -> bool:
    """Whether a cell that has no points now has some in a notebook that was graded, and not missing."""
    if earlier is None or basis_of(earlier)[1] is not None:
        return False
    return any(points is not None and now.get(cell) is None for cell, points in former.items())


def other_points(
    notebook: str, former: Mapping[str, float | None], now: Mapping[str, float | None]
) -> Iterator[str]:
    """A sentence for each cell that had points by nbgrader, and now has others."""
    for cell, points in former.items():
        if points is not None and points != now.get(cell):
            new = now.get(cell)
            yield (
                f"{notebook}.ipynb, {cell}: nbgrader had given {points:g} points, and now "
                + ("a person must look" if new is None else f"it has {new:g}")
            )


def basis_of(notebook: Any) -> tuple[Any, dict[str, bool] | None]:
    """The `grade_basis` of a graded notebook, and which cells waited before it was missing, if it was.

    Both are None for a file that is damaged or of others.
    """
    try:
        waited = notebook.metadata.get("mashq", {}).get(MISSING)
        return grade_basis(notebook), None if waited is None else {str(k): bool(v) for k, v in waited.items()}
    except (ValueError, LookupError, AttributeError, TypeError):
        return None, None
