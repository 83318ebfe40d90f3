"""How much of a notebook the pages are given to work on: its letters, and the time that they take to read it.

Formgrader and the feedback set Markdown and colour code with libraries whose time grows with the square of
some texts: a page of spaces can keep them busy for hours. What is short is passed on. What is longer is tried
first, in a process that can be ended; what takes too long there is shown as plain text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from mashq.grading.notebook import markup
from mashq.handed_in import apart
from mashq.handed_in.limits import letters_of
from mashq.language import gettext as _
from mashq.language import spoken

ALL = 1_000_000  # letters of HTML and Markdown that are set, pictures in them not counted
LONG = 100_000  # letters of one of these texts
SHOWN = 4_000_000  # letters of printed text, errors and values
OUTPUTS, OUTPUTS_OF_A_CELL = 3000, 500
TAGS = 100_000  # of HTML, all of which nbconvert reads once more
COLOURS, COLOURS_OF_A_TEXT = 20_000, 2000  # of terminals, in printed text
# What is passed on untried: short texts, and longer ones with few signs that mean something in Markdown.
SHORT, EASY, EASY_SIGNS = 1500, 8000, 2_000_000  # letters; letters; letters times signs
UNTRIED = 100_000  # letters of these in a notebook
UNTRIED_CODE = 5e8  # sum of the squares of the letters of code cells
# Of computing, for a text, for one with pictures, and for a notebook.
SECONDS, SECONDS_A_PICTURE, ALL_SECONDS = 3.0, 5.0, 20.0

SIGN = re.compile(r"[^\w\s.,;:!?'\"()،؛؟«»\u200c-]|_")
COLOURED = re.compile(r"(?:`{3}|~{3})[ \t]*(?!python\b|py\b)[^\s`~]")  # code of another language, in a text
FOREIGN = re.compile(r"%%(?!(?:time|timeit|capture|prun|writefile)\b)|!.{500}")  # the same, in a code cell
GAP = re.compile(r"[^\S\n]{80}|\n{80}")
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~])?")  # what a terminal obeys
COLOUR = re.compile(r"\x1b\[[0-9;]{0,30}m")


class Allowance:
    """What is left for one notebook."""

    def __init__(self) -> None:
        self._letters, self._shown, self._outputs = ALL, SHOWN, OUTPUTS
        self._tags = TAGS
        self._untried, self._untried_code = UNTRIED, UNTRIED_CODE
        self._colours, self._seconds = COLOURS, ALL_SECONDS

    def html(self, html: str) -> str:
        """HTML, clean; as text where it is too much."""
        if not self._covers(html, ALL):
            return markup.too_much(html)
        clean = markup.clean_html(html)
        return clean if self._has_room_for(clean.count("<")) else markup.too_much(html)

    def markdown(self, source: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
        """Markdown, clean; as text where it is too much."""
        if not self._covers(source, LONG):
            return markup.too_much(source)
        if self._is_easy(source):
            return markup.clean_markdown(source, attachments) if markup.MAY_BE_HTML.search(source) else source
        has_pictures = bool(attachments) or len(source) > LONG
        call = f"{markup.__name__}:{markup.tried_markdown.__name__}"
        seconds = SECONDS_A_PICTURE if has_pictures else SECONDS
        clean = self._try(call, seconds, spoken(), source, {n: dict(b) for n, b in attachments.items()})
        return str(clean[0]) if clean and self._has_room_for(clean[1]) else markup.too_much(source)

    def may_be_coloured(self, code: str, lexer: str) -> bool:
        """Whether the code of a cell can be shown in colours."""
        is_python = lexer.startswith("ipython") and not FOREIGN.search(code)
        if is_python and self._untried_code >= len(code) ** 2:
            self._untried_code -= len(code) ** 2
            return self._has_room_for(len(code) // 4)
        tags = self._try(f"{markup.__name__}:{markup.tried_colours.__name__}", SECONDS, lexer, code)
        return tags is not None and self._has_room_for(tags)

    def text(self, text: str) -> str:
        """A printed text with the colours and letters that are left; a note says what is not there."""
        notes = []
        if "\x1b" in text:
            escapes = text.count("\x1b")
            if escapes > min(COLOURS_OF_A_TEXT, self._colours):
                text = ESCAPE.sub("", text)
                notes.append(_("... the colours were left out ..."))
            else:
                self._colours -= escapes
                text = ESCAPE.sub(lambda found: found[0] if COLOUR.fullmatch(found[0]) else "", text)
        if len(text) > self._shown:
            left_out = _("... {count} more letters are not shown ...")
            notes.append(left_out.format(count=len(text) - self._shown))
            text = text[: self._shown]
        self._shown -= len(text)
        return "\n".join([text, *notes]) if notes else text

    def _has_room_for(self, tags: int) -> bool:
        """Whether so many tags may stand in the page, which is counted."""
        self._tags -= tags
        return self._tags >= 0

    def outputs(self, count: int) -> int:
        """How many of a cell's outputs are shown."""
        shown = min(count, OUTPUTS_OF_A_CELL, self._outputs)
        self._outputs -= shown
        return shown

    def _covers(self, text: str, most: int) -> bool:
        """Whether a text is to be set, which is counted."""
        letters = letters_of(text)
        self._letters -= letters
        return letters <= most and self._letters >= 0

    def _is_easy(self, source: str) -> bool:
        """Whether a Markdown text takes no time worth counting, whatever is in it."""
        if len(source) > EASY or len(source) > self._untried or COLOURED.search(source):
            return False
        if len(source) > SHORT:
            signs = len(SIGN.findall(source))
            if signs * len(source) > EASY_SIGNS or GAP.search(source):
                return False
        self._untried -= len(source)
        return True

    def _try(self, function: str, seconds: float, *arguments: Any) -> Any | None:
        """What a function gives in a process that is ended after so many seconds; None then."""
        if self._seconds <= 0:
            return None
        start = time.monotonic()
        try:
            return apart.ask(function, *arguments, seconds=min(seconds, self._seconds))
        except apart.TooMuchError:
            return None
        finally:  # a busy machine makes nobody's text too long
            self._seconds -= min(seconds, time.monotonic() - start)
