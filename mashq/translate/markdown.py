"""The texts of a Markdown cell: one for each paragraph, heading, list item and table cell.

A paragraph is what a translator can take in, and a changed one leaves its neighbours' translations valid. Its
lines are joined, so that wrapping them anew changes nothing. The frame (list and heading marks, table bars,
fences, display formulas, lines of HTML, nbgrader's markers) never reaches a catalogue and cannot be damaged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from mashq.translate import bidi
from mashq.translate.prose import CODE, IN_MATH, MATH, TAG, Piece, prose_words, replace, without_code

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

MARKER = re.compile(r"\s*###\s+(?:BEGIN|END)\s")
SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")  # below the head of a table
LEAD = re.compile(r"(?:[\s>]|(?:[-*+]|\d+[.)]|#{1,6})\s)*")  # marks of quotations, lists and headings
TASK = re.compile(r"\[[ xX]\]\s+")
BAR = re.compile(r"(?<!\\)\|")

FRAME_END = "\n\n</div>"
# JupyterLab aligns every paragraph to the left, whatever the direction of what it stands in.
TO_THE_RIGHT = '<span style="display:block;text-align:right">'


def pieces(source: str) -> list[Piece]:
    """The texts of a cell that hold prose, in their order."""
    return [piece for piece in _texts(source) if prose_words(without_code(piece.text))]


def translate(source: str, lookup: Callable[[Piece], str | None], direction: str = "ltr") -> str:
    """The cell with its texts translated; a cell for a right-to-left language is framed as such."""
    if direction == "ltr":
        return replace(source, pieces(source), lookup)

    def ordered(piece: Piece) -> str | None:
        if prose_words(without_code(piece.text)):
            translation = lookup(piece)
            if translation is None:
                return None
            text = bidi.isolated(translation)
            return to_the_right(text) if piece.paragraph else text
        bare = MATH.sub("", piece.text).strip()
        return bidi.isolate(piece.text) if bare and not bare.startswith("!") else None

    lines = replace(source, list(_texts(source)), ordered).split("\n")
    mirrored = [_mirrored(line) if "-" in line and SEPARATOR.fullmatch(line) else line for line in lines]
    return framed("\n".join(mirrored), direction) if source.strip() else source


def framed(source: str, direction: str) -> str:
    """A cell that is shown in this direction; the blank lines let Markdown go on inside."""
    return f'<div dir="{direction}">\n\n{source.strip()}{FRAME_END}'


def to_the_right(text: str) -> str:
    """A paragraph, aligned as its language is where the page is not."""
    return f"{TO_THE_RIGHT}{text}</span>"


def _mirrored(separator: str) -> str:
    """The line below a table's head with left and right exchanged."""
    cells = separator.split("|")
    turned = [re.sub(r"(:?)(-+)(:?)", r"\3\2\1", cell) for cell in cells]
    return "|".join(turned)


def _texts(source: str) -> Iterator[Piece]:
    """All texts of a cell, those without prose too."""
    lines = source.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    # A bar in a formula or in code ends no cell of a table for Jupyter, which looks for formulas first.
    hidden = [CODE.sub(_dots, MATH.sub(_dots, line)) if "|" in line else line for line in lines]
    tokens = _reader().parse("\n".join(hidden).replace("\r", " "))  # a line break for the reader alone
    for token, before in zip(tokens, [None, *tokens], strict=False):
        first, end = token.map or (0, 0)
        block = "\n".join(lines[first:end])
        if token.type == "formula" and (IN_MATH.search(block) or prose_words(without_code(block))):
            yield Piece(starts[first], starts[first] + len(block), block, str, "markdown")
        elif token.type == "html_block":
            yield from _between(block.rstrip("\n"), TAG, starts[first])
        elif token.type == "tr_open":
            lead = _lead(lines[first])
            yield from _between(lines[first][lead:], BAR, starts[first] + lead, hidden[first][lead:])
        elif token.type == "inline" and before is not None:
            if before.type == "paragraph_open":
                yield _paragraph(lines[first:end], token, before.level == 0, starts[first])
            elif before.type == "heading_open" and not MARKER.match(block):
                yield _heading(lines[first:end], token, starts[first])


@cache
def _reader() -> MarkdownIt:
    """Markdown as Jupyter reads it: CommonMark with tables and displayed formulas."""
    from markdown_it import MarkdownIt  # here, since grading needs the frame of a cell alone

    reader = MarkdownIt("commonmark").enable("table")
    interrupts = ["paragraph", "reference", "blockquote", "list", "table"]
    reader.block.ruler.before("fence", "formula", _formula, {"alt": interrupts})
    return reader


def _formula(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A rule for the reader: a line that begins with $$, up to the line with the next $$."""
    if not state.src.startswith("$$", state.bMarks[first] + state.tShift[first]):
        return False
    if not silent:
        last = first + 1
        while last < end and state.src[state.bMarks[first] : state.eMarks[last - 1]].count("$$") % 2:
            last += 1
        state.push("formula", "", 0).map = [first, last]
        state.line = last
    return True


def _lead(line: str) -> int:
    """Where the text of a table's row or of a heading begins."""
    match = LEAD.match(line)
    assert match is not None, "the pattern matches an empty text, too"
    return match.end()


def _dots(match: re.Match[str]) -> str:
    return "." * len(match.group())


def _between(
    line: str, separator: re.Pattern[str], offset: int, hidden: str | None = None
) -> Iterator[Piece]:
    """The texts between what separates them."""
    end = 0
    spans = [match.span() for match in separator.finditer(line if hidden is None else hidden)]
    for start, following in [*spans, (len(line), len(line))]:
        text = line[end:start]
        if text.strip():
            begin = offset + end + len(text) - len(text.lstrip())
            said = re.sub(r"\s*\n\s*", " ", text.strip())
            yield Piece(begin, begin + len(text.strip()), said, str, "markdown")
        end = following


def _heading(lines: list[str], token: Token, offset: int) -> Piece:
    """A heading without its marks; one that is underlined may have several lines."""
    block = "\n".join(lines)
    start = _lead(block)
    end = len(block.rstrip()) if "\n" in token.content else start + len(token.content)
    text = " ".join(line.strip() for line in block[start:end].split("\n"))
    return Piece(offset + start, offset + end, text, str, "markdown")


def _paragraph(lines: list[str], token: Token, alone: bool, offset: int) -> Piece:
    """A paragraph on one line; `alone` when it is in no list and no quotation."""
    rows = token.content.split("\n")
    start = len(lines[0].rstrip()) - len(rows[0].rstrip())
    if not alone and (task := TASK.match(lines[0][start:])):
        start += task.end()
    pairs = zip(lines[1:], rows[1:], strict=True)
    rows = [lines[0][start:], *(line[len(line.rstrip()) - len(row.strip()) :] for line, row in pairs)]
    text = ""
    for number, row in enumerate(rows):
        broken = row.endswith(("  ", "\\")) and number + 1 < len(rows)  # a line break that Markdown keeps
        text += row.rstrip(" ") + ("  \n" if broken and row.endswith(" ") else "\n" if broken else " ")
    indent = re.sub(r"[^>\s]", " ", lines[0][:start])
    return Piece(
        offset + start,
        offset + len("\n".join(lines)),
        text.strip(),
        lambda translation: translation.replace("\n", "\n" + indent),
        "markdown",
        paragraph=alone,
    )
