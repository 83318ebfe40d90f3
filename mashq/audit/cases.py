"""What is audited: the answers of an assignment's zoo, each with the notebook that it is about.

The zoo is `tests/ASSIGNMENT/zoo`: `wrong/`, `odd/` (right, but unlike the reference) and `hostile/` hold
answer files (`mashq.zoo.answers`), `files/` damage to notebook files (`mashq.zoo.files`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from mashq.cells import about, id_of, is_solution, is_test, person_grades
from mashq.errors import CourseError
from mashq.handed_in.expected import expected_files
from mashq.sandbox.files import write_files
from mashq.zoo.answers import Answer, answered, read_answer, without_markers
from mashq.zoo.files import CONTROL, HandedIn, load_files

KINDS = ("wrong", "odd", "hostile", "files")
PAIR = re.compile(r"_[12]_(leaves|finds)$")  # of attacks where one submission prepares the next one's


@dataclass(frozen=True)
class Notebook:
    """One notebook of the assignment."""

    name: str
    source: Any
    release: Any
    points: Mapping[str, float] = field(default_factory=dict)  # {test cell with hidden checks: points}

    @property
    def grade_ids(self) -> set[str]:
        """Of all cells that nbgrader knows."""
        return {id_of(cell) for cell in self.source.cells} - {""}

    @property
    def by_hand(self) -> dict[str, str]:
        """{cell that a person grades: what the reference has written there}; in a task, nothing."""
        return {
            id_of(cell): without_markers(cell.source) if is_solution(cell) else ""
            for cell in self.source.cells
            if person_grades(cell)
        }

    @property
    def uploads(self) -> list[str]:
        """The PDF files that its cells ask for."""
        return sorted(name for name in expected_files(self.source) if name.endswith(".pdf"))


def read_notebook(source: Path, release: bytes, checked: bool) -> Notebook:
    """A notebook from the instructor's file and the released one; `checked` says it has hidden checks."""
    released = nbformat.reads(release.decode(), as_version=4)
    points = {id_of(cell): float(about(cell)["points"]) for cell in filter(is_test, released.cells)}
    return Notebook(source.stem, nbformat.read(source, as_version=4), released, points if checked else {})


@dataclass(frozen=True)
class Case:
    """One submission of the audit, and what must come of it."""

    kind: str
    name: str
    notebook: str
    title: str
    write: Callable[[Path], None]  # hands it in: writes its files into a folder
    loses: tuple[str, ...] = ()  # exactly these test cells lose points
    says: str = ""
    earns: Mapping[str, float] = field(default_factory=dict)
    attack: str = ""  # the sort of a hostile one
    damage: HandedIn | None = None  # of a damaged file: what was done to it, and what must come of that

    @property
    def student(self) -> str:
        return CONTROL if self.kind == CONTROL else f"{self.kind}-{self.name}"

    @property
    def paired(self) -> bool:
        """Whether the order matters in which this and its neighbour are graded."""
        return PAIR.search(self.name) is not None


def read_cases(zoo: Path, notebooks: Mapping[str, Notebook], kinds: Collection[str]) -> list[Case]:
    """The cases of a zoo, by kind and name.

    Raises CourseError for a zoo without answers, and for an answer that belongs to no notebook.
    """
    cases: list[Case] = []
    for kind in KINDS:
        if kind not in kinds:
            continue
        if kind == "files":
            cases += _damaged(zoo / kind, notebooks)
        else:
            cases += [_case(kind, path, notebooks) for path in sorted((zoo / kind).glob("*.py"))]
    if not cases:
        raise CourseError(f"{zoo} has no answers in {', '.join(kinds)}; docs/trust.md says how to write some")
    return cases


def part_of(cases: Sequence[Case], number: int, of: int) -> list[Case]:
    """One of several parts of the answers, about equally much work each; damaged files are in every part.

    number : of the part, from 1
    of : how many parts there are; together they have every answer once
    """
    names = sorted({_work(case) for case in cases if not case.damage})
    chosen = set(names[number - 1 :: of])
    return [case for case in cases if case.damage or _work(case) in chosen]


def _work(case: Case) -> tuple[str, str, str]:
    """Where a case stands when answers are shared out: by notebook first, as these differ; a pair is one."""
    return case.notebook, case.kind, PAIR.sub("", case.name)


def reference(notebook: Notebook, number: int) -> Case:
    """The reference as a submission, with a line of its own, so that no earlier result stands for it."""

    def write(folder: Path) -> None:
        submission = answered(notebook.release, notebook.source, Answer("reference", ""))
        submission.cells.append(nbformat.v4.new_markdown_cell(f"submission {number}"))
        nbformat.write(submission, folder / f"{notebook.name}.ipynb")

    name = f"{number}-{notebook.name}"
    return Case("reference", name, notebook.name, "the reference, graded after the attacks", write)


def _case(kind: str, path: Path, notebooks: Mapping[str, Notebook]) -> Case:
    try:
        answer = read_answer(path)
    except (ValueError, SyntaxError) as error:
        raise CourseError(f"{path} is no answer file: {error}") from error
    notebook = _notebook_of(answer, path, notebooks)
    return Case(
        kind,
        answer.name,
        notebook.name,
        answer.title,
        partial(_write_answer, notebook, answer),
        answer.loses,
        answer.says,
        answer.earns,
        answer.kind,
    )


def _notebook_of(answer: Answer, path: Path, notebooks: Mapping[str, Notebook]) -> Notebook:
    wanted = set(answer.grade_ids)
    found = [notebook for notebook in notebooks.values() if wanted and wanted <= notebook.grade_ids]
    if len(found) != 1:
        names = ", ".join(notebook.name for notebook in found) or "no notebook"
        raise CourseError(
            f"{path}: {names} has the cells {', '.join(sorted(wanted)) or '(none)'} together; an answer is "
            'about one notebook, so name cells of that in its "# %% grade_id" lines'
        )
    return found[0]


def _write_answer(notebook: Notebook, answer: Answer, folder: Path) -> None:
    nbformat.write(answered(notebook.release, notebook.source, answer), folder / f"{notebook.name}.ipynb")
    write_files(folder, answer.files)


def whole_files(notebooks: Collection[Notebook]) -> list[Case]:
    """The submission that damaged files were made from, one case a notebook, of one student."""
    return [
        Case(
            "control",
            notebook.name,
            notebook.name,
            "the file before the damage",
            partial(_write_whole, notebook),
        )
        for notebook in notebooks
    ]


def _damaged(folder: Path, notebooks: Mapping[str, Notebook]) -> list[Case]:
    try:
        files = load_files(folder)
    except Exception as error:
        raise CourseError(f"the damaged files of {folder} do not load: {error!r}") from error
    concerned = sorted({file.notebook for file in files})
    unknown = set(concerned) - notebooks.keys()
    if unknown:
        raise CourseError(f"{folder} is about {', '.join(sorted(unknown))}, which is not in the assignment")
    cases = []
    for file in files:
        write = partial(_write_damaged, [notebooks[name] for name in concerned], file)
        attack = "damaged file" if file.hostile else ""
        cases.append(Case("files", file.name, file.notebook, file.title, write, attack=attack, damage=file))
    return cases


def _write_whole(notebook: Notebook, folder: Path) -> None:
    """The reference, and a PDF where the notebook asks for one."""
    _write_answer(notebook, Answer("whole", ""), folder)
    for name in notebook.uploads:
        (folder / name).write_bytes(b"%PDF-1.4\n% a scan\n%%EOF\n")


def _write_damaged(notebooks: Sequence[Notebook], file: HandedIn, folder: Path) -> None:
    """All notebooks that damage is about, whole but for the file's own."""
    for notebook in notebooks:
        _write_whole(notebook, folder)
    file(folder / f"{file.notebook}.ipynb")
