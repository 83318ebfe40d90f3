"""Mutants of a notebook's cell, judged by the hidden checks: which of them lose points."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench.mutants.making import Mutant, mutants
from mashq.cells import id_of, is_solution, is_test, known_cells
from mashq.errors import CheckError
from mashq.judge.limits import Limits
from mashq.judge.results import Judgement, Outcome
from mashq.judge.run import judge_notebook
from mashq.sandbox import Kernels
from mashq.zoo.answers import fill_in, without_markers

LIMITS = Limits(cell_s=60, notebook_s=180, call_s=10)  # a mutant that hangs must not stop the run


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    killed_by: str = ""  # the test cell that lost points; empty for a survivor
    said: str = ""  # what a student would read, or why the judge came to no grade
    unclear: bool = False  # a check or the machine failed, so there is no grade

    @property
    def survived(self) -> bool:
        """Whether it kept all points."""
        return not (self.killed_by or self.unclear)


def graded_cells(source: Any) -> list[str]:
    """The solution cells of a notebook that hidden checks grade: CELL, where there is a cell test_CELL."""
    tests = {id_of(cell) for cell in filter(is_test, source.cells)}
    return [id_of(cell) for cell in source.cells if is_solution(cell) and f"test_{id_of(cell)}" in tests]


def mutants_of(source: Any, grade_id: str) -> list[Mutant]:
    """The mutants of one solution cell of a source notebook."""
    return mutants(known_cells(source)[grade_id].source)


def run_mutants(
    source: Any,
    grade_id: str,
    check_file: Path,
    *,
    chosen: Iterable[Mutant] | None = None,
    kernels: Kernels | None = None,
    limits: Limits = LIMITS,
    later: bool = True,
    done: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """Judge the mutants of a cell: first by its own test cell alone, then survivors by the whole notebook.

    source : nbformat notebook of the instructor
    grade_id : one of `graded_cells(source)`
    check_file : the notebook's hidden checks
    chosen : some of `mutants_of(source, grade_id)`; all when left out
    kernels : where kernels come from; None starts each without walls
    later : whether test cells of other exercises may kill, too
    done : called with each verdict as it comes

    Raises CheckError when the reference itself does not earn all points: then nothing can be said.
    """
    own = f"test_{grade_id}"
    every = [id_of(cell) for cell in filter(is_test, source.cells)]
    stages = [[own], every] if later and len(every) > 1 else [[own]]
    reference = Mutant("reference", 1, "", "", known_cells(source)[grade_id].source)
    sound: set[int] = set()  # stages in which the reference has earned all points

    def judge(mutant: Mutant, stage: int) -> Verdict:
        notebook = _notebook(source, grade_id, without_markers(mutant.source), stages[stage])
        judgement = judge_notebook(
            notebook,
            check_file,
            limits=limits,
            kernels=kernels,
            run_all=False,
            allow_stand_in=True,
            only=None if stage else own,
        )
        return _verdict(mutant, judgement, notebook, own)

    def judge_in_turn(mutant: Mutant) -> Verdict:
        verdict = Verdict(mutant)
        for stage in range(len(stages)):
            if verdict.survived and stage not in sound:
                right = judge(reference, stage)
                if not right.survived:
                    raise CheckError(f"the reference of {grade_id} does not earn all points: {right.said}")
                sound.add(stage)
            if verdict.survived:
                verdict = judge(mutant, stage)
        return verdict

    verdicts: list[Verdict] = []
    judged = list(mutants_of(source, grade_id) if chosen is None else chosen)
    for mutant in tqdm(judged, desc=grade_id, unit="mutant", disable=None):
        verdicts.append(judge_in_turn(mutant))
        done(verdicts[-1])
    return verdicts


def _notebook(source: Any, grade_id: str, text: str, tests: list[str]) -> Any:
    """The reference with one cell changed, up to the last of `tests`, without other test cells and demos."""
    notebook = fill_in(source, source, {grade_id: text})
    kept = [c for c in notebook.cells if not is_test(c) or id_of(c) in tests]
    last = max(index for index, cell in enumerate(kept) if is_test(cell))
    notebook.cells = _without_demos(kept[: last + 1])
    return notebook


def _without_demos(cells: list[Any]) -> list[Any]:
    """Code cells, without those that have no id and define no name that a cell further down uses."""
    kept: list[Any] = []
    used: set[str] = set()
    for cell in reversed(cells):
        if cell.cell_type != "code":
            continue
        defined, loaded = _names(cell.source)
        if id_of(cell) or defined & used:
            kept.append(cell)
            used |= loaded
    return kept[::-1]


def _names(source: str) -> tuple[set[str], set[str]]:
    """Names that a piece of code defines, and names that it uses."""
    defined: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.alias):
            defined.add((node.asname or node.name).partition(".")[0])
    return defined, used


def _verdict(mutant: Mutant, judgement: Judgement, notebook: Any, own: str) -> Verdict:
    """A lost point of any test cell kills; the mutant's own cell is named first."""
    failed = [result for result in judgement.results if result.outcome is Outcome.FAILED]
    failed.sort(key=lambda result: result.grade_id != own)
    if failed:
        return Verdict(mutant, failed[0].grade_id, failed[0].message)
    others = [result for result in judgement.results if result.outcome is not Outcome.PASSED]
    tests = [id_of(cell) for cell in filter(is_test, notebook.cells)]
    if judgement.stopped or others or not all(judgement.of(grade_id) for grade_id in tests):
        said = [*map(str, judgement.problems), *(f"{result.check}: {result.message}" for result in others)]
        return Verdict(mutant, said="; ".join(said) or "a test cell has no checks", unclear=True)
    return Verdict(mutant)
