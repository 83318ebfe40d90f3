"""Grade the reference with other global seeds: what share of right solutions earns all points?

    python bench/seeds.py --seeds 20 --workers 2

Each run replaces `SEED = ...` in the locked cells of all notebooks, judges them as nbgrader would, and counts
lost points. Prints a line a seed, then the values that the checks measured (mean, sd), for `@threshold`.
Every run is added to the record that `mashq audit` reads, tests/hw2/zoo/seeds.jsonl; new runs have new seeds,
so many short sessions add up.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import re
import statistics
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from tqdm import tqdm

from mashq.audit import seeds
from mashq.cells import is_test
from mashq.grading.workers.worker import versions
from mashq.judge import Judgement
from mashq.judge.run import judge_notebook

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "tests" / "hw2" / "zoo" / seeds.NAME
SEED_LINE = re.compile(r"^SEED = \d+", re.MULTILINE)


def judge_with_seed(job: tuple[str, int]) -> tuple[str, int, Judgement, dict[str, float]]:
    """Judge the reference notebook `name` with a global seed; also returns what its cells are worth."""
    name, seed = job
    notebook = nbformat.read(ROOT / "source" / "hw2" / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = SEED_LINE.sub(f"SEED = {seed}", cell.source)
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in notebook.cells
        if is_test(cell)
    }
    check_file = ROOT / "tests" / "hw2" / f"test_{name}.py"
    judgement = judge_notebook(notebook, check_file, run_all=False, allow_stand_in=True)
    return name, seed, judgement, points


def record(path: Path, notebook: str, seed: int, judgement: Judgement) -> None:
    """Add what came of a run, today and on this machine, to the record: one more line."""
    results = judgement.results
    run = seeds.SeedRun(
        datetime.date.today().isoformat(),
        notebook,
        seed,
        {result.check: str(result.outcome) for result in results},
        {result.check: result.measured for result in results if result.measured is not None},
        judgement.stand_ins,
        versions(()),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(dataclasses.asdict(run)) + "\n")


def main() -> None:
    """Run all seeds and print what was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first", type=int, help="first seed; default: the one after the last recorded")
    parser.add_argument("--notebook", nargs="*", help="default: all that have hidden checks")
    options = parser.parse_args()
    names = options.notebook or sorted(
        path.stem.removeprefix("test_") for path in (ROOT / "tests" / "hw2").glob("test_q*.py")
    )
    recorded = [run.seed for run in seeds.read(RECORD) if run.notebook in names]
    first = max(recorded, default=-1) + 1 if options.first is None else options.first
    chosen = range(first, first + options.seeds)
    jobs = [(name, seed) for seed in chosen for name in names]
    lost: dict[int, list[str]] = defaultdict(list)
    earned: dict[int, float] = defaultdict(float)
    measured: dict[str, list[float]] = defaultdict(list)
    stand_ins: set[str] = set()
    started = time.monotonic()
    with ProcessPoolExecutor(options.workers) as pool:
        for name, seed, judgement, points in tqdm(
            pool.map(judge_with_seed, jobs), total=len(jobs), unit="notebook"
        ):
            stand_ins.update(judgement.stand_ins)
            record(RECORD, name, seed, judgement)
            for grade_id, worth in points.items():
                score = judgement.score(grade_id)
                earned[seed] += score or 0
                if score != worth:
                    why = "; ".join(r.message for r in judgement.of(grade_id) if r.message)
                    said = ", ".join(map(str, judgement.problems))
                    lost[seed].append(f"{grade_id} {score} of {worth}: {why} {said}")
            for result in judgement.results:
                if result.measured is not None:
                    measured[f"{name}: {result.check}"].append(result.measured)
    for seed in chosen:
        print(
            f"seed {seed:3}: {earned[seed]:g} points"
            + "".join(f"\n    lost {line}" for line in lost.get(seed, []))
        )
    seconds = time.monotonic() - started
    print(f"\n{options.seeds - len(lost)} of {options.seeds} runs earned everything ({seconds:.0f} s)")
    if stand_ins:
        print(f"NOTE: measured on stand-ins for {', '.join(sorted(stand_ins))}")
    for check, values in sorted(measured.items()):
        spread = statistics.stdev(values) if len(values) > 1 else 0
        print(f"{check}: mean {statistics.mean(values):.4f}, sd {spread:.4f}, least {min(values):.4f}")


if __name__ == "__main__":
    main()
