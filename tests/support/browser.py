"""A page in a real Chromium, for tests and for measuring."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.support.needs import missing

PATIENCE_MS = 60_000
DRAWN = "[...document.querySelectorAll('.chart')].every(place => place.querySelector('svg'))"


def chromium() -> str:
    """The browser's program; a test that asks for it where there is none is skipped, or fails in CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or missing("no Chromium on this machine: apt-get install chromium")


@contextmanager
def opened(page: Path, width: int = 1280) -> Iterator[tuple[Page, float]]:
    """A file in a browser without a network, and the seconds until all its charts were drawn.

    width : of the window, in pixels. Every error that the page logs fails the test that opened it.
    """
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
            tab = context.new_page()
            tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            tab.on("pageerror", lambda error: faults.append(str(error)))
            tab.set_default_timeout(PATIENCE_MS)
            begun = time.perf_counter()
            tab.goto(page.resolve().as_uri())
            tab.wait_for_function(DRAWN)
            yield tab, time.perf_counter() - begun
        finally:
            browser.close()
    if faults:
        raise AssertionError("; ".join(faults))


def audited(tab: Page) -> list[str]:
    """What axe-core finds serious or critical for people who use a page without eyes or mouse."""
    found = Axe().run(tab).response["violations"]
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
