"""Run a received notebook, hold its checks against it, and write what was found into its cells.

The one path that `nbgrader autograde` (`preprocessors.JudgeExecute`) and `mashq grade` (`grade.grade`) share,
so that both give the same grades.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import nbformat
from nbgrader import utils

from mashq import datasets
from mashq.grading.intake import writable
from mashq.grading.result_cell import markdown_cell, score_output
from mashq.grading.sanitize import sanitize
from mashq.judge import Judgement
from mashq.judge.limits import Limits
from mashq.judge.run import is_judged, judge_notebook
from mashq.judge.session import NotebookSession
from mashq.language import direction, language_of, speaking
from mashq.language import gettext as _
from mashq.sandbox import Files, Isolation, Kernels, Quota, kernels
from mashq.sandbox.pool import KEEP
from mashq.translate import markdown

GRADERS_ONLY = "graders-only"  # tag of cells that `nbgrader_config.py` keeps out of feedback
SCANS = (".pdf", ".png", ".jpg", ".jpeg")  # nothing that could run scripts in the grader's browser
BEGIN_SCHEME, END_SCHEME = "### BEGIN MARK SCHEME", "### END MARK SCHEME"


def course_kernels(isolation: str, memory_mb: int = Quota.memory_mb, keep: int = KEEP) -> Kernels:
    """Kernels for graded notebooks, with the datasets' course parts in sight.

    Raises WallsMissingError where the walls that were asked for are missing.
    """
    datasets.prepare()  # behind walls nothing can be decoded or downloaded
    return kernels(isolation, datasets.course_folder(), Quota(memory_mb=memory_mb), keep)


def run_and_judge(
    notebook: Any,
    check_file: Path | None,
    files: Files,
    source: Kernels,
    limits: Limits,
    *,
    whole: bool | None = None,
    allow_stand_in: bool = False,
    catalogue: bytes = b"",
) -> Judgement:
    """Run a received notebook, clean it (see `sanitize`) and judge it; scores and checks end up in its cells.

    check_file : its hidden checks; None for a notebook that has none, whose own test cells then decide, as in
        plain nbgrader
    whole : whether to run what no grade depends on: what stands behind the last test cell, and every figure.
        None for notebooks in which a person grades something, and so will look at them
    catalogue : the course's translations, a .po file, into the language that the received notebook names
    """
    if whole is None:
        whole = person_grades(notebook)
    with speaking(language_of(notebook), catalogue):
        return _run_and_judge(notebook, check_file, files, source, limits, whole, allow_stand_in)


def _run_and_judge(
    notebook: Any,
    check_file: Path | None,
    files: Files,
    source: Kernels,
    limits: Limits,
    whole: bool,
    allow_stand_in: bool,
) -> Judgement:
    unreadable = notebook.metadata.get("mashq", {}).get("unreadable")
    if unreadable:
        judgement = Judgement(errors=[f"the file {unreadable}"])
    elif check_file is not None:
        judgement = judge_notebook(
            notebook,
            check_file,
            files,
            limits=limits,
            kernels=source,
            whole=whole,
            allow_stand_in=allow_stand_in,
        )
    else:
        with NotebookSession(notebook, files, limits, source) as session:  # all its cells may have a say
            session.finish()
        sanitize(notebook)
        return Judgement(
            troubles=session.troubles, has_checks=False, seconds=session.seconds, usage=session.usage
        )
    sanitize(notebook)
    if source.isolation is Isolation.NONE:
        judgement.notices.append(_("This was run without walls around the student's code (isolation none)."))
    write_scores(notebook, judgement)
    if not (whole or unreadable):
        _mark_what_was_not_run(notebook)
    return judgement


def person_grades(notebook: Any) -> bool:
    """Whether a person grades something in a notebook, and so will look at it: an essay or a task."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return any(mark.get("task") or (mark.get("grade") and mark.get("solution")) for mark in marks)


def write_scores(notebook: Any, judgement: Judgement) -> None:
    """Put score and checks into each judged cell, before what the student's code wrote there."""
    for cell in notebook.cells:
        if is_judged(cell):
            about = cell.metadata.nbgrader
            outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
            cell.outputs = [score_output(judgement, about.grade_id, about.points), *outputs]
    record = {
        "results": [dataclasses.asdict(result) for result in judgement.results],
        "troubles": judgement.troubles,
        "errors": judgement.errors,
        "stand_ins": judgement.stand_ins,
        "seconds": round(judgement.seconds, 2),
    }
    notebook.metadata.setdefault("mashq", nbformat.from_dict({}))["judgement"] = nbformat.from_dict(record)


def _mark_what_was_not_run(notebook: Any) -> None:
    """Say where the run ended, if code stands behind it."""
    judged = [index for index, cell in enumerate(notebook.cells) if is_judged(cell)]
    behind = judged[-1] + 1 if judged else len(notebook.cells)
    rest = notebook.cells[behind:]
    if any(cell.cell_type == "code" for cell in rest) and not any(
        cell.cell_type == "code" and cell.execution_count for cell in rest
    ):
        not_run = _(
            "*The cells below were not run: nothing in them is graded (`mashq grade --whole` runs them too).*"
        )
        notebook.cells.insert(behind, markdown_cell(not_run))


def show_to_graders(notebook: Any, schemes: Mapping[str, str], files: Files) -> None:
    """Put what only graders see into a graded notebook: schemes and links behind answers and in tasks.

    schemes : mark schemes, {grade_id: text}, in the language of the notebook
    files : beside the notebook; scans and photographs among them are linked behind each task
    """
    with speaking(language_of(notebook)):
        cells = []
        for cell in notebook.cells:
            cells.append(cell)
            scheme = schemes.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if utils.is_task(cell):
                if scheme and BEGIN_SCHEME not in cell.source:  # nbgrader has it back from the gradebook
                    cell.source = _with_scheme(cell.source, scheme)
                cells.append(_for_graders(_handed_in(files)))
            if scheme and utils.is_solution(cell):
                cells.append(_for_graders(_("**Mark scheme** (graders only)"), scheme.strip()))
        notebook.cells = cells


def _for_graders(sentence: str, then: str = "") -> Any:
    cell = markdown_cell(sentence, then=then)
    cell.metadata["tags"] = [GRADERS_ONLY]
    return cell


def _with_scheme(source: str, scheme: str) -> str:
    """A task cell as its source has it: with the scheme at its end, within the frame of its direction."""
    end = markdown.FRAME_END if source.endswith(markdown.FRAME_END) else ""
    return f"{source.removesuffix(end)}\n{BEGIN_SCHEME}\n{scheme}\n{END_SCHEME}{end}"


def _handed_in(files: Files) -> str:
    """Links to what a person looks at; formgrader serves a submission's files beside its notebook."""
    names = sorted(name for name in files if PurePosixPath(name).suffix.lower() in SCANS)
    shown = {name: re.sub(r"[`\r\n]", " ", writable(name)) for name in names}
    # a name that is no UTF-8, as old archives have, stays the name of its file
    links = [f"[`{text}`](./{quote(os.fsencode(name))})" for name, text in shown.items()]
    if not links:
        return _("**Handed in** (graders only): no PDF and no photograph lies beside the notebook")
    return _("**Handed in** (graders only): {links}").format(links=", ".join(links))


def mark_schemes(source: Any, translated: Callable[[str], str] = str) -> dict[str, str]:
    """The mark schemes of a source notebook: {grade_id: text}.

    translated : a cell's Markdown in the language of the release, see `translation`
    """
    schemes = {}
    for cell in source.cells:
        if BEGIN_SCHEME in cell.source:
            text = translated(cell.source) if cell.cell_type == "markdown" else cell.source
            scheme = text.partition(BEGIN_SCHEME)[2].partition(END_SCHEME)[0]
            schemes[cell.metadata.nbgrader.grade_id] = scheme.removeprefix("\n").removesuffix("\n")
    return schemes


def translation(language: str, words: bytes) -> Callable[[str], str]:
    """What puts a cell's Markdown into a language, as a release in it has it.

    words : the course's catalogue, a .po file; empty where there is none, and for English
    """
    if not words:
        return str
    from babel.messages.pofile import read_po

    from mashq.translate.catalogue import lookup_in

    lookup = lookup_in(read_po(io.BytesIO(words), locale=language))
    way = direction(language)
    return lambda source: markdown.translate(source, lambda piece: lookup(piece.text), way)
