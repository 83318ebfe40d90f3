"""How long plain `nbgrader autograde` takes for the reference solution of hw2.

    python bench/autograde.py

Makes a course folder of its own, hands in all six notebooks solved, and times the one command, data cached.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import nbformat

from mashq import datasets
from mashq.grading.scores import read_scores
from mashq.nbgrader_command import run_nbgrader
from mashq.zoo import fill_in

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Grade once and print seconds and scores."""
    datasets.prepare()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        for part in ("source", "tests/hw2"):
            shutil.copytree(ROOT / part, course / part)
        shutil.copy(ROOT / "nbgrader_config.py", course)
        with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write("\nc.JudgeExecute.allow_stand_in = True\n")
        run_nbgrader(course, "generate_assignment", "hw2")
        target = course / "submitted" / "reference" / "hw2"
        target.mkdir(parents=True)
        for path in sorted((course / "release" / "hw2").glob("*.ipynb")):
            source = nbformat.read(course / "source" / "hw2" / path.name, as_version=4)
            nbformat.write(fill_in(nbformat.read(path, as_version=4), source), target / path.name)
        started = time.monotonic()
        run_nbgrader(course, "autograde", "hw2")
        seconds = time.monotonic() - started
        questions = read_scores(course, "hw2").students["reference"]
    print(f"nbgrader autograde hw2, one submission of six notebooks: {seconds:.1f} s")
    print(", ".join(f"{name} {question.score:g}" for name, question in questions.items()))
    print(f"data: {', '.join(f'{row.name} {row.source}' for row in datasets.status())}")


if __name__ == "__main__":
    main()
