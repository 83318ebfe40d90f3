"""Code as it was meant, where signs that Python cannot read are all that is wrong with it.

Word processors, chats and Persian keyboards put such signs into code.
"""

from __future__ import annotations

import ast
import re
import unicodedata

from mashq.language import marked as N_
from mashq.problems import Sentence

MAX_CODE, MAX_SIGNS = 20_000, 100  # how far signs are put right in a cell: letters, and tries
MAX_READ = 2_000_000  # letters of a notebook's code that are read for it, again after each sign
MEANT = {
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    **dict.fromkeys("−–—", "-"),
    **{"٫": ".", "،": ",", "؛": ";", "×": "*", "÷": "/", "\u00a0": " ", "\u202f": " "},
}
# IPython's lines among Python's: magics, shell, help; and what is assigned from a magic or the shell.
LINE = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.%]+\?+[ \t]*)$", re.MULTILINE)
ASSIGNED = re.compile(r"^([ \t]*[\w., \t]+=[ \t]*)[%!].*$", re.MULTILINE)


class Signs:
    """Puts the signs in the code of one notebook right."""

    def __init__(self) -> None:
        self._left = MAX_READ
        self._told = False

    def put_right(self, source: str, number: int, notes: list[Sentence]) -> str:
        """The code of a cell, as it was meant where that is certain.

        number : of the cell, for a note on what was done
        """
        suspect = not source.isascii() or "\t" in source
        if not suspect or len(source) > MAX_CODE or source.lstrip().startswith("%%"):
            return source
        code, signs, error = source, 0, self._error(source)
        while error is not None and signs < MAX_SIGNS:
            if (mended := _without_bad_sign(code, error)) is None:
                break
            code, signs = mended, signs + 1
            error = self._error(code)
        if isinstance(error, TabError) and (spaced := self._with_spaces(code)) is not None:
            note = N_("cell {number}: tabs among the spaces were replaced")
            notes.append(Sentence.of(note, number=number))
            code, error = spaced, None
        if self._left < 0 and not self._told:
            self._told = True
            note = N_("signs that Python cannot read were looked for only in the cells before cell {number}")
            notes.append(Sentence.of(note, number=number))
        if error is not None:
            return source
        if signs:
            note = N_("cell {number}: signs that Python cannot read were replaced (quotes, digits, marks)")
            notes.append(Sentence.of(note, number=number))
        return code

    def _with_spaces(self, code: str) -> str | None:
        """Code without tabs, where they can only mean one thing."""
        readings = {text for width in (4, 8) if self._error(text := code.expandtabs(width)) is None}
        try:
            trees = {ast.dump(ast.parse(_python(text))) for text in readings}
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return readings.pop() if len(trees) == 1 else None

    def _error(self, code: str) -> SyntaxError | None:
        """Why a cell's code cannot be read; None when it can, or when too much was read already."""
        self._left -= len(code)
        if self._left < 0:
            return None
        try:
            ast.parse(_python(code))
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):
            return None  # not for signs
        return None


def _without_bad_sign(code: str, error: SyntaxError) -> str | None:
    """The code with the sign replaced that Python complains of; None when it is another complaint."""
    lines, number = code.split("\n"), (error.lineno or 0) - 1
    line = lines[number] if 0 <= number < len(lines) else ""
    place = _place(error, line)
    meant = None if place is None else _meant(line[place])
    if place is None or meant is None:
        return None
    if meant in ("'", '"'):  # the other end of the string may be lines away
        pairs = {ord(other): meant for other in MEANT if MEANT[other] == meant}
        return code.translate(pairs)
    end = min((at for quote in "'\"#" if (at := line.find(quote, place)) >= 0), default=len(line))
    code_only = line[place:end].replace(line[place], meant)  # the same sign in a string stays
    lines[number] = line[:place] + code_only + line[end:]
    return "\n".join(lines)


def _place(error: SyntaxError, line: str) -> int | None:
    """Where in its line the sign is that Python cannot read."""
    start = max(0, (error.offset or 1) - 1)
    named = re.search(r"invalid (?:non-printable )?character .*\(?U\+([0-9A-F]+)", str(error.msg))
    if named is not None:
        place = line.find(chr(int(named[1], 16)), start)
        return place if place >= 0 else None
    if not re.fullmatch(r"invalid \w+ literal", str(error.msg)):
        return None
    # Python 3.11.2 names the number that the sign follows
    behind = re.compile(r"[0-9A-Za-z_.]*([^\x00-\x7f])").match(line, start)
    return behind.start(1) if behind else None


def _meant(sign: str) -> str | None:
    """What a sign stands for in code, if that is certain."""
    kind = unicodedata.category(sign)
    if sign in MEANT or kind == "Cf":  # invisible: marks of direction, joiners
        return MEANT.get(sign, "")
    return str(unicodedata.decimal(sign)) if kind == "Nd" else None


def _python(code: str) -> str:
    """A cell's code, line by line, with Python in place of IPython's magics and shell lines.

    IPython's own way reads the whole cell again for each such line, and so takes minutes for a page of them.
    """
    if not any(sign in code for sign in "%!?"):
        return code
    return ASSIGNED.sub(r"\1None", LINE.sub(r"\1pass", code))
