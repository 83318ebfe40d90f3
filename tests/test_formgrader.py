"""Essays in nbgrader's formgrader, in a real Chromium without a network: what a grader sees, and keeps."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from matplotlib.figure import Figure
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mashq.zoo.answers import fill_in
from tests.course.test_former_settings import FORMER
from tests.support.cells import code_cell
from tests.support.commands import ROOT, mashq, nbgrader
from tests.support.lab import FORMGRADER_READY, jupyter_lab, logged_in

pytestmark = pytest.mark.slow  # a course is graded, and Jupyter started: a minute together

NOTEBOOKS = ("q1_paper", "q2_theory")
STUDENTS = ("first", "second")
PLOT = "plt.figure(figsize=(3, 2)); plt.plot([1, 4, 9]); plt.show()  # a picture of my own"
SCHEME = "Mark scheme"
NO_NUMBERS = "answers = {}"  # the answer of `second` to q1_numbers, which fails its check
COMMENT = "The proof forgets the biases; see lecture 3."
IMAGE_DRAWN = "image => image.complete && image.naturalWidth > 0"


def answer_of(notebook: Any, grade_id: str) -> int:
    """Where the cell with this id stands."""
    return next(
        index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the two questions that a person grades, and two graded students with essays and scans."""
    course = tmp_path_factory.mktemp("formgrader") / "course"
    for part in ("source/hw2", "tests/hw2"):
        (course / part).mkdir(parents=True)
    for name in NOTEBOOKS:
        shutil.copy(ROOT / "source" / "hw2" / f"{name}.ipynb", course / "source" / "hw2")
    shutil.copy(ROOT / "tests" / "hw2" / "test_q1_paper.py", course / "tests" / "hw2")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbgrader(course, "generate_assignment", "hw2")
    for student in STUDENTS:
        folder = course / "submitted" / student / "hw2"
        folder.mkdir(parents=True)
        for name in NOTEBOOKS:
            released = nbformat.read(course / "release" / "hw2" / f"{name}.ipynb", as_version=4)
            source = nbformat.read(course / "source" / "hw2" / f"{name}.ipynb", as_version=4)
            wrong = {"q1_numbers": NO_NUMBERS} if student == "second" else {}
            own = {"q1_identity": f'identity = "{student}"'}
            notebook = fill_in(released, source, own | wrong)
            if name == "q2_theory":
                notebook.cells.insert(answer_of(notebook, "q2_a"), code_cell(PLOT))
            nbformat.write(notebook, folder / f"{name}.ipynb")
        scan = Figure(figsize=(4, 4))
        scan.text(0.1, 0.5, f"one training step by hand, {student}")
        scan.savefig(folder / "q1.pdf")
    mashq("grade", "hw2", "--allow-stand-in", cwd=course)
    return course


@pytest.fixture(scope="module")
def browser(course: Path) -> Iterator[tuple[str, BrowserContext]]:
    """Formgrader's address, and a browser that is logged in and reaches nothing else."""
    with jupyter_lab(course) as (address, token), logged_in(address, token) as context:
        yield f"{address}formgrader", context


@pytest.fixture
def tab(browser: tuple[str, BrowserContext]) -> Iterator[Page]:
    """A new tab; an error in the page's own code fails the test."""
    faults: list[str] = []
    tab = browser[1].new_page()
    tab.on("pageerror", lambda error: faults.append(str(error)))
    yield tab
    tab.close()
    assert not faults


def row(tab: Page, formgrader: str, notebook: str, student: str) -> Locator:
    """A student's row in the list of a question's submissions; names are shown."""
    tab.goto(f"{formgrader}/gradebook/hw2/{notebook}")
    tab.get_by_text("Show All Names").click()
    return tab.locator("tbody tr").filter(has_text=student)


def open_submission(tab: Page, formgrader: str, notebook: str, student: str) -> None:
    """The page on which a person grades one notebook, with the boxes filled."""
    row(tab, formgrader, notebook, student).locator("a:visible").click()
    tab.wait_for_function(FORMGRADER_READY)


def graded_cell(tab: Page, grade_id: str) -> Locator:
    """The frame around an answer, its score box and its comment."""
    return tab.locator(".nbgrader_cell").filter(has=tab.locator(f"[id='{grade_id}']"))


def saved(tab: Page, what: str) -> Any:
    """A `with` block in which a score ("grade") or a "comment" reaches the server."""
    return tab.expect_response(lambda answer: f"/api/{what}/" in answer.url and answer.ok)


def write_and_leave_by(tab: Page, text: str, key: str, what: str) -> None:
    """Write into the box that has the focus; the key leaves it, which saves a "grade" or a "comment"."""
    tab.keyboard.type(text)
    with saved(tab, what):
        tab.keyboard.press(key)


def leave_by(tab: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    left = tab.evaluate("location.pathname")
    tab.keyboard.press(key)
    tab.wait_for_function("left => location.pathname !== left", arg=left)
    if "/submissions/" in tab.url:
        tab.wait_for_function(FORMGRADER_READY)


def test_beside_an_essay_stand_figure_and_mark_scheme(browser: tuple[str, BrowserContext], tab: Page) -> None:
    """All that a person needs for a mark, on one page; formulas are set, from the grader's own server."""
    open_submission(tab, browser[0], "q2_theory", "first")
    picture = tab.locator(".code_cell").filter(has_text="a picture of my own").locator("img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate(IMAGE_DRAWN)
    expect(tab.locator(".text_cell").filter(has_text=SCHEME)).to_have_count(4)
    behind = graded_cell(tab, "q2_a").locator("xpath=following::div[contains(@class, 'text_cell')][1]")
    expect(behind).to_contain_text(SCHEME)
    expect(graded_cell(tab, "q2_a").locator(".MathJax").first).to_be_visible()
    assert "$$" not in graded_cell(tab, "q2_a").inner_text()


def test_formulas_are_set_with_the_settings_of_before(course: Path, tmp_path: Path) -> None:
    """A course that was made with version 0.1.0 has them in formgrader, too."""
    former = shutil.copytree(course, tmp_path / "course")
    shutil.copy(FORMER, former / "nbgrader_config.py")
    with jupyter_lab(former) as (address, token), logged_in(address, token) as context:
        tab = context.new_page()
        open_submission(tab, f"{address}formgrader", "q2_theory", "first")
        expect(graded_cell(tab, "q2_a").locator(".MathJax").first).to_be_visible()
        assert "$$" not in graded_cell(tab, "q2_a").inner_text()


def test_the_scan_opens_from_the_page(course: Path, browser: tuple[str, BrowserContext], tab: Page) -> None:
    """A link behind the task leads to this very student's q1.pdf, and the task shows its mark scheme."""
    open_submission(tab, browser[0], "q1_paper", "second")
    assert "follow-through" in graded_cell(tab, "q1_upload").inner_text()
    link = tab.get_by_role("link", name="q1.pdf")
    expect(link).to_be_visible()
    scan = tab.request.get(str(link.evaluate("link => link.href")))
    assert scan.ok
    assert scan.headers["content-type"] == "application/pdf"
    assert scan.body() == (course / "submitted" / "second" / "hw2" / "q1.pdf").read_bytes()


def test_points_and_comment_reach_total_and_feedback_and_outlive_another_grading(
    course: Path, browser: tuple[str, BrowserContext], tab: Page
) -> None:
    """Typed into formgrader, found in the list, in the gradebook and by the student, and kept."""
    formgrader, _ = browser
    expect(row(tab, formgrader, "q2_theory", "first")).to_contain_text("0 / 20")
    open_submission(tab, formgrader, "q2_theory", "first")
    essay = graded_cell(tab, "q2_a")
    essay.locator(".score").fill("3.5")
    with saved(tab, "grade"):
        essay.locator(".score").press("Tab")
    essay.locator(".comment").fill(COMMENT)
    with saved(tab, "comment"):
        essay.locator(".comment").press("Escape")
    expect(row(tab, formgrader, "q2_theory", "first")).to_contain_text("3.5 / 20")
    assert re.search(r"first\D+5\*\D+3\.5\*\D+8\.5\b", mashq("scores", "hw2", cwd=course)[0])

    mashq("feedback", "hw2", "--student", "first", cwd=course)
    tab.goto((course / "feedback" / "first" / "hw2" / "q2_theory.html").as_uri())
    read = tab.inner_text("body")
    assert COMMENT in read
    assert re.search(r"\b3\.5\D{1,12}5\b", read)
    assert SCHEME not in read

    handed_in = course / "submitted" / "first" / "hw2" / "q2_theory.ipynb"
    notebook = nbformat.read(handed_in, as_version=4)
    notebook.cells[answer_of(notebook, "q2_a")].source += "\n\nOne more sentence."
    nbformat.write(notebook, handed_in)
    open_submission(tab, formgrader, "q2_theory", "first")
    with saved(tab, "grade"):
        graded_cell(tab, "q2_b").get_by_text("Full credit").click()
    mashq("grade", "hw2", "--allow-stand-in", cwd=course)
    open_submission(tab, formgrader, "q2_theory", "first")
    essay = graded_cell(tab, "q2_a")
    expect(essay).to_contain_text("One more sentence.")
    expect(essay.locator(".score")).to_have_value("3.5")
    expect(essay.locator(".comment")).to_have_value(COMMENT)
    with saved(tab, "grade"):
        essay.get_by_text("Resolve").click()  # the answer changed, so formgrader asks for another look
    expect(essay.get_by_text("Resolve")).to_be_hidden()

    # all points of the notebook are marked, not only those of the new answer
    other = graded_cell(tab, "q2_b")
    other.locator(".score").focus()
    tab.keyboard.press("Tab")
    other.locator(".comment").fill("Still good.")
    with saved(tab, "comment"):
        tab.keyboard.press("Escape")
    expect(other.get_by_text("Resolve")).to_be_visible()
    other.locator(".score").focus()
    leave_by(tab, "Control+.")
    open_submission(tab, formgrader, "q2_theory", "first")
    expect(graded_cell(tab, "q2_b").locator(".score")).to_have_value("5")
    expect(graded_cell(tab, "q2_b").get_by_text("Resolve")).to_be_hidden()


def test_the_keyboard_alone_goes_from_essay_to_the_same_essay_of_the_next_student(
    browser: tuple[str, BrowserContext], tab: Page
) -> None:
    """Control-. saves what is in the box first, and the name stays hidden."""
    formgrader, _ = browser
    tab.goto(f"{formgrader}/gradebook/hw2/q2_theory")
    expect(tab.locator("tbody tr")).to_have_count(2)
    assert not any(student in tab.locator("tbody").inner_text() for student in STUDENTS)
    tab.get_by_text("Submission #1").click()
    tab.wait_for_function(FORMGRADER_READY)
    first = tab.evaluate("location.pathname")
    graded_cell(tab, "q2_c").locator(".comment").fill("Good.")
    leave_by(tab, "Control+.")
    tab.wait_for_function("document.activeElement.id === 'q2_c'")
    leave_by(tab, "Control+,")
    assert tab.evaluate("location.pathname") == first
    expect(graded_cell(tab, "q2_c").locator(".comment")).to_have_value("Good.")


def test_the_other_keys_and_buttons_of_the_guide(browser: tuple[str, BrowserContext], tab: Page) -> None:
    """Each does what docs/essays.md says of it."""
    formgrader, _ = browser
    open_submission(tab, formgrader, "q2_theory", "second")
    essay = graded_cell(tab, "q2_d")
    points, extra, comment = (essay.locator(f".{name}") for name in ("score", "extra-credit", "comment"))

    points.focus()
    write_and_leave_by(tab, "2.5", "Tab", "grade")
    expect(extra).to_be_focused()
    write_and_leave_by(tab, "1", "Tab", "grade")
    expect(comment).to_be_focused()
    tab.keyboard.type("Short,")
    tab.keyboard.press("Enter")
    write_and_leave_by(tab, "and right.", "Shift+Tab", "comment")
    expect(extra).to_be_focused()
    write_and_leave_by(tab, "1.5", "Escape", "grade")
    expect(extra).not_to_be_focused()
    tab.keyboard.press("Enter")
    expect(extra).to_be_focused()
    tab.keyboard.press("Control+Shift+F")
    expect(tab.get_by_text("Submission flagged")).to_be_visible()
    listed = row(tab, formgrader, "q2_theory", "second")
    expect(listed).to_contain_text("4 / 20")
    tab.get_by_role("searchbox").fill("flagged")
    expect(tab.locator("tbody tr")).to_have_count(1)
    expect(listed).to_be_visible()

    open_submission(tab, formgrader, "q2_theory", "second")
    expect(comment).to_have_value("Short,\nand right.")
    tab.keyboard.press("Control+Shift+F")
    expect(tab.get_by_text("Submission unflagged")).to_be_visible()
    for press, wanted in (("Full credit", ("5", "1.5")), ("No credit", ("0", "0"))):
        with saved(tab, "grade"):
            essay.get_by_text(press).click()
        expect(points).to_have_value(wanted[0])
        expect(extra).to_have_value(wanted[1])
    waits = re.compile("needs_manual_grade")
    expect(points).not_to_have_class(waits)
    points.fill("9")
    with saved(tab, "grade"):
        tab.keyboard.press("Tab")
    expect(points).to_have_value("5")
    points.fill("")
    with saved(tab, "grade"):
        points.press("Escape")
    expect(points).to_have_class(waits)
    leave_by(tab, "Control+Shift+.")  # no essay has a check that failed
    assert tab.url.endswith("/gradebook/hw2/q2_theory")


def test_control_shift_goes_to_who_failed_a_check(browser: tuple[str, BrowserContext], tab: Page) -> None:
    """From the one whose numbers are right to the one who gave none, and not back."""
    formgrader, _ = browser
    row(tab, formgrader, "q1_paper", "second")
    forward, back = ("Control+Shift+.", "Control+Shift+,")
    if "second" in tab.locator("tbody tr").first.inner_text():
        forward, back = back, forward
    open_submission(tab, formgrader, "q1_paper", "first")
    leave_by(tab, forward)
    expect(tab.locator(".input_area").filter(has_text=NO_NUMBERS)).to_be_visible()
    leave_by(tab, back)
    assert tab.url.endswith("/gradebook/hw2/q1_paper")
