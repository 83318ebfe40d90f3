"""The steps that mashq puts into `nbgrader autograde`, in the order in which they run.

`JudgeExecute` in place of nbgrader's `Execute`, `SaveJudgedGrades` in place of its `SaveAutoGrades`, then
`ShowMarkSchemes`. `nbgrader_config.py` names them; nbgrader itself is not changed.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Unicode

from mashq.grading.result_cell import score_output
from mashq.judge import Judgement
from mashq.judge.limits import Limits
from mashq.judge.run import is_judged, judge_notebook
from mashq.judge.session import NotebookSession

MARK_SCHEME_TAG = (
    "mark-scheme"  # cells with this tag are for graders; `nbgrader_config.py` keeps them out of feedback
)
BEGIN_SCHEME, END_SCHEME = "### BEGIN MARK SCHEME", "### END MARK SCHEME"


class JudgeExecute(Execute):
    """Runs a submission and holds its hidden checks against it, from outside the student's kernel.

    The checks of `NOTEBOOK.ipynb` are in `CHECKS/ASSIGNMENT/test_NOTEBOOK.py`. A notebook with test cells but
    without such a file is run and graded the way plain nbgrader does; one without test cells is only run.
    """

    checks_directory = Unicode("tests", help="Folder of the hidden checks, one folder an assignment").tag(
        config=True
    )
    allow_stand_in = Bool(
        False, help="Whether to grade on stand-ins where the real data is missing (or MASHQ_ALLOW_STAND_IN=1)"
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any], km: Any = None) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        check_file = Path(
            self.checks_directory, about["assignment"], f"test_{about['notebook']}.py"
        ).resolve()
        cwd = Path(resources["metadata"]["path"]).resolve()
        limits = Limits(cell_s=self.timeout or Limits.cell_s, startup_s=self.startup_timeout)
        if nb.metadata.get("mashq", {}).get("unreadable"):
            judgement = Judgement(errors=[f"the file {nb.metadata.mashq.unreadable}"])
        elif check_file.exists():
            allowed = self.allow_stand_in or os.environ.get("MASHQ_ALLOW_STAND_IN") == "1"
            judgement = judge_notebook(nb, check_file, cwd, limits=limits, allow_stand_in=allowed)
        elif any(map(is_judged, nb.cells)):
            return super().preprocess(nb, resources, km)  # type: ignore[no-any-return]
        else:
            judgement = run_only(nb, cwd, limits)
        who = f"student {about['student']}, {about['notebook']}.ipynb"
        for line in judgement.troubles:
            self.log.warning("%s: %s", who, line)
        for line in judgement.errors:
            self.log.error("%s: not graded: %s", who, line)
        for result in judgement.results:
            if result.outcome not in ("passed", "failed"):
                self.log.error("%s: not graded: %s %s: %s", who, result.outcome, result.check, result.message)
        for name in judgement.stand_ins:
            self.log.warning("%s: graded on a STAND-IN for the %s data", who, name)
        write_scores(nb, judgement)
        resources["mashq"] = judgement
        return nb, resources


def run_only(nb: Any, cwd: Path, limits: Limits) -> Judgement:
    """Run a notebook that has nothing for checks to grade, such as essays with figures."""
    with NotebookSession(nb, cwd, limits) as session:
        session.run_all()
        return Judgement(troubles=session.troubles, seconds=session.seconds)


def write_scores(nb: Any, judgement: Judgement) -> None:
    """Put score and checks into each judged cell, before what the student's code wrote there."""
    for cell in nb.cells:
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
    nb.metadata.setdefault("mashq", nbformat.from_dict({}))["judgement"] = nbformat.from_dict(record)


class SaveJudgedGrades(SaveAutoGrades):
    """Saves scores to the gradebook; what is not a grade is left for a person, never saved as a zero."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        self._record = nb.metadata.get("mashq", {})
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def _add_score(self, cell: Any, resources: dict[str, Any]) -> None:
        super()._add_score(cell, resources)
        grade_id = cell.metadata.nbgrader.grade_id
        judgement: Judgement | None = resources.get("mashq")
        unjudged = judgement is not None and is_judged(cell) and judgement.score(grade_id) is None
        if unjudged or self._record.get("unreadable") or grade_id in self._record.get("attention", {}):
            grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()

    def _add_comment(self, cell: Any, resources: dict[str, Any]) -> None:
        super()._add_comment(cell, resources)
        if self._record.get("unreadable"):  # the released cell is not the student's empty answer
            comment = self.gradebook.find_comment(
                cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
            )
            comment.auto_comment = None
            self.gradebook.db.commit()


class ShowMarkSchemes(NbGraderPreprocessor):
    """Puts the mark schemes of the source notebook behind the essays of a graded one.

    The release has none, and nbgrader brings back only those of task cells. A scheme is a cell of its own
    with the tag MARK_SCHEME_TAG, which `nbgrader_config.py` keeps out of the feedback.
    """

    source_directory = Unicode("source", help="Folder of the source notebooks").tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        path = Path(self.source_directory, about["assignment"], f"{about['notebook']}.ipynb")
        schemes = mark_schemes(nbformat.read(path, as_version=4)) if path.exists() else {}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            scheme = schemes.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if scheme and utils.is_solution(cell):
                tagged = nbformat.v4.new_markdown_cell(f"**Mark scheme** (graders only)\n\n{scheme}")
                tagged.metadata["tags"] = [MARK_SCHEME_TAG]
                cells.append(tagged)
        nb.cells = cells
        return nb, resources


def mark_schemes(source: Any) -> dict[str, str]:
    """The mark schemes of a source notebook: {grade_id: text}."""
    schemes = {}
    for cell in source.cells:
        _, begin, rest = cell.source.partition(BEGIN_SCHEME)
        if begin:
            schemes[cell.metadata.nbgrader.grade_id] = rest.partition(END_SCHEME)[0].strip()
    return schemes
