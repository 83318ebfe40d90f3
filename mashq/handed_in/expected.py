"""The files that an exercise asks for beside the notebook, such as a scan that a person grades.

An author names them in the metadata of the cell that asks for them:

    "mashq": {"files": ["q1.pdf"]}

Who grades finds any scan or photograph that lies beside the notebook, under whatever name, so one of those
will do in place of a PDF.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from mashq.cells import about

SCANS = (".pdf", ".png", ".jpg", ".jpeg")  # nothing that could run scripts in the grader's browser


def expected_files(notebook: Any) -> dict[str, float]:
    """{name of a file that a notebook's cells ask for: the points of the cell, 0 where it has none}."""
    expected: dict[str, float] = {}
    for cell in notebook["cells"]:
        said = cell["metadata"].get("mashq")
        names = said.get("files") if isinstance(said, dict) else None
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str) and name:
                points = about(cell).get("points")
                expected[name] = float(points) if isinstance(points, (int, float)) else 0.0
    return expected


def is_scan(name: str) -> bool:
    """Whether graders are shown a file of this name."""
    return PurePosixPath(name).suffix.lower() in SCANS


def in_place_of(name: str, there: Collection[str]) -> list[str]:
    """The files that a grader would take for one that is not there: scans, for a scan."""
    return sorted(other for other in there if is_scan(other)) if is_scan(name) else []
