"""What the report takes out of the store of results."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mashq.cells import id_of, is_locked, is_solution
from mashq.course.results import Graded
from mashq.course.store import Store
from mashq.judge import CheckResult
from mashq.problems import Problem, Sentence

ROWS = 50  # results that a process reads at a time
MANY = 500  # results; for fewer, starting processes takes longer than reading
MOST_PROCESSES = 8

Row = tuple[str, str, str]  # student, question, key of the result


@dataclass(frozen=True)
class Answer:
    """What stands in one cell that students write in."""

    grade_id: str  # empty for a cell of the student's own
    is_code: bool  # otherwise it is an essay
    text: str


@dataclass(frozen=True, eq=False)  # each is itself, whatever others handed in
class GradedNotebook:
    """One graded notebook of one student."""

    student: str
    question: str
    results: tuple[CheckResult, ...] = ()
    stand_ins: tuple[str, ...] = ()
    isolation: str = ""
    seconds: float = 0.0  # wall time of grading it
    peak_mb: float = 0.0
    answers: tuple[Answer, ...] = ()
    stops: tuple[Sentence, ...] = ()  # the cells that stopped with an error


def read_results(
    path: Path, students: Mapping[str, Collection[str]]
) -> tuple[list[GradedNotebook], dict[tuple[str, str], tuple[Problem, ...]]]:
    """The last results of these students' questions, sorted, and what somebody must act on.

    What to act on is {(student, question): problems}, as the last run of `mashq grade` listed it; the
    question is empty where a student handed in no notebook at all. Without a store there is nothing. Each
    result holds a notebook with its pictures, so unpacking those of a large class is shared among processes.

    Raises RecordError when the store cannot be read.
    """
    if not path.is_file():
        return [], {}
    with Store(path) as store:
        done = {pair: last for pair, last in store.all_done().items() if pair[0] in students}
    problems = {pair: last.problems for pair, last in done.items() if last.problems}
    rows = [(student, name, last.key) for (student, name), last in done.items() if name in students[student]]
    if len(rows) < MANY:
        return _read(path, rows), problems
    parts = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
    processes = min(MOST_PROCESSES, os.cpu_count() or 1)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return [handed for part in pool.map(_read, [path] * len(parts), parts) for handed in part], problems


def _read(path: Path, rows: Sequence[Row]) -> list[GradedNotebook]:
    with Store(path) as store:
        return [
            _graded_notebook(student, question, graded)
            for student, question, key in rows
            if (graded := store.get(key)) is not None
        ]


def _graded_notebook(student: str, question: str, graded: Graded) -> GradedNotebook:
    judgement = graded.judgement
    return GradedNotebook(
        student=student,
        question=question,
        results=tuple(judgement.results),
        stand_ins=tuple(judgement.stand_ins),
        isolation=graded.isolation,
        seconds=graded.usage.seconds,
        peak_mb=judgement.usage.peak_mb,
        stops=tuple(judgement.stops),
        answers=() if graded.unreadable else tuple(_answers(json.loads(graded.notebook))),
    )


def _answers(notebook: Mapping[str, Any]) -> Iterator[Answer]:
    """The cells that a student may have written: code that is not locked, and essays."""
    for cell in notebook["cells"]:
        is_code = cell["cell_type"] == "code"
        if not is_locked(cell) if is_code else is_solution(cell):
            yield Answer(id_of(cell), is_code, text_of(cell))


def text_of(cell: Mapping[str, Any]) -> str:
    """A cell's source, which a file may hold as lines."""
    return "".join(cell["source"])
