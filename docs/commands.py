"""Writes the second half of commands.md from the commands' own help: `python docs/commands.py`."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from mashq.cli.app import app

PAGE = Path(__file__).with_name("commands.md")
BEGIN = "<!-- From here on the page is made by `python docs/commands.py`. -->\n"


def with_reference(page: str) -> str:
    """The page with everything after BEGIN made anew."""
    head, found, _ = page.partition(BEGIN)
    if not found:
        raise ValueError(f"{PAGE} has no line {BEGIN!r}")
    return head + BEGIN + "\n" + reference()


def reference() -> str:
    """What `--help` says of each command, as Markdown."""
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="mashq", resilient_parsing=True)
    text = get_docs_for_click(obj=command, ctx=context, name="mashq", title="Reference")
    text = re.sub(r"^#", "##", text, flags=re.MULTILINE)
    text = re.sub(r"^(##+) `(mashq \w+ \w+)`", r"### `\2`", text, flags=re.MULTILINE)
    text = re.sub(
        r"^(Exit codes: 0 done|\*\*Commands\*\*:).*?(?=^#|\Z)", "", text, flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"^Example: (.*)$", r"Example: `\1`", text, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(with_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
