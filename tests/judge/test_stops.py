"""A cell that stops: what stands behind a line that fails only here still counts, and the cause is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mashq.errors import StudentError
from mashq.judge import Student
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession, clock, stops
from tests.support.cells import code_cell, notebook_of

SHORT = Limits(cell_s=3, call_s=20)


def given(source: str, released: str) -> Any:
    """A given cell that the student changed, as `repair` marks it."""
    cell = code_cell(source)
    cell.metadata["mashq"] = {"released": released}
    return cell


@pytest.fixture(autouse=True, scope="module")
def short_grace() -> Iterator[None]:
    """Kernels that do not stop are killed sooner than in earnest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "GRACE_S", 1.0)
        patch.setattr(clock, "PATIENCE", 1)
        yield


# -- what is not the answer -------------------------------------------------------------------------------

# What PyTorch says; importing it takes longer than all of this.
NO_GPU = """
class Tensor:
    def cuda(self): raise RuntimeError("Found no NVIDIA driver on your system.")
Tensor()""".lstrip()
# A line that works only on the student's computer, above code that the rest needs: the name that it gives.
ELSEWHERE = {
    "from google.colab import drive\ndrive.mount('/content/drive')": "after_colab",
    "import seaborn as sns": "after_import",
    "%load_ext nb_black": "after_extension",
    "%tensorflow_version 2.x": "after_magic",
    "%%capture\nimport seaborn": "after_capture",
    "%%time\nimport seaborn": "after_time",
    "%%memit\nx = 1": "after_unknown_magic",
    "%%heat -o x\n%load_ext nb_black\n!true": "after_other_magics",
    "import sys\nsys.exit()": "after_sys_exit",
    "import os\nos.chdir('/content/drive/MyDrive')": "after_folder",
    "import matplotlib.pyplot as plt\nplt.style.use('seaborn')": "after_style",
    f"{NO_GPU}.cuda()": "after_gpu",
    "raise OSError(-3, 'Temporary failure in name resolution')": "after_network",
    "exit()": "after_exit",
    "raise SystemExit": "after_system_exit",
    "int(input('How many? '))": "after_input",
}
# Windows and widgets are asked for, and figures are drawn all the same.
WINDOWS = (
    "import matplotlib\nmatplotlib.use('TkAgg')\n%matplotlib qt\n%matplotlib widget\n"
    "import matplotlib.pyplot as plt"
)
DRAWN = "plt.switch_backend('TkAgg')\nfigure = plt.figure()\nplt.plot([0, 1])\nplt.show()"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[NotebookSession]:
    """A notebook with all of these, as a student's own cells."""
    helpers = [code_cell(f"{line}\ndef {name}(): return 7") for line, name in ELSEWHERE.items()]
    cells = [code_cell(WINDOWS), code_cell(DRAWN), *helpers]
    with NotebookSession(notebook_of(*cells), run_all=False) as running:
        running.run_until("")
        yield running


def test_what_stands_behind_a_line_that_works_only_elsewhere_is_run(elsewhere: NotebookSession) -> None:
    """Helpers and imports of the student's are there, and the first error is kept for people to read."""
    student = Student(elsewhere)
    for line, name in ELSEWHERE.items():
        assert student.call(name) == 7, line
    said = [str(stop) for stop in elsewhere.causes.found()[0]]
    assert any(
        'that begins with "import seaborn as sns" stopped in line 1, "import seaborn as sns", with '
        "ModuleNotFoundError: No module named 'seaborn'; where this is graded, no package"
        in text
        and text.endswith("what stands behind that line was run all the same")
        for text in said
    )
    for part in (
        "no such magic",
        "no network",
        "there is no GPU",
        "only the files that were handed in",
        "keyboard",
    ):
        assert any(part in text for text in said), part


def test_sentences_about_magics_and_exits_say_what_ran(elsewhere: NotebookSession) -> None:
    """Code below a magic that is not here is run; what is no code is not, and nobody says that it was."""
    said = "\n".join(str(stop) for stop in elsewhere.causes.found()[0])
    for name in ("memit", "heat"):
        assert f"UsageError: Cell magic `%%{name}` not found" in said
    assert "stopped with SystemExit; what stands behind that line was run all the same" in said
    text = code_cell("%%sketch\nthis is no Python")
    with NotebookSession(notebook_of(text), run_all=False) as running:
        running.run_until("")
        (stop,) = running.causes.found()[0]
    assert str(stop).endswith("leave it out; what stands below this magic may not have run")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("FloatingPointError: overflow encountered in exp", "", "np.seterr"),
        ("RuntimeWarning: overflow encountered in exp", "", "warnings.filterwarnings"),
        ("IndexError: list index out of range", "gpus = tf.config.list_physical_devices('GPU')[0]", "no GPU"),
    ],
)
def test_the_cause_of_an_error_is_named(error: str, code: str, said: str) -> None:
    """Not only what it led to."""
    assert said in str(stops.hint(error, code))


def test_a_notebook_that_asks_for_windows_draws_its_figures(elsewhere: NotebookSession) -> None:
    """`%matplotlib qt` and `matplotlib.use` cost nothing, neither at once nor with the next figure."""
    for cell in elsewhere.notebook.cells[:2]:
        assert not [output for output in cell.outputs if output.output_type == "error"]
    assert Student(elsewhere).eval("len(figure.axes)") == 1


@pytest.mark.long
def test_the_released_code_of_a_given_cell_takes_effect_whatever_a_student_put_there() -> None:
    """Unreadable, never ending, or the end of the kernel: also after the notebook was run again for it."""
    notebook = notebook_of(
        given("import seaborn as\nfirst = 0", "first = 1"),
        given("%%time\nimport seaborn\nsecond = 0", "second = 2"),
        given("while True: pass\nthird = 0", "third = 3"),
        given("import os\nos._exit(1)\nfourth = 0", "fourth = 4"),
        given("fifth = 50", "fifth = 5"),
        code_cell("import os\nos._exit(1)"),
    )
    with NotebookSession(notebook, limits=SHORT, run_all=False) as running:
        running.run_until("")
        student = Student(running)
        values = [student.get(name) for name in ("first", "second", "third", "fourth", "fifth")]
        stops = [str(stop) for stop in running.causes.found()[0]]
    assert values == [1, 2, 3, 4, 50]
    assert [stop.endswith("released code of this cell was run as well") for stop in stops] == 4 * [True] + [
        False
    ]


# -- answers ----------------------------------------------------------------------------------------------

STUB = 'raise NotImplementedError("this part is not written yet")'
# An answer that stops, what is asked of it, and what the sentence says: the cause, and not the consequence.
ANSWERS = {
    "broken": (
        "\n\ndef broken(x):\n    return x\n\n\ny = = 1",
        "line 7 with SyntaxError, so that broken is not",
    ),
    "keyed": ("n = int(input('n'))\ndef keyed(x): return x", "line 1 with ValueError, so that keyed"),
    "above": (f"{STUB}\ndef above(x): return x", "line 1 with NotImplementedError, so that above"),
    "inside": (f"def inside(x):\n    {STUB}\n    return x", "still stands above the answer, in line 2"),
    "moved": (f"{NO_GPU}.cuda()\ndef moved(x): return x", "line 3 with RuntimeError"),
    "packed": ("import seaborn as sns\ndef packed(x): return x", "line 1 with ModuleNotFoundError"),
    "gpu": (f"{NO_GPU}\ndef gpu(x):\n    return Tensor().cuda()", "there is no GPU: ask torch.cuda"),
    "calls": ("def calls(x):\n    return broken(x)", "line 7 with SyntaxError, so that broken is not"),
    "slow": (
        "while True: pass\ndef slow(x): return x",
        "ran longer than 3 s and was interrupted, so that slow",
    ),
    "asks": ("name = input('Name? ')\ndef asks(x): return x", ""),
    "unwritten": (f"def unwritten(x):\n    {STUB}", "unwritten() is not written yet"),
}


def test_an_answer_that_stops_stays_stopped_and_its_cause_is_named() -> None:
    """Nothing behind the line that fails is run; the sentence says which cell stopped, where, with what."""
    answers = [code_cell(source, f"q_{name}") for name, (source, _) in ANSWERS.items()]
    with NotebookSession(notebook_of(*answers), limits=SHORT, run_all=False) as running:
        running.run_until("")
        student = Student(running)
        for name, (_, sentence) in ANSWERS.items():
            if not sentence:
                assert student.call(name, 1) == 1
                continue
            with pytest.raises(StudentError) as error:
                student.call(name, 1)
            assert sentence in str(error.value), name
            running.causes.after_check(f"test_{name}", failed=True)
        stops = [str(stop) for stop in running.causes.found()[0]]
        assert stops[0] == (
            'the answer cell q_broken stopped in line 7, "y = = 1", with SyntaxError: invalid syntax; '
            "nothing of this cell ran"
        )
        assert [text.split(" stopped")[0].split()[-1] for text in stops if " stopped" in text] == [
            f"q_{name}" for name in ("broken", "keyed", "above", "moved", "packed", "slow")
        ]
        lacking = running.causes.lacking()
        assert [problem.needs_attention for problem in lacking] == 3 * [True]
        assert "line 1, \"n = int(input('n'))\", with ValueError" in str(lacking[0])
        assert "No module named 'seaborn'; points were lost by it: install" in str(lacking[2])
        assert '.cuda()", with RuntimeError: Found no NVIDIA driver' in str(lacking[1])


def test_what_one_cause_leads_to_in_given_cells_is_told_once() -> None:
    """Cells that show or use an answer fail, too, where it stopped: that is no cause of its own."""
    notebook = notebook_of(
        code_cell("def twice(x):\n    return 2 *", "q_twice"),
        code_cell("def other(x):\n    raise ValueError('mine')", "q_other"),
        code_cell("print(twice(1))"),
        code_cell("print(other(1))"),
        code_cell("assert twice(1) == 2", "test_twice", 1),
    )
    with NotebookSession(notebook, limits=SHORT, run_all=False) as running:
        running.run_until("")
        (stop,) = map(str, running.causes.found()[0])
    assert stop.startswith("the answer cell q_twice stopped in line 2")
