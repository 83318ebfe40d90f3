"""A draft of check files from the test cells of a plain nbgrader course, held against real answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.cells import id_of
from mashq.errors import CourseError
from mashq.judge import Judgement
from mashq.judge.run import judge_notebook
from mashq.problems import Kind
from mashq.release.draft import draft_checks
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import mashq, nbgrader
from tests.support.tiny_course import hand_in

MEAN = "def mean(x):\n    ### BEGIN SOLUTION\n    return sum(x) / len(x)\n    ### END SOLUTION"
WRONG_MEAN = "def mean(x):\n    return (x[0] + x[-1]) / 2"


def hidden(lines: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{lines}\n### END HIDDEN TESTS"


def means(*tests: str, before: str = "") -> Any:
    """A notebook with the exercise `mean` and its test cells, of 3 points each."""
    cells = [code_cell(test, f"test_{n}", 3) for n, test in enumerate(tests)]
    return notebook_of(code_cell(before), code_cell(MEAN, "mean"), *cells)


def course_of(folder: Path, settings: str = "", **notebooks: Any) -> Path:
    """A course of plain nbgrader with the assignment ps1, not released."""
    (folder / "source" / "ps1").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}")
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / "source" / "ps1" / f"{name}.ipynb")
    return folder


def drafted(folder: Path, notebook: Any, settings: str = "") -> tuple[str, dict[str, int]]:
    """The text of a notebook's drafted check file, and the parts that are left to write."""
    (draft,) = draft_checks(course_of(folder, settings, means=notebook), "ps1", ["means"])
    return draft.path.read_text(), draft.left


def judged(folder: Path, notebook: Any, answer: str = "") -> Judgement:
    """The notebook under its drafted checks, with another answer than the reference."""
    for cell in notebook.cells:
        cell.source = answer if answer and id_of(cell) == "mean" else cell.source
    return judge_notebook(notebook, folder / "tests" / "ps1" / "test_means.py")


def one_line(text: str) -> str:
    """Without what a line that is too long changes."""
    return "".join(text.split()).replace(",)", ")")


# -- what is translated -----------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize(
    ("test", "check"),
    [
        ("assert mean([1, 3]) == 2", 'expect.equal(student.call("mean", [1, 3]), 2, "mean([1, 3])")'),
        ("assert 2 == mean([1, 3])", 'expect.equal(student.call("mean", [1, 3]), 2, "mean([1, 3])")'),
        ("assert mean(x=[1]) == -1 / 3", 'expect.close(student.call("mean", x=[1]), -1 / 3, "mean(x=[1])")'),
        ("assert mean([1]) == 'a\"b'", 'expect.equal(student.call("mean", [1]), "a\\"b", "mean([1])")'),
        ("assert mean([1]) is None", 'expect.equal(student.call("mean", [1]), None, "mean([1])")'),
        ("assert mean([1]) == (-2) ** 2", 'expect.equal(student.call("mean", [1]), (-2) ** 2, "mean([1])")'),
        (
            "assert mean([1]) == {'a': (1,)}",
            'expect.equal(student.call("mean", [1]), {"a": (1,)}, "mean([1])")',
        ),
        (
            "assert mean([1]) == 1, 'look at one'",
            'expect.equal(student.call("mean", [1]), 1, "mean([1])", hint="look at one")',
        ),
        (
            "assert abs(mean([1]) - 1) < 1e-3",
            'expect.close(student.call("mean", [1]), 1, "mean([1])", rtol=0, atol=0.001)',
        ),
        (
            "assert isclose(mean([1]), 1, abs_tol=.1)",
            'expect.close(student.call("mean", [1]), 1, "mean([1])", rtol=1e-09, atol=0.1)',
        ),
        (
            "assert np.allclose(mean(np.array([1, 2])), math.pi, 0.1)",
            'expect.close(student.call("mean", np.array([1, 2])), math.pi, "mean(np.array([1, 2]))", '
            "rtol=0.1, atol=1e-08)",
        ),
        (
            "np.testing.assert_allclose(mean([1]), 1)",
            'expect.close(student.call("mean", [1]), 1, "mean([1])", rtol=1e-07, atol=0)',
        ),
        ("assert answer == 42", 'expect.equal(student.get("answer"), 42, "answer")'),
        (
            "data = [1, 2]\nassert mean(data) == 1",
            'data = [1, 2]\n    expect.equal(student.call("mean", data), 1, "mean(data)")',
        ),
        (
            "got = mean([1])\nassert got == 1",
            'got = student.call("mean", [1])\n    expect.equal(got, 1, "mean([1])")',
        ),
        (
            hidden("assert mean([7, 9]) == 8, 'eight'"),
            "# it said 'eight'; give that as hint= if it does not tell the answer\n"
            '    expect.equal(student.call("mean", [7, 9]), 8, "mean(...)")',
        ),
    ],
    ids=lambda value: value.splitlines()[-1][:40],
)
def test_an_assertion_becomes_a_line_of_a_check(test: str, check: str, tmp_path: Path) -> None:
    """The student's side asks; the other side, and tolerances, are the check's own."""
    before = "import math\nimport numpy as np\nfrom math import isclose\nanswer = 42"
    text, left = drafted(tmp_path, means(test, before=before))
    assert one_line(check) in one_line(text)
    assert left == {}
    compile(text, "test_means.py", "exec")


@pytest.mark.quick
@pytest.mark.parametrize(
    "test",
    [
        "assert mean([1]) > 0",
        "assert mean([1]) == mean([2])",
        "assert mean(*[[1]]) == 1",
        "assert mean([1], timeout=3) == 1",
        "assert len([1]) == 1",
        "assert isinstance(mean([1]), float)",
        "assert mean([1])[0] == 1",
        "assert mean(given) == 1",
        "for n in (1, 2):\n    assert mean([n]) == n",
        "mean = 1\nassert mean == 1",
        "def helper():\n    return 1\nassert helper() == 1",
        "given = 3\nassert mean([1]) == 1",
        "data = [1]\ndata.append(2)\nassert mean(data) == 1",
        "assert mean([b'x']) == 1",
        "%timeit mean([1])\nassert mean([1]) == 1",
        "### AUTOTEST mean([1])\nassert mean([1]) == 1",
        "pass",
        "# nothing yet",
        "import math",
    ],
)
def test_what_is_not_certain_is_left_to_a_person(test: str, tmp_path: Path) -> None:
    """It stands there as a comment, below a line that raises."""
    text, left = drafted(tmp_path, means(test, before="given = [1]"))
    assert left["test_0"] >= 1
    body = text.partition('pass."""\n')[2]
    assert body.startswith('    raise NotImplementedError("write this check: ')
    for line in test.splitlines():
        assert line in text or 'student.call("mean", [1])' in text or line == "data = [1]"
    compile(text, "test_means.py", "exec")


@pytest.mark.quick
def test_an_own_mark_for_hidden_tests_and_odd_ids_and_points(tmp_path: Path) -> None:
    """Settings of the course count; points are not rounded; a cell without points gets no check."""
    settings = 'c.ClearHiddenTests.begin_test_delimeter = "# secret"\n'
    settings += 'c.ClearHiddenTests.end_test_delimeter = "# end"\n'
    source = '"""The mean."""\n# secret\n# a trap:\nassert mean([7, 9]) == 8\n# end'
    cells = [code_cell(source, "cell-1a", 1 / 3), code_cell("assert mean([1]) == 1", "free", 0)]
    course = course_of(tmp_path, settings, means=notebook_of(code_cell(MEAN, "mean"), *cells))
    (draft,) = draft_checks(course, "ps1")
    text = draft.path.read_text()
    assert '@pytest.mark.grade("cell-1a", points=0.3333333333333333)\ndef test_cell_1a(' in text
    assert '    """The mean."""\n    # a trap:\n    expect.equal' in text
    assert "secret" not in text
    assert '\n# @pytest.mark.grade("free", points=0)' in text
    assert draft.left == {"free": 1}


# -- what is written where --------------------------------------------------------------------------------


@pytest.mark.quick
def test_only_notebooks_with_hidden_tests_unless_they_are_named(tmp_path: Path) -> None:
    """Others are graded by their test cells, as before."""
    plain, secret = means("assert mean([1]) == 1"), means(hidden("assert mean([1]) == 1"))
    course = course_of(tmp_path, plain=plain, secret=secret)
    assert [draft.path.name for draft in draft_checks(course, "ps1")] == ["test_secret.py"]
    assert [draft.path.name for draft in draft_checks(course, "ps1", ["plain"])] == ["test_plain.py"]
    with pytest.raises(CourseError, match=r"has no notebook 'plai'.*Did you mean 'plain'"):
        draft_checks(course, "ps1", ["plai"])


@pytest.mark.quick
def test_without_hidden_tests_there_is_nothing_to_draft(tmp_path: Path) -> None:
    """The message names the option that drafts them all the same."""
    with pytest.raises(CourseError, match=r"no test cell of ps1 has hidden parts.*--notebook"):
        draft_checks(course_of(tmp_path, plain=means("assert mean([1]) == 1")), "ps1")
    assert not (tmp_path / "tests").exists()


@pytest.mark.quick
def test_a_check_file_is_never_replaced(tmp_path: Path) -> None:
    """Nothing is written, not even for the notebooks without one, and the message says how to draft those."""
    test = means(hidden("assert mean([1]) == 1"))
    course = course_of(tmp_path, one=test, two=test)
    mine = course / "tests" / "ps1" / "test_one.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("# mine")
    with pytest.raises(
        CourseError, match=r"test_one\.py: there already.*draft the others with --notebook two"
    ):
        draft_checks(course, "ps1")
    assert mine.read_text() == "# mine"
    assert list(mine.parent.iterdir()) == [mine]


# -- held against answers ---------------------------------------------------------------------------------

TESTS = (
    f"assert mean([1, 3]) == 2\n{hidden('assert mean([1, 2, 6]) == 3')}",
    hidden("assert abs(mean([.1, .2, .6]) - .3) < 1e-9"),
)


def test_the_reference_has_all_points_and_a_wrong_answer_none(tmp_path: Path) -> None:
    """The drafted file loads, and the sentence of a failure tells no hidden input."""
    assert drafted(tmp_path, means(*TESTS))[1] == {}
    right = judged(tmp_path, means(*TESTS))
    assert [right.score(cell) for cell in ("test_0", "test_1")] == [3, 3]
    assert right.problems == []
    wrong = judged(tmp_path, means("pass", "pass"), WRONG_MEAN)
    assert [wrong.score(cell) for cell in ("test_0", "test_1")] == [0, 0]
    assert [result.message for result in wrong.results] == [
        "mean(...): wrong value",
        "mean(...): wrong value, off by 0.05",
    ]


def test_a_check_that_is_not_written_gives_nobody_a_grade(tmp_path: Path) -> None:
    """Neither all points nor none: the check is wrong, not the student."""
    drafted(tmp_path, means(TESTS[0], "assert mean([1]) > 0"))
    judgement = judged(tmp_path, means("pass", "pass"))
    assert judgement.score("test_0") == 3
    assert judgement.score("test_1") is None
    assert "write this check: 1 part of test_1 left" in judgement.of("test_1")[0].message
    assert all(problem.kind is Kind.CHECK for problem in judgement.problems)


@pytest.mark.long
def test_a_course_goes_from_hidden_tests_to_checks(tmp_path: Path) -> None:
    """Drafted, hidden parts taken out, released, graded: the points of before, and a warning costs none."""
    course = course_of(tmp_path / "course", means=means(*TESTS))
    out, _ = mashq("draft-checks", "ps1", cwd=course, columns=200)
    assert "test_means.py (2 checks)" in out
    nbformat.write(
        means("assert mean([1, 3]) == 2", "# checked where you do not see it"),
        course / "source/ps1/means.ipynb",
    )
    nbgrader(course, "generate_assignment", "ps1")
    answers = {
        "right": "def mean(x):\n    return sum(x) / len(x)",
        "warns": "import warnings\ndef mean(x):\n    warnings.warn('slow')\n    return sum(x) / len(x)",
        "wrong": WRONG_MEAN,
        "reads": "def mean(x):\n    print(In, [v for v in globals().values()])\n    return 2",
    }
    for student, answer in answers.items():
        notebook = nbformat.read(course / "release" / "ps1" / "means.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = answer if id_of(cell) == "mean" else cell.source
        hand_in(course, student, notebook, "means")
    mashq("grade", "ps1", cwd=course)
    out, _ = mashq("scores", "ps1", "--json", "-", cwd=course)
    points = {name: 6.0 if name in ("right", "warns") else 0.0 for name in answers}
    for name, score in points.items():
        assert f'"{name}": {{\n      "means": {{\n        "score": {score}' in out
    for path in course.glob("autograded/*/ps1/means.ipynb"):
        assert "[1, 2, 6]" not in path.read_text()
    mashq("draft-checks", "ps1", cwd=course, code=1)
