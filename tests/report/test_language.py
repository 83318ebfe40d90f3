"""The report in Persian: its words, its charts, and its layout from the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import vl_convert

from bench import messages
from mashq.language import PACKAGE, gettext, speaking
from mashq.report.page import render
from mashq.report.thresholds import read_thresholds
from tests.support.browser import audited, opened
from tests.support.classes import CODE, class_of, handed, unreadable
from tests.support.pages import Outline, specs

PHYSICAL = re.compile(
    r"(?<=[\s;{])((?:margin|padding|border)-(?:left|right)[\w-]*:|(?:left|right):|text-align: (?:left|right))"
)


@pytest.fixture(scope="module")
def page() -> str:
    """A class with all that a report may say of one."""
    with speaking("fa"):
        return render(
            class_of(
                handed("amy", "+-+", CODE, "wrong value"),
                handed("بهار", "--+", CODE, "مقدار نادرست است"),
                handed("cat", "+++", stand_ins=("hoda",)),
                handed("dan", "-++"),
                problems={"بهار": [unreadable("is empty; ask for the file again")]},
            )
        )


def test_the_page_says_its_language_and_direction(page: str) -> None:
    """For browsers and screen readers; code is read from the left."""
    outline = Outline(page)
    assert outline.all("html") == [{"lang": "fa", "dir": "rtl"}]
    code = [attributes for attributes in outline.all("pre") if attributes.get("class") != "essay"]
    assert code
    assert {attributes["dir"] for attributes in code} == {"ltr"}


def test_no_english_word_of_the_page_is_left(page: str) -> None:
    """Text, charts, labels for screen readers."""
    shown = page[page.index("<body") : page.rindex("</footer>")]
    english = [
        message.id
        for message in messages.messages()
        if isinstance(message.id, str)
        and any(place.startswith("mashq/report/") for place, _line in message.locations)
        and " " in message.id
        and "{" not in message.id
    ]
    assert len(english) > 50
    with speaking("fa"):
        left = [text for text in english if text in shown and gettext(text) != text]
    assert left == []
    text = Outline(page).text
    assert "فایل تحویل‌شده: " in text
    assert "ask for the file again" not in text
    for word in ("آنچه نیاز به توجه دارد", "قدرت تمیز", "پیش از استفاده از این نمره‌ها"):
        assert word in text


def test_charts_are_translated_and_valid(page: str) -> None:
    """Titles of axes, legends and descriptions; Vega draws them."""
    found = specs(page)
    said = str(found)
    assert "سهم از کل نمره" in said
    assert "به حد لازم رسیده" in said
    assert all(re.search("[\u0600-\u06ff]", spec["description"]) for spec in found)
    for spec in found:
        assert "<svg" in vl_convert.vegalite_to_svg(spec | {"width": 600}, allowed_base_urls=[])


def test_the_style_knows_no_left_and_right() -> None:
    """Logical properties, so that one style serves both directions."""
    style = (PACKAGE / "report" / "templates" / "page.css").read_text(encoding="utf-8")
    assert [match[1] for match in PHYSICAL.finditer(style)] == []


def test_a_marked_name_of_a_bar_is_read() -> None:
    """`N_("...")` in a decorator is a name as before."""
    text = '@threshold(N_("accuracy of it"), 0.5, mean=0.9, sd=0.1, runs=9)\ndef test_a(student): ...'
    assert read_thresholds(text)["test_a"].name == "accuracy of it"


@pytest.fixture(scope="module", params=[1280, 390], ids=["desktop", "phone"])
def tab(request: pytest.FixtureRequest, page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page in a browser."""
    path = tmp_path_factory.mktemp("page") / "fa.html"
    path.write_text(page, encoding="utf-8")
    with opened(path, request.param) as (tab, _seconds):
        yield tab


def test_nothing_overflows_and_no_barriers(tab: Any) -> None:
    """Not to the left either, where a page from the right grows."""
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert audited(tab) == []


def test_columns_begin_at_the_right(tab: Any) -> None:
    """The first heading of a table stands to the right of the second; charts stay as they are."""
    places = tab.evaluate(
        "[...document.querySelectorAll('#checks ~ .wide th')].slice(0, 2)"
        ".map(heading => heading.getBoundingClientRect().x)"
    )
    assert places[0] > places[1]
    assert tab.evaluate("getComputedStyle(document.querySelector('.chart')).direction") == "ltr"
