"""The points of a whole submission, on each page and on the page of all, in a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser

from mashq.feedback.generate import generate_feedback
from mashq.feedback.overview import number
from tests.support.browser import audited
from tests.support.commands import nbgrader
from tests.support.feedback_pages import DESK, OVERFLOWS, PHONE, TABLET, all_words, opened, words
from tests.support.tiny_course import (
    TINY_CHECKS,
    answered,
    make_course,
    released_notebook,
    tiny_notebook,
)

pytestmark = pytest.mark.long

SIZES = {"phone": PHONE, "tablet": TABLET, "desk": DESK}


@pytest.mark.parametrize(("points", "text"), [(2.0, "2"), (17.625, "17.625"), (10 / 3, "3.333")])
def test_points_are_as_exact_as_a_check_gives_them(points: float, text: str) -> None:
    """An eighth of a point, which a check may be worth, is not rounded away."""
    assert number(points) == text


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three notebooks: of one an essay waits, one has points from a person, one is missing."""
    notebooks = {name: tiny_notebook() for name in ("areas", "more-areas", "third")}
    for name, title in (("more-areas", "Larger areas"), ("third", "<i>Third</i>")):
        notebooks[name].cells[0].source = f"# {title}"
    folder = make_course(tmp_path_factory.mktemp("overview") / "course", notebooks)
    for name in ("more-areas", "third"):
        (folder / "tests" / "ps1" / f"test_{name}.py").write_text(TINY_CHECKS)
    handed_in = folder / "submitted" / "ada" / "ps1"
    handed_in.mkdir(parents=True)
    for name in ("areas", "more-areas"):
        nbformat.write(answered(released_notebook(folder, name)), handed_in / f"{name}.ipynb")
    nbgrader(folder, "autograde", "ps1")
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "neural-networks") as gradebook:
        grade = gradebook.find_grade("why", "more-areas", "ps1", "ada")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    nbgrader(folder, "generate_feedback", "ps1")
    return folder


PARTS = [
    "Areas 2 of 5 points so far",
    "Larger areas 4.5 of 5 points",
    "<i>Third</i> not handed in, 0 of 5 points",
]


def test_each_page_says_what_all_notebooks_give(course: Path, browser: Browser) -> None:
    """The sum, each notebook with its points, and links to those that have a page."""
    folder = course / "feedback" / "ada" / "ps1"
    tab = opened(browser, folder / "areas.html", DESK)
    assert words(tab, ".whole > summary") == "neural-networks · ps1: 6.5 of 15 points so far"
    tab.locator(".whole > summary").press("Enter")
    assert all_words(tab, ".whole li") == PARTS
    assert words(tab, ".whole [aria-current=page]") == "Areas"
    tab.locator(".whole a").press("Enter")
    tab.wait_for_url("**/more-areas.html")
    assert words(tab, ".total") == "Total 4.5 of 5 points"


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_one_page_has_all_notebooks(size: tuple[int, int], course: Path, browser: Browser) -> None:
    """`mashq feedback` makes it; it fits, its links lead to the pages, and axe finds nothing."""
    page = course / "feedback" / "ada" / "ps1" / "index.html"
    if not page.exists():
        assert generate_feedback(course, "ps1", workers=1, force=True) == 1
    tab = opened(browser, page, size)
    assert words(tab, ".total") == "Total 6.5 of 15 points so far"
    assert all_words(tab, ".parts li") == PARTS
    assert words(tab, ".line") == "Some points wait for a person and are not a zero."
    assert not tab.evaluate(OVERFLOWS)
    assert audited(tab) == []
    tab.locator(".parts a").first.press("Enter")
    tab.wait_for_url("**/areas.html")
