"""Sphinx's settings: `make docs` builds the site into docs/_build/html. Nothing of mashq is imported."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
# Pages of the site that are files of the repository's root; links to the files become links to the pages.
ROOT_PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
}

project = "mashq"
author = "the authors of mashq"
version = release = re.findall(r'__version__ = "(.+)"', (ROOT / "mashq" / "__init__.py").read_text("utf-8"))[
    0
]

extensions = ["myst_parser"]
myst_heading_anchors = 4
highlight_language = "text"
exclude_patterns = ["_build", "images"]

html_theme = "furo"
html_title = f"mashq {version}"
html_static_path = ["_static"]
html_css_files = ["mashq.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False


def link_to_pages(app: Sphinx, page: str, source: list[str]) -> None:
    """Write links to files of the root as links to their pages."""
    for name, target in ROOT_PAGES.items():
        source[0] = source[0].replace(f"](../{name}", f"]({target}")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", link_to_pages)
