"""A wheel of the student's part of mashq alone, written without a build tool or the network.

The build backend would pack all of mashq, with the entry points of the judge and the sandbox. Students need
neither, and what is not handed out cannot be read for hints.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

import mashq
from mashq.errors import CourseError

PARTS = (
    "__init__.py",
    "cells.py",
    "cli/__init__.py",
    "cli/explain.py",
    "cli/output.py",
    "cli/student.py",
    "errors.py",
    "exercises.py",
    "jupyter_settings.py",
    "language.py",
    "locale",
    "handed_in",
    "own_numbers",
    "playground.py",
    "problems.py",
    "py.typed",
    "quick_imports.py",
    "datasets",
    "plots",
    "temporary",
    "student",
)
COMMAND = "mashq.cli.student:main"
EXTRA = "student"  # of the package: Jupyter and the frameworks
# Zip has no time before this one; a fixed one makes equal contents equal files.
TIME = (1980, 1, 1, 0, 0, 0)


def student_wheel() -> tuple[str, bytes]:
    """The wheel's file name and its bytes, the same for the same installation.

    Raises CourseError when mashq is not installed, so that nothing says what it needs.
    """
    try:
        installed = distribution("mashq")
    except PackageNotFoundError:
        raise CourseError(
            "mashq runs from a folder without being installed, and a bundle needs to know what to install "
            "besides; run `pip install -e .` in that folder first"
        ) from None
    package = Path(mashq.__file__).parent
    files = {f"mashq/{path.relative_to(package).as_posix()}": path.read_bytes() for path in _sources(package)}
    info = f"mashq-{mashq.__version__}.dist-info"
    files[f"{info}/METADATA"] = _metadata(installed).encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: mashq\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\nmashq = {COMMAND}\n".encode()
    for name in _licences(installed):
        files[f"{info}/licenses/{name}"] = (installed.read_text(f"licenses/{name}") or "").encode()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD").encode()
    return f"mashq-{mashq.__version__}-py3-none-any.whl", zip_of(files)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their names, in this order; equal files make equal bytes on every system."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose file modes these are
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def _sources(package: Path) -> list[Path]:
    """The files of the student's part, sorted."""
    found = []
    for part in PARTS:
        path = package / part
        found += [path] if path.is_file() else [p for p in path.rglob("*") if p.suffix in (".py", ".po")]
    return sorted(found)


def _licences(installed: Distribution) -> list[str]:
    return installed.metadata.get_all("License-File") or []


def _metadata(installed: Distribution) -> str:
    """The core metadata: name, version and what must be installed besides."""
    lines = [
        "Metadata-Version: 2.4",
        "Name: mashq",
        f"Version: {mashq.__version__}",
        "Summary: Datasets, figures and checks for the homework of a neural-networks course",
        f"License-Expression: {installed.metadata['License-Expression']}",
        *(f"License-File: {name}" for name in _licences(installed)),
        f"Requires-Python: {installed.metadata['Requires-Python']}",
        *(f"Requires-Dist: {line}" for line in installed.requires or () if _is_for_students(line)),
        f"Provides-Extra: {EXTRA}",
    ]
    return "\n".join(lines) + "\n"


def _is_for_students(requirement: str) -> bool:
    """Whether something is needed for homework: always, or with the extra for students."""
    marker = str(Requirement(requirement).marker or "")
    return "extra ==" not in marker or f'extra == "{EXTRA}"' in marker


def _record(files: Mapping[str, bytes], own: str) -> str:
    """The list of a wheel's files with their sha256 and size, as the wheel format wants it."""
    lines = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    return "\n".join([*lines, f"{own},,"]) + "\n"
