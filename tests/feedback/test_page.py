"""The page a student gets, in a real browser: the summary from the gradebook, the notebook below it."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser

from mashq.feedback.generate import generate_feedback
from mashq.feedback.page import Item
from mashq.zoo.answers import answered as filled_in
from mashq.zoo.answers import read_answer
from tests.support.browser import audited
from tests.support.commands import ROOT, nbgrader
from tests.support.feedback_pages import DESK, OVERFLOWS, PHONE, opened, words
from tests.support.listening import listening
from tests.support.markup import HTML
from tests.support.tiny_course import make_tiny_course

pytestmark = pytest.mark.long

FAKE_PAGE = (
    '<header id="top" style="position:fixed;top:0;left:0;z-index:9;width:100%"><h1>Feedback: Areas</h1>'
    '<p class="total"><strong>5 of 5 points</strong></p></header>'
    "<style>header{display:none}</style><script>document.title='forged'</script></main></section></body>"
)
HOSTILE = f"""
from IPython.display import HTML, Latex, Markdown, display
print("a very long line " * 40)
print("Hidden checks: 2 of 2 points")
for show in (HTML, Markdown):
    display(show({FAKE_PAGE!r}))
display(HTML("<table><tr>" + "<td>wide_column</td>" * 40 + "</tr></table>"))
display(Latex(r"$\\href{{javascript:alert(1)}}{{x}}$"), Markdown(r"$\\text{{<script>alert(1)</script>}}$"))
import matplotlib.pyplot as plt
plt.figure(figsize=(20, 2)); plt.plot([0, 1]); plt.show()
def area(a, b):
    return a * a
"""
ESSAY = (
    f"# top\n\n## graded-1\n\n{FAKE_PAGE}\n\n"
    "A product: $A = \\frac{a}{1} b$ and $$\\sum_{i=1}^{n} a_i b_i + a + b + c + d + e + f + g + h + i + j$$"
)
COMMENT = "Well *put*, but $a<b$ needs a reason. <b>Look"

# student → (code, essay); `cut` hands in what cannot be read
CLASS = {
    "hostile": (HOSTILE, ESSAY),
    "right": ("def area(a, b):\n    return a * b", "Sides multiply."),
    "late": ("def area(a, b):\n    return a * a", None),
    "cut": (None, None),
}


def answered(release: Any, code: str, essay: str | None) -> Any:
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = {"area": code, "why": essay}.get(grade_id) or cell.source
    notebook.metadata["mashq"] = {"language": "ar", "judgement": {"results": []}}
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course, graded, with a grader's points and words, a penalty, and the feedback of nbgrader."""
    folder = make_tiny_course(tmp_path_factory.mktemp("page") / "course")
    release = nbformat.read(folder / "release" / "ps1" / "areas.ipynb", as_version=4)
    for student, (code, essay) in CLASS.items():
        path = folder / "submitted" / student / "ps1" / "areas.ipynb"
        path.parent.mkdir(parents=True)
        text = nbformat.writes(answered(release, code or "", essay))
        path.write_text(text if code else text[:700])
    nbgrader(folder, "autograde", "ps1")
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "neural-networks") as gradebook:
        gradebook.find_grade("why", "areas", "ps1", "hostile").manual_score = 1.5
        gradebook.find_comment("why", "areas", "ps1", "hostile").manual_comment = COMMENT
        for name, score in (("test_area", 0.5), ("why", 0)):
            grade = gradebook.find_grade(name, "areas", "ps1", "late")
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.find_grade("why", "areas", "ps1", "hostile").needs_manual_grade = False
        gradebook.find_submission_notebook("areas", "ps1", "late").late_submission_penalty = 0.25
        gradebook.db.commit()
    nbgrader(folder, "generate_feedback", "ps1")
    return folder


def page_of(course: Path, student: str) -> Path:
    return course / "feedback" / student / "ps1" / "areas.html"


def test_points_and_failed_checks_stand_first(course: Path, browser: Browser) -> None:
    """Total, each question's points and mark, the failed check's sentence, the comment; then the notebook."""
    tab = opened(browser, page_of(course, "hostile"))
    assert words(tab, "header") == "neural-networks · ps1 · areas Feedback: Areas Total 2.5 of 5 points"
    checks, essay = tab.locator(".items > li").all()
    assert " ".join(checks.inner_text().split()) == (
        "area ◐ part of the points 1 of 2 points 1 of 2 checks passed "
        "area(2, 5): wrong value, off by 6; both sides count See it in the notebook"
    )
    assert "why ◐ part of the points 1.5 of 3 points Comment Well put, but" in " ".join(
        essay.inner_text().split()
    )
    assert essay.locator("math").count() == 1
    sentence = tab.locator(".items li li").bounding_box()
    notebook = tab.locator(".notebook").bounding_box()
    assert sentence
    assert notebook
    assert sentence["y"] + sentence["height"] <= notebook["y"]
    html = page_of(course, "hostile").read_text(encoding="utf-8")
    assert "expect.close" not in html
    assert "3 points for the word product" not in html


def test_a_sentence_of_several_checks_stands_once() -> None:
    """With the number of checks; the order is that of the checks."""
    item = Item(
        "Exercise 1", "test_area", "graded-1", "none", 0, 3, failed=["too wide", "too high", "too wide"]
    )
    assert item.said == ["too wide (2 checks)", "too high"]
    assert item.checks_in_words == "0 of 3 checks passed"


def test_what_waits_is_no_zero(course: Path, browser: Browser) -> None:
    """An essay that nobody read, and a file that could not be read, are said to wait for a person."""
    tab = opened(browser, page_of(course, "right"))
    waiting = "points so far Points that wait for a person, and are not a zero:"
    assert f"2 of 5 {waiting} 3." in words(tab, "header")
    assert "why … waits for a person 3 points, not graded yet" in words(tab, ".items > li:last-child")
    tab = opened(browser, page_of(course, "cut"))
    assert f"0 of 5 {waiting} 5." in words(tab, "header")
    assert "could not be graded automatically" in words(tab, "header")
    first = words(tab, ".items > li:first-child")
    assert "… not graded automatically 2 points, not graded yet A person will look at this." in first


def test_a_penalty_and_points_changed_by_a_person_are_said(course: Path, browser: Browser) -> None:
    """The penalty has its own line; the checks' points stand beside those that a person gave."""
    tab = opened(browser, page_of(course, "late"))
    assert words(tab, "header").endswith("0.25 of 5 points Late penalty: 0.25 points taken from 0.5.")
    first = words(tab, ".items > li:first-child")
    assert "0.5 of 2 points" in first
    assert "A person changed these points; the checks gave 1." in first
    assert "✗ no points 0 of 3 points Comment No response." in words(tab, ".items > li:last-child")


@pytest.mark.parametrize(
    ("student", "size", "dark"),
    [("hostile", PHONE, False), ("hostile", PHONE, True), ("hostile", DESK, False), ("cut", PHONE, False)],
    ids=["phone", "dark", "desk", "unreadable"],
)
def test_it_fits_and_can_be_read(
    student: str, size: tuple[int, int], dark: bool, course: Path, browser: Browser
) -> None:
    """No sideways scrolling whatever was printed or drawn; axe finds nothing serious; it is small."""
    path = page_of(course, student)
    tab = opened(browser, path, size, dark)
    assert not tab.evaluate(OVERFLOWS)
    for picture in tab.locator("img").all():
        box = picture.bounding_box()
        assert box
        assert 0 < box["width"] <= size[0]
    assert audited(tab) == []
    assert "http" not in re.sub(
        r"http://www\.w3\.org/1998/Math/MathML|http-equiv", "", path.read_text("utf-8")
    )
    levels = [int(name[1]) for name in re.findall(r"<(h[1-6])", path.read_text(encoding="utf-8"))]
    assert levels[:2] == [1, 2]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_links_lead_to_the_cell_and_back(course: Path, browser: Browser) -> None:
    """Also where the student wrote headings that have the names of our anchors."""
    tab = opened(browser, page_of(course, "hostile"))
    for number, name in enumerate(("area", "why")):
        tab.locator(".items > li > p > a").nth(number).click()
        bar = tab.locator(":target")
        assert bar.inner_text().startswith(name)
        assert tab.evaluate("Math.abs(document.querySelector(':target').getBoundingClientRect().y) < 700")
        bar.locator("a").click()
        assert tab.evaluate("scrollY") == 0
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(ids) == len(set(ids))


def test_a_student_can_neither_forge_nor_cover_the_summary(course: Path, browser: Browser) -> None:
    """Markup, styles and scripts that a student printed stay in the notebook, below, as harmless content."""
    tab = opened(browser, page_of(course, "hostile"))
    assert tab.title() == "Feedback: ps1 areas"
    assert tab.locator("header").count() == tab.locator("main").count() == tab.locator(".total").count() == 1
    assert tab.locator("script").count() == 0
    for x, y in ((10, 10), (180, 60), (300, 120)):
        assert tab.evaluate(f"Boolean(document.elementFromPoint({x}, {y}).closest('header, body > *'))")
        assert not tab.evaluate(f"Boolean(document.elementFromPoint({x}, {y}).closest('.notebook'))")
    html = page_of(course, "hostile").read_text(encoding="utf-8")
    assert "javascript:" not in re.sub(r"<pre>.*?</pre>", "", html, flags=re.DOTALL)
    # even what escaped the cleaning (graded before it was there) does not leave the notebook's box
    tab.evaluate(
        "document.querySelector('.cell').insertAdjacentHTML('afterbegin',"
        '\'<div style="position:fixed;inset:0;background:red" id="cover"></div>\')'
    )
    cover, notebook = tab.locator("#cover").bounding_box(), tab.locator(".notebook").bounding_box()
    assert cover
    assert notebook
    assert cover["y"] >= notebook["y"]


def test_where_cleaning_fails_the_browser_runs_and_loads_nothing(
    course: Path, browser: Browser, tmp_path: Path
) -> None:
    """A graded notebook with all that is hostile in it, as if nothing had been cleaned."""
    place = shutil.copytree(course, tmp_path / "course")
    path = place / "autograded" / "right" / "ps1" / "areas.ipynb"
    with listening() as (site, asked):
        graded = nbformat.read(path, as_version=4)
        for html in HTML:
            text = html.replace("SITE", site)
            if "<base" in text or "http-equiv" in text:
                continue  # leads the whole page elsewhere, which no policy of the page forbids
            graded.cells += [nbformat.v4.new_raw_cell(text), nbformat.v4.new_markdown_cell(text)]
        path.chmod(0o644)
        nbformat.write(graded, path)
        assert generate_feedback(place, "ps1", ["right"], workers=1, force=True) == 1
        tab = browser.new_page()
        said: list[str] = []
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.goto(page_of(place, "right").as_uri())
        tab.wait_for_timeout(1500)
        assert tab.title() == "Feedback: ps1 areas"
        assert (
            tab.evaluate("document.querySelectorAll('script').length") > 1
        )  # they are there, and do nothing
        tab.close()
    assert (said, asked) == ([], [])


def test_both_commands_write_the_same_page(course: Path) -> None:
    """`mashq feedback` and `nbgrader generate_feedback`, byte for byte."""
    students = [student for student in CLASS if student != "late"]  # `mashq feedback` computes penalties anew
    expected = {student: page_of(course, student).read_bytes() for student in students}
    assert generate_feedback(course, "ps1", students, workers=1, force=True) == len(students)
    assert {student: page_of(course, student).read_bytes() for student in students} == expected


def test_a_persian_notebook_has_a_persian_page(course: Path, tmp_path: Path, browser: Browser) -> None:
    """Right to left, with code and mathematics left to right; the language is the release's."""
    copy = Path(shutil.copytree(course, tmp_path / "course"))
    release = copy / "release" / "ps1" / "areas.ipynb"
    notebook = nbformat.read(release, as_version=4)
    notebook.metadata["mashq"] = {"language": "fa"}
    notebook.cells[0].source = "# مساحت‌ها"
    release.chmod(0o644)
    nbformat.write(notebook, release)
    assert generate_feedback(copy, "ps1", ["hostile"], workers=1, force=True) == 1
    tab = opened(browser, page_of(copy, "hostile"))
    root = tab.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("fa", "rtl")
    assert words(tab, "header h1") == "بازخورد: مساحت‌ها"
    assert "2.5 از 5 نمره" in re.sub("[\u2066-\u2069]", "", words(tab, "header"))
    for left_to_right in (".code", "math", ".formula"):
        assert tab.locator(left_to_right).first.evaluate("e => getComputedStyle(e).direction") == "ltr"
    assert not tab.evaluate(OVERFLOWS)
    assert audited(tab) == []


def test_a_whole_question_of_the_course_fits_a_phone(tmp_path: Path, browser: Browser) -> None:
    """Question 5 with a wrong answer: its figures, tables and formulas, at 360 and 1280 pixels."""
    source = ROOT / "source" / "hw2" / "q5_xnor.ipynb"
    for folder in ("source/hw2", "tests/hw2", "submitted/ada/hw2"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copy(source, tmp_path / "source" / "hw2")
    shutil.copy(ROOT / "tests" / "hw2" / "test_q5_xnor.py", tmp_path / "tests" / "hw2")
    nbgrader(tmp_path, "generate_assignment", "hw2")
    released = nbformat.read(tmp_path / "release" / "hw2" / source.name, as_version=4)
    wrong = read_answer(ROOT / "tests" / "hw2" / "zoo" / "wrong" / "xnor_backprop_linear_hidden_layer.py")
    handed_in = filled_in(released, nbformat.read(source, as_version=4), wrong)
    nbformat.write(handed_in, tmp_path / "submitted" / "ada" / "hw2" / source.name)
    nbgrader(tmp_path, "autograde", "hw2")
    generate_feedback(tmp_path, "hw2", workers=1)
    path = tmp_path / "feedback" / "ada" / "hw2" / "q5_xnor.html"
    for size in (PHONE, DESK):
        tab = opened(browser, path, size)
        assert not tab.evaluate(OVERFLOWS)
        assert words(tab, ".total") == "Total 17.125 of 20 points"
        assert [" ".join(li.inner_text().split())[:30] for li in tab.locator(".items > li > h3").all()] == [
            "Exercise 1: activations and lo",
            "Exercise 2: the forward pass",
            "Exercise 3: backpropagation",
            "Exercise 4: training",
        ]
        assert "W2 is right for hidden units that are on, but wrong for those that are off" in words(
            tab, ".items"
        )
        assert tab.locator(".notebook math").count() > 20
        assert tab.locator("code.tex").count() == 0
        assert audited(tab) == []
