"""`mashq bundle`: one zip with all that a student needs for an assignment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import nbformat

import mashq
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.handed_in.expected import SCANS, expected_files, is_scan
from mashq.release.release import leaks
from mashq.release.wheel import student_wheel, zip_of
from mashq.student.released import CONTENTS, COPIES

README = Path(__file__).parent / "templates" / "README.md"  # with places for names


def make_bundle(course: Path, assignment: str, output: Path | None = None) -> Path:
    """Write the zip of an assignment; returns its path, `ASSIGNMENT.zip` here unless `output` names another.

    Equal releases and an equal source of mashq make equal bytes.

    Raises CourseError when the assignment is not released, or a notebook shows what is not for students.
    """
    notebooks = CourseFolder(course).require_release(assignment)
    folder = notebooks[0].parent
    problems = [problem for path in notebooks for problem in leaks(path)]
    if problems:
        raise CourseError("\n".join(problems))

    released = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _released(folder)}
    copies = {path.name: released[path.name] for path in notebooks}
    wheel, wheel_bytes = student_wheel()
    readme = README.read_text(encoding="utf-8").format(
        assignment=assignment,
        notebooks=", ".join(f"`{name}`" for name in copies),
        copies=COPIES,
        wheel=wheel,
        example=notebooks[-1].name,
        hand_in=_to_hand_in(notebooks),
    )
    contents = {
        "assignment": assignment,
        "mashq": mashq.__version__,
        "notebooks": {name: {"sha256": hashlib.sha256(data).hexdigest()} for name, data in copies.items()},
    }
    files = {
        "README.md": readme.encode(),
        CONTENTS: (json.dumps(contents, indent=2) + "\n").encode(),
        wheel: wheel_bytes,
        **released,
        **{f"{COPIES}/{name}": data for name, data in copies.items()},
    }
    output = output or Path(f"{assignment}.zip")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(zip_of({f"{assignment}/{name}": data for name, data in files.items()}))
    return output


def _to_hand_in(notebooks: Sequence[Path]) -> str:
    """The files that a student hands in, a list item each."""
    lines = []
    for path in notebooks:
        lines.append(f"- `{path.name}`")
        expected = expected_files(nbformat.read(path, as_version=4))
        lines += [
            f"- `{name}`, which `{path.stem}` asks for"
            + (f" ({points:g} points)" if points else "")
            + ("; photographs are accepted, too: " + ", ".join(SCANS[1:]) if is_scan(name) else "")
            for name, points in expected.items()
        ]
    return "\n".join(lines)


def _released(folder: Path) -> list[Path]:
    """The files of a release, without those that editors and systems leave behind."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(p.startswith((".", "__")) for p in path.relative_to(folder).parts)
        and path.suffix != ".pyc"
    )
