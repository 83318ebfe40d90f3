"""Cells and notebooks as nbgrader knows them."""

from __future__ import annotations

from typing import Any

import nbformat


def code_cell(source: str, grade_id: str = "", points: float | None = None) -> Any:
    """A code cell: ordinary, a solution cell (with an id), or a test cell (with an id and points)."""
    cell = nbformat.v4.new_code_cell(source)
    if grade_id:
        about = {"grade_id": grade_id, "schema_version": 3, "task": False}
        test = points is not None
        cell.metadata["nbgrader"] = about | {"grade": test, "solution": not test, "locked": test}
        if test:
            cell.metadata.nbgrader["points"] = points
    return cell


def essay_cell(source: str, grade_id: str, points: float) -> Any:
    """A markdown cell that a person grades."""
    cell = nbformat.v4.new_markdown_cell(source)
    cell.metadata["nbgrader"] = {
        "grade_id": grade_id,
        "points": points,
        "grade": True,
        "solution": True,
        "locked": False,
        "task": False,
        "schema_version": 3,
    }
    return cell


def notebook_of(*cells: Any) -> Any:
    """A notebook with the Python kernel."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def task_cell(source: str, grade_id: str, points: float) -> Any:
    """A task that a person grades, such as a scan beside the notebook."""
    cell = essay_cell(source, grade_id, points)
    cell.metadata.nbgrader |= {"grade": False, "solution": False, "locked": True, "task": True}
    return cell
