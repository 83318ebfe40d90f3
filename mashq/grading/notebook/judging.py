"""Run a received notebook, hold its checks against it, and write what was found into its cells.

The one path that `nbgrader autograde` (`JudgeExecute`) and `mashq grade` (`workers.worker.grade`)
share, so that both give the same grades.
"""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat

from mashq import datasets
from mashq.cells import about, id_of, is_test, person_grades
from mashq.course.results import MISSING, problems_in
from mashq.errors import MachineError
from mashq.grading.notebook.earlier import run_earlier
from mashq.grading.notebook.left_out import ask_for_left_out
from mashq.grading.notebook.result_cell import markdown_cell, score_output
from mashq.grading.notebook.sanitize import sanitize
from mashq.grading.notebook.schemes import for_graders
from mashq.grading.notebook.withheld import Hidden, put_in, take_out
from mashq.handed_in.beside import LeftOut
from mashq.judge import Judgement
from mashq.judge.data import prepare_data
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession
from mashq.language import gettext as _
from mashq.language import language_of, speaking
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence
from mashq.sandbox import Files, Isolation, Kernels, Quota, kernels
from mashq.sandbox.provisioner import KEEP


def course_kernels(
    isolation: str,
    quota: Quota | None = None,
    keep: int = KEEP,
    packages: Iterable[str] = (),
    shown: Sequence[str] = (),
) -> Kernels:
    """Kernels for graded notebooks, with the datasets' course parts in sight.

    packages : folders of Python packages besides those that are installed, where this machine has them
    shown : folders of the instructor's files, into which links in the notebook's folder lead

    Raises IsolationError where the walls that were asked for are missing, MachineError where this machine
    does not have what is to be shown.
    """
    if missing := [folder for folder in shown if not Path(folder).is_dir()]:
        raise MachineError(
            f"{socket.gethostname()} does not see {missing[0]}, where the instructor's large files are. "
            "Let all machines see the course folder under the same path, or grade without --scheduler."
        )
    datasets.prepare([])  # its folder must be there; what a notebook needs is prepared when it is judged
    there = [folder for folder in packages if Path(folder).is_dir()]
    return kernels(isolation, datasets.course_folder(), quota, keep, there, shown)


def run_and_judge(
    notebook: Any,
    check_file: Path | None,
    files: Files,
    source: Kernels,
    limits: Limits,
    *,
    problems: Sequence[Problem] = (),
    run_all: bool | None = None,
    allow_stand_in: bool = False,
    catalogue: bytes = b"",
    data: Collection[str] = (),
    left_out: LeftOut | None = None,
    hidden: Hidden | None = None,
    earlier: Sequence[Any] = (),
    name: str = "",
    folder: str = "work",
) -> Judgement:
    """Run a received notebook, clean it (see `sanitize`) and judge it; scores and checks end up in its cells.

    check_file : its hidden checks; None for a notebook that has none, whose own test cells then decide, as in
        plain nbgrader
    problems : why it cannot be run at all; nothing of it is run then
    run_all : whether to run what no grade depends on: what stands behind the last test cell, and every
        figure. None for notebooks in which a person grades something, and so will look at them
    data : the datasets that the release and its checks name
    left_out : files that are not among `files` though they lie beside the notebook, and why
    hidden : the test cells with more in them than the release shows, which is run and kept from the notebook
    earlier : received notebooks that run first, for the files that they write
    name, folder : of the notebook and of the assignment; its file lies beside it, in a folder of that name
    catalogue : the course's translations, a .po file, into the language that the received notebook names
    """
    from mashq.judge.run import judge_notebook  # with pytest, which a run that grades nothing does not need

    if run_all is None:
        run_all = any(map(person_grades, notebook.cells))
    with speaking(language_of(notebook), catalogue):
        if earlier:
            prepare_data(data, allow_stand_in)
            files = run_earlier(earlier, folder, files, source, limits)
        here = {**files, f"{name}.ipynb": _without_outputs(notebook)} if name else files
        put_in(notebook, hidden or {})
        in_the_way = [
            *problems,
            *(problem for problem in problems_in(notebook) if problem.kind is Kind.FILE),
        ]
        try:
            if in_the_way:
                judgement = Judgement(problems=in_the_way)
            elif check_file is None:
                judgement = _run_own_tests(notebook, folder, here, source, limits, allow_stand_in, data)
            else:
                judgement = judge_notebook(
                    notebook,
                    check_file,
                    here,
                    limits=limits,
                    kernels=source,
                    run_all=run_all,
                    folder=folder,
                    allow_stand_in=allow_stand_in,
                    data=data,
                )
        finally:
            take_out(notebook, hidden or {})
        ask_for_left_out(notebook, judgement, files, left_out or {})
        if judgement.stops:  # students read of them in their feedback
            lines = "\n".join(f"- {stop.said()}" for stop in judgement.stops)
            notebook.cells.insert(0, for_graders(_("**Cells that stopped with an error**"), lines))
        sanitize(notebook)
        if judgement.has_checks:
            if source.isolation is Isolation.NONE:
                no_walls = _("This was run without walls around the student's code (isolation none).")
                judgement.notices.append(no_walls)
            write_scores(notebook, judgement)
            if not (run_all or any(problem.kind is Kind.FILE for problem in judgement.problems)):
                _mark_what_was_not_run(notebook)
        else:
            judgement.problems += _values_out_of_range(notebook)
            write_record(notebook, judgement)
        return judgement


def _without_outputs(notebook: Any) -> bytes:
    """The file of a notebook as it is before it runs, without what mashq notes in it."""
    cells = [{**cell, "outputs": []} if "outputs" in cell else cell for cell in notebook.cells]
    about = {key: value for key, value in notebook.metadata.items() if key != "mashq"}
    text: str = nbformat.writes(nbformat.from_dict({**notebook, "cells": cells, "metadata": about}))
    return text.encode(errors="replace")


def _run_own_tests(
    notebook: Any,
    folder: str,
    files: Files,
    source: Kernels,
    limits: Limits,
    allow_stand_in: bool,
    data: Collection[str],
) -> Judgement:
    """Run a notebook without hidden checks, where the data is there."""
    stand_ins, missing = prepare_data(data, allow_stand_in)
    if missing is not None:
        return Judgement(problems=[missing], stand_ins=stand_ins)
    with NotebookSession(notebook, files, limits, source, folder=folder) as session:  # all cells have a say
        session.finish()
        session.causes.after_own_tests()
    found, costly = session.causes.found()
    return Judgement(
        problems=[*session.problems, *session.causes.lacking()],
        stops=found,
        costly=costly,
        has_checks=False,
        stand_ins=stand_ins,
        seconds=session.seconds,
        usage=session.usage,
    )


def _values_out_of_range(notebook: Any) -> list[Problem]:
    """The test cells that end with a number which is no score: nbgrader takes a cell's last value for one.

    Where it is larger than the cell's points, nbgrader would not grade the submission; where it is negative
    or not a number, it would give all points.
    """
    no_score = N_(
        "its last value, {value}, is not between 0 and its {points:g} points; give the points by hand"
    )
    problems = []
    for cell in filter(is_test, notebook.cells):
        points = float(about(cell)["points"])
        for value in _last_numbers(cell):
            if not 0 <= value <= points:
                sentence = Sentence.of(no_score, value=f"{value:g}", points=points)
                problems.append(Problem(Kind.PERSON, sentence, id_of(cell)))
    return problems


def _last_numbers(cell: Any) -> list[float]:
    """The number that a cell ends with; empty for none, for another value, and where the cell failed."""
    if _errors(cell):
        return []
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    with suppress(ValueError):
        return [float(result.data.get("text/plain", "")) for result in results[:1]]
    return []


def write_scores(notebook: Any, judgement: Judgement) -> None:
    """Put score and checks into each judged cell, before what the student's code wrote there."""
    for cell in filter(is_test, notebook.cells):
        if not about(cell)["points"] and not judgement.of(id_of(cell)):
            continue  # run, and not judged
        outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
        cell.outputs = [score_output(judgement, id_of(cell), about(cell)["points"]), *outputs]
    write_record(notebook, judgement)


def write_record(notebook: Any, judgement: Judgement) -> None:
    """Keep in a notebook's metadata what was found, from which its feedback is made."""
    record = {
        "results": [dataclasses.asdict(result) for result in judgement.results],
        "problems": [problem.as_json() for problem in judgement.problems],
        "stops": [stop.as_json() for stop in judgement.stops],
        "costly": judgement.costly,
        "stand_ins": judgement.stand_ins,
        "seconds": round(judgement.seconds, 2),
    }
    notebook.metadata.setdefault("mashq", nbformat.from_dict({}))["judgement"] = nbformat.from_dict(record)


def grade_basis(notebook: Any) -> Any:
    """What points rest on in a graded notebook: answers, files beside it, what checks and repairs found.

    Equal for two runs of one answer, whose outputs, times and ids of cells may differ by chance.
    """
    cells = [
        (cell.cell_type, cell.source, id_of(cell), [o.ename for o in _errors(cell)] if is_test(cell) else [])
        for cell in notebook.cells
    ]
    found = dict(notebook.metadata.get("mashq", {}))
    judgement = found.pop("judgement", {})
    found.pop(MISSING, None)
    results = [(r["grade_id"], r["check"], r["points"], r["outcome"]) for r in judgement.get("results", [])]
    problems = [(p["kind"], p["cell"]) for p in judgement.get("problems", [])]
    return cells, found, results, problems, judgement.get("stand_ins")


def _errors(cell: Any) -> list[Any]:
    return [output for output in cell.outputs if output.output_type == "error"]


def _mark_what_was_not_run(notebook: Any) -> None:
    """Say where the run ended, if code stands behind it."""
    judged = [index for index, cell in enumerate(notebook.cells) if is_test(cell)]
    behind = judged[-1] + 1 if judged else len(notebook.cells)
    rest = notebook.cells[behind:]
    if any(cell.cell_type == "code" for cell in rest) and not any(
        cell.cell_type == "code" and cell.execution_count for cell in rest
    ):
        not_run = _("*The cells below were not run: nothing in them is graded automatically.*")
        notebook.cells.insert(behind, markdown_cell(not_run))
