"""What mashq's commands cost here and at another revision of this repository, run in turn on one machine.

    python bench/revisions.py REVISION              # any name that git knows: a tag, a branch, a commit
    python bench/revisions.py REVISION --pairs 9

Each revision grades a course folder of its own with the same small assignment. Whole processes are timed, one
revision after the other; the table has the medians, their range, and the ratio of each pair. On a machine
that does other work beside it the figures mean little.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from tqdm import tqdm

from mashq.zoo.answers import fill_in
from tests.support.cells import code_cell, notebook_of

ROOT = Path(__file__).parents[1]
NEW, CLASS, UNCHANGED = 20, 100, 2  # light submissions to grade, pages of feedback to write, nothing to do
CHECKS = """import pytest

@pytest.mark.grade("test_area", points=2)
def test_a_rectangle(student):
    assert student.call("area", 2, 3) == 6, "area(2, 3) is 6"

@pytest.mark.grade("test_area", points=1)
def test_a_line(student):
    assert student.call("area", 0, 3) == 0, "a line has no area"
"""


class Revision:
    """A checkout of the repository, and course folders that it grades."""

    def __init__(self, tree: Path, room: Path):
        """tree : the checkout; room : an empty folder for its courses."""
        self.tree, self.room = tree, room
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
        self.environment = os.environ | {"PYTHONPATH": str(tree), "PATH": programs}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as where mashq is installed

    def run(self, course: Path, *words: str) -> float:
        """Wall seconds of a command of mashq in a course folder; ends the program where the command fails."""
        start = time.perf_counter()
        self._call([sys.executable, "-m", "mashq.cli", *words], course)
        return time.perf_counter() - start

    def _call(self, words: list[str], course: Path) -> None:
        done = subprocess.run(
            words, cwd=course, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{self.tree}: {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def course(self, name: str, students: int) -> Path:
        """A released course in which so many students have handed in the same right answer."""
        course = self.room / name
        (course / "source" / "small").mkdir(parents=True)
        (course / "tests" / "small").mkdir(parents=True)
        shutil.copy(self.tree / "nbgrader_config.py", course)
        (course / "tests" / "small" / "test_areas.py").write_text(CHECKS, encoding="utf-8")
        nbformat.write(small_notebook(), course / "source" / "small" / "areas.ipynb")
        words = [sys.executable, "-m", "nbgrader", "generate_assignment", "small"]
        self._call(words, course)
        release = nbformat.read(course / "release" / "small" / "areas.ipynb", as_version=4)
        notebook = fill_in(release, small_notebook())
        notebook.cells.append(new_markdown_cell())
        for number in range(students):  # none equals another
            notebook.cells[-1].source = f"submission {number}"
            target = course / "submitted" / f"student-{number:03}" / "small" / "areas.ipynb"
            target.parent.mkdir(parents=True)
            nbformat.write(notebook, target)
        return course

    def forget(self, course: Path) -> None:
        """Put the course back to where nothing is graded."""
        shutil.rmtree(course / "autograded", ignore_errors=True)
        shutil.rmtree(course / ".mashq", ignore_errors=True)


def small_notebook() -> nbformat.NotebookNode:
    """One exercise that computes nothing worth naming: what is timed is mashq."""
    solution = "### BEGIN SOLUTION\n    return width * height\n    ### END SOLUTION"
    return notebook_of(
        code_cell(f"def area(width, height):\n    {solution}", "area"),
        code_cell("assert area(2, 3) == 6", "test_area", 3),
    )


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """The files of a revision, in a folder of their own while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="revision-") as folder:
        archive = Path(folder, "files.tar")
        words = ["git", "-C", str(ROOT), "archive", "--output", str(archive), revision]
        if subprocess.run(words, check=False).returncode:
            raise SystemExit(f"{revision} is no revision of this repository; `git log` shows them.")
        tree = Path(folder, "tree")
        shutil.unpack_archive(archive, tree)
        yield tree


def timings(revision: Revision) -> dict[str, Callable[[], float]]:
    """What is timed, by its name in the table; each call runs the command once."""
    fresh, done, pages = (
        revision.course(name, count) for name, count in (("new", NEW), ("same", UNCHANGED), ("pages", CLASS))
    )
    revision.run(done, "grade", "small")
    revision.run(pages, "grade", "small")

    def new() -> float:
        revision.forget(fresh)
        return revision.run(fresh, "grade", "small", "--workers", "2")

    def feedback() -> float:
        shutil.rmtree(pages / "feedback", ignore_errors=True)
        return revision.run(pages, "feedback", "small")

    return {
        "`mashq --help`": lambda: revision.run(done, "--help"),
        f"`mashq grade`, {UNCHANGED} unchanged submissions": lambda: revision.run(done, "grade", "small"),
        f"`mashq grade --workers 2`, {NEW} light submissions": new,
        f"`mashq feedback`, {CLASS} students": feedback,
    }


def main() -> None:
    """Time both revisions and print a table."""
    parser = argparse.ArgumentParser(description="Time mashq here and at another revision.")
    parser.add_argument("revision", help="what git calls the other one")
    parser.add_argument(
        "--pairs", type=int, default=5, help="how often each command is run at each (default: 5)"
    )
    chosen = parser.parse_args()
    with checkout(chosen.revision) as tree, tempfile.TemporaryDirectory(prefix="courses-") as room:
        there = timings(Revision(tree, Path(room, "there")))
        here = timings(Revision(ROOT, Path(room, "here")))
        rows = []
        with tqdm(total=len(here) * (chosen.pairs + 1), unit="pair") as bar:
            for name, run in here.items():
                pairs = []
                for _ in range(chosen.pairs + 1):
                    pairs.append((there[name](), run()))
                    bar.update()
                rows.append((name, pairs[1:]))  # the first one warms the caches
    print(
        f"\n| whole process | {chosen.revision}, s | here, s | here / {chosen.revision} |\n|---|---|---|---|"
    )
    for name, pairs in rows:
        old, new, ratios = (
            spread(column)
            for column in ([a for a, _ in pairs], [b for _, b in pairs], [b / a for a, b in pairs])
        )
        print(f"| {name} | {old} | {new} | {ratios} |")


def spread(values: list[float]) -> str:
    """The median, and the least and the greatest value."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
