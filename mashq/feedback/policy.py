"""What a browser may do for a feedback page, as a content security policy.

What a student wrote is cleaned before it comes into the page (`mashq.grading.notebook.sanitize`). Where that
failed, the browser still runs no script, sends no form and loads nothing from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mashq.grading.notebook.sanitize import has_released_text

HOST = re.compile(r"https://[a-z0-9.-]+(?::\d+)?", re.IGNORECASE)


def policy(hosts: Iterable[str] = ()) -> str:
    """The value of Content-Security-Policy.

    hosts : from where the instructor's own text shows pictures or films, as https://example.org
    """
    named = " ".join(sorted(hosts))
    rules = {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": f"data: file: 'self' {named}",  # files: a page is read from the disk, too
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if named:
        rules |= {"frame-src": named, "media-src": named}
    return "; ".join(f"{name} {value.strip()}" for name, value in rules.items())


def hosts_of(notebook: Any) -> set[str]:
    """The hosts that the cells name which have the released text."""
    return {
        host
        for cell in notebook.cells
        if cell.cell_type != "code" and has_released_text(cell)
        for host in HOST.findall(cell.source)
    }
