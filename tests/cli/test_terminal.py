"""What a student wrote does not reach the terminal of whoever grades as anything but text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mashq.language import one_line, visible
from tests.support.tiny_course import answered, make_tiny_course

TITLE, CLEAR, C1, BACK, AROUND = "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\r\x08", "\u202e"
HOSTILE = f"{TITLE}{CLEAR}{C1}{BACK}{AROUND}"
ALLOWED = {"\n", "\t"}


def obeyed(text: str) -> set[str]:
    """The characters that a terminal would act on."""
    return {c for c in text if (not c.isprintable() and ord(c) < 0xA0 and c not in ALLOWED) or c == AROUND}


@pytest.mark.quick
def test_what_is_visible() -> None:
    """Line breaks, tabs and the marks of Persian stay; each of the others is a space."""
    assert obeyed(visible(HOSTILE)) == set()
    persian = "می\u200cشود \u200e[0. 1.]\u2066x\u2069\n\tb"
    assert visible(persian) == persian
    assert visible("a\x1b[31mb") == "a [31mb"
    assert obeyed(one_line(HOSTILE)) == set()


@pytest.mark.long
def test_errors_names_and_ids_are_text_wherever_they_are_printed(tmp_path: Path) -> None:
    """In an error, a line of code, a name of a file, a kind of error; on every command that prints them."""
    course = make_tiny_course(tmp_path / "course")
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    code = (
        "class A(Exception): pass\n"
        f"A.__name__ = {HOSTILE!r}\n"
        f"def area(a, b):\n    raise A({HOSTILE!r})  # {HOSTILE}"
    )
    student = f"ada{CLEAR}"
    folder = course / "submitted" / student / "ps1"
    folder.mkdir(parents=True)
    (folder / "areas.ipynb").write_text(json.dumps(answered(release, code)))
    (folder / f"x{TITLE}.csv").symlink_to("/etc/passwd")
    (folder / f"Copy{C1}.ipynb").write_text(json.dumps(answered(release)))
    own = str(folder / "areas.ipynb")
    commands = [
        ["mashq.cli", "validate", own],
        ["mashq.cli", "grade", "ps1"],
        ["mashq.cli", "feedback", "ps1"],
        ["mashq.cli", "grade", "ps1", "--student", f"nobody{TITLE}"],
        ["pytest", "-q", "tests/ps1", "--submission", own],
    ]
    printed = [
        subprocess.run(
            [sys.executable, "-m", *words], cwd=course, capture_output=True, text=True, check=False
        )
        for words in commands
    ]
    for done in printed:
        assert "Traceback" not in done.stderr
        assert obeyed(done.stdout + done.stderr) == set(), done.args
    assert sum("owned" in done.stdout + done.stderr for done in printed) >= 2
