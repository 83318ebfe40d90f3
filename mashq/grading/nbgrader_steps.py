"""The steps that mashq puts into nbgrader's own `nbgrader autograde`, in the order in which they run.

`SubmissionExporter` reads; `JudgeExecute` stands in place of nbgrader's `Execute`, `SaveJudgedGrades` in
place of its `SaveAutoGrades`, then comes `ShowMarkSchemes`. A course's nbgrader_config.py names them by
`mashq.nbgrader_plugins`; nbgrader itself is not changed.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_task
from traitlets import Bool, Enum, Integer, Unicode, observe

from mashq.cells import is_test
from mashq.course.assignment import Assignment
from mashq.course.folder import CHECKS, CourseFolder
from mashq.course.results import attention, problems_in
from mashq.grading.careful import be_careful
from mashq.grading.identities import FIT, RULES, identity_problems, names_of, sheets_of
from mashq.grading.intake.beside import read_beside
from mashq.grading.intake.earlier import as_received, writers
from mashq.grading.intake.find import Finder, read_own_file
from mashq.grading.intake.kernels import require_kernels
from mashq.grading.intake.python_path import package_folders
from mashq.grading.intake.receive import receive
from mashq.grading.notebook.judging import course_kernels, run_and_judge
from mashq.grading.notebook.schemes import mark_schemes, show_to_graders, translation
from mashq.handed_in.beside import Beside, in_words
from mashq.judge import Judgement
from mashq.judge.limits import Limits
from mashq.language import language_of, one_line
from mashq.problems import Kind, Problem
from mashq.sandbox import Isolation, Quota


class SubmissionExporter(NotebookExporter):
    """Reads with `receive`; a file that cannot be read becomes the released notebook, ungraded.

    nbgrader gives up a student's whole submission, and on some faults everybody's, when one file cannot be
    read. This exporter hands it a notebook whatever the file holds. What happened is logged with student and
    file, and stands in `notebook.metadata.mashq`, from which `SaveJudgedGrades` marks the cells for a person.
    """

    _finder: Finder | None = None  # of the one assignment that a command converts

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        be_careful(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        path = Path(filename)
        resources = resources or {}
        resources.setdefault("metadata", {}).update(name=path.stem, path=str(path.parent))
        course, about = CourseFolder.of_converter(self.parent), resources["nbgrader"]
        # nbgrader reads twice: the submission, and then its own copy of it among the graded
        if path.parent.resolve() == course.submitted(about["assignment"], about["student"]).resolve():
            notebook = self._receive(path, course, about)
        else:
            notebook = nbformat.read(path, as_version=4)
        output: tuple[str, dict[str, Any]] = self.from_notebook_node(notebook, resources=resources, **kwargs)
        return output

    def _receive(self, path: Path, course: CourseFolder, about: Mapping[str, str]) -> Any:
        assignment = Assignment(course, about["assignment"])
        released = assignment.released_file(about["notebook"])
        if self._finder is None:
            self._finder = Finder(assignment.notebooks, assignment.given)
        (work,) = self._finder.find(about["student"], path.parent, [about["notebook"]])
        data = b"" if work.doubt else read_own_file(work.path, path.parent)
        notes = [work.note] if work.note else []
        released_notebook = nbformat.read(released, as_version=4)
        received = receive(path, data, released_notebook, notes, work.doubt, work.versions)
        who = one_line(f"student {about['student']}, {path.name}")
        for problem in received.problems:
            if problem.kind in (Kind.FILE, Kind.VERSIONS):
                self.log.error("%s: %s; its cells wait for a person", who, problem)
        for note in received.notes:
            self.log.warning("%s: %s", who, note)
        return received.notebook


class JudgeExecute(Execute):
    """Runs a submission and holds its hidden checks against it, from outside the student's kernel.

    The checks of `NOTEBOOK.ipynb` are in `CHECKS/ASSIGNMENT/test_NOTEBOOK.py`. A notebook without such a file
    is graded by its own test cells, the way plain nbgrader does, behind the same walls.
    """

    checks_directory = Unicode(CHECKS, help="Folder of the hidden checks, one folder an assignment").tag(
        config=True
    )
    allow_stand_in = Bool(
        False, help="Whether to grade on stand-ins where the real data is missing (or MASHQ_ALLOW_STAND_IN=1)"
    ).tag(config=True)

    isolation = Enum(
        list(Isolation), Isolation.AUTO, help='Walls around student code; "none" lets it run with your rights'
    ).tag(config=True)
    memory_mb = Integer(
        Quota.memory_mb, help="Memory that all processes of a submission may use together, in MB"
    ).tag(config=True)
    disk_mb = Integer(
        Quota.disk_mb, help="What a submission may write into its folder, and into /dev/shm, in MB"
    ).tag(config=True)
    output_kb = Integer(Limits.output_kb, help="What is kept of the output of a cell, in kB").tag(config=True)
    notebook_s = Integer(
        int(Limits.notebook_s), help="Seconds that all cells of a notebook may take together"
    ).tag(config=True)
    run_all = Bool(
        False, help="Whether to run and draw what no grade depends on, in notebooks that no person looks at"
    ).tag(config=True)

    identities = Enum(
        list(RULES),
        FIT,
        help="Numbers of one's own: list an identity that is not that of the submission (fit), or only one "
        "that somebody else typed, too (unique), or none (any)",
    ).tag(config=True)

    whole = Bool(False, help="What `run_all` was called before").tag(config=True)

    @observe("whole")  # type: ignore[untyped-decorator]
    def _take_former_name(self, change: Any) -> None:
        warnings.warn(
            "c.JudgeExecute.whole has another name now: write c.JudgeExecute.run_all in nbgrader_config.py",
            FutureWarning,
            stacklevel=2,
        )
        self.run_all = change["new"]

    def stand_ins_allowed(self) -> bool:
        """What the setting or the environment variable says."""
        return bool(self.allow_stand_in) or os.environ.get("MASHQ_ALLOW_STAND_IN") == "1"

    def quota(self) -> Quota:
        """What a submission may use, by these settings."""
        return Quota(memory_mb=self.memory_mb, disk_mb=self.disk_mb)

    def limits(self) -> Limits:
        """How long a notebook may run and how much it may print, by these settings."""
        # less than nothing is no limit to nbgrader; here the time of the notebook is one
        cell_s = self.notebook_s if (self.timeout or 0) < 0 else self.timeout or Limits.cell_s
        return Limits(
            cell_s=cell_s,
            startup_s=self.startup_timeout,
            notebook_s=self.notebook_s,
            output_kb=self.output_kb,
        )

    def preprocess(self, nb: Any, resources: dict[str, Any], km: Any = None) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        folder = CourseFolder.of_step(self)
        checks = folder.check_file(about["assignment"], about["notebook"])
        assignment = Assignment(folder, about["assignment"])
        assignment.require_check_files()
        file = f"{about['notebook']}.ipynb"
        require_kernels({file: nb}, [file] if checks.exists() else [])
        beside = Beside(folder.submitted(assignment.name, about["student"]))
        editable = self.parent.parent.exclude_overwriting.get(assignment.name, ())
        code = "\n".join(cell.source for cell in nb.cells)
        files, left_out = read_beside(assignment, beside, code, editable)
        packages = package_folders(folder, assignment.name)
        kernels = course_kernels(
            self.isolation, self.quota(), keep=0, packages=packages, shown=assignment.shown
        )
        try:
            judgement = run_and_judge(
                nb,
                checks if checks.exists() else None,
                files,
                kernels,
                self.limits(),
                run_all=self.run_all or None,
                allow_stand_in=self.stand_ins_allowed(),
                catalogue=folder.translations(about["assignment"], language_of(nb)),
                data=assignment.datasets(about["notebook"]),
                left_out=left_out,
                hidden=assignment.hidden.get(about["notebook"]),
                name=about["notebook"],
                folder=about["assignment"],
                earlier=[
                    as_received(*one)
                    for one in writers(
                        assignment, about["notebook"], code, lambda: self._handed_in(folder, about)
                    )
                ],
            )
        finally:
            kernels.close()
        who = one_line(f"student {about['student']}, {about['notebook']}.ipynb")
        if kernels.isolation is Isolation.NONE:
            self.log.warning("%s: graded WITHOUT WALLS, with your rights (isolation none)", who)
        for sentence in [*in_words(left_out), *judgement.stops]:
            self.log.warning("%s: %s", who, sentence)
        for problem in judgement.problems:
            if not problem.needs_attention:
                self.log.warning("%s: %s", who, problem)
        for problem in attention(judgement.problems, judgement.results):
            self.log.error("%s: not graded: %s", who, problem)
        for problem in self._of_identity(about["student"], about["notebook"], judgement):
            self.log.error("%s: needs a look: %s", who, problem)
            judgement.problems.append(problem)
        for name in judgement.stand_ins:
            self.log.warning("%s: graded on a STAND-IN for the %s data", who, name)
        resources["mashq"] = judgement
        return nb, resources

    def _handed_in(self, folder: CourseFolder, about: Mapping[str, str]) -> dict[str, bytes]:
        """The notebooks of a submission that are there under their own names, {name: content}."""
        submitted = folder.submitted(about["assignment"], about["student"])
        return {path.stem: read_own_file(path, submitted) for path in submitted.glob("*.ipynb")}

    def _of_identity(self, student: str, notebook: str, judgement: Judgement) -> list[Problem]:
        """What is amiss with the identity that was typed; other submissions are not at hand here."""
        if not judgement.own:
            return []
        directory = self.parent.parent.coursedir
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            known_as = {student: names_of(gradebook.find_student(student))}
        of = (student, notebook)
        return identity_problems({of: judgement.own}, known_as, self.identities).get(of, [])


class SaveJudgedGrades(SaveAutoGrades):
    """Saves scores to the gradebook; what is not a grade is left for a person, never saved as a zero."""

    _problems: Sequence[Problem]  # of the file, as it was handed in

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        self._problems = problems_in(nb)
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def preprocess_cell(
        self, cell: Any, resources: dict[str, Any], cell_index: int
    ) -> tuple[Any, dict[str, Any]]:
        if is_task(cell):
            self._wait_again(cell.metadata.nbgrader.grade_id)
        done: tuple[Any, dict[str, Any]] = super().preprocess_cell(cell, resources, cell_index)
        return done

    def _wait_again(self, grade_id: str) -> None:
        """A task of a notebook that was missing before has a zero, which nbgrader would leave there."""
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        if grade.auto_score is not None:
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()

    def _add_score(self, cell: Any, resources: dict[str, Any]) -> None:
        grade_id = cell.metadata.nbgrader.grade_id
        judgement: Judgement | None = resources.get("mashq")
        judged = judgement is not None and judgement.has_checks and is_test(cell)
        worth = judged and cell.metadata.nbgrader.points
        unjudged = worth and judgement is not None and judgement.score(grade_id) is None
        asked = [problem for problem in (judgement.problems if judgement else ()) if problem.cell == grade_id]
        doubted = any(problem.kind is Kind.IDENTITY for problem in asked)
        waits = any(problem.needs_attention and problem.kind is not Kind.IDENTITY for problem in asked)
        if unjudged or waits or any(problem.cell in ("", grade_id) for problem in self._problems):
            grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()
        else:
            super()._add_score(cell, resources)
        if doubted:  # the points stand, and a person confirms them
            grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            grade.needs_manual_grade = True
            self.gradebook.db.commit()

    def _add_comment(self, cell: Any, resources: dict[str, Any]) -> None:
        super()._add_comment(cell, resources)
        # the released cell is not the student's empty answer
        if any(problem.kind is Kind.FILE for problem in self._problems):
            comment = self.gradebook.find_comment(
                cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
            )
            comment.auto_comment = None
            self.gradebook.db.commit()


class ShowMarkSchemes(NbGraderPreprocessor):
    """Puts the source notebook's mark schemes, and links to scans, behind the answers of a graded one.

    The release has no schemes, and nbgrader brings back only those of task cells. Each is a cell of its own
    with the tag GRADERS_ONLY, which `nbgrader_config.py` keeps out of the feedback. They are in the language
    of the release.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        about = resources["nbgrader"]
        folder = CourseFolder.of_step(self)
        path = folder.source_file(about["assignment"], about["notebook"])
        if path.exists():
            files = Beside(Path(resources["metadata"]["path"]).resolve()).files
            language = language_of(nb)
            translated = translation(language, folder.translations(about["assignment"], language))
            schemes = mark_schemes(nbformat.read(path, as_version=4), translated)
            judgement: Judgement | None = resources.get("mashq")
            show_to_graders(nb, schemes, files, sheets_of(judgement.own) if judgement else None)
        return nb, resources
