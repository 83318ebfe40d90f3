"""Tables that spreadsheets open safely: CSV in UTF-8 whose text stays text.

A spreadsheet takes a cell that begins with = + - or @ for a formula, whoever wrote it ("CSV Injection" in
OWASP's list of attacks, https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe in front keeps
it text. Excel takes a file for UTF-8 only when it begins with a byte order mark; one of ASCII needs none.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from mashq.errors import CourseError

# with apostrophes, so that `restored` knows its own from others
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
SPECIAL = re.compile(r'[,;"]|^\s|\s$')  # a semicolon parts the cells where commas are in numbers
SEPARATORS = (",", ";", "\t")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula."""
    return FORMULA.match(text) is not None


def safe(text: str) -> str:
    """A text as one line that no spreadsheet takes for a formula."""
    line = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return f"'{line}" if is_formula(line) else line


def restored(text: str) -> str:
    """The text that `safe` was given, but for control characters."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def text_cell(text: str | None) -> str:
    """A text as it stands in a CSV file."""
    line = safe(text or "")
    return '"' + line.replace('"', '""') + '"' if SPECIAL.search(line) else line


def number(value: float) -> str:
    """Points with as many digits as they have, four at most behind the point: 3, 2.5, 0.3333."""
    return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")  # + 0.0: no -0


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of cells, with a byte order mark where there is anything beside ASCII."""
    text = "".join(f"{','.join(cells)}\n" for cells in rows)
    encoding = "utf-8" if text.isascii() else "utf-8-sig"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding, newline="")


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by the names in its first line; commas, semicolons or tabs part the cells.

    Raises CourseError when it cannot be read or has no rows.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read ({error}); give a CSV file in UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if len(rows) < 2:
        raise CourseError(f"{path} has no rows; give the file that the learning platform exports")
    names = [name.strip() for name in rows[0]]
    return [
        {name: restored(cell.strip()) for name, cell in zip(names, row, strict=False)}
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
