"""String literals: their text with placeholders, and the literal that says a translation.

Python 3.12 splits an f-string into tokens and older versions do not; here both are one literal each, read
from its own characters. The text of an f-string is in f-string notation: `{name}` is a placeholder, `{{` a
brace.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator, Sequence

OPENING = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')")
F_START = getattr(tokenize, "FSTRING_START", None)
F_END = getattr(tokenize, "FSTRING_END", None)
PLURAL = re.compile(r"\{(['\"])\w{1,3}\1 (?:\*|if) .*\}")  # {'s' * (n > 1)}, the ending of an English word


class PlaceholderError(ValueError):
    """A translation has other placeholders than the original."""


def literal_spans(tokens: Sequence[tokenize.TokenInfo]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where each literal begins and ends, ((row, column), (row, column)); one inside another is none."""
    depth, start = 0, (0, 0)
    for token in tokens:
        if F_START is not None and token.type == F_START:
            start = start if depth else token.start
            depth += 1
        elif F_END is not None and token.type == F_END:
            depth -= 1
            if not depth:
                yield start, token.end
        elif token.type == tokenize.STRING and not depth:
            yield token.start, token.end


def fields(text: str) -> Iterator[tuple[bool, str]]:
    """An f-string's text in parts: (True, "{name:.2f}") for a placeholder, (False, text) between them."""
    at, plain = 0, ""
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            plain, at = plain + text[at : at + 2], at + 2
        elif text[at] == "{":
            if plain:
                yield False, plain
            end = _end_of_field(text, at)
            plain, at, field = "", end, text[at:end]
            yield True, field
        else:
            plain, at = plain + text[at], at + 1
    if plain:
        yield False, plain


def _end_of_field(text: str, at: int) -> int:
    """The place behind the brace that closes the one here; ValueError when none does."""
    depth, quote = 0, ""
    for place in range(at, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if not depth:
                return place + 1
    raise ValueError(f"a brace is not closed in {text!r}")


def read(literals: Sequence[str]) -> tuple[str, bool]:
    """The text of adjacent literals as one, and whether it is in f-string notation."""
    parts = [_opened(literal) for literal in literals]
    formatted = any("f" in prefix for prefix, _, _ in parts)
    text = ""
    for prefix, quote, body in parts:
        if "f" in prefix:
            text += "".join(part if known else _decoded(prefix, quote, part) for known, part in fields(body))
        else:
            plain = _decoded(prefix, quote, body)
            text += plain.replace("{", "{{").replace("}", "}}") if formatted else plain
    return text, formatted


def write(text: str, literals: Sequence[str], formatted: bool) -> str:
    """One literal that says a text, quoted as the first of the given ones where that can be.

    Raises PlaceholderError when the text has other placeholders than they have.
    """
    parts = list(_fields_or_error(text)) if formatted else [(False, text)]
    wanted = [part for known, part in fields(read(literals)[0]) if known] if formatted else []
    given = [part for known, part in parts if known]
    needed = [part for part in wanted if not PLURAL.fullmatch(part)]
    if sorted(given) not in (sorted(wanted), sorted(needed)):
        raise PlaceholderError(f"the placeholders should be {', '.join(wanted) or 'none'}")
    opened = [_opened(literal) for literal in literals]
    inside = "".join(given)
    first = opened[0][1][0]
    other = "'" if first == '"' else '"'
    quote = next((q for q in (first, other, first * 3, other * 3) if q not in inside), first * 3)
    prefix = "f" if formatted else ""
    if all("r" in given for given, _, _ in opened) and not re.search(r"[\n\t'\"\u200e]|\\$", text):
        return f"r{prefix}{quote}{text}{quote}"
    body = "".join(part if known else _escaped(part, quote) for known, part in parts)
    return f"{prefix}{quote}{body}{quote}"


def _fields_or_error(text: str) -> Iterator[tuple[bool, str]]:
    try:
        yield from fields(text)
    except ValueError as error:
        raise PlaceholderError(str(error)) from None


def _opened(literal: str) -> tuple[str, str, str]:
    """Prefix in small letters, quotation mark and body of a literal."""
    match = OPENING.match(literal)
    assert match is not None, "a literal begins with a quotation mark"
    return match[1].lower(), match[2], literal[match.end() : -len(match[2])]


def _decoded(prefix: str, quote: str, body: str) -> str:
    if "r" in prefix or "\\" not in body:
        return body
    return str(ast.literal_eval(f"{quote}{body}{quote}"))


def _escaped(text: str, quote: str) -> str:
    text = text.replace("\\", "\\\\").replace(quote[0], "\\" + quote[0])
    text = text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return text.replace("\u200e", "\\u200e")  # editors show the bare mark as a red dot
