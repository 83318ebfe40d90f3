"""`mashq release`: the students' notebooks and the executed solutions, by nbgrader from `source/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat

from mashq.cells import PRIVATE_MARKERS
from mashq.course.folder import CourseFolder
from mashq.course.nbgrader import run_nbgrader
from mashq.errors import CourseError
from mashq.language import ENGLISH
from mashq.translate.catalogue import check_language, read_catalogue


def release_assignment(course: Path, assignment: str, language: str | None = None) -> list[Path]:
    """Write the release and the executed solutions of an assignment anew; returns the notebooks.

    language : of the catalogue in the course's `locale/`, such as fa; None for what nbgrader_config.py says

    Raises CourseError when nbgrader fails, a reference solution raises, or a release would show something
    that is not for students.
    """
    folder = CourseFolder(course)
    folder.require_source(assignment)
    if language is not None and language != ENGLISH:
        check_language(language)
        read_catalogue(folder, assignment, language)  # says early and plainly that there is none
    chosen = [] if language is None else [f"--Translate.language={language}"]
    run_nbgrader(folder.home, "generate_assignment", assignment, "--force", *chosen)
    run_nbgrader(folder.home, "generate_solution", assignment, "--force", *chosen)
    released = folder.require_release(assignment)
    solved = sorted(folder.solution(assignment).glob("*.ipynb"))
    for path in solved:
        drop_stderr(path)
    problems = [p for path in released for p in leaks(path)] + [p for path in solved for p in errors(path)]
    if problems:
        raise CourseError("\n".join(problems))
    return released + solved


def drop_stderr(path: Path) -> None:
    """Take what libraries wrote to stderr out of an executed notebook: chatter that differs by machine."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    nbformat.write(notebook, path)


def leaks(path: Path) -> Iterator[str]:
    """What a released notebook shows and must not, one sentence each."""
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        for marker in PRIVATE_MARKERS:
            if marker in cell.source:
                yield f"{path}, cell {number}: {marker!r} is still there"
        if cell.get("outputs"):
            yield f"{path}, cell {number}: it has outputs"


def errors(path: Path) -> Iterator[str]:
    """Cells of an executed notebook that did not run or raised, one sentence each."""
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        if cell.cell_type == "code" and cell.source.strip():
            if cell.execution_count is None:
                yield f"{path}, cell {number}: it was not run"
            for output in cell.outputs:
                if output.output_type == "error":
                    yield f"{path}, cell {number}: the solution raised {output.ename}: {output.evalue}"
