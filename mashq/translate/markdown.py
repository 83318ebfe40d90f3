"""The texts of a Markdown cell: one for each paragraph, heading, list item and table cell.

A paragraph is what a translator can take in, and a changed one leaves its neighbours' translations valid. Its
lines are joined, so that wrapping them anew changes nothing. The frame (list and heading marks, table bars,
fences, display formulas, lines of HTML, nbgrader's markers) never reaches a catalogue and cannot be damaged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mashq.translate import bidi
from mashq.translate.prose import CODE, IN_MATH, MATH, TAG, Piece, prose_words, replace, without_code

FENCE = re.compile(r"\s*(?:>\s?)*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
MARKER = re.compile(r"\s*###\s+(?:BEGIN|END)\s")
RULE = re.compile(r"\s*(?:=+|(?:[-*_]\s*){3,})\s*")
SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
BLOCK_HTML = re.compile(
    r"\s*</?(?:details|summary|div|p|center|table|thead|tbody|tr|td|th|ul|ol|li|br|hr|img|figure|figcaption"
    r"|h[1-6])\b|\s*<!--",
    re.IGNORECASE,
)
HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
PREFIX = re.compile(r"(\s*(?:>\s?)*)(\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?)?")
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
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    at = 0
    while at < len(lines):
        line = lines[at]
        if fence := FENCE.match(line):
            at += 1
            while at < len(lines) and not lines[at].lstrip(" >").startswith(fence[1]):
                at += 1
        elif not line.strip() or MARKER.match(line) or RULE.fullmatch(line) or SEPARATOR.fullmatch(line):
            pass
        elif line.lstrip(" >").startswith("$$"):
            first = at
            while at + 1 < len(lines) and "\n".join(lines[first : at + 1]).count("$$") % 2:
                at += 1
            block = "\n".join(lines[first : at + 1])
            if IN_MATH.search(block) or prose_words(without_code(block)):
                yield Piece(starts[first], starts[first] + len(block), block, str, "markdown")
        elif BLOCK_HTML.match(line):
            yield from _between(line, TAG, starts[at])
        elif line.lstrip().startswith("|"):
            hidden = CODE.sub(_dots, MATH.sub(_dots, line))
            yield from _between(line, BAR, starts[at], hidden)
        elif heading := HEADING.match(line):
            yield from _between(line[heading.end() :], re.compile(r"\s#+\s*$"), starts[at] + heading.end())
        else:
            last = _end_of_paragraph(lines, at)
            yield _paragraph(lines[at : last + 1], starts[at])
            at = last
        at += 1


def _dots(match: re.Match[str]) -> str:
    return "." * len(match.group())


def _between(
    line: str, separator: re.Pattern[str], offset: int, hidden: str | None = None
) -> Iterator[Piece]:
    """The texts between what separates them on one line."""
    end = 0
    spans = [match.span() for match in separator.finditer(line if hidden is None else hidden)]
    for start, following in [*spans, (len(line), len(line))]:
        text = line[end:start]
        if text.strip():
            begin = offset + end + len(text) - len(text.lstrip())
            yield Piece(begin, begin + len(text.strip()), text.strip(), str, "markdown")
        end = following


def _end_of_paragraph(lines: list[str], at: int) -> int:
    """The number of the last line of the paragraph that begins here."""
    quote = _prefix(lines[at])[0]
    while at + 1 < len(lines):
        following = lines[at + 1]
        own_quote, own_mark = _prefix(following)
        if (
            not following.strip()
            or own_mark
            or own_quote.count(">") != quote.count(">")
            or any(p.match(following) for p in (FENCE, MARKER, HEADING, BLOCK_HTML))
            or RULE.fullmatch(following)
            or following.lstrip(" >").startswith(("$$", "|"))
        ):
            break
        at += 1
    return at


def _prefix(line: str) -> tuple[str, str]:
    """Quotation marks and indentation, and the mark of a list item."""
    match = PREFIX.match(line)
    assert match is not None, "the pattern matches an empty text, too"
    return match[1], match[2] or ""


def _paragraph(lines: list[str], offset: int) -> Piece:
    quote, mark = _prefix(lines[0])
    texts = [lines[0][len(quote) + len(mark) :], *(line[len(_prefix(line)[0]) :] for line in lines[1:])]
    text = ""
    for number, part in enumerate(texts):
        broken = part.endswith(("  ", "\\")) and number + 1 < len(texts)  # a line break that Markdown keeps
        text += part.rstrip(" ") + ("  \n" if broken and part.endswith(" ") else "\n" if broken else " ")
    start = offset + len(quote) + len(mark)
    indent = quote + " " * len(mark)
    return Piece(
        start,
        offset + len("\n".join(lines)),
        text.strip(),
        lambda translation: translation.replace("\n", "\n" + indent),
        "markdown",
        paragraph=not mark and not quote,
    )
