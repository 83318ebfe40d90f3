"""Numbers and code inside a right-to-left text.

Unicode's rules show `2-2-1` after a Persian word as 1-2-2, `-0.5` as 0.5-, and `(1, 2)` as (2, 1): signs and
commas between digits follow the direction of the words around. Marks that nobody sees prevent that.
"""

from __future__ import annotations

import re

from mashq.translate import literals
from mashq.translate.prose import CODE, MATH, TAG, TARGET

LRI, PDI = "\u2066", "\u2069"  # between them: left to right, with no part in the order around
LRM = "\u200e"  # a letter of no width, written left to right

DIGIT = "[0-9\u06f0-\u06f9]"
LETTERS = "\u0590-\u06ef\u06fa-\u08ff"  # of right-to-left scripts
LETTER = re.compile(f"[{LETTERS}]")
NUMBER = rf"{DIGIT}+(?:[.,\u066b\u066c]{DIGIT}+)*"
ORDERED = re.compile(
    rf"(?<![\w.])(?:[-−+±]{NUMBER}|{NUMBER}(?:\s?[-–−×·+/=:]\s?[-−]?{NUMBER})+)(?!\w)"
    rf"|(?<!\])[(\[][^()\[\]{LETTERS}]*{DIGIT}[^()\[\]{LETTERS}]*[)\]](?!\()"
)
WHOLE = re.compile(
    rf"{LRI}.*?{PDI}|(?P<code>{CODE.pattern})|{MATH.pattern}|{TAG.pattern}|{TARGET.pattern}", re.DOTALL
)


def isolate(text: str) -> str:
    """A text that is read left to right, wherever it stands."""
    return f"{LRI}{text}{PDI}"


def isolated(text: str) -> str:
    """A right-to-left Markdown text in which code, sums and pairs of numbers keep their own order."""
    parts, end = [], 0
    for kept in WHOLE.finditer(text):
        parts.append(ORDERED.sub(lambda m: isolate(m.group()), text[end : kept.start()]))
        parts.append(isolate(kept.group()) if kept.group("code") else kept.group())
        end = kept.end()
    return "".join([*parts, ORDERED.sub(lambda m: isolate(m.group()), text[end:])])


def marked(text: str, printed: bool = False, followed: bool = False) -> str:
    """The same for a string, which is shown by a plot or a traceback: with the older mark, that both know.

    printed : by `print`. A text that does not end in a word of the language is then a row of names and
        values, which are read from left to right as all output is: no `[0. 1.]` is turned around.
    followed : by more in the same line of output
    """
    if not LETTER.search(text):
        return text
    try:
        parts = list(literals.fields(text))
    except ValueError:  # braces that are no placeholders
        parts = [(False, text)]
    parts = [(known, part if known else ORDERED.sub(rf"{LRM}\g<0>", part)) for known, part in parts]
    row = printed and (followed or parts[-1][0] or not _ends_to_the_right(parts[-1][1]))
    marked = ""
    for number, (known, part) in enumerate(parts):
        before = parts[number - 1][1] if number else ""
        marked += LRM + part if row and known and _ends_to_the_right(before) else part
    return marked + LRM if followed and _ends_to_the_right(parts[-1][1]) else marked


def _ends_to_the_right(text: str) -> bool:
    """Whether the last letter of a text is of a right-to-left script."""
    letters = re.findall(rf"[{LETTERS}A-Za-z]", text)
    return bool(letters) and not letters[-1].isascii()
