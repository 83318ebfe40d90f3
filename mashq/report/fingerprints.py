"""Fingerprints of texts, for finding what two of them share: winnowing, and whole statements.

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003. The
detector on PyPI, copydetect, compares every file with every other and brings a compiled extension; the
method itself is a page of code.

Winnowing finds runs of tokens. Lines of no use between the lines of a copy leave no run whole, so statements
of code, and sentences of an essay, are fingerprints, too, whatever stands between them.

Code is read by a pattern and not by `tokenize`, which stops at the first fault of a student's syntax and
takes ten times as long.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

GRAM, WINDOW = 12, 8  # tokens: every run of GRAM + WINDOW - 1 equal ones is found, none shorter than GRAM
WORDS, WORD_WINDOW = 6, 4  # the same for essays
STATEMENT, SENTENCE = (
    10,
    6,
)  # tokens and words of those that say something; shorter ones are in everybody's work
KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))  # names that mean the same in everybody's code

TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?:\b[rRbBuUfF]{1,2})?(?:
        \"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z) | '''(?:\\.|[^\\])*?(?:'''|\Z)
      | "(?:\\.|[^\\"\n])*"? | '(?:\\.|[^\\'\n])*'? ))
  | (?P<number>\d[\w.]*)
  | (?P<name>\w+)
  | (?P<sign>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"\w+")
LINE_BREAK = re.compile("\n")
STOP = re.compile(r"[.!?؟]|\n\s*\n")  # ends a sentence
FACTOR = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing modulo 2**64


@dataclass(frozen=True, eq=False)
class Grams:
    """The runs of tokens of one text."""

    hashes: np.ndarray  # uint64, shape (n,)
    lines: np.ndarray  # int, shape (n, 2): first and last line of each, counted from 0
    chosen: np.ndarray  # int: which of them are the fingerprints
    statements: np.ndarray  # uint64, shape (m,): the statements or sentences, those that are long enough
    statement_lines: np.ndarray  # int, shape (m, 2): as `lines`


@lru_cache(maxsize=20_000)  # a class hands in many equal cells
def grams(text: str, is_code: bool) -> Grams:
    """The runs of GRAM tokens of code, or of WORDS words of an essay, and those that stand for it.

    Names of the student's own, numbers, texts, comments and layout make no difference.
    """
    tokens, starts = _code_tokens(text) if is_code else _words(text)
    breaks = np.array([match.start() for match in LINE_BREAK.finditer(text)], dtype=np.int64)
    at = np.searchsorted(breaks, np.array(starts, dtype=np.int64))  # the line of each token
    statements = _statements(text, tokens, starts, at, is_code)
    length, window = (GRAM, WINDOW) if is_code else (WORDS, WORD_WINDOW)
    count = len(tokens) - length + 1
    if count < 1:
        nothing = np.zeros(0, dtype=np.int64)
        return Grams(nothing.astype(np.uint64), nothing.reshape(0, 2), nothing, *statements)
    ids = np.array([_number(token) for token in tokens], dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(length):  # a polynomial, modulo 2**64
        hashes = hashes * np.uint64(FACTOR) + ids[place : place + count]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(FACTOR)
    hashes ^= hashes >> np.uint64(32)
    lines = np.stack([at[:count], at[length - 1 :]], axis=1)
    return Grams(hashes, lines, _winnow(hashes, window), *statements)


def _statements(
    text: str, tokens: list[str], starts: list[int], at: np.ndarray, is_code: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The statements of code, or the sentences of an essay, as hashes, and the lines of each."""
    hashes, lines, begun, depth = [], [], 0, 0
    for place, word in enumerate(tokens):
        depth += (word in "([{") - (word in ")]}") if is_code and len(word) == 1 else 0
        last = place + 1 == len(tokens)
        between = "" if last else text[starts[place] : starts[place + 1]]
        ends = (depth <= 0 and ("\n" in between or word == ";")) if is_code else bool(STOP.search(between))
        if not (last or ends):
            continue
        if place + 1 - begun >= (STATEMENT if is_code else SENTENCE):
            said = " ".join(tokens[begun : place + 1])
            hashes.append(
                zlib.crc32(said.encode("utf-8", "replace")) << 32
                | zlib.adler32(said.encode("utf-8", "replace"))
            )
            lines.append((at[begun], at[place]))
        begun, depth = place + 1, 0
    return np.array(hashes, np.uint64), np.array(lines, np.int64).reshape(-1, 2)


def _winnow(hashes: np.ndarray, window: int) -> np.ndarray:
    """Where the smallest hash of every window stands, the rightmost of equal ones."""
    window = min(window, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, window)
    last = window - 1 - np.argmin(windows[:, ::-1], axis=1)
    return np.unique(last + np.arange(len(windows)))


def _code_tokens(text: str) -> tuple[list[str], list[int]]:
    """Tokens, and where each begins."""
    tokens: list[str] = []
    starts: list[int] = []
    for match in TOKEN.finditer(text):
        kind, value = match.lastgroup, match[0]
        if kind == "comment":
            continue
        if kind == "name" and value not in KEPT and not (tokens and tokens[-1] == "."):
            value = "a name"
        elif kind in ("string", "number"):
            value = f"a {kind}"
        tokens.append(value)
        starts.append(match.start())
    return tokens, starts


def _words(text: str) -> tuple[list[str], list[int]]:
    found = [(match[0].casefold(), match.start()) for match in WORD.finditer(text)]
    return [word for word, _ in found], [start for _, start in found]


@lru_cache(maxsize=100_000)
def _number(token: str) -> int:
    return zlib.crc32(token.encode("utf-8", "replace"))


def without_comments(code: str) -> str:
    """Code with `#` in place of each comment."""
    return TOKEN.sub(lambda match: "#" if match.lastgroup == "comment" else match[0], code)
