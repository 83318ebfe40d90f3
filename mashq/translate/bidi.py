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


def marked(text: str) -> str:
    """The same for a string, which is shown by a plot or a traceback: with the older mark, that both know."""
    if not re.search(f"[{LETTERS}]", text):
        return text
    try:
        parts = list(literals.fields(text))
    except ValueError:  # braces that are no placeholders
        parts = [(False, text)]
    return "".join(part if known else ORDERED.sub(rf"{LRM}\g<0>", part) for known, part in parts)
