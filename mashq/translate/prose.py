"""What in a text is for people to read, and what must come through a translation unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)(?:\\.|[^$\\])+?\$", re.DOTALL)
CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
TARGET = re.compile(r"(?<=\])\([^()\s]+\)")  # of a link or a picture
# Words inside a formula, \text{if image}, are prose, too.
IN_MATH = re.compile(r"(\\(?:text|mbox)\{)([^{}]*)(\})")

TOKEN = re.compile(r"[A-Za-z_][\w.]*\(?")
WORD = re.compile(r"[A-Za-z]?[a-z]+\.?")


@dataclass(frozen=True)
class Piece:
    """A text within a source: `source[start:end]` says `text`, and `render(translation)` takes its place."""

    start: int
    end: int
    text: str
    render: Callable[[str], str] = field(compare=False)
    kind: str  # "markdown", "comment", "docstring" or "string"
    paragraph: bool = False  # a paragraph of Markdown, in no list
    printed: bool = False  # by the code
    followed: bool = False  # by other values in the same line of output


def replace(source: str, pieces: list[Piece], lookup: Callable[[Piece], str | None]) -> str:
    """The source with each piece replaced for which `lookup` has a text."""
    for piece in sorted(pieces, key=lambda p: p.start, reverse=True):
        translation = lookup(piece)
        if translation is not None:
            source = source[: piece.start] + piece.render(translation) + source[piece.end :]
    return source


def without_code(text: str) -> str:
    """A Markdown text without formulas, inline code, tags and link targets; words in formulas stay."""
    text = CODE.sub(" ", text)
    for pattern in (TAG, TARGET):
        text = pattern.sub(" ", text)
    return MATH.sub(lambda m: " ".join(words for _, words, _ in IN_MATH.findall(m.group())), text)


def prose_words(text: str) -> list[str]:
    """The words that are neither names in code (`x_train`, `relu(`) nor proper ones such as NumPy or XNOR."""
    tokens = TOKEN.findall(text)
    return [token for token in tokens if WORD.fullmatch(token) and len(token.rstrip(".")) > 1]
