"""Paths as archives and disks write them, made harmless: parts that lead nowhere but down."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path

LONGEST_PART, LONGEST = 200, 1500  # bytes of a part and of a path; disks take 255 and 4096
CHUNK = 2**16
DRIVE = re.compile(r"[A-Za-z]:")


def split(name: str) -> tuple[tuple[str, ...], bool]:
    """The parts of a path, with slashes of either kind, and whether it led to a root, a drive or upwards."""
    parts = name.replace("\\", "/").split("/")
    led_out = parts[0] == "" or ".." in parts or bool(DRIVE.fullmatch(parts[0]))
    kept = [part for part in parts if part not in ("", ".", "..") and not DRIVE.fullmatch(part)]
    harmless = [*map(_harmless, kept)]
    while len(harmless) > 1 and len("/".join(harmless).encode()) > LONGEST:
        del harmless[0]
    return tuple(harmless), led_out


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same; `filecmp` would believe times, which students' files share."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while (data := first.read(CHUNK)) == second.read(CHUNK):
            if not data:
                return True
    return False


def name_in(info: zipfile.ZipInfo) -> str:
    """The name of a file in a zip; older programs write UTF-8 without saying so."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return info.filename


def _harmless(part: str) -> str:
    """A part of a path that every disk can hold, as one line."""
    text = unicodedata.normalize("NFC", part.encode("utf-8", "replace").decode())
    text = "".join("_" if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    if len(text.encode()) <= LONGEST_PART:
        return text
    stem, dot, suffix = text.rpartition(".")
    ending = f".{suffix}" if dot and len(suffix) <= 20 else ""
    kept = (stem if ending else text).encode()[: LONGEST_PART - len(ending.encode())]
    return kept.decode("utf-8", "ignore") + ending
