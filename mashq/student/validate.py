"""`mashq validate`: will this notebook be graded? For students, before handing in; without hidden checks."""

from __future__ import annotations

import copy
import json
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.student.findings import Finding, State
from mashq.student.released import NoReleaseError, Release, bundle_of, find_release
from mashq.student.running import Progress, findings_of, run_notebook
from mashq.student.structure import check_structure, is_test, known_cells, unwritten

LARGE_MB = 5  # outputs are not graded; upload forms often refuse large files
LARGEST_MB = 300  # more is refused when it is graded
AGAIN = "Save the notebook again in JupyterLab, or download it again; its name ends in .ipynb."


@dataclass(frozen=True)
class Options:
    """How to check."""

    release: Path | None = None  # a released notebook, a folder of them or a bundle; None: look for a bundle
    run: bool = True
    timeout: int = 120  # seconds a cell, as in grading


@dataclass
class Report:
    """All that was found about one file."""

    path: Path
    findings: list[Finding] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether nothing is left to do."""
        return all(finding.state != "to do" for finding in self.findings)

    def add(self, state: State, what: str, says: str, advice: str = "") -> None:
        """Add one finding."""
        self.findings.append(Finding(state, what, says, advice))


def validate(path: Path, options: Options, progress: Progress) -> Report:
    """Check one notebook.

    Raises NoReleaseError when `options.release` holds no released notebook.
    """
    report = Report(path)
    notebook = _read(path, report)
    if notebook is None:
        return report
    found = _find_release(notebook, path, options.release, report)
    if not report.ready:
        return report  # what follows would compare and run the wrong notebook
    if found is not None and found.name != path.name:
        says = f"the assignment's file is called {found.name}"
        report.add("to do", "name", says, f"Rename yours to {found.name}: it is graded under its name.")
    release = None if found is None else found.notebook
    report.findings += check_structure(notebook, release)
    if options.run:
        tests = [name for name, cell in known_cells(notebook).items() if is_test(cell)]
        run = run_notebook(notebook, path.resolve().parent, options.timeout, progress)
        report.findings += findings_of(run, tests, set(unwritten(notebook, release)))
    else:
        report.add("note", "run", "was not run, as --no-run asks")
    return report


def as_json(reports: list[Report]) -> str:
    """The reports for programs."""
    files = [
        {"file": str(report.path), "ready": report.ready, "findings": [asdict(f) for f in report.findings]}
        for report in reports
    ]
    return json.dumps({"ready": all(report.ready for report in reports), "files": files}, indent=2)


def _read(path: Path, report: Report) -> Any | None:
    """The notebook in a file; None, with a finding, when it cannot be read."""
    data = path.read_bytes()
    size_mb = len(data) / 2**20
    if size_mb > LARGEST_MB:
        says = f"is {size_mb:.0f} MB large; more than {LARGEST_MB} MB are refused"
        report.add("to do", "file", says, "Clear the outputs of all cells and save it.")
        return None
    problem, notebook = _parse(data)
    if problem:
        report.add("to do", "file", problem, AGAIN)
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what nbformat mends in its copy
            nbformat.validate(copy.deepcopy(notebook))
    except nbformat.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        report.add("to do", "file", f"is not a valid notebook: {error.message[:150]} (at {where})", AGAIN)
        return None
    if size_mb > LARGE_MB:
        advice = "If the place where you hand it in refuses it, clear the outputs of all cells."
        report.add("note", "file", f"is {size_mb:.0f} MB large; outputs are not graded", advice)
    else:
        report.add("ok", "file", f"can be read, {len(data) / 1000:,.0f} kB")
    return notebook


def _parse(data: bytes) -> tuple[str, Any]:
    """What is wrong with a file, and the notebook of format 4 in it."""
    try:
        text = data.decode("utf-8-sig")
        tree = json.loads(text)
    except UnicodeDecodeError:
        return "is not in UTF-8", None
    except (ValueError, RecursionError):
        cut = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        return ("is empty" if not text.strip() else "is cut off" if cut else "is not a notebook"), None
    if not isinstance(tree, dict) or not isinstance(tree.get("cells", tree.get("worksheets")), list):
        return "is not a notebook: it has no cells", None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "", nbformat.convert(nbformat.reader.reads(text), 4)
    except Exception as error:
        return f"cannot be read as a notebook: {str(error)[:150]}", None


def _find_release(notebook: Any, path: Path, place: Path | None, report: Report) -> Release | None:
    """The released notebook to compare with; None where there is none, or with a finding when none fits."""
    try:
        bundle = bundle_of(path) if place is None else place
        if bundle is None:
            advice = "For a full check, name the released notebooks: --release FOLDER."
            report.add("note", "cells", "no released notebook was found to compare with", advice)
            return None
        release = find_release(notebook, path.name, bundle)
    except NoReleaseError as error:
        if place is not None:
            raise
        report.add("to do", "cells", str(error))
        return None
    if release is None:
        advice = (
            "Is it the right file? Otherwise take a fresh copy of the released one and paste your answers."
        )
        report.add("to do", "cells", f"holds no cell of a notebook in {bundle}", advice)
        return None
    return release
