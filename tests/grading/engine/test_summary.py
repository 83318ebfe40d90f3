"""What a grading run says at its end."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

from mashq.course.gradebook.scores import QuestionScore, Scores
from mashq.course.results import Graded
from mashq.grading.engine.summary import NEXT_STEPS, Summary, as_json, print_summary, question_statistics
from mashq.judge.results import CheckResult, Judgement, Outcome
from mashq.problems import Kind, Problem, Sentence

pytestmark = pytest.mark.quick


def class_of(students: int) -> Scores:
    """Student 0 has 0 of 20 in q5, student 1 has 1 and so on, up to 20; who has an odd number waits in q2."""
    return Scores(
        "hw2",
        ["q2_theory", "q5_xnor"],
        {
            f"s{i:03}": {
                "q2_theory": QuestionScore(0, 10, needs_person=i % 2 == 1),
                "q5_xnor": QuestionScore(min(i, 20), 20, needs_person=False),
            }
            for i in range(students)
        },
    )


PLACES = {"submission": "submitted/STUDENT/hw2/NOTEBOOK.ipynb", "check_file": "tests/hw2/test_NOTEBOOK.py"}
SUMMARY = Summary(
    assignment="hw2",
    graded=90,
    unchanged=30,
    seconds=120.0,
    workers=8,
    attention=[],
    isolation="sandbox",
    stand_ins=[],
    scores=class_of(4),
    places=PLACES,
)


def printed(summary: Summary, width: int = 120) -> str:
    file = io.StringIO()
    print_summary(summary, Console(file=file, width=width))
    return file.getvalue()


def test_a_small_class_is_listed() -> None:
    """The table of `mashq scores`, then how fast it went, and no word of trouble."""
    text = printed(SUMMARY)
    assert "s003" in text
    assert text.endswith("graded 90 notebooks in 2:00 with 8 workers (45.0 a minute), 30 unchanged\n")
    assert "WARNING" not in text
    assert "attention" not in text


def test_a_large_class_is_summed_up() -> None:
    """Statistics by question; the list is a command away."""
    text = printed(dataclasses.replace(SUMMARY, scores=class_of(41)))
    assert "s003" not in text
    assert "`mashq scores hw2` prints all 41 students." in text
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    table = {row[0]: row[1:] for row in rows if row}
    assert table["q5_xnor"] == ["20", "14.88", "20", "51 %", "0"]
    assert table["q2_theory"] == ["10", "0.00", "0", "0 %", "20"]
    assert table["total"] == ["30", "14.88", "20", "0 %", "20"]


def test_statistics_of_nobody_are_nothing() -> None:
    """A run before the first submission does not crash."""
    assert question_statistics(class_of(0)) == {}
    assert "graded 0 notebooks" in printed(dataclasses.replace(SUMMARY, graded=0, scores=class_of(0)))


EMPTY = Problem(Kind.FILE, Sentence.plain("the file is empty"))


def check(outcome: Outcome, message: str) -> Judgement:
    return Judgement([CheckResult("test_area", "test_area", 1, outcome, message=message)])


REASONS = {
    "file": Graded(b"", Judgement(), (Problem(Kind.FILE, Sentence.plain("the file was cut off")),)),
    "check": Graded(b"", check(Outcome.CHECK_ERROR, "NameError: clos")),
    "machine": Graded(b"", check(Outcome.MACHINE_ERROR, "no kernel")),
    "data": Graded(
        b"",
        Judgement(problems=[Problem(Kind.DATA, Sentence.plain("the real hoda data is missing: run ..."))]),
    ),
    "person": Graded(b"", Judgement(), (Problem(Kind.PERSON, Sentence.plain("is it elsewhere?"), "why"),)),
}


@pytest.mark.parametrize("kind", REASONS)
def test_every_fault_of_a_graded_notebook_has_its_next_step(kind: str) -> None:
    """Whatever its words are: the kind says who must act."""
    (problem,) = REASONS[kind].attention
    assert problem.kind == kind
    text = printed(dataclasses.replace(SUMMARY, attention=[("ada", "q5", problem)]))
    assert f"Next: {NEXT_STEPS[problem.kind].format(assignment='hw2', **PLACES)}" in text
    data = json.loads(as_json(dataclasses.replace(SUMMARY, attention=[("ada", "q5", problem)])))
    assert data["attention"] == [
        {"student": "ada", "notebook": "q5", "reason": str(problem), "kind": kind},
    ]


def test_nobody_must_act_on_a_students_own_fault() -> None:
    """A kernel that the student's code killed costs its cells, and the grade is complete."""
    died = Problem(Kind.STUDENT, Sentence.plain("check error in cell 3: the kernel died"))
    assert Graded(b"", Judgement(problems=[died])).attention == []


def test_no_word_of_a_reason_decides_its_next_step() -> None:
    """A check may say anything, also what other problems say."""
    words = "the file is cut off\nthe real hoda data is missing\nwhy: the answer cell why was missing"
    (problem,) = Graded(b"", check(Outcome.MACHINE_ERROR, words)).attention
    text = printed(dataclasses.replace(SUMMARY, attention=[("ada", "q5", problem)]))
    assert text.count("Next: ") == 1
    assert "Next: The machine failed" in text
    assert "1 notebook needs attention" in text


def test_attention_is_grouped_by_reason_with_the_next_step() -> None:
    """Ten students with one broken check are one problem."""
    (problem,) = Graded(b"", check(Outcome.CHECK_ERROR, "NameError: name 'clos' is not defined")).attention
    broken = "test_area: check error in test_area: NameError: name 'clos' is not defined"
    attention = [(f"s{i:03}", "q5_xnor", problem) for i in range(10)]
    attention.append(("ada", "q4_hoda", EMPTY))
    text = printed(dataclasses.replace(SUMMARY, attention=attention))
    assert "11 notebooks need attention; they have no complete grade yet:" in text
    assert text.count(broken) == 1
    assert "s000 q5_xnor, s001 q5_xnor" in text
    assert "s007 q5_xnor, and 2 more" in text
    assert text.count("Next: ") == 2
    assert "Mend tests/hw2/test_NOTEBOOK.py, then run `mashq grade hw2` again." in text
    assert "Look at submitted/STUDENT/hw2/NOTEBOOK.ipynb." in text


def test_one_cause_in_several_cells_of_a_notebook_is_one_entry() -> None:
    """With the names of all these cells, for people and for programs."""
    lacks = Sentence.of("the answer cell area stopped")
    problems = [Problem(Kind.PERSON, lacks, cell) for cell in ("test_area", "test_edge")]
    problems.append(Problem(Kind.PERSON, Sentence.of("another"), "test_edge"))
    summary = dataclasses.replace(SUMMARY, attention=[("ada", "q5", problem) for problem in problems])
    reasons = [entry["reason"] for entry in json.loads(as_json(summary))["attention"]]
    assert reasons == ["test_area, test_edge: the answer cell area stopped", "test_edge: another"]
    assert printed(summary).count("the answer cell area stopped") == 1


def test_a_reason_cannot_write_to_the_terminal() -> None:
    """Reasons quote errors of student code."""
    said = Problem(Kind.MACHINE, Sentence.plain("machine error in test_x: \x1b[2J\x1b]0;owned\x07[bold]"))
    attention = [("ada", "q4", said)]
    text = printed(dataclasses.replace(SUMMARY, attention=attention))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]" in text


def test_doubtful_grades_are_said_out_loud() -> None:
    """Stand-ins and missing walls each have a line of their own, after the scores."""
    text = printed(dataclasses.replace(SUMMARY, stand_ins=["mnist", "hoda"], isolation="none"))
    assert "WARNING: graded on STAND-INS for the hoda and mnist data" in text
    assert "WARNING: student code ran WITHOUT WALLS" in text
    assert text.index("s003") < text.index("WARNING")


def test_the_json_says_the_same_in_a_stable_order() -> None:
    """Order of arrival does not show; keys are those that are documented."""
    attention = [("b", "q4", EMPTY), ("a", "q5", EMPTY)]
    summary = dataclasses.replace(SUMMARY, attention=attention, stand_ins=["mnist", "hoda"])
    other = dataclasses.replace(
        summary,
        attention=attention[::-1],
        stand_ins=["hoda", "mnist"],
        scores=dataclasses.replace(SUMMARY.scores, students=dict(reversed(SUMMARY.scores.students.items()))),
    )
    assert as_json(summary) == as_json(other)
    data = json.loads(as_json(summary))
    assert set(data) <= set(as_json.__doc__.replace(",", " ").split())  # type: ignore[union-attr]
    assert data["complete"] is False
    assert data["attention"][0] == {
        "student": "a",
        "notebook": "q5",
        "reason": "the file is empty",
        "kind": "file",
    }
    assert data["questions"]["q5_xnor"] == {"of": 20, "mean": 1.5, "median": 1.5, "full": 0, "waiting": 0}
    assert data["students"]["s003"]["q2_theory"] == {"score": 0, "max_score": 10, "needs_person": True}
    assert data["notebooks_per_minute"] == 45
    assert json.loads(as_json(SUMMARY))["complete"] is True
