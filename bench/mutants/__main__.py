"""How many small wrong changes of the reference solutions the hidden checks notice, cell by cell.

    python -m bench.mutants                                      # every automatically graded cell of hw2
    python -m bench.mutants --notebook q5_xnor                   # one notebook
    python -m bench.mutants --cell q6_train --sample 30 --seed 1 # some mutants of one cell

Prints what was changed in each survivor, and a table. A survivor asks for a check, or for a line in
`tests/hw2/zoo/equivalent.toml` that says why it is right. Ends with 1 where there are such survivors.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import nbformat

from bench.mutants.equivalent import read_equivalent, tally
from bench.mutants.judging import graded_cells, mutants_of, run_mutants
from mashq.grading.notebook.judging import course_kernels

ROOT = Path(__file__).parents[2]
SOURCE, CHECKS = ROOT / "source" / "hw2", ROOT / "tests" / "hw2"
HEAD = "| cell | mutants | judged | killed | equivalent | surviving | unclear | seconds |"


def main() -> int:
    """Judge the mutants that were asked for."""
    parser = argparse.ArgumentParser(
        "python -m bench.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = sorted(path.stem for path in SOURCE.glob("*.ipynb"))
    parser.add_argument("--notebook", choices=names, help="only this notebook")
    parser.add_argument("--cell", help="only this solution cell, for instance q5_forward")
    parser.add_argument("--sample", type=int, help="at most so many mutants of each cell, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--own", action="store_true", help="judge by the cell's own test cell only")
    parser.add_argument("--isolation", default="auto", help="walls around the mutants")
    options = parser.parse_args()
    sources = {name: nbformat.read(SOURCE / f"{name}.ipynb", as_version=4) for name in names}
    wanted = [
        (name, cell)
        for name in names
        for cell in graded_cells(sources[name])
        if options.notebook in (None, name) and options.cell in (None, cell)
    ]
    if not wanted:
        parser.error(f"hidden checks grade no such cell: {options.cell or options.notebook}")
    equivalent = read_equivalent(CHECKS / "zoo" / "equivalent.toml")
    rows, clean = [], True
    kernels = course_kernels(options.isolation)
    try:
        for name, cell in wanted:
            found = mutants_of(sources[name], cell)
            chosen = found
            if options.sample is not None and options.sample < len(found):
                chosen = random.Random(options.seed).sample(found, options.sample)
            started = time.monotonic()
            verdicts = run_mutants(
                sources[name],
                cell,
                CHECKS / f"test_{name}.py",
                chosen=chosen,
                kernels=kernels,
                later=not options.own,
            )
            result = tally(verdicts, equivalent.get(cell, {}))
            clean = clean and result.is_clean
            for complaint in result.complaints():
                print(f"{cell}: {complaint}", flush=True)
            counts = [len(found), len(chosen), len(result.killed) + len(result.stale)]
            counts += [len(part) for part in (result.equivalent, result.surviving, result.unclear)]
            seconds = time.monotonic() - started
            rows.append(f"| {cell} | {' | '.join(map(str, counts))} | {seconds:.0f} |")
    finally:
        kernels.close()
    print("\n".join(["", HEAD, "|---" * HEAD.count(" |") + "|", *rows]))
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
