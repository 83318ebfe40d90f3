"""Downloads of learning platforms, made from names alone by the rules that `mashq.collect.names` has."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

PLATFORMS = ("moodle", "moodle without folders", "canvas", "blackboard", "brightspace", "brightspace flat")
TIME = datetime(2026, 11, 20, 21, 14, 3)

Files = Mapping[str, bytes | str]


def named(
    platform: str, number: int, name: str, when: datetime = TIME, late: bool = False, file: int = 77
) -> str:
    """The path of a student's file in a download.

    number : stands for the student
    file : Canvas's number of the file, greater for a later one
    """
    hour = f"{when.hour % 12 or 12}{when:%M} {'PM' if when.hour >= 12 else 'AM'}"
    d2l = f"{number}-67890 - Student S{number} - {when:%b} {when.day}, {when.year} {hour}"
    flat = name.rpartition("/")[2]
    return {
        "moodle": f"Student S{number}_{number}_assignsubmission_file_/{name}",
        "moodle without folders": f"Student S{number}_{number}_assignsubmission_file_{flat}",
        "canvas": f"s{number}student_{'LATE_' if late else ''}{number}_{file}_{flat}",
        "blackboard": f"hw_2_{number}_attempt_{when:%Y-%m-%d-%H-%M-%S}_{flat}",
        "brightspace": f"{d2l}/{flat}",
        "brightspace flat": f"{d2l} - {flat}",
    }[platform]


def own_files(platform: str, number: int, when: datetime = TIME) -> Files:
    """What a platform puts beside a student's files."""
    if platform == "blackboard":
        about = f"Name: Student S{number} ({number})\nAssignment: hw_2\n"
        return {f"hw_2_{number}_attempt_{when:%Y-%m-%d-%H-%M-%S}.txt": about}
    return {"index.html": "<html>"} if platform.startswith("brightspace") else {}


def zipped(files: Files) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def download(path: Path, files: Files) -> Path:
    """A zip file of these files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files))
    return path


def unpacked(folder: Path, files: Files) -> Path:
    """A folder of these files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder
