"""Names of students that are safe as the name of a folder, for nbgrader and on every disk."""

from __future__ import annotations

import hashlib
import unicodedata

LONGEST = 64  # letters; nbgrader's tables and the terminal's take no more
ALLOWED = "._-@"  # beside letters and digits of any script


def safe_id(name: str) -> str:
    """A student's id as nbgrader can use it: the id itself where it can.

    Any other letter becomes a hyphen, and a few letters of the id's SHA-256 are added, so that two ids that
    differ in such a letter stay two students.
    """
    text = unicodedata.normalize("NFC", name).strip()
    kept = "".join(c if c in ALLOWED or unicodedata.category(c)[0] in "LMN" else "-" for c in text)
    kept = kept.lstrip(".-")[:LONGEST].rstrip(".-")
    if kept == text and kept:
        return kept
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{kept[: LONGEST - 7].rstrip('.-') or 'student'}-{mark}"
