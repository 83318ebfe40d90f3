"""Judging a whole notebook: which checks pass, what they are worth, and whose fault a failure is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.errors import CheckError
from mashq.judge import Judgement, Outcome
from mashq.judge.run import judge_notebook
from mashq.problems import Kind
from mashq.sandbox import Files, KernelManager
from mashq.sandbox.provisioner import PlainKernels
from tests.support.cells import code_cell, notebook_of
from tests.support.tiny_course import TINY_CHECKS, tiny_notebook


def areas(solution: str, *more: Any) -> Any:
    """A notebook with one solution, its test cell (2 points) and further cells."""
    return notebook_of(code_cell(solution, "area"), code_cell("pass", "test_area", 2), *more)


def judge(notebook: Any, folder: Path, checks: str = TINY_CHECKS, **options: Any) -> Judgement:
    """Judge a notebook with these checks."""
    check_file = folder / "test_areas.py"
    check_file.write_text(checks)
    return judge_notebook(notebook, check_file, **options)


def test_a_right_answer_earns_all_points(tmp_path: Path) -> None:
    """Both checks pass and add up."""
    judgement = judge(areas("def area(a, b):\n    return a * b"), tmp_path)
    assert judgement.score("test_area") == 2
    assert next(r.title for r in judgement.of("test_area")) == "The area of a square is its side squared."


def test_a_partly_right_answer_earns_the_points_of_the_checks_that_pass(tmp_path: Path) -> None:
    """Partial credit, with one sentence for what failed."""
    judgement = judge(areas("def area(a, b):\n    return a * a"), tmp_path)
    assert judgement.score("test_area") == 1
    failed = [r for r in judgement.results if r.outcome is Outcome.FAILED]
    assert [r.message for r in failed] == ["area(2, 5): wrong value, off by 6; both sides count"]


@pytest.mark.parametrize(
    "solution",
    [
        "pass",
        "raise SystemExit(0)",
        "import os\nos._exit(0)",
        "def area(a, b):\n    raise SystemExit(0)",
        "def area(a, b):\n    import os\n    os._exit(0)",
        "def area(a, b):\n    return None",
        "def area(a, b):\n    print('10')\n    print('PASSED')",
        "class Yes(float):\n    def __eq__(self, other): return True\ndef area(a, b):\n    return Yes(1)",
        "import numpy.testing, pytest, builtins\nnumpy.testing.assert_allclose = lambda *a, **k: None\n"
        "pytest.fail = lambda *a, **k: None\nbuiltins.AssertionError = KeyError\n"
        "def area(a, b):\n    return 1",
    ],
    ids=["nothing", "exit", "os-exit", "call-exits", "call-os-exits", "none", "prints", "lies", "patches"],
)
def test_no_early_exit_and_no_disguise_earns_a_point(solution: str, tmp_path: Path) -> None:
    """A point needs a positive, recorded pass."""
    assert judge(areas(solution), tmp_path).score("test_area") == 0


def test_noise_costs_nothing(tmp_path: Path) -> None:
    """Warnings on stderr, prints and failing cells elsewhere do not touch a right answer."""
    noisy = (
        "import sys, warnings\nprint('hm', file=sys.stderr)\nwarnings.warn('careful')\n"
        "def area(a, b):\n    print('hm', file=sys.stderr)\n    warnings.warn('slow')\n    return a * b"
    )
    notebook = areas(noisy, code_cell("1 / 0"))
    assert judge(notebook, tmp_path).score("test_area") == 2


def test_checks_run_at_their_cell_so_later_names_do_no_harm(tmp_path: Path) -> None:
    """A name that is used again below its test cell counts as it was there."""
    notebook = areas("def area(a, b):\n    return a * b", code_cell("area = 3\nprint('later')"))
    assert judge(notebook, tmp_path).score("test_area") == 2
    assert notebook.cells[-1].outputs[0].text == "later\n"


def test_a_failing_visible_check_does_not_decide(tmp_path: Path) -> None:
    """What the test cell itself shows is for the student; the hidden checks give the points."""
    notebook = notebook_of(
        code_cell("def area(a, b):\n    return a * b", "area"),
        code_cell("assert False, 'hint'", "test_area", 2),
    )
    assert judge(notebook, tmp_path).score("test_area") == 2
    assert notebook.cells[1].outputs[0].ename == "AssertionError"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("[][1]", Outcome.CHECK_ERROR),
        ("pytest.skip('no')", Outcome.CHECK_ERROR),
        ("raise OSError('disk full')", Outcome.MACHINE_ERROR),
        ("raise MemoryError", Outcome.MACHINE_ERROR),
    ],
    ids=["bug", "skip", "disk", "memory"],
)
def test_a_fault_of_check_or_machine_is_never_a_grade(body: str, outcome: Outcome, tmp_path: Path) -> None:
    """The cell stays without a score, whatever its other checks say."""
    checks = TINY_CHECKS.replace('expect.close(student.call("area", 3, 3), 9, "area(3, 3)")', body)
    judgement = judge(areas("def area(a, b):\n    return a * b"), tmp_path, checks)
    assert judgement.score("test_area") is None
    assert outcome in [r.outcome for r in judgement.results]


def test_checks_that_do_not_load_grade_nobody(tmp_path: Path) -> None:
    """A slip in the check file is the instructor's to mend."""
    judgement = judge(areas("def area(a, b):\n    return 0"), tmp_path, "import no_such_module")
    assert judgement.score("test_area") is None
    assert "no_such_module" in str(judgement.problems[0])


NULL_BYTES = "SyntaxError" if sys.version_info >= (3, 11, 4) else "ValueError"
OTHER_CELL = TINY_CHECKS.replace('test_area"', 'test_volume"')


@pytest.mark.parametrize(
    ("checks", "reason"),
    [
        (
            "import pytest\nimport nothing_of_that_name\n",
            "line 2: ModuleNotFoundError: No module named",
        ),
        ("def (:\n", 'File "test_areas.py", line 1 def (: SyntaxError: invalid syntax'),
        ("x = 1\0\n", f"{NULL_BYTES}: source code string cannot contain null bytes"),
        ("def f():\n    raise ValueError('one\\ntwo')\nf()\n", "line 2: ValueError: one two"),
        ("raise ValueError('a' * 10_000)", "line 1: ValueError: aaaaa"),
    ],
    ids=["import", "syntax", "null", "lines", "long"],
)
def test_why_checks_do_not_load(checks: str, reason: str, tmp_path: Path) -> None:
    """The error and its line, in one sentence, without the folder that they happen to lie in."""
    (problem,) = judge(areas("pass"), tmp_path, checks).problems
    assert str(problem).startswith(f"the checks do not load: test_areas.py: {reason}")
    assert str(tmp_path) not in str(problem)
    assert len(str(problem)) < 550


@pytest.mark.parametrize(
    ("checks", "reason"),
    [
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("def test_(", "SyntaxError"),
        ("", "this cell has no checks: write one in test_areas.py"),
        (TINY_CHECKS.replace("@pytest.mark.grade", "# "), "this cell has no checks"),
        (OTHER_CELL, "this cell has no checks"),
        ("import pytest\npytest.skip('later', allow_module_level=True)", "skip themselves"),
        (TINY_CHECKS + "\n@pytest.fixture(autouse=True)\ndef end():\n    pytest.exit('enough')", "enough"),
        (TINY_CHECKS.replace("points=1", "points='1'"), "write @pytest.mark.grade"),
        (TINY_CHECKS.replace('"test_area", ', ""), "write @pytest.mark.grade"),
        (TINY_CHECKS.replace("(student)", "(pupil)"), "pupil"),
        (TINY_CHECKS + "\n@pytest.fixture(autouse=True)\ndef end():\n    yield\n    [][1]", "IndexError"),
    ],
    ids=[
        "import", "syntax", "empty", "unmarked", "other-cell", "skipped", "exit", "points", "cell", "fixture",
        "teardown",
    ],
)  # fmt: skip
def test_nothing_is_graded_without_a_score_or_a_reason(checks: str, reason: str, tmp_path: Path) -> None:
    """The second notebook of a process is no different from the first."""
    for _ in range(2):
        judgement = judge(areas("def area(a, b):\n    return a * b"), tmp_path, checks)
        assert judgement.score("test_area") is None
        broken = [r.message for r in judgement.results if r.outcome is Outcome.CHECK_ERROR]
        said = [str(problem) for problem in judgement.problems if problem.kind is Kind.CHECK]
        assert reason in " ".join(broken + said)


def test_a_test_cell_without_points_needs_no_check(tmp_path: Path) -> None:
    """It is run, as nbgrader runs it, and nobody waits for it."""
    notebook = areas("def area(a, b):\n    return a * b", code_cell("print('run')", "shown", 0))
    judgement = judge(notebook, tmp_path)
    assert judgement.problems == []
    assert judgement.score("test_area") == 2
    assert notebook.cells[-1].outputs[0].text == "run\n"


def test_a_cell_without_checks_does_not_hide_what_others_earned(tmp_path: Path) -> None:
    """The problem belongs to its cell."""
    notebook = areas("def area(a, b):\n    return a * b", code_cell("pass", "test_volume", 1))
    judgement = judge(notebook, tmp_path)
    assert [problem.cell for problem in judgement.problems] == ["test_volume"]
    assert (judgement.score("test_area"), judgement.score("test_volume")) == (2, None)
    assert judgement.stopped


class KernelsThatRunOut(PlainKernels):
    """The first kernel starts; for a second the machine has no room."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1

    def manager(self, notebook: Any, folder: str, files: Files) -> KernelManager:
        if not self.left:
            raise OSError(28, "No space left on device")
        self.left -= 1
        return super().manager(notebook, folder, files)


def test_a_machine_that_fails_behind_the_last_check_is_a_problem(tmp_path: Path) -> None:
    """So that the notebook is tried again; what was judged before keeps its score inside."""
    notebook = areas(
        "def area(a, b):\n    return a * b", code_cell("import os\nos._exit(1)"), code_cell("print('last')")
    )
    judgement = judge(notebook, tmp_path, kernels=KernelsThatRunOut())
    assert judgement.score("test_area") == 2
    assert Kind.MACHINE in [problem.kind for problem in judgement.problems]
    assert "No space left" in " ".join(map(str, judgement.problems))
    assert judgement.stopped


def test_after_a_failure_of_the_machine_nothing_is_judged(tmp_path: Path) -> None:
    """A cell judged after it has no score, and no student is blamed."""
    notebook = areas(
        "def area(a, b):\n    return a * b",
        code_cell("import os\nos._exit(1)"),
        code_cell("1", "test_two", 2),
    )
    checks = TINY_CHECKS + TINY_CHECKS.replace("test_area", "test_two").replace('"""Hidden', '"""More')
    judgement = judge(notebook, tmp_path, checks, kernels=KernelsThatRunOut())
    assert judgement.score("test_area") == 2
    assert judgement.score("test_two") is None
    assert {result.outcome for result in judgement.of("test_two")} == {Outcome.MACHINE_ERROR}


def test_points_that_do_not_add_up_grade_nobody(tmp_path: Path) -> None:
    """The sentence says what to change."""
    checks = TINY_CHECKS.replace("points=1)", "points=2)", 1)
    judgement = judge(areas("def area(a, b):\n    return 0"), tmp_path, checks)
    assert judgement.score("test_area") is None
    assert "test_area add up to 3 points, the cell is worth 2" in str(judgement.problems[0])


def test_a_missing_check_file_is_a_check_error(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(CheckError, match=r"test_none\.py"):
        judge_notebook(areas("pass"), tmp_path / "test_none.py")


def test_nothing_of_one_notebook_stays_for_the_next(tmp_path: Path) -> None:
    """Checks stay loaded; a figure that a check measured is that of its own notebook."""
    checks = """
import pytest
from mashq.judge import threshold

@pytest.mark.grade("test_area", points=2)
@threshold("area", at_least=1, mean=50, sd=1, runs=40)
def test_size(student):
    return student.call("area", 2, 5)
"""
    first = judge(areas("def area(a, b):\n    return a * b"), tmp_path, checks)
    second = judge(areas("def area(a, b):\n    return a / 0"), tmp_path, checks)
    assert [judgement.results[0].measured for judgement in (first, second)] == [10, None]


def test_changed_checks_are_loaded_anew(tmp_path: Path) -> None:
    """Also under the same name and in the same folder."""
    notebook = areas("def area(a, b):\n    return a * b")
    assert judge(notebook, tmp_path).score("test_area") == 2
    assert judge(notebook, tmp_path, TINY_CHECKS.replace("5)", "6)")).score("test_area") == 1


def test_a_figure_that_nobody_sees_is_not_drawn(tmp_path: Path) -> None:
    """Cells make it as ever, and it is gone in the next cell, as with the inline backend."""
    code = """
import matplotlib.pyplot as plt
drawn = []
figure, ax = plt.subplots()
figure.canvas.mpl_connect("draw_event", drawn.append)
plt.show()
"""
    solution = "def area(a, b):\n    return a * b if not drawn and not plt.get_fignums() else 0"
    notebook = notebook_of(code_cell(code), code_cell(solution, "area"), code_cell("pass", "test_area", 2))
    assert judge(notebook, tmp_path, run_all=False).score("test_area") == 2
    assert [cell.outputs for cell in notebook.cells] == [[], [], []]


def test_stand_ins_are_refused_unless_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the real data nobody gets a grade, unless the instructor wants it so."""
    monkeypatch.setenv("MASHQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    monkeypatch.delenv("MASHQ_DATA", raising=False)
    checks = TINY_CHECKS + "\npytestmark = pytest.mark.dataset('hoda')\n"
    right = "def area(a, b):\n    return a * b"
    refused = judge(areas(right), tmp_path, checks)
    assert refused.score("test_area") is None
    assert "the real hoda data is missing" in str(refused.problems[0])
    allowed = judge(areas(right), tmp_path, checks, allow_stand_in=True)
    assert allowed.score("test_area") == 2
    assert allowed.stand_ins == ["hoda"]


def test_the_caller_s_pytest_settings_do_not_change_grades(tmp_path: Path) -> None:
    """A conftest.py or pytest.ini beside the checks, or left by a submission, is not read."""
    (tmp_path / "conftest.py").write_text("raise RuntimeError('read')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    assert judge(areas("def area(a, b):\n    return a * b"), tmp_path).score("test_area") == 2


def pytest_by_hand(course: Path, *options: str) -> str:
    """`pytest tests/ps1` as an instructor types it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/ps1", *options],
        cwd=course, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.long
def test_pytest_by_hand_grades_reference_file_and_folder(tmp_path: Path) -> None:
    """Without an option the reference; with --submission a notebook or a folder."""
    for folder in ("source/ps1", "tests/ps1", "hers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tests/ps1/test_areas.py").write_text(TINY_CHECKS)
    nbformat.write(tiny_notebook(), tmp_path / "source/ps1/areas.ipynb")
    nbformat.write(areas("def area(a, b):\n    return a * a"), tmp_path / "hers/areas.ipynb")
    assert "2 of 2" in pytest_by_hand(tmp_path)
    assert "1 of 2" in pytest_by_hand(tmp_path, "--submission", "hers/areas.ipynb")
    assert "1 of 2" in pytest_by_hand(tmp_path, "--submission", "hers")
    assert "there is no nowhere" in pytest_by_hand(tmp_path, "--submission", "nowhere")
