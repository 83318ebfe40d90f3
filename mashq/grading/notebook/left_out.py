"""Points that may be lost because a file was not there: a person looks, and it is no zero in silence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from mashq.cells import id_of, is_test
from mashq.handed_in.beside import Code, LeftOut, text_of_modules
from mashq.judge import Judgement
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence, writable

MANY = 2000  # files left out, which are looked for in the code; of more, a person must judge


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
    code = Code("\n".join([*codes, text_of_modules(files)]))
    looked_for = islice(left_out.items(), MANY)
    named = next(((name, why) for name, why in looked_for if code.names(name)), None)
    if named is not None:
        missing = N_("{file!r} was not there while the notebook ran, and the code names it: {why}")
        sentence = Sentence.of(missing, file=writable(named[0]), why=named[1])
    elif len(left_out) > MANY:
        many = N_("{count} files were not there while the notebook ran, too many to look for in the code")
        sentence = Sentence.of(many, count=len(left_out))
    else:
        return
    for cell in filter(is_test, notebook.cells):
        if _lost_points(cell, judgement):
            judgement.problems.append(Problem(Kind.PERSON, sentence, id_of(cell)))


def _lost_points(cell: Any, judgement: Judgement) -> bool:
    """Whether a test cell has fewer points than it gives."""
    if not judgement.has_checks:  # its own code decides, as in plain nbgrader
        return any(output.get("output_type") == "error" for output in cell.outputs)
    score = judgement.score(id_of(cell))
    return score is not None and score < cell.metadata.nbgrader.points
