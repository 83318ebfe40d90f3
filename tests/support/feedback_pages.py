"""Pages of feedback, opened in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

PHONE, TABLET, DESK = (360, 740), (820, 1100), (1280, 900)
OVERFLOWS = "document.scrollingElement.scrollWidth > innerWidth"


def opened(browser: Browser, path: Path, size: tuple[int, int] = PHONE, dark: bool = False) -> Page:
    """A page without a network, in which an error fails the test."""
    scheme: Any = "dark" if dark else "light"
    window: Any = {"width": size[0], "height": size[1]}
    tab = browser.new_context(viewport=window, offline=True, color_scheme=scheme).new_page()
    tab.set_default_timeout(20_000)
    tab.goto(path.resolve().as_uri())
    return tab


def words(tab: Page, where: str) -> str:
    """What stands there, with single spaces."""
    return " ".join(tab.locator(where).inner_text().split())


def all_words(tab: Page, where: str) -> list[str]:
    """The same of each element that is found."""
    return [" ".join(found.inner_text().split()) for found in tab.locator(where).all()]
