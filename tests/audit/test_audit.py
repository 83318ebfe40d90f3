"""`mashq audit`: what it calls a miss, and that the zoo of hw2 has none."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import pytest

from bench.seeds import record
from mashq.audit import canaries, rates, seeds
from mashq.audit.canaries import Canaries
from mashq.audit.cases import KINDS, Case, Notebook, part_of, read_cases, read_notebook
from mashq.audit.compare import Found, judge
from mashq.audit.report import marks
from mashq.cli import app as cli
from mashq.course.results import Graded
from mashq.errors import CourseError, MachineError
from mashq.judge import CheckResult, Judgement, Outcome
from mashq.judge.stochastic import FALSE_FAILURE
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import ROOT
from tests.support.tiny_course import TINY_CHECKS, tiny_notebook

pytestmark = pytest.mark.quick

PATIENCE_S = 300.0  # for a state that comes in seconds on an idle machine
AREAS = Notebook("areas", notebook_of(), notebook_of(), {"test_area": 2.0, "test_other": 1.0})
CHANCE = '''
from mashq.judge import statistical

@pytest.mark.grade("test_area", points=1)
@statistical(trials=20, at_least=8, pass_rate=0.9)
def test_seeds(student, seed):
    """A check with trials, of which every fifth fails."""
    assert seed % 5 and student.call("area", 1, seed) == seed
'''


@pytest.fixture(autouse=True)
def a_port_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another audit may run on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(canaries, "PORT", server.getsockname()[1])


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The tiny course, not yet released: the audit releases its own copy."""
    course = tmp_path / "course"
    for part in ("source", "tests"):
        (course / part / "ps1").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbformat.write(tiny_notebook(), course / "source" / "ps1" / "areas.ipynb")
    (course / "tests" / "ps1" / "test_areas.py").write_text(TINY_CHECKS)
    return course


# -- what is a miss ---------------------------------------------------------------------------------------


def found(scores: dict[str, float | None], message: str = "", printed: str = "") -> Found:
    """What grading gave, with one failed check of `test_area` and some output."""
    results = [CheckResult("test_x", "test_area", 2, Outcome.FAILED, message=message)] if message else []
    notebook = notebook_of(code_cell("print('LEAKED')"))
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text=printed)]
    return Found(scores, Graded(nbformat.writes(notebook).encode(), Judgement(results)))


def case(kind: str = "wrong", **expected: Any) -> Case:
    """A case that is not handed in."""
    return Case(kind, "name", "areas", "", lambda _: None, **expected)


@pytest.mark.parametrize(
    ("expected", "what", "miss"),
    [
        ({"loses": ("test_area",)}, found({"test_area": 1, "test_other": 1}), ""),
        ({}, found({"test_area": 2, "test_other": 1}), ""),
        ({"loses": ("test_area",)}, found({"test_area": 2, "test_other": 1}), "must lose some"),
        ({"loses": ("test_area",)}, found({"test_area": 1, "test_other": 0}), "test_other earns 0 of 1"),
        ({"loses": ("test_area",)}, found({"test_area": None, "test_other": 1}), "has no score"),
        (
            {"loses": ("test_area",), "says": "sides"},
            found({"test_area": 1, "test_other": 1}, "the sum, not the product"),
            "says nothing that matches /sides/",
        ),
        (
            {"loses": ("test_area",), "says": "pro.uct"},
            found({"test_area": 1, "test_other": 1}, "the sum, not the product"),
            "",
        ),
        ({"earns": {"test_area": 0}}, found({"test_area": 1, "test_other": 1}), "0 at most is right"),
        ({"earns": {"test_area": 0}}, found({"test_area": 0, "test_other": 1}), ""),
        ({}, found({"test_area": 2, "test_other": 1}, printed="LEAKED a file"), "LEAKED a file"),
        ({}, found({"test_area": 2, "test_other": 1}, printed="the secret"), "the text of the canary"),
        ({"loses": ("test_gone",)}, found({"test_area": 2, "test_other": 1}), "no test cell of areas"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_difference_from_what_is_expected_is_a_sentence(
    expected: dict[str, Any], what: Found, miss: str
) -> None:
    """And without a difference there is none."""
    verdict = judge(case(**expected), AREAS, what, "the secret")
    assert len(verdict.misses) == bool(miss)
    assert miss in "".join(verdict.misses)


# -- a small assignment -----------------------------------------------------------------------------------


def write_zoo(course: Path, **answers: tuple[str, str]) -> None:
    """Answers of the tiny assignment: name → (docstring, body of `area`); the kind before the `_`."""
    for name, (described, body) in answers.items():
        path = course / "tests" / "ps1" / "zoo" / name.partition("_")[0] / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""{described}"""\n# %% area\ndef area(a, b):\n    {body}\n')


def run_audit(course: Path, *arguments: str) -> tuple[int, str]:
    """`mashq audit ps1` in this process: exit code and all that it printed."""
    words = ["mashq", "audit", "ps1", f"--course={course}", "--workers=1", *arguments]
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", words),
        redirect_stdout(out),
        redirect_stderr(out),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return int(ended.value.code or 0), " ".join(out.getvalue().split())


RIGHT = {
    "wrong_sum": ("A sum.\n\nLoses: test_area\nSays: both sides count", "return a + b"),
    "odd_loop": ("It adds up.", "return sum([a] * b)"),
    "hostile_equal": (
        "It claims to equal everything.\n\nEarns: test_area 0\nKind: forge",
        "return type('All', (), {'__eq__': lambda *_: True})()",
    ),
    "hostile_file_1_leaves": ("It leaves a file.\n\nKind: stay", "open('left', 'w').close(); return a * b"),
    "hostile_file_2_finds": (
        "It looks for the file.\n\nKind: stay",
        "import os; print('LEAKED' * os.path.exists('left')); return a * b",
    ),
}


@pytest.mark.long
@pytest.mark.process
def test_an_audit_without_a_miss_writes_its_tables(course: Path, tmp_path: Path) -> None:
    """Exit code 0; the page gets the tables in its place and keeps the rest."""
    write_zoo(course, **RIGHT)
    begin, end = marks("ps1")
    page = course / "docs" / "trust.md"
    page.parent.mkdir()
    page.write_text(f"before\n{begin}\nold\n{end}\nbehind\n")
    code, told = run_audit(course, "--seeds=1", "--write", f"--json={tmp_path / 'found.json'}")
    assert (code, "no miss" in told) == (0, True), told
    report = json.loads((tmp_path / "found.json").read_text())
    names = [c["name"] for c in report["cases"]]
    assert sorted(names) == sorted([*RIGHT, "2-areas", "3-areas"])
    assert report["misses"] == []
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n")
    assert text.endswith(f"{end}\nbehind\n")
    assert "old" not in text
    assert "| areas | test_area | 1 of 1 | 1 of 1 | 3 of 3 |" in text
    assert not (course / "submitted").exists()


@pytest.mark.long
@pytest.mark.process
def test_misses_are_named_and_the_exit_code_is_1(course: Path) -> None:
    """Each with one sentence; the others are counted as before."""
    write_zoo(
        course,
        wrong_not_wrong=("This is right, in truth.\n\nLoses: test_area", "return b * a"),
        wrong_sum=RIGHT["wrong_sum"],
        odd_zero=("This is wrong, in truth.", "return 0"),
    )
    code, told = run_audit(course, "--seeds=0")
    assert code == 1
    assert "2 misses" in told
    assert "wrong-wrong_not_wrong" in told
    assert "keeps all 2 points, and must lose some" in told
    assert "test_area earns 0 of 2, and must keep all" in told
    assert "1 of 2" in told  # of the wrong answers
    assert "earlier audit" not in told
    again = run_audit(course, "--seeds=0")
    assert (again[0], "2 misses" in again[1]) == (1, True)
    assert "3 of them as in an earlier audit" in " ".join(again[1].split())
    with (course / "tests" / "ps1" / "test_areas.py").open("a") as checks:
        checks.write("# another check file\n")
    assert "earlier audit" not in run_audit(course, "--seeds=0")[1]
    assert "earlier audit" not in run_audit(course, "--seeds=0", "--force")[1]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("# %% area\npass\n", "is no answer file"),
        ('"""X."""\n# %% volume\npass\n', "no notebook has the cells volume"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(tmp_path: Path, answer: str, says: str) -> None:
    """One line with the file, before anything is graded."""
    areas = Notebook("areas", tiny_notebook(), tiny_notebook())
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "bad.py").write_text(answer)
    with pytest.raises(CourseError, match=rf"bad\.py.* {says}"):
        read_cases(tmp_path, {"areas": areas}, KINDS)


FILES = '''
from mashq.zoo.files import edited, cell_of, handed_in

@handed_in("areas")
def left_alone(notebook):
    """Nothing happened to it."""

@handed_in("areas", keeps={"test_area": 0}, attention=True)
def cut_off(notebook):
    """The file ends in the middle."""
    notebook.write_bytes(notebook.read_bytes()[:300])

@handed_in("areas")
def answer_lost(notebook):
    """The answer is gone, so the expectation is not met."""
    with edited(notebook) as tree:
        cell_of(tree, "area")["source"] = "pass"
        cell_of(tree, "why")["source"] = "no idea"
'''


@pytest.mark.long
@pytest.mark.process
def test_damaged_files_are_compared_with_what_must_come_of_them(course: Path) -> None:
    """Points, a person's attention and the essays' texts."""
    folder = course / "tests" / "ps1" / "zoo" / "files"
    folder.mkdir(parents=True)
    (folder / "some.py").write_text(FILES)
    code, told = run_audit(course, "--kind=files")
    assert code == 1
    assert "files-answer_lost" in told
    assert "test_area has 0 of 2, and 2 is right" in told
    assert "why does not show what the student wrote" in told
    assert "2 misses" in told


# -- canaries ---------------------------------------------------------------------------------------------


def test_the_targets_of_attacks_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connection is counted, and afterwards all is as it was before."""
    monkeypatch.delenv(canaries.VARIABLE, raising=False)
    with Canaries() as targets:
        assert targets.connections == 0
        targets.write(tmp_path)
        assert (tmp_path / canaries.FILE).read_text() == os.environ[canaries.VARIABLE] == targets.text
        with socket.create_connection(("127.0.0.1", canaries.PORT)) as client:
            client.recv(1)
        assert targets.connections == 1
        assert targets.survivors() == []
    assert canaries.VARIABLE not in os.environ


def test_a_taken_port_is_refused() -> None:
    """An audit that cannot see connections would prove nothing."""
    with (
        socket.create_server(("127.0.0.1", canaries.PORT)),
        pytest.raises(MachineError, match="another audit"),
        Canaries(),
    ):
        pass


# -- chance -----------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.process
def test_trials_of_a_run_have_seeds_of_their_own(course: Path) -> None:
    """Over 10 runs the seeds are 0 to 199, one fifth of them fails, and no run does."""
    check_file = course / "tests" / "ps1" / "test_areas.py"
    check_file.write_text(TINY_CHECKS + CHANCE)
    [chance] = rates.measure(check_file, course / "source" / "ps1" / "areas.ipynb", 10, workers=1)
    assert (chance.check, chance.runs, chance.failures) == ("test_seeds", 10, 0)
    assert chance.stated == getattr(rates.checks_of_chance(check_file)["test_seeds"], FALSE_FAILURE)
    assert chance.interval == pytest.approx((0, 1 - 0.025**0.1))  # the closed form of no event in ten
    assert "60 of 80" in chance.how  # seeds 0 and 5 of the first eight, in each run
    assert not chance.miss


def test_more_failures_than_a_check_states_are_a_miss() -> None:
    """The stated probability lies below the interval."""
    assert "in 5 of 10 runs" in rates.Chance("areas", "test_seeds", 1e-7, runs=10, failures=5).miss


def test_the_record_of_seeds_gives_rates_of_bars(tmp_path: Path) -> None:
    """Runs on real data and on stand-ins are counted apart."""
    check_file = ROOT / "tests" / "hw2" / "test_q6_mnist.py"
    check, path = "test_mlp_reads_new_digits", tmp_path / "zoo" / seeds.NAME
    for seed, (figure, stand_ins) in enumerate([(0.970, []), (0.972, []), (0.94, ["mnist"])]):
        outcome = Outcome.PASSED if figure > 0.95 else Outcome.FAILED
        result = CheckResult(check, "test_q6_train", 1, outcome, measured=figure)
        record(path, "q6_mnist", seed, Judgement([result], stand_ins=stand_ins))
    real, stand_in = rates.from_record(check_file, "q6_mnist", seeds.read(path))
    assert (real.runs, real.failures) == (2, 0)
    assert "real data; mean 0.9710" in real.how
    assert (stand_in.runs, stand_in.failures) == (1, 1)
    [nothing] = rates.from_record(check_file, "q6_mnist", [])
    assert (nothing.runs, nothing.how) == (0, "no run is recorded")
    path.write_text("{}\n")
    with pytest.raises(CourseError, match="line 1 is no recorded run"):
        seeds.read(path)


# -- hw2 --------------------------------------------------------------------------------------------------


def test_every_answer_of_hw2_says_what_must_come_of_it() -> None:
    """A file without an expectation would prove nothing, and one about no test cell would miss."""
    notebooks = {
        path.stem: read_notebook(
            path,
            (ROOT / "release" / "hw2" / path.name).read_bytes(),
            (ROOT / "tests" / "hw2" / f"test_{path.stem}.py").is_file(),
        )
        for path in (ROOT / "source" / "hw2").glob("*.ipynb")
    }
    cases = read_cases(ROOT / "tests" / "hw2" / "zoo", notebooks, KINDS)
    vague = [
        case.student
        for case in cases
        if (case.kind == "wrong" and not (case.loses and case.says))
        or (case.kind == "odd" and (case.loses or case.earns))
        or (case.kind == "hostile" and not case.attack)
        or not notebooks[case.notebook].points.keys() >= {*case.loses, *case.earns}
    ]
    assert vague == []
    assert {case.kind for case in cases} == set(KINDS)


def a_case(notebook: str, kind: str, name: str) -> Case:
    return Case(kind, name, notebook, "", write=lambda _: None)


def test_the_parts_of_an_audit_have_each_answer_once_and_each_notebook_in_about_equal_share() -> None:
    """Two submissions of which one prepares the other's are in one part, or neither would show anything."""
    cases = [a_case(book, kind, f"n{n}") for book in "ab" for kind in ("odd", "wrong") for n in range(6)]
    cases += [a_case("b", "hostile", name) for name in ("x_1_leaves", "x_2_finds", "y")]
    parts = [part_of(cases, number, 3) for number in (1, 2, 3)]
    assert sorted(case.student for part in parts for case in part) == sorted(case.student for case in cases)
    assert all(sum(case.notebook == "a" for case in part) == 4 for part in parts)
    pair = {"x_1_leaves", "x_2_finds"}
    assert sorted(len(pair & {case.name for case in part}) for part in parts) == [0, 0, 2]


@pytest.mark.parametrize("part", ["0/2", "3/2", "2", "a/b", "1/2/3"])
def test_a_part_that_is_none_is_refused(part: str, course: Path) -> None:
    """With an example of one."""
    code, said = run_audit(course, "--part", part)
    assert code == 2
    assert "write two numbers, as 2/3" in said


@pytest.mark.slow
def test_the_zoo_of_q5_has_no_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong answers lose points where they are wrong, right ones none, and attacks gain nothing."""
    monkeypatch.undo()  # its attacks look for the audit's own port
    words = ["mashq", "audit", "hw2", f"--course={ROOT}", "--notebook=q5_xnor", "--seeds=20"]
    words.append(f"--json={tmp_path / 'found.json'}")
    with mock.patch.object(sys, "argv", words), pytest.raises(SystemExit) as ended:
        cli.main()
    report = json.loads((tmp_path / "found.json").read_text())
    assert report["misses"] == []
    assert ended.value.code == 0
    assert {c["kind"] for c in report["cases"]} >= {"wrong", "odd"}


@pytest.mark.long
@pytest.mark.process
def test_an_audit_that_is_terminated_leaves_nothing(course: Path, tmp_path: Path) -> None:
    """SIGTERM ends it in the middle of the grading; its course and its sandboxes go with it."""
    write_zoo(course, odd_sleeps=("It takes its time.", "import time; time.sleep(60); return a * b"))
    temporary = Path(tempfile.mkdtemp(prefix="mq-", dir="/tmp"))  # sockets' names have a limit
    temporary.chmod(0o755)
    words = [sys.executable, "-m", "mashq.cli", "audit", "ps1", f"--course={course}", "--workers=1"]
    try:
        with (tmp_path / "log").open("wb") as log:
            running = subprocess.Popen(
                [*words, "--seeds=0"],
                env=os.environ | {"TMPDIR": str(temporary)},
                stdout=log,
                stderr=log,
            )
        try:
            give_up = time.monotonic() + PATIENCE_S
            while not list(temporary.glob("mashq-kernel-*")):
                assert running.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.1)
            assert list(temporary.glob("mashq-audit-*"))
            running.terminate()
            assert running.wait(PATIENCE_S) in (130, 143)
        finally:
            running.kill()
            running.wait()
        assert list(temporary.glob("mashq-*")) == []
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
