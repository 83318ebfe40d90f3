"""Which parts of a line a browser shows in another order than they are written in."""

from __future__ import annotations

import html
from collections.abc import Sequence

from playwright.sync_api import sync_playwright

from mashq.translate.bidi import LETTERS
from tests.support.browser import PATIENCE_MS, chromium

# What stands between letters of a right-to-left script and holds two words or a bracket, such as `[0. 1.]`
# or `(2, 3)`, is read from left to right: the places of its signs on the page only grow.
TURNED = r"""
pieces => [...document.querySelectorAll('pre')].map(line => {
  const node = line.firstChild, turned = [];
  for (const piece of node.data.matchAll(new RegExp(pieces, 'g'))) {
    const core = /[\w(\[{].*[\w)\]}]/.exec(piece[0]);
    if (!core || !/\w[^\w.,]+\w|\w[.,]\s+\w|[(\[{].*\w.*[)\]}]/.test(core[0])) continue;
    let last = -1;
    for (let i = 0; i < core[0].length; i++) {
      if (!core[0][i].trim()) continue;
      const range = document.createRange(), at = piece.index + core.index + i;
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const place = range.getBoundingClientRect().left;
      if (place < last) { turned.push(core[0]); break; }
      last = place;
    }
  }
  return turned;
})
"""


def turned_around(lines: Sequence[str]) -> list[str]:
    """The lines, shown from left to right as code and output are, in which something is turned around."""
    pieces = rf"[^{LETTERS}\u200e\u2066-\u2069]+"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            tab = browser.new_page(viewport={"width": 4000, "height": 900})
            tab.set_default_timeout(PATIENCE_MS)
            tab.set_content("".join(f"<pre>{html.escape(line)}</pre>" for line in lines))
            found = tab.evaluate(TURNED, pieces)
        finally:
            browser.close()
    return [f"{line.strip()}: {parts}" for line, parts in zip(lines, found, strict=True) if parts]
