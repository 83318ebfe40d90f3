"""Numbers of one's own: whose they are is compared with who handed in, and a person is told what differs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.engine.summary import Summary
from mashq.grading.identities import identity_problems
from mashq.judge import OwnNumbers
from mashq.problems import Kind
from mashq.zoo.answers import fill_in
from tests.support.hw2 import make_hw2_course

pytestmark = pytest.mark.long

CELL = "test_q1_numbers"
RIGHT = {"sara": {"z": 0.3, "loss": 0.8457}, "omid": {"z": -0.9, "loss": 0.7123}}


def note(identity: str, given: dict[str, float] | None = None, right: dict[str, float] | None = None) -> Any:
    right = right or RIGHT.get(identity, {"z": 0.1, "loss": 0.5})
    return [OwnNumbers(CELL, identity, right if given is None else given, right)]


def said(
    own: dict[str, Any], known_as: dict[str, list[str]] | None = None, rule: str = "fit"
) -> dict[str, str]:
    """{student: what is listed}."""
    problems = identity_problems({(s, "q1"): notes for s, notes in own.items()}, known_as or {}, rule)
    assert all(p.kind is Kind.IDENTITY and p.cell == CELL for found in problems.values() for p in found)
    return {student: "; ".join(str(p.sentence) for p in found) for (student, _), found in problems.items()}


@pytest.mark.quick
@pytest.mark.parametrize("student", ["sara", "SARA", "sa ra"])
def test_an_identity_that_is_that_of_the_submission_is_nobodys_concern(student: str) -> None:
    """However either of them is spelt."""
    assert said({student: note("sara"), "omid": note("omid")}) == {}


@pytest.mark.quick
def test_a_student_is_known_by_the_platforms_id_and_the_email_address_too() -> None:
    """As the gradebook has them."""
    known = {"sara": ["sara", "98123456"], "omid": ["omid", "omid.k@uni.example", "omid.k"]}
    assert said({"sara": note("98123456"), "omid": note("omid.k")}, known) == {}


@pytest.mark.quick
def test_an_identity_of_nobody_and_one_of_another_student_are_listed() -> None:
    """With the name of the other where it is known; whoever has the own identity is not listed."""
    found = said({"sara": note("sara"), "omid": note("sara"), "lale": note("x"), "nima": note("x")})
    assert set(found) == {"omid", "lale", "nima"}
    assert "it is that of sara" in found["omid"]
    assert "not that of whoever handed it in; nima typed it, too" in found["lale"]


@pytest.mark.quick
def test_where_ids_say_nothing_only_what_two_students_typed_is_listed() -> None:
    """`unique` is for courses whose ids students do not know; `any` compares nothing."""
    own = {"u1": note("sara"), "u2": note("omid"), "u3": note("omid")}
    assert set(said(own, rule="unique")) == {"u2", "u3"}
    assert said(own, rule="any") == {}


@pytest.mark.quick
def test_a_neighbours_numbers_are_named_as_such() -> None:
    """All of them must be the neighbour's; a slip of one's own that meets one of them is none."""
    copied, slip = dict(RIGHT["sara"]), RIGHT["omid"] | {"z": 0.3}
    found = said({"sara": note("sara"), "omid": note("omid", given=copied)})
    assert found == {"omid": "its numbers are wrong for its own network and right for that of sara"}
    assert said({"sara": note("sara"), "omid": note("omid", given=slip)}) == {}


# -- with a course ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """q1 of three students: one with the own identity, one with another's, one with another's numbers."""
    course = make_hw2_course(tmp_path_factory.mktemp("identities") / "course", ["q1_paper"])
    hand_in(course, "sara", "sara")
    hand_in(course, "omid", "Sara ")
    numbers = "net = network('sara')\n" + (course / "answers.txt").read_text(encoding="utf-8")
    hand_in(course, "lale", "lale", numbers)
    return course


def hand_in(course: Path, student: str, identity: str, numbers: str = "") -> None:
    """The reference, which works out the network of whatever identity; `numbers` in place of its own."""
    name = "q1_paper.ipynb"
    release, source = (nbformat.read(course / d / "hw2" / name, as_version=4) for d in ("release", "source"))
    answers = {"q1_identity": f'identity = "{identity}"'} | ({"q1_numbers": numbers} if numbers else {})
    notebook = fill_in(release, source, answers)
    (course / "answers.txt").write_text(
        "x, y, W1, b1 = np.array([net.x]), net.y, np.array(net.W1), np.array([net.b1])\n"
        "W2, b2, alpha, answers = np.array(net.W2).reshape(2, 1), np.array([[net.b2]]), net.alpha, {}\n"
        + next(c.source for c in fill_in(release, source).cells if c.get("id") == "q1_numbers"),
        encoding="utf-8",
    )
    folder = course / "submitted" / student / "hw2"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / name)


def listed(summary: Summary) -> dict[str, str]:
    return {student: str(problem) for student, _, problem in summary.attention}


def test_whose_numbers_they_are_is_listed_until_a_person_decides(course: Path) -> None:
    """Also for notebooks that are not graded anew; the points of the checks stand meanwhile."""
    first = listed(grade_assignment(Options("hw2", course, workers=1)))
    assert set(first) == {"omid", "lale"}
    assert "it is that of sara" in first["omid"]
    assert "right for that of" in first["lale"]
    assert "sara" in first["lale"]
    assert listed(grade_assignment(Options("hw2", course, workers=1))) == first

    with Gradebook(f"sqlite:///{course}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade(CELL, "q1_paper", "hw2", "omid")
        assert (grade.auto_score, grade.needs_manual_grade) == (5, True)
        assert not gradebook.find_grade(CELL, "q1_paper", "hw2", "sara").needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    assert set(listed(grade_assignment(Options("hw2", course, workers=1)))) == {"lale"}

    shutil.rmtree(course / "submitted" / "lale")
    hand_in(course, "lale", "lale")
    assert listed(grade_assignment(Options("hw2", course, workers=1))) == {}
    with Gradebook(f"sqlite:///{course}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade(CELL, "q1_paper", "hw2", "lale")
        assert (grade.auto_score, grade.needs_manual_grade) == (5, False)


def test_graders_see_the_numbers_of_the_students_own_network_and_students_do_not(course: Path) -> None:
    """Behind the task, in a cell that feedback leaves out; nothing of it in the notebook's metadata."""
    graded = nbformat.read(course / "autograded" / "sara" / "hw2" / "q1_paper.ipynb", as_version=4)
    sheets = [cell for cell in graded.cells if "The network of `sara`" in cell.source]
    assert [cell.metadata.tags for cell in sheets] == [["graders-only"]]
    before = graded.cells[: graded.cells.index(sheets[0])]
    assert any("### BEGIN MARK SCHEME" in cell.source for cell in before[-2:])
    assert "-0.5" in sheets[0].source  # such as the error signal, which lies between -0.6 and -0.5
    assert "own" not in graded.metadata.mashq.judgement
