"""How long the report of a large class takes to make, and to open in Chromium.

    python bench/report.py --students 300
    python bench/report.py --keep /tmp/class --pictures /tmp/pictures    # look at it, too

Makes a course folder of its own: hw2 released, a gradebook and a store of results of so many students. Their
work is invented, but has the shape of real work: ability decides who passes which check, models reach
figures around those of right solutions, notebooks hold the answers of the zoo and the outputs and figures of
the executed solutions. Some pairs are copies with other names, some files cannot be read.

Needs a Chromium for the second half; `apt-get install chromium` where there is none.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import math
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.nbgrader import run_nbgrader
from mashq.course.results import Graded, Usage
from mashq.course.store import Store
from mashq.judge import CheckResult, Judgement, Outcome
from mashq.problems import Kind, Problem, Sentence
from mashq.report.thresholds import Threshold, read_thresholds
from mashq.sandbox import KernelUsage
from mashq.zoo.answers import answered, fill_in, read_answer
from tests.support.browser import audited, opened

ROOT = Path(__file__).parents[1]
ASSIGNMENT = "hw2"
COPIES, CUT_OFF, WITHOUT_WALLS = 6, 3, 2  # pairs and students
NAMES = ("Sara", "Ali", "Zahra", "Reza", "Maryam", "Hossein", "زهرا", "علی", "Ann", "Ben")
SENTENCES = (
    "{name}: wrong value, off by {number:.3g} at [0, 1]; look at the order of the product",
    "{name}: expected shape (1, 3), got ({whole}, 3)",
    "{name}: expected an array of numbers, got None (is a `return` missing?)",
    "{name} raised ValueError: operands could not be broadcast together with shapes ({whole},3) (3,1)",
)


@dataclass(frozen=True)
class Check:
    """A hidden check of hw2, as its text has it."""

    name: str
    grade_id: str
    points: float
    title: str
    threshold: Threshold | None


def read_checks(path: Path) -> list[Check]:
    """The checks of one file, without running it."""
    text = path.read_text(encoding="utf-8")
    thresholds, found = read_thresholds(text), []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            grades = [c for c in node.decorator_list if "mark.grade" in ast.unparse(c)]
            for call in grades:
                assert isinstance(call, ast.Call)
                grade_id, points = ast.literal_eval(call.args[0]), ast.literal_eval(call.keywords[0].value)
                title = (ast.get_docstring(node) or "").partition("\n\n")[0]
                found.append(Check(node.name, grade_id, points, title, thresholds.get(node.name)))
    return found


class Answers:
    """Notebooks as students might hand them in."""

    def __init__(self, name: str, course: Path) -> None:
        self.name = name
        self._release = nbformat.read(course / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        self._source = nbformat.read(course / "source" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        solved = nbformat.read(ROOT / "solutions" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        self._outputs = [cell.get("outputs", []) for cell in solved.cells]
        self._variants = list(self._read_variants())

    def _read_variants(self) -> Any:
        yield fill_in(self._release, self._source)
        for path in sorted((ROOT / "tests" / ASSIGNMENT / "zoo").glob("*/*.py")):
            if path.parent.name in ("odd", "wrong"):
                try:
                    yield answered(self._release, self._source, read_answer(path))
                except ValueError:
                    continue  # an answer of another notebook

    def one(self, chance: random.Random) -> Any:
        """Cells of several answers, some of the student's own lines, outputs of the usual size."""
        notebook = copy.deepcopy(chance.choice(self._variants))
        others = chance.sample(self._variants, k=min(4, len(self._variants)))
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                cell.outputs = self._outputs[number] if number < len(self._outputs) else []
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                other = chance.choice(others).cells
                same = [c for c in other if c.metadata.get("nbgrader", {}).get("grade_id") == about.grade_id]
                cell.source = same[0].source if same else cell.source
                if cell.cell_type == "markdown":
                    words = cell.source.split()
                    chance.shuffle(words)
                    cell.source = " ".join(words)
                else:
                    cell.source += "\n" + own_code(chance)
        return notebook


def own_code(chance: random.Random) -> str:
    """Some lines that nobody else has."""
    lines = [f"def helper_{chance.randrange(10**6)}(values, limit={chance.randrange(9)}):"]
    for _ in range(chance.randrange(4, 12)):
        a, b, c = (chance.choice(("values", "limit", "total", "count")) for _ in range(3))
        sign, word = chance.choice("+-*/%"), chance.choice(("sum", "max", "min", "len", "abs", "sorted"))
        lines.append(
            chance.choice(
                (
                    f"    {a} = {b} {sign} {word}({c}, {a})",
                    f"    if {a} {sign} {b} > {word}({c}): {b} = [{a}, {c}]",
                    f"    for {a} in {word}({b}): {c} = {a} {sign} {b}",
                    f"    while {word}({a}) < {b} and not {c}: {a} = {c}.{word}()",
                )
            )
        )
    return "\n".join(lines)


def disguised(notebook: Any) -> Any:
    """A copy with other names of variables and other comments."""
    other = copy.deepcopy(notebook)
    for cell in other.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = re.sub(r"\b(values|limit|total|count|W1|W2|yhat)\b", r"my_\1", cell.source)
            cell.source = f"# my own work\n{cell.source}"
    return other


# -- the class --------------------------------------------------------------------------------------------


def make_class(course: Path, students: int) -> None:
    """A course folder with so many graded submissions of hw2."""
    for part in (f"source/{ASSIGNMENT}", f"tests/{ASSIGNMENT}"):
        shutil.copytree(ROOT / part, course / part)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    run_nbgrader(course, "generate_assignment", ASSIGNMENT)
    chance = random.Random(2)
    names = [
        f"{chance.choice(NAMES)}-{number:03}" if number % 2 else f"9912{number:04}"
        for number in range(students)
    ]
    abilities = {name: chance.gauss(1.2, 1.3) for name in names}
    earned: dict[tuple[str, str], float] = {}
    with Store(CourseFolder(course).store(ASSIGNMENT)) as store:
        for path in sorted((course / "release" / ASSIGNMENT).glob("*.ipynb")):
            answers = Answers(path.stem, course)
            checks = course / "tests" / ASSIGNMENT / f"test_{path.stem}.py"
            found = read_checks(checks) if checks.is_file() else []
            hardness = {check.name: chance.gauss(-0.5, 1) for check in found}
            before: Any = None
            for number, name in enumerate(names):
                if chance.random() < 0.04:
                    continue  # not handed in
                copied = before is not None and path.stem == "q5_xnor" and number % 2 and number < 2 * COPIES
                notebook = before = disguised(before) if copied else answers.one(chance)
                results = [judged(check, abilities[name] - hardness[check.name], chance) for check in found]
                graded = one_graded(notebook, results, number, chance)
                for result in results:
                    passed = result.outcome is Outcome.PASSED and not graded.unreadable
                    cell = (name, result.grade_id)
                    earned[cell] = earned.get(cell, 0) + passed * result.points
                key = f"{name}/{path.stem}"
                store.put(key, graded, student=name, notebook=path.stem)
                store.mark_done(name, path.stem, key, graded.attention)
    fill_gradebook(course, names, earned, abilities, chance)


def judged(check: Check, lead: float, chance: random.Random) -> CheckResult:
    """The result of one check for somebody whose ability is so far above its hardness."""
    passed = chance.random() < 1 / (1 + math.exp(-1.7 * lead))
    measured = None
    if check.threshold is not None:
        figure = (
            chance.gauss(check.threshold.mean, 1.5 * check.threshold.sd)
            if passed
            else chance.uniform(0.1, 0.9)
        )
        passed = figure >= check.threshold.at_least
    message = chance.choice(SENTENCES).format(
        name=check.name.removeprefix("test_"), number=chance.random(), run_all=chance.randrange(9)
    )
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return CheckResult(
        check.name,
        check.grade_id,
        check.points,
        outcome,
        check.title,
        "" if passed else message,
        measured=measured,
    )


def one_graded(notebook: Any, results: Sequence[CheckResult], number: int, chance: random.Random) -> Graded:
    """What grading it gave: most are fine, some cannot be read, some ran without walls."""
    cut_off = number % 97 == 1 and number < 97 * CUT_OFF
    seconds = chance.lognormvariate(1.5, 0.5)
    problems = [Problem(Kind.FILE, Sentence.plain("the file is cut off"))] if cut_off else []
    judgement = Judgement(
        [] if cut_off else list(results),
        problems=problems,
        stand_ins=["hoda"] if number % 101 == 2 else [],
        seconds=seconds,
        usage=KernelUsage(seconds * 0.9, chance.lognormvariate(5.5, 0.4)),
    )
    return Graded(
        notebook=json.dumps(notebook).encode(),
        judgement=judgement,
        problems=tuple(problems),
        isolation="none" if number < WITHOUT_WALLS else "full",
        usage=Usage(seconds + 1.2, "bench"),
    )


def fill_gradebook(
    course: Path,
    names: Sequence[str],
    earned: dict[tuple[str, str], float],
    abilities: dict[str, float],
    chance: random.Random,
) -> None:
    """Rows for all: test cells as they were judged, two essays in three graded by a person."""
    url, course_id = CourseFolder(course).gradebook
    with Gradebook(url, course_id) as gradebook:
        for name in names:
            gradebook.update_or_create_student(name, first_name=name.partition("-")[0], last_name="Karimi")
            with gradebook.db.no_autoflush:
                submission = gradebook.update_or_create_submission(ASSIGNMENT, name)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.cell.type == "TaskCell" or grade.cell.cell_type == "markdown":
                        grade.needs_manual_grade = grade.name in ("q1_upload", "q2_d")
                        share = min(1, max(0, 0.6 + 0.2 * abilities[name] + chance.gauss(0, 0.15)))
                        grade.manual_score = (
                            None if grade.needs_manual_grade else round(share * grade.max_score)
                        )
                    else:
                        grade.auto_score = earned.get((name, grade.name), 0)
                        grade.needs_manual_grade = False
        gradebook.db.commit()


# -- measuring --------------------------------------------------------------------------------------------


def main() -> None:
    """Make the class where there is none, time the command, open the page, look for barriers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="make the class there, or use the one that is there")
    parser.add_argument("--pictures", type=Path, help="write pictures of the page there")
    parser.add_argument("--anonymous", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = (options.keep or Path(folder)).resolve() / "course"
        if not course.exists():
            begun = time.perf_counter()
            make_class(course, options.students)
            print(f"the class was made in {time.perf_counter() - begun:.0f} s", flush=True)
        page = course / "report.html"
        words = [sys.executable, "-m", "mashq.cli", "report", ASSIGNMENT, "--course", str(course)]
        words += ["--output", str(page)] + ["--anonymous"] * options.anonymous
        begun = time.perf_counter()
        subprocess.run(words, check=True)
        print(
            f"made in {time.perf_counter() - begun:.1f} s, {page.stat().st_size / 2**20:.1f} MB", flush=True
        )
        for width in (1280, 390):
            with opened(page, width) as (tab, seconds):
                print(
                    f"{width} pixels: charts drawn after {seconds:.2f} s; barriers: {audited(tab) or 'none'}"
                )
                wide = tab.evaluate("document.documentElement.scrollWidth")
                print(f"  the page is {wide} pixels wide")
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    tab.screenshot(path=options.pictures / f"{width}.png", full_page=True)


if __name__ == "__main__":
    main()
