"""A notebook in a real kernel: what one cell does never costs another cell."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mashq.errors import MachineError, NoAnswerError, StudentError
from mashq.judge import Student, Tensor
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession, clock
from tests.support.cells import code_cell, notebook_of

FUNCTIONS = """
import os, time, sys
import numpy as np
calls = []
def double(x): return 2 * x
def broken(x):
    y = x / 0
    return y
def todo(): raise NotImplementedError("this part is not written yet")
def leave(): sys.exit(0)
def die(): os._exit(1)
def hang(): time.sleep(60)
def deaf():
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass
def endless():
    a = []
    a.append(a)
    return a
def spoil(x):
    x[:] = -1
    return x
class Sly(np.ndarray):
    def __eq__(self, other): return True
def sly(): return np.zeros(2).view(Sly)
kept = np.zeros(2)
def same_array_each_time(x):
    kept[:] = x
    return kept
list = dict = str = None  # names that a student may well use
"""
SHORT = Limits(cell_s=3, call_s=20)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that do not stop are killed sooner than in earnest."""
    monkeypatch.setattr(clock, "GRACE_S", 1.0)
    monkeypatch.setattr(clock, "PATIENCE", 1)


@pytest.fixture(scope="module")
def student() -> Iterator[Student]:
    """A student whose notebook has all the functions above."""
    with NotebookSession(notebook_of(code_cell(FUNCTIONS)), limits=SHORT) as running:
        running.finish()
        yield Student(running)


def test_call_takes_and_gives_plain_data(student: Student) -> None:
    """Numbers, arrays, keyword arguments and dotted names."""
    assert student.call("double", 21) == 42
    np.testing.assert_array_equal(student.call("double", np.ones((2, 3))), 2 * np.ones((2, 3)))
    assert student.call("double", x="ab") == "abab"
    assert student.call("np.sum", [1, 2, 3]) == 6


def test_tensors_go_in_and_come_out_as_arrays(student: Student) -> None:
    """A check can hand a PyTorch tensor to a model."""
    got = student.eval("type(x).__module__, x + 1", x=Tensor(np.zeros(2, np.float32)))
    assert got[0] == "torch"
    np.testing.assert_array_equal(got[1], [1, 1])


def test_eval_gives_the_last_expression_and_leaves_no_names_behind(student: Student) -> None:
    """A check's own variables are not seen by the notebook."""
    assert student.eval("helper = k + 1\nhelper * 2", k=3) == 8
    with pytest.raises(NoAnswerError, match="helper is not defined in the notebook"):
        student.get("helper")


def test_arguments_are_copies(student: Student) -> None:
    """Code that changes its arguments changes nothing of the judge's."""
    x = np.ones(3)
    student.call("spoil", x)
    np.testing.assert_array_equal(x, np.ones(3))


def test_each_asks_once_for_many_calls(student: Student) -> None:
    """Results come in order and settle at once: what a later call writes changes no earlier result."""
    assert student.each("double", [(1,), ("a",), (np.ones(2),)])[:2] == [2, "aa"]
    results = student.each("same_array_each_time", [(1.0,), (2.0,)])
    assert [list(result) for result in results] == [[1, 1], [2, 2]]
    assert student.each("double", []) == []
    with pytest.raises(StudentError, match="todo\\(\\) is not written yet"):
        student.each("todo", [()])


def test_a_lying_subclass_arrives_as_a_plain_array(student: Student) -> None:
    """Comparisons happen with NumPy's own arrays."""
    assert type(student.call("sly")) is np.ndarray


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("missing",), "missing is not defined in the notebook when this cell runs"),
        (("broken", 1), 'broken() raised ZeroDivisionError: division by zero, in the line "y = x / 0"'),
        (("todo",), "todo() is not written yet (NotImplementedError)"),
        (("leave",), 'leave() raised SystemExit: 0, in the line "def leave(): sys.exit(0)"'),
        (("double",), "double() raised TypeError: double() missing 1 required positional argument: 'x'"),
        (
            ("endless",),
            "endless() gave a result that the judge cannot read: the value is nested more than 40",
        ),
    ],
    ids=lambda v: v[0] if isinstance(v, tuple) else "",
)
def test_what_goes_wrong_in_student_code_is_one_sentence(
    student: Student, call: tuple[Any, ...], sentence: str
) -> None:
    """The student reads which function, what happened, and in which of their lines."""
    with pytest.raises(StudentError) as error:
        student.call(*call)
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


def test_a_call_that_hangs_is_interrupted_and_not_tried_again(student: Student) -> None:
    """The kernel and its variables stay; other calls go on."""
    with pytest.raises(NoAnswerError, match=r"hang\(\) did not finish within 1 s"):
        student.call("hang", timeout=1)
    started = time.monotonic()
    with pytest.raises(NoAnswerError, match=r"hang\(\) did not finish within 1 s"):
        student.call("hang")
    assert time.monotonic() - started < 0.9  # a second try would take its second again
    assert student.call("double", 1) == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("die", r"die\(\) ended the kernel"), ("deaf", r"deaf\(\) did not finish .* and could not be stopped")],
)
def test_a_call_that_ends_the_kernel_costs_only_itself(student: Student, name: str, sentence: str) -> None:
    """The notebook is run again, and the next call is answered."""
    with pytest.raises(NoAnswerError, match=sentence):
        student.call(name, timeout=1)
    assert student.call("double", 4) == 8


def run(*sources: str, limits: Limits = SHORT) -> tuple[NotebookSession, Any]:
    """Run a notebook of these cells to its end."""
    notebook = notebook_of(*map(code_cell, sources))
    with NotebookSession(notebook, limits=limits) as running:
        running.finish()
    return running, notebook.cells


def printed(cell: Any) -> str:
    """What a cell wrote, and the errors it shows."""
    return "".join(o.get("text", "") + o.get("evalue", "") for o in cell.outputs)


def test_a_kernel_that_is_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    """Linux does that where memory is short; the cell, or the question, is tried once more."""
    kill_once = f"""
import ctypes, os, pathlib
def die(): ctypes.CDLL(None).kill(os.getpid(), 9)
def killed_once(name):
    seen = pathlib.Path({str(tmp_path)!r}, name)
    if not seen.exists():
        seen.touch()
        die()
    return name
"""
    notebook = notebook_of(*map(code_cell, (kill_once, "print(killed_once('cell'))", "print('after')")))
    with NotebookSession(notebook, limits=SHORT) as session:
        session.run_until("")
        assert Student(session).call("killed_once", "question") == "question"
        assert session.problems == []
        with pytest.raises(StudentError, match="ended the kernel"):
            Student(session).call("die")
    assert [printed(cell) for cell in notebook.cells] == ["", "cell\n", "after\n"]
    assert len(session.problems) == 1


@pytest.mark.parametrize(
    ("culprit", "message"),
    [
        ("import os\nos._exit(3)", "the kernel died in this cell"),
        ("import time\ntime.sleep(60)", "ran longer than 3 s"),
        (
            "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass",
            "ran longer than 3 s and could not be interrupted",
        ),
        ("input('name?')", "name?"),
        ("def f():\n    return f()\nf()", "recursion"),
        ("import sys\nsys.exit()", ""),
        ("raise BaseException('stop')", "stop"),
    ],
    ids=["os._exit", "sleep", "swallows-interrupt", "input", "recursion", "sys.exit", "base-exception"],
)
def test_a_bad_cell_costs_no_other_cell(culprit: str, message: str) -> None:
    """The cells around the culprit run, with their variables."""
    limits = SHORT if "sleep" in culprit else dataclasses.replace(SHORT, cell_s=60)  # a deep trace takes long
    _, cells = run("x = 1\nprint('before')", culprit, "x += 1\nprint('after', x)", limits=limits)
    assert printed(cells[0]) == "before\n"
    assert message in printed(cells[1])
    assert printed(cells[2]) == "after 2\n"


def test_endless_output_is_cut_off() -> None:
    """A flood of text is neither kept nor fatal."""
    limits = dataclasses.replace(SHORT, output_kb=10)
    _, cells = run("for i in range(200_000):\n    print('spam' * 10)", "print('after')", limits=limits)
    text = printed(cells[0])
    assert len(text) < 200_000
    assert "output cut off after 10 kB" in text
    assert printed(cells[1]) == "after\n"


def test_a_notebook_that_kills_its_kernel_again_and_again_is_given_up() -> None:
    """Restarts are bounded; every cell says what happened."""
    limits = dataclasses.replace(SHORT, restarts=1)
    ended, cells = run(*["import os\nos._exit(1)"] * 4, limits=limits)
    assert len(ended.problems) == 2
    assert "not started again" in printed(cells[3])


def test_a_notebook_that_uses_up_its_time_is_stopped() -> None:
    """The remaining cells say why they did not run."""
    limits = Limits(notebook_s=0.5)
    _, cells = run("import time\ntime.sleep(1)", "print('late')", limits=limits)
    assert "used up its" in printed(cells[1])


def test_cells_that_run_again_use_up_the_time_of_the_notebook() -> None:
    """A notebook that kills its kernel again and again holds a worker no longer than it may."""
    limits = Limits(cell_s=20, notebook_s=4)
    started = time.monotonic()
    _, cells = run("import os, time\ntime.sleep(3)", *["os._exit(1)"] * 10, limits=limits)
    assert time.monotonic() - started < 25  # running the first cell again each time took longer than 30 s
    assert "used up its 4 s" in printed(cells[-1])


def test_a_cell_that_runs_when_the_time_is_up_is_interrupted() -> None:
    """Its own limit may be longer; the sentence names the one that was broken."""
    ended, cells = run("import time\ntime.sleep(60)", limits=Limits(cell_s=50, notebook_s=1))
    assert "was interrupted: the notebook used up its 1 s" in printed(cells[0])
    assert ended.seconds < 20


def test_questions_are_answered_at_once_when_the_time_is_up() -> None:
    """By the same sentence as the cells that did not run; no kernel is started for them."""
    notebook = notebook_of(*map(code_cell, ("import time\ndef f(): return 1\ntime.sleep(60)", "g = f")))
    with NotebookSession(notebook, limits=Limits(notebook_s=1)) as running:
        running.finish()
        for name in ("f", "g"):
            with pytest.raises(NoAnswerError, match="not run: the notebook used up its 1 s"):
                Student(running).call(name)


def test_all_calls_of_checks_together_have_a_limit() -> None:
    """A function that takes nearly its limit in each of many calls holds no worker for hours."""
    slow = "import time\ndef slow(n): time.sleep(60)\ndef quick(): return 1"
    with NotebookSession(notebook_of(code_cell(slow)), limits=Limits(call_s=50, calls_s=1)) as running:
        running.finish()
        assert Student(running).call("quick") == 1
        with pytest.raises(NoAnswerError, match=r"slow\(\) was interrupted: all calls of checks together"):
            Student(running).call("slow", 1)
        with pytest.raises(NoAnswerError, match="not run: the calls of checks used up their 1 s"):
            Student(running).call("quick")


@pytest.mark.long
@pytest.mark.parametrize(
    "flood",
    [
        "import sys\nwhile True: sys.stdout.write('x'); sys.stdout.flush()",
        "while True: print('x')",
        "while True: print('x' * 10**6)",
    ],
    ids=["messages", "lines", "letters"],
)
def test_a_cell_that_writes_without_end_is_interrupted_soon(flood: str) -> None:
    """However small the pieces are; what it wrote first is shown."""
    limits = Limits(cell_s=100, output_kb=32)
    ended, cells = run(flood, "print('after')", limits=limits)
    shown = printed(cells[0])
    assert shown.startswith("x")
    assert "this cell wrote without end" in shown
    assert ended.seconds < 60
    assert len(shown) < 40_000
    assert printed(cells[1]) == "after\n"


def test_a_long_line_is_shown_as_far_as_it_is_kept() -> None:
    """A megabyte without a line break is no more work than one with many."""
    ended, cells = run("print('a' * 600_000 + '\\r' + 'b' * 10**6)", limits=Limits())
    assert printed(cells[0]).startswith("bbbb")
    assert "output cut off after 1024 kB" in printed(cells[0])
    assert ended.seconds < 30


def test_a_kernel_that_does_not_exist_is_a_fault_of_the_machine() -> None:
    """No student loses a point for it."""
    notebook = notebook_of(code_cell("1"))
    notebook.metadata.kernelspec.name = "no-such-kernel"
    with (
        NotebookSession(notebook) as running,
        pytest.raises(MachineError, match="jupyter kernelspec"),
    ):
        running.finish()


def test_the_notebook_sees_no_secret_of_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables of the grader do not reach the student's kernel."""
    monkeypatch.setenv("LMS_TOKEN", "secret")
    monkeypatch.setenv("NBGRADER_EXECUTION", "mine")
    _, cells = run("import os\nprint(sorted(os.environ))\nprint(os.environ['NBGRADER_EXECUTION'])")
    assert "PATH" in printed(cells[0])
    assert "LMS_TOKEN" not in printed(cells[0])
    assert printed(cells[0]).splitlines()[-1] == "autograde", "what nbgrader says to notebooks"
