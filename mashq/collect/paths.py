"""Paths as archives and disks write them, made harmless: parts that lead nowhere but down."""

from __future__ import annotations

import re
import unicodedata
import zipfile

LONGEST_PART = 200  # bytes; disks take 255
DRIVE = re.compile(r"[A-Za-z]:")


def split(name: str) -> tuple[tuple[str, ...], bool]:
    """The parts of a path, with slashes of either kind, and whether it led to a root, a drive or upwards."""
    parts = name.replace("\\", "/").split("/")
    led_out = parts[0] == "" or ".." in parts or bool(DRIVE.fullmatch(parts[0]))
    kept = [part for part in parts if part not in ("", ".", "..") and not DRIVE.fullmatch(part)]
    return tuple(map(_harmless, kept)), led_out


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
