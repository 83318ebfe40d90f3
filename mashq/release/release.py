"""`mashq release`: the students' notebooks and the executed solutions, by nbgrader from `source/`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import PRIVATE_MARKERS
from mashq.course.assignment import require_owned
from mashq.course.folder import MOST_NAMES, CourseFolder
from mashq.course.gradebook.access import known_assignments, open_gradebook
from mashq.course.nbgrader import run_nbgrader
from mashq.errors import CourseError
from mashq.grading.gradebook.new_cells import Changes, add_new, changes
from mashq.language import ENGLISH
from mashq.release.exchange import exchange
from mashq.release.require import require_releasable
from mashq.temporary.folders import folder_for, remove_leftovers
from mashq.translate.catalogue import check_language, read_catalogue


def release_assignment(
    course: Path,
    assignment: str,
    language: str | None = None,
    add_cells: bool = False,
    trial: Callable[[CourseFolder, str, Path, Path], None] | None = None,
) -> list[Path]:
    """Write the release and the executed solutions of an assignment anew; returns the notebooks.

    language : of the catalogue in the course's `locale/`, such as fa; None for what nbgrader_config.py says
    add_cells : also give cells that are new to those who have handed in already, where they wait for grading
    trial : called with the course, the assignment, the folder of the new release and its gradebook, before
        anything is put in its place; an error of it ends the release

    Both are made in a new folder and put in their places at the end: when anything fails, the former release,
    the solutions and the gradebook are as they were.

    Raises CourseError when nbgrader fails, a reference solution raises, a release would show something that
    is not for students, or it does not go with what was handed in.
    """
    folder = CourseFolder(course)
    sources = folder.require_source(assignment)
    checked = [path.stem for path in sources if folder.check_file(assignment, path.stem).is_file()]
    require_releasable(assignment, sources, checked)
    require_owned(folder, assignment, [path.stem for path in sources])
    if language is not None and language != ENGLISH:
        check_language(language)
        read_catalogue(folder, assignment, language)  # says early and plainly that there is none
    known = assignment in known_assignments(folder.gradebook[0], write=True)
    chosen = [] if language is None else [f"--Translate.language={language}"]
    remove_leftovers()  # of a release that was killed
    with _new_folders(folder, assignment) as places, folder_for("release") as aside:
        new_release, new_solution = places
        options = [assignment, "--force", *chosen]
        options += [
            f"--CourseDirectory.{step}_directory={name}"
            for step, name in folder.releasing(assignment).items()
        ]
        apart = f"--CourseDirectory.db_url=sqlite:///{aside}/gradebook.db"
        run_nbgrader(folder.home, "generate_assignment", *options, apart)
        released = _notebooks(new_release)
        _require_none([problem for path in released for problem in leaks(path)], places)
        notebooks = {path.stem: nbformat.read(path, as_version=4) for path in released}
        found = Changes()
        if known:
            with open_gradebook(folder, assignment) as gradebook:
                found = changes(gradebook, assignment, notebooks)
            _require_addable(folder, assignment, found, add_cells)
        # in a copy: what a solution writes would lie among the sources, and so in the release
        aside_source = folder.with_steps(**folder.releasing(assignment, "source")).source(assignment)
        shutil.copytree(folder.source(assignment), aside_source)
        where = f"--CourseDirectory.source_directory={folder.releasing(assignment, 'source')['source']}"
        run_nbgrader(folder.home, "generate_solution", *options, apart, where)
        solved = _notebooks(new_solution)
        for path in solved:
            drop_stderr(path)
        _require_none([problem for path in solved for problem in errors(path)], places)
        if trial is not None:
            trial(folder, assignment, new_release, aside / "gradebook.db")
        if found.new:
            with open_gradebook(folder, assignment) as gradebook:
                add_new(gradebook, assignment, notebooks, found)
        run_nbgrader(folder.home, "generate_assignment", *options)
        exchange(places)
    return _notebooks(folder.release(assignment)) + _notebooks(folder.solution(assignment))


def _notebooks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ipynb"))


@contextmanager
def _new_folders(folder: CourseFolder, assignment: str) -> Iterator[dict[Path, Path]]:
    """New folders for the release and the solutions, which are gone afterwards, {new one: its place}."""
    new = folder.with_steps(**folder.releasing(assignment))
    own = Path(folder.releasing(assignment)["release"]).parent.name
    places = {
        new.release(assignment): folder.release(assignment),
        new.solution(assignment): folder.solution(assignment),
    }
    tops = {parent for path in places for parent in path.parents if parent.name == own}

    def remove() -> None:
        for top in tops:
            shutil.rmtree(top, ignore_errors=True)

    remove()  # what a command that was killed left
    try:
        yield places
    finally:
        remove()


def _require_none(problems: Sequence[str], places: Mapping[Path, Path]) -> None:
    """Raises CourseError about problems, which name files as they would be called in their place."""
    if problems:
        text = "\n".join(problems)
        for made, place in places.items():
            text = text.replace(str(made), str(place))
        raise CourseError(text)


def _require_addable(folder: CourseFolder, assignment: str, found: Changes, add_cells: bool) -> None:
    """Raises CourseError when the change does not go with what was handed in, or was not asked for."""
    if not found.gone and (add_cells or not found.new):
        return
    some = ", ".join(found.students[:MOST_NAMES]) + (", ..." if len(found.students) > MOST_NAMES else "")
    says = [
        f"{assignment} has submissions of {len(found.students)} students in the gradebook ({some}), and its "
        "cells are not those of the last release. Nothing was changed.",
        *(f"  no longer there: {name}: {_ids(keys)}" for name, keys in found.gone.items()),
        *(f"  new: {name}: {_ids(keys)}" for name, keys in found.new.items()),
        "Texts, points, visible and hidden checks may change after hand-in; cells and notebooks may not be "
        "taken out or renamed, because points hang on them.",
    ]
    if found.gone:
        says.append(
            f"Put what is missing back into {folder.source(assignment)}, under its own id and name (give a "
            "cell that counts no longer 0 points), or release the new version under another name."
        )
    if found.new:
        says.append(
            f"`mashq release {assignment} --add-cells` adds what is new; for those who have handed in it "
            f"waits for grading, and the next `mashq grade {assignment}` takes it as not handed in."
        )
    raise CourseError("\n".join(says))


def _ids(keys: Collection[tuple[Any, str]]) -> str:
    return ", ".join(sorted({grade_id for _kind, grade_id in keys})) or "the whole notebook"


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
