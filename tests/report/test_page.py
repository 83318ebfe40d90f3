"""The page: what is in it, and that student text stays text."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from nbgrader.api import Gradebook

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import QuestionScore
from mashq.errors import CourseError
from mashq.grading.engine.run import Options, grade_assignment
from mashq.problems import Kind, Problem, Sentence
from mashq.report.page import render, write_report
from mashq.report.results import Answer
from tests.support.browser import audited, opened
from tests.support.classes import CODE, SCRIPT, class_of, handed
from tests.support.pages import Outline, specs
from tests.support.tiny_course import ANSWER, HALF, answered, hand_in, make_tiny_course, released_notebook

SECTIONS = ("attention", "grades", "checks", "items", "accuracies", "usage", "similar")


def hostile_class() -> Any:
    """Student text that is markup, wherever student text comes to stand."""
    name, code = f"amy{SCRIPT}", f"{CODE}\nx = '{SCRIPT}</code></pre>'  # {SCRIPT}\n"
    return class_of(
        handed(name, "+-", code, f"raised {SCRIPT} & `{SCRIPT}`"),
        handed("ben\" onmouseover='alert(1)", "--", code, f"]]>--></script>{SCRIPT}"),
        handed("cat", "++", CODE),
        handed("dan", "-+", stand_ins=(SCRIPT,)),
        problems={name: [Problem(Kind.FILE, Sentence.plain(f"the file is {SCRIPT}"))]},
    )


def test_student_text_stays_text() -> None:
    """Only our two scripts and the charts' data are in the page, and no attribute was made by a student."""
    page = render(hostile_class())
    outline = Outline(page)
    scripts = outline.all("script")
    assert len([s for s in scripts if "type" not in s]) == 2
    assert {s["type"] for s in scripts if "type" in s} == {"application/json"}
    assert not [a for _, attributes in outline.found for a in attributes if a.startswith("on")]
    assert SCRIPT in outline.text
    assert f"'{SCRIPT}</code></pre>'" in outline.text
    assert SCRIPT not in page


def test_the_policy_allows_what_is_there_and_nothing_else() -> None:
    """Two hashes, no source from anywhere, no evaluating of text."""
    metas = Outline(render(class_of(handed("amy", "+-")))).all("meta")
    (policy,) = [m["content"] for m in metas if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert policy.count("'sha256-") == 2
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_headings_landmarks_and_language() -> None:
    """For those who find their way by them; every chart says in words what it shows."""
    page = render(hostile_class())
    outline = Outline(page)
    assert outline.all("html") == [{"lang": "en"}]
    assert [len(outline.all(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    ids = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"] for link in outline.all("a")} == {"#main", *(f"#{name}" for name in SECTIONS)}
    assert {f"#{name}" for name in ids if name in SECTIONS} == {f"#{name}" for name in SECTIONS}
    found = specs(page)
    assert len(found) == 6
    assert all(len(spec["description"]) > 40 for spec in found)


def test_every_chart_is_valid() -> None:
    """Vega draws each of them, also of a class of one, and with names of every sort."""
    for data in (hostile_class(), class_of(handed("amy", ""))):
        for spec in specs(render(data)):
            drawn = vl_convert.vegalite_to_svg(spec | {"width": 600}, allowed_base_urls=[])
            assert "<svg" in drawn


def test_equal_classes_give_equal_pages() -> None:
    """But for the time at which they were made."""
    one, other = (re.sub(r"Made [\d :-]+", "", render(hostile_class())) for _ in range(2))
    assert one == other


def test_essays_of_a_pair_are_shown_as_they_are() -> None:
    """With their line breaks."""
    text = "\n".join(f"word{n} other{n} third{n}" for n in range(30))
    data = class_of(handed("amy", "+"), handed("ben", "+"))
    essays = [dataclasses.replace(one, answers=(Answer("why", False, text),)) for one in data.notebooks]
    page = render(dataclasses.replace(data, notebooks=essays))
    assert "the same answers, letter by letter" in page
    assert page.count("<mark>word7 other7 third7</mark>") == 2


# -- of a real course -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course, with nobody in it; to be copied."""
    return make_tiny_course(tmp_path_factory.mktemp("report") / "course")


@pytest.fixture(scope="module")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Graded: right answers, a half one, one that cannot be read, and one whose message is markup."""
    course = shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course")
    release = released_notebook(course)
    shout = f'def area(a, b):\n    raise ValueError("{SCRIPT}")'
    for student, data in (
        ("right", answered(release)),
        ("half", answered(release, HALF)),
        ("shouts", answered(release, shout)),
        ("copies", answered(release, ANSWER)),
        ("cut-off", json.dumps(release).encode()[:300]),
    ):
        hand_in(course, student, data)
    grade_assignment(Options("ps1", course, workers=2))
    url, course_id = CourseFolder(course).gradebook
    with Gradebook(url, course_id) as gradebook:
        for student in ("right", "half", "shouts", "copies"):
            essay = gradebook.find_grade("why", "areas", "ps1", student)
            essay.manual_score, essay.needs_manual_grade = 2, False
        gradebook.db.commit()
    return course


@pytest.fixture(scope="module")
def page(graded: Path) -> Path:
    """Its report."""
    return write_report(graded, "ps1")


@pytest.mark.long
def test_the_report_of_a_real_course(graded: Path, page: Path) -> None:
    """Grades from the gradebook, checks and reasons from the store; nothing else in the folder changes."""
    assert page == graded / "ps1-report.html"
    outline = Outline(page.read_text(encoding="utf-8"))
    text = " ".join(outline.text.split())
    assert "ps1: report on 5 students" in text
    assert "The area of a square is its side squared." in text
    assert "the file is cut off" in text
    assert "both sides count" in text
    assert SCRIPT in text
    assert "graded by a person" in text
    assert "WITHOUT WALLS" not in text


def test_another_file_and_numbers_for_names(graded: Path, tmp_path: Path) -> None:
    """As the options say."""
    path = write_report(graded, "ps1", tmp_path / "out.html", anonymous=True)
    written = path.read_text(encoding="utf-8")
    assert "students have numbers for names" in written
    assert len(set(re.findall(r"<bdi>(student \d+)</bdi>", written))) == 5
    for name in ("shouts", "copies", "cut-off"):
        assert name not in Outline(written).text


def test_what_comes_first_is_named(tmp_path: Path, released: Path, graded: Path) -> None:
    """Nobody graded, and a place that cannot be written to."""
    with pytest.raises(CourseError, match="run `mashq grade ps1` first"):
        write_report(released, "ps1")
    with pytest.raises(CourseError, match="see --output"):
        write_report(graded, "ps1", tmp_path / "no" / "folder.html")


# -- in a browser -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the class whose text is markup."""
    path = tmp_path_factory.mktemp("page") / "hostile.html"
    path.write_text(render(hostile_class()), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=[1280, 390], ids=["desktop", "phone"])
def tab(request: pytest.FixtureRequest, hostile: Path) -> Iterator[Any]:
    """It, opened without a network; an error of the page fails the tests."""
    with opened(hostile, request.param) as (tab, _):
        yield tab


def test_nothing_of_a_student_runs(tab: Any) -> None:
    """And the charts are drawn, under the page's policy."""
    assert tab.title() == "ps1: report"
    assert tab.locator(".chart svg").count() == 6


def test_no_barriers(tab: Any) -> None:
    """No finding of axe-core that is serious or critical, with every fold open too."""
    assert audited(tab) == []
    tab.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert audited(tab) == []


def test_nothing_is_wider_than_the_window(tab: Any) -> None:
    """Tables and code scroll in their own frames."""
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_charts_answer_the_mouse(tab: Any) -> None:
    """A mark says what it is; student names in it are text."""
    tab.locator("section[aria-labelledby=accuracies] .role-mark.mark-symbol path").first.hover(force=True)
    tab.wait_for_selector("#vg-tooltip-element.visible")
    assert "student" in tab.inner_text("#vg-tooltip-element")
    assert tab.locator("#vg-tooltip-element script").count() == 0


def test_tables_are_sorted_by_their_headings(tab: Any) -> None:
    """Up, and down again; numbers as numbers."""
    table = tab.locator("table.sortable", has_text="hidden checks")
    button = table.get_by_role("button", name="passed")
    column = "rows => rows.map(row => Number(row.cells[3].dataset.value))"
    for reverse in (False, True):
        button.click()
        values = table.locator("tbody tr").evaluate_all(column)
        assert values == sorted(values, reverse=reverse)
    assert table.locator("th[aria-sort=descending]").count() == 1


@pytest.mark.parametrize("students", [1, 2, 3])
def test_the_axis_of_a_small_class_counts_whole_students(students: int) -> None:
    """No half a student."""
    page = render(class_of(*(handed(f"s{number}", "+-") for number in range(students))))
    (chart,) = [spec for spec in specs(page) if "Histogram" in spec["description"]]
    y = chart["layer"][0]["encoding"]["y"]
    assert y["axis"]["values"] == list(range(students + 1))
    assert y["scale"]["domain"] == [0, students]


def test_what_waits_for_a_person_is_not_in_the_mean() -> None:
    """Two of four points are graded, and all of them reached: the mean is not half, and says what it is."""
    data = class_of(handed("amy", "++"), handed("ben", "++"))
    waits = QuestionScore(2, 4, True, waiting_of=2, waiting_score=0)
    data.scores.students.update(amy={"areas": waits}, ben={"areas": waits})
    page = render(data)
    assert re.search(r"mean of 4 points, over what is graded\s*4\.0", Outline(page).text)
    (chart,) = [spec for spec in specs(page) if "Histogram" in spec["description"]]
    assert [rule["at"] for rule in chart["layer"][1]["data"]["values"]] == [1, 1]
    waits = QuestionScore(0, 4, True, waiting_of=4, waiting_score=0)
    data.scores.students.update(amy={"areas": waits}, ben={"areas": waits})
    assert re.search(r"mean of 4 points, over what is graded\s*–", Outline(render(data)).text)
