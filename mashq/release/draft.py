"""`mashq draft-checks`: a first draft of check files, from the test cells of the instructor's notebooks.

    assert mean([1, 2, 6]) == 3   →   expect.equal(student.call("mean", [1, 2, 6]), 3, "mean(...)")

What cannot be put into a check with certainty becomes a comment below a line that raises NotImplementedError.
Such a check gives nobody a grade: until a person has written it, the cell waits.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import about, id_of, is_test
from mashq.course.folder import CourseFolder, unknown
from mashq.errors import CourseError
from mashq.release.asserts import Cell, quoted
from mashq.release.names import Names, bound_in

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"  # nbgrader's defaults
NO_POINTS = "A check is worth more than 0 points: give the cell some, or make it an ordinary one."
IMPORTS = (ast.Import, ast.ImportFrom)
AUTOTEST = "AUTOTEST"  # in a comment that nbgrader makes tests of


@dataclass(frozen=True)
class Draft:
    """A check file that was written."""

    path: Path
    checks: int  # one a test cell
    left: dict[str, int]  # {grade_id: parts that a person must write}


@dataclass(frozen=True)
class Part:
    """A piece of a test cell: a statement, or a comment between two."""

    text: str
    hidden: bool
    statement: ast.stmt | None = None


def draft_checks(course: Path, assignment: str, notebooks: Collection[str] = ()) -> list[Draft]:
    """Write check files for the notebooks that are named, else for those with hidden parts in test cells.

    A test cell is one check that is worth the whole cell, as it was in nbgrader.

    Raises CourseError, and writes nothing, when there is such a file already or nothing to draft.
    """
    folder = CourseFolder(course)
    sources = {path.stem: path for path in folder.require_source(assignment)}
    for name in notebooks:
        if name not in sources:
            raise unknown(assignment, "notebook", name, list(sources))
    found = {name: nbformat.read(sources[name], as_version=4) for name in notebooks or sources}
    marks = _marks(folder)
    chosen = {
        name: notebook
        for name, notebook in found.items()
        if name in notebooks or any(marks[0] in cell.source for cell in filter(is_test, notebook.cells))
    }
    if not chosen:
        raise CourseError(
            f"no test cell of {assignment} has hidden parts; name a notebook with --notebook to draft checks "
            "from the tests that students see"
        )
    _require_absent(folder, assignment, list(chosen))
    texts = {name: _check_file(name, notebook, marks) for name, notebook in chosen.items()}
    drafts = []
    folder.checks(assignment).mkdir(parents=True, exist_ok=True)
    for name, (text, left) in texts.items():
        path = folder.check_file(assignment, name)
        with path.open("x", encoding="utf-8") as file:  # never over one that somebody wrote meanwhile
            file.write(text)
        drafts.append(Draft(path, len(left), {cell: parts for cell, parts in left.items() if parts}))
    return drafts


def _marks(folder: CourseFolder) -> tuple[str, str]:
    """What begins and ends a hidden part in this course."""
    settings = folder.config.ClearHiddenTests
    return str(settings.get("begin_test_delimeter", BEGIN)), str(settings.get("end_test_delimeter", END))


def _require_absent(folder: CourseFolder, assignment: str, names: Sequence[str]) -> None:
    """Raises CourseError where there is a check file already."""
    there = [name for name in names if folder.check_file(assignment, name).exists()]
    if there:
        paths = ", ".join(str(folder.check_file(assignment, name)) for name in there)
        others = " ".join(f"--notebook {name}" for name in names if name not in there)
        raise CourseError(
            f"{paths}: there already, and a draft replaces no check file. Nothing was written. Move it away "
            "to have a new draft" + (f", or draft the others with {others}." if others else ".")
        )


def _check_file(name: str, notebook: Any, marks: tuple[str, str]) -> tuple[str, dict[str, int]]:
    """The text of a notebook's check file, and how many parts of each check are left to write."""
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    own = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]
    names = Names.of(own, codes)
    checks, left, used = [], {}, set[str]()
    for cell in filter(is_test, notebook.cells):
        lines, left[id_of(cell)] = _body(cell, names, marks)
        function = _function_name(id_of(cell), used)
        used.add(function)
        checks.append(_check(id_of(cell), float(about(cell).get("points", 0)), function, lines))
    body = "\n\n\n".join(checks)
    imports = ["import math"] * bool(re.search(r"^ .*\bmath\.", body, re.MULTILINE))
    imports += ["import numpy as np"] * bool(re.search(r"^ .*\bnp\.", body, re.MULTILINE))
    head = (
        f'"""Checks of {name}, drafted from the test cells of its source.\n\nRead each before you use it: a '
        'failed check is a sentence for the student,\nwhich says what is wrong and not what is right.\n"""\n'
    )
    imports.append("import pytest")
    head = f"{head}\n{chr(10).join(imports)}\n\nfrom mashq.judge import Student, expect\n"
    return f"{head}\n\n{body}\n", left


def _check(grade_id: str, points: float, function: str, lines: Sequence[str]) -> str:
    """A check, or a comment for a cell without points, which no check can be worth."""
    worth = f"{points!r}".removesuffix(".0")
    mark = f"@pytest.mark.grade({quoted(grade_id)}, points={worth})"
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    check = f"{mark}\ndef {function}(student: Student) -> None:\n{body}"
    return check if points > 0 else "\n".join([f"# {NO_POINTS}", *_commented(check)])


def _function_name(grade_id: str, used: Collection[str]) -> str:
    """A name for the check of a cell, which no other check of the file has."""
    name = re.sub(r"\W", "_", grade_id)
    name = name if name.startswith("test_") else f"test_{name}"
    return next(new for new in [name, *(f"{name}_{n}" for n in range(2, len(used) + 3))] if new not in used)


def _body(cell: Any, names: Names, marks: tuple[str, str]) -> tuple[list[str], int]:
    """The lines of a check, and how many parts of its cell are left to write."""
    parts = list(_parts(cell.source, marks))
    title = _title(parts)
    here = Cell(names, bound_in(cell.source))
    lines, needed, left = [], [], 0  # needed: imports, for what is to be written
    for part in parts:
        written = here.translate(part.statement, part.hidden) if part.statement is not None else None
        if written is not None:
            lines += written
            needed += _commented(part.text) if isinstance(part.statement, IMPORTS) else []
        elif part.statement is None and AUTOTEST not in part.text:
            lines += _commented(part.text)
        else:
            left += 1
            where = "not seen by students" if part.hidden else "seen by students"
            lines += [f"# to be written ({where}):", *_commented(part.text)]
    if not float(about(cell).get("points", 0)):
        return [title, *lines], max(left, 1)
    if not left and not any(line.startswith("expect.") for line in lines):
        left = 1  # a check that asks nothing would give everybody all points
        lines.append("# no test was found in this cell")
    if left:
        said = f"write this check: {left} part{'s' * (left > 1)} of {id_of(cell)} left"
        lines = [f"raise NotImplementedError({quoted(said)})", *needed, *lines]
    return [title, *lines], left


def _parts(source: str, marks: tuple[str, str]) -> Iterator[Part]:
    """The statements of a test cell and the comments between them, in order, without nbgrader's marks."""
    lines = source.splitlines()
    hidden, inside, marked = set(), False, set()
    for number, line in enumerate(lines, start=1):
        if marks[0] in line or marks[1] in line:
            inside = marks[0] in line
            marked.add(number)
        elif inside:
            hidden.add(number)
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a line of IPython's own, such as %matplotlib
        kept = "\n".join(line for number, line in enumerate(lines, start=1) if number not in marked)
        yield Part(kept, bool(hidden), ast.Pass())
        return
    last = 0
    for statement in [*statements, None]:
        first = len(lines) + 1 if statement is None else statement.lineno
        for number in range(last + 1, first):
            if lines[number - 1].strip() and number not in marked:
                yield Part(lines[number - 1].strip(), number in hidden)
        if statement is not None:
            last = statement.end_lineno or statement.lineno
            text = ast.get_source_segment(source, statement) or ""
            kept = "\n".join(line for line in text.splitlines() if not any(mark in line for mark in marks))
            yield Part(kept, bool(hidden.intersection(range(first, last + 1))), statement)


def _title(parts: Sequence[Part]) -> str:
    """The check's docstring, which students read: that of the cell if they see it there, too."""
    first = next((part for part in parts if part.statement is not None), None)
    text = ""
    if first is not None and not first.hidden and isinstance(first.statement, ast.Expr):
        value = first.statement.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            text = " ".join(value.value.split())
    if not text or '"' in text or "\\" in text:
        text = "All tests of this cell pass."
    return f'"""{text}"""'


def _commented(text: str) -> list[str]:
    """A text as lines of comment."""
    lines = [line.rstrip() for line in text.splitlines()]
    return [line if line.startswith("#") else f"# {line}".rstrip() for line in lines]
