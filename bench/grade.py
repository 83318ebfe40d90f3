"""What grading costs: `nbgrader autograde` and `mashq grade` on the same submissions, in one run.

    python bench/grade.py light              # q5_xnor, the light notebook
    python bench/grade.py heavy              # the notebook that takes longest
    python bench/grade.py all                # all six notebooks of hw2
    python bench/grade.py growth             # from 10 to 1,000 submissions of q1_paper in one run

Every submission is the reference solution with a line of its own, so that none is at hand. Figures are for
the steady state: what one more submission costs, start-up left out. Three ways are compared:

    nbgrader alone     nbgrader's own steps, no hidden checks, no walls, every cell run and every figure drawn
    nbgrader + mashq   `nbgrader autograde` with mashq's settings: hidden checks, a fresh sandbox each time
    mashq grade        hidden checks, warm sandboxes, all cores
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from mashq import datasets
from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.course.nbgrader import run_nbgrader
from mashq.course.store import Store
from mashq.zoo.answers import fill_in
from tests.support.hw2 import NOTEBOOKS, make_hw2_course

HEAVIEST = "q4_hoda"
CASES = {"light": ("q5_xnor",), "heavy": (HEAVIEST,), "all": NOTEBOOKS}
COUNTS = {"light": (8, 60), "heavy": (3, 10), "all": (2, 8)}  # submissions for nbgrader, for mashq
PLAIN = "\nc.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'\n" + (
    "from nbgrader.converters import Autograde as _A\n"
    "c.Autograde.autograde_preprocessors = _A.class_traits()['autograde_preprocessors'].default()\n"
)
ALLOW = "\nc.JudgeExecute.allow_stand_in = True\nc.JudgeExecute.identities = 'any'\n"


@dataclass(frozen=True)
class Cost:
    """One way of grading in the steady state."""

    way: str
    seconds: float  # wall time of one more submission
    cpu_s: float  # CPU time of one more submission, all processes

    @property
    def per_hour(self) -> float:
        """Submissions an hour."""
        return 3600 / self.seconds


def hand_in(course: Path, first: int, last: int) -> None:
    """Submissions number `first` to `last` - 1: the reference, each with a line of its own."""
    for path in sorted((course / "release" / "hw2").glob("*.ipynb")):
        source = nbformat.read(course / "source" / "hw2" / path.name, as_version=4)
        notebook = fill_in(nbformat.read(path, as_version=4), source)
        notebook.cells.append(nbformat.v4.new_markdown_cell())
        for number in range(first, last):
            notebook.cells[-1].source = f"submission {number}"
            target = course / "submitted" / f"student-{number:04}" / "hw2" / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)


def by_nbgrader(folder: Path, names: tuple[str, ...], count: int, way: str, more: str) -> Cost:
    """Cost of one more submission, from two runs of different length."""
    course = make_hw2_course(folder, names, ALLOW + more)
    spans = []
    for first, last in ((0, 1), (1, 1 + count)):
        hand_in(course, first, last)
        before = os.times()
        run_nbgrader(course, "autograde", "hw2")
        after = os.times()
        spans.append((after.elapsed - before.elapsed, sum(after[:4]) - sum(before[:4])))
        print(f"  {way}: {last - first} submissions in {spans[-1][0]:.1f} s", flush=True)
    (short, short_cpu), (long, long_cpu) = spans
    return Cost(way, (long - short) / (count - 1), (long_cpu - short_cpu) / (count - 1))


def by_mashq(folder: Path, names: tuple[str, ...], count: int, workers: int) -> Cost:
    """Cost of one more submission, from the times at which results came in; prints more about them."""
    course = make_hw2_course(folder, names, ALLOW)
    hand_in(course, 0, count)
    before = os.times()
    peak_mb = run_mashq(course, workers)[-1]
    after = os.times()
    notebooks = count * len(names)
    rows = results(course)
    warm = rows[2 * workers :] if len(names) == 1 else rows  # the first ones wait for warm processes
    span = (warm[-1][0] - warm[0][0]) if len(names) == 1 else after.elapsed - before.elapsed
    per_notebook = span / (len(warm) - 1 if len(names) == 1 else len(warm))
    cost = Cost("mashq grade", per_notebook * len(names), (sum(after[:4]) - sum(before[:4])) / count)
    start = boot_cpu()
    walls, cpus = [w for _, w, _, _ in warm], [c - start for _, _, c, _ in warm]
    print(
        f"  mashq grade: {count} submissions, {notebooks} notebooks in "
        f"{after.elapsed - before.elapsed:.1f} s, start-up included\n"
        f"  a notebook takes {statistics.mean(walls):.2f} s of a worker, {statistics.mean(cpus):.2f} s of it "
        f"the student's own compute: overhead {statistics.mean(walls) - statistics.mean(cpus):.2f} s\n"
        f"  CPU efficiency {statistics.mean(cpus) / (per_notebook * workers):.0%}; "
        f"coordinator {peak_mb:.0f} MB at most, largest kernel {max(m for _, _, _, m in rows):.0f} MB"
    )
    return cost


def boot_cpu() -> float:
    """CPU seconds of a kernel that runs nothing, which are not the student's."""
    from mashq.grading.notebook.judging import course_kernels
    from mashq.judge.session import NotebookSession

    source = course_kernels("auto")
    used = []
    for _ in range(3):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")])
        with NotebookSession(notebook, kernels=source) as session:
            session.finish()
        used.append(session.usage.cpu_s)
    source.close()
    return min(used)


def results(course: Path) -> list[tuple[float, float, float, float]]:
    """(time of arrival, wall s, CPU s, peak MB) of each result, in the order of arrival."""
    path = CourseFolder(course).store("hw2")
    with sqlite3.connect(path) as db:
        arrived = dict(db.execute("SELECT student || '/' || notebook, stored FROM result").fetchall())
    with Store(path) as store:
        rows = [
            (arrived[f"{student}/{notebook}"], graded.usage.seconds, kernels.cpu_s, kernels.peak_mb)
            for student, notebook, graded in store.results()
            for kernels in [graded.judgement.usage]
        ]
    return sorted(rows)


def run_mashq(course: Path, workers: int) -> list[float]:
    """Run `mashq grade`; returns its own resident memory, MB, each half second; the peak last."""
    words = [sys.executable, "-m", "mashq.cli", "grade", "hw2", "--workers", str(workers)]
    with (course / "mashq.log").open("w") as log:
        process = subprocess.Popen(words, cwd=course, stdout=log, stderr=log)
        samples = []
        while process.poll() is None:
            try:
                samples.append(psutil.Process(process.pid).memory_info().rss / 2**20)
            except psutil.Error:
                break
            time.sleep(0.5)
    if process.wait() != 0:
        raise SystemExit((course / "mashq.log").read_text()[-3000:])
    return [*samples, max(samples)]


def compare(case: str, workers: int, counts: tuple[int, int]) -> None:
    """Print the table of one case."""
    names = CASES[case]
    few, many = counts
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        costs.append(by_nbgrader(root / "plain", names, few, "nbgrader alone", PLAIN))
        costs.append(by_nbgrader(root / "judged", names, few, "nbgrader + mashq", ""))
        costs.append(by_mashq(root / "mashq", names, many, workers))
    print(f"\n{case}: {', '.join(names)}; {os.cpu_count()} cores, {workers} workers\n")
    print("| way | seconds a submission | submissions an hour | CPU seconds | throughput of mashq grade |")
    print("|---|---|---|---|---|")
    for cost in costs:
        ratio = f"{cost.seconds / costs[-1].seconds:.1f} times" if cost is not costs[-1] else ""
        print(f"| {cost.way} | {cost.seconds:.2f} | {cost.per_hour:,.0f} | {cost.cpu_s:.1f} | {ratio} |")


def growth(workers: int, most: int) -> None:
    """Print how the cost of a submission and the coordinator's memory grow in one long run."""
    with tempfile.TemporaryDirectory() as folder:
        course = make_hw2_course(Path(folder).resolve(), ("q1_paper",), ALLOW)
        hand_in(course, 0, most)
        memory = run_mashq(course, workers)
        rows = results(course)
        graded = len(read_scores(CourseFolder(course), "hw2").students)
    skip = 2 * workers
    print(f"\ngrowth: {most} submissions of q1_paper in one run, {workers} workers, {os.cpu_count()} cores\n")
    print("| submissions | seconds each |\n|---|---|")
    for first, last in ((0, 10), (0, 50), (50, 200), (200, 500), (most - 200, most), (0, most)):
        part = rows[max(first, skip) : last]
        if len(part) > 1:
            print(f"| {first + 1} to {last} | {(part[-1][0] - part[0][0]) / (len(part) - 1):.3f} |")
    tenth = max(1, len(memory) // 10)
    print(
        f"\ncoordinator: {memory[tenth]:.0f} MB after a tenth of the time, {memory[-1]:.0f} MB at most; "
        f"{graded} of {most} submissions in the gradebook"
    )


def main() -> None:
    """Run the case that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", choices=[*CASES, "growth"])
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--submissions", type=int, nargs=2, help="for nbgrader and for mashq")
    parser.add_argument("--most", type=int, default=1000)
    options = parser.parse_args()
    datasets.prepare()
    if options.case == "growth":
        growth(options.workers, options.most)
    else:
        compare(options.case, options.workers, tuple(options.submissions or COUNTS[options.case]))


if __name__ == "__main__":
    main()
