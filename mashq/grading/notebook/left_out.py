"""Points that may be lost because a file was not there: a person looks, and it is no zero in silence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mashq.cells import id_of, is_test
from mashq.handed_in.beside import MODULE, NOTEBOOK, LeftOut, is_named
from mashq.judge import Judgement
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence, writable


def ask_for_left_out(
    notebook: Any, judgement: Judgement, files: Mapping[str, bytes], left_out: LeftOut
) -> None:
    """Leave the test cells that lost points to a person where the code names a file that was left out.

    notebook : as it was run and judged
    files : those that were there, whose code may name one, too
    """
    if not left_out:
        return
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]
    modules = [
        data.decode(errors="replace")
        for name, data in files.items()
        if PurePosixPath(name).suffix in (MODULE, NOTEBOOK)
    ]
    code = "\n".join([*codes, *modules])
    named = next(((name, why) for name, why in left_out.items() if is_named(name, code)), None)
    if named is None:
        return
    missing = N_("{file!r} was not there while the notebook ran, and the code names it: {why}")
    sentence = Sentence.of(missing, file=writable(named[0]), why=named[1])
    for cell in filter(is_test, notebook.cells):
        if _lost_points(cell, judgement):
            judgement.problems.append(Problem(Kind.PERSON, sentence, id_of(cell)))


def _lost_points(cell: Any, judgement: Judgement) -> bool:
    """Whether a test cell has fewer points than it gives."""
    if not judgement.has_checks:  # its own code decides, as in plain nbgrader
        return any(output.get("output_type") == "error" for output in cell.outputs)
    score = judgement.score(id_of(cell))
    return score is not None and score < cell.metadata.nbgrader.points
