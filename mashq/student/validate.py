"""`mashq validate`: will this notebook be graded? For students, before handing in; without hidden checks."""

from __future__ import annotations

import copy
import json
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import is_test, known_cells
from mashq.exercises import CellNames
from mashq.handed_in.limits import MAX_FILE_MB, NotReadError, attached_letters, require_within_limits
from mashq.handed_in.parse import decode
from mashq.handed_in.read import SubmissionError, read_submission
from mashq.language import ENGLISH, language_of, speaking
from mashq.language import gettext as _
from mashq.language import marked as N_
from mashq.student.beside import check_expected, check_files, check_versions
from mashq.student.elsewhere import check_for_elsewhere
from mashq.student.exchange import release_in_exchange
from mashq.student.findings import Finding, Looked, State
from mashq.student.released import NoReleaseError, Release, bundle_of, find_release
from mashq.student.running import Progress, findings_of, run_notebook
from mashq.student.structure import check_structure, unwritten

LARGE_MB = 5  # outputs are not graded; upload forms often refuse large files
AGAIN = N_("Save the notebook again in JupyterLab, or download it again; its name ends in .ipynb.")


@dataclass(frozen=True)
class Options:
    """How to check."""

    release: Path | None = (
        None  # a released notebook, a folder of them or a bundle; None: see `_find_release`
    )
    run: bool = True
    timeout: int = 120  # seconds a cell, as in grading


@dataclass
class Report:
    """All that was found about one file."""

    path: Path
    findings: list[Finding] = field(default_factory=list)
    language: str = ENGLISH

    @property
    def ready(self) -> bool:
        return all(finding.state != "to do" for finding in self.findings)

    def add(self, state: State, what: Looked, says: str, advice: str = "") -> None:
        self.findings.append(Finding(state, what, says, advice))


def validate(path: Path, options: Options, progress: Progress) -> Report:
    """Check one notebook; the findings are in the language that it says it is in.

    Raises NoReleaseError when `options.release` holds no released notebook.
    """
    report = Report(path)
    data = path.read_bytes()
    problem, notebook = _parse(data) if len(data) <= MAX_FILE_MB * 2**20 else ("", None)
    report.language = language_of(notebook or {})
    with speaking(report.language):
        if notebook is not None and (beyond := _beyond_limits(notebook)):
            report.add("to do", "file", beyond)
            return report
        problem = _invalid(notebook) if notebook is not None else problem
        mended = _mended(path, data) if problem else None
        if mended is not None:
            says = _("{problem}; this is put right when it is graded")
            report.add("note", "file", says.format(problem=problem), _(AGAIN))
            _check(mended, path, options, progress, report)
        elif _is_readable(data, problem, report):
            _check(notebook, path, options, progress, report)
    return report


def _check(notebook: Any, path: Path, options: Options, progress: Progress, report: Report) -> None:
    """Add what is found in a notebook that can be read."""
    found = _find_release(notebook, path, options.release, report)
    if not report.ready:
        return  # what follows would compare and run the wrong notebook
    if found is not None and found.name != path.name:
        says = _("the assignment's file is called {name}").format(name=found.name)
        advice = _("Rename yours to {name}: it is graded under its name.").format(name=found.name)
        report.add("to do", "name", says, advice)
    release = None if found is None else found.notebook
    names = CellNames(notebook if release is None else release)
    report.findings += check_structure(notebook, release, names)
    report.findings += check_files(notebook, path.resolve().parent)
    report.findings += check_expected(release if release is not None else notebook, path.resolve().parent)
    report.findings += check_versions(notebook, release, path)
    report.findings += check_for_elsewhere(notebook, release, path.resolve().parent, names)
    if options.run:
        tests = [name for name, cell in known_cells(notebook).items() if is_test(cell)]
        run = run_notebook(notebook, path.resolve().parent, options.timeout, names, progress)
        report.findings += findings_of(run, tests, set(unwritten(notebook, release)), names)
    else:
        report.add("note", "run", _("was not run, as --no-run asks"))


def as_json(reports: list[Report]) -> str:
    """The reports for programs."""
    files = [
        {"file": str(report.path), "ready": report.ready, "findings": [asdict(f) for f in report.findings]}
        for report in reports
    ]
    return json.dumps({"ready": all(report.ready for report in reports), "files": files}, indent=2)


def _is_readable(data: bytes, problem: str, report: Report) -> bool:
    """Whether a file holds a notebook, with a finding; `problem` says why not."""
    size_mb = len(data) / 2**20
    if size_mb > MAX_FILE_MB:
        says = _("is {size:.0f} MB large; more than {most} MB are refused")
        advice = _("Clear the outputs of all cells and save it.")
        report.add("to do", "file", says.format(size=size_mb, most=MAX_FILE_MB), advice)
        return False
    if problem:
        report.add("to do", "file", problem, _(AGAIN))
        return False
    if size_mb > LARGE_MB:
        says = _("is {size:.0f} MB large; outputs are not graded")
        advice = _("If the place where you hand it in refuses it, clear the outputs of all cells.")
        report.add("note", "file", says.format(size=size_mb), advice)
    else:
        report.add("ok", "file", _("can be read, {size:,.0f} kB").format(size=len(data) / 1000))
    return True


def _beyond_limits(notebook: Any) -> str:
    """Why a notebook is too large to be graded; empty when it is not."""
    cells = [cell for cell in notebook.get("cells", ()) if isinstance(cell, dict)]
    sources = [cell["source"] if isinstance(cell.get("source"), str) else "" for cell in cells]
    try:
        require_within_limits(sources, sum(map(attached_letters, cells)))
    except NotReadError as error:
        return error.reason.said()
    return ""


def _invalid(notebook: Any) -> str:
    """What the notebook format forbids in a notebook that could be read; empty when all is well."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what nbformat mends in its copy
            nbformat.validate(copy.deepcopy(notebook))
    except nbformat.ValidationError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        says = _("is not a valid notebook: {error} (at {place})")
        return says.format(error=error.message[:150], place=where)
    return ""


def _mended(path: Path, data: bytes) -> Any | None:
    """The notebook that the grader makes of a file that is none; None where it cannot either."""
    try:
        notebook = read_submission(path, data).notebook
    except SubmissionError:
        return None
    tree = json.loads(decode(data, []).strip().strip("\0"), strict=False)
    cells = [raw for raw in tree.get("cells", []) if isinstance(raw, dict)]
    for raw, cell in zip(cells, notebook.cells, strict=False):  # what the grader has from the release
        about = raw["metadata"].get("nbgrader") if isinstance(raw.get("metadata"), dict) else None
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] = nbformat.from_dict(about)
    return notebook


def _parse(data: bytes) -> tuple[str, Any]:
    """What is wrong with a file, and the notebook of format 4 in it."""
    try:
        text = data.decode("utf-8-sig")
        tree = json.loads(text)
    except UnicodeDecodeError:
        return _("is not in UTF-8"), None
    except (ValueError, RecursionError):
        cut = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        empty = not text.strip()
        return _("is empty") if empty else _("is cut off") if cut else _("is not a notebook"), None
    if not isinstance(tree, dict) or not isinstance(tree.get("cells", tree.get("worksheets")), list):
        return _("is not a notebook: it has no cells"), None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "", nbformat.convert(nbformat.reader.reads(text), 4)
    except Exception as error:
        return _("cannot be read as a notebook: {error}").format(error=str(error)[:150]), None


def _find_release(notebook: Any, path: Path, place: Path | None, report: Report) -> Release | None:
    """The released notebook to compare with; None where there is none, or with a finding when none fits.

    place : where it is; None to look for an unpacked bundle, then in nbgrader's exchange
    """
    try:
        bundle = (bundle_of(path) or release_in_exchange(path)) if place is None else place
        if bundle is None:
            advice = _("For a full check, name the released notebooks: --release FOLDER.")
            report.add("note", "cells", _("no released notebook was found to compare with"), advice)
            return None
        release = find_release(notebook, path.name, bundle)
    except NoReleaseError as error:
        if place is not None:
            raise
        report.add("to do", "cells", str(error))
        return None
    if release is None:
        advice = _(
            "Is it the right file? Otherwise take a fresh copy of the released one and paste your answers."
        )
        says = _("holds no cell of a notebook in {place}").format(place=bundle)
        report.add("to do", "cells", says, advice)
        return None
    return release
