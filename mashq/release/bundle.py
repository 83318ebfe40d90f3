"""`mashq bundle`: one zip with all that a student needs for an assignment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

import mashq
from mashq.cells import about
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.exercises import minutes_of, title_of
from mashq.handed_in.expected import SCANS, expected_files, is_scan
from mashq.language import gettext as _
from mashq.language import language_of, speaking
from mashq.release.release import leaks
from mashq.release.wheel import student_wheel, zip_of
from mashq.student.released import CONTENTS, COPIES

TEMPLATES = Path(__file__).parent / "templates"  # README.md, README.LANGUAGE.md, with places for names


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
    read = {path.name: nbformat.read(path, as_version=4) for path in notebooks}
    language = language_of(read[notebooks[0].name])
    with speaking(language):
        readme = _template(language).format(
            assignment=assignment,
            table=_table(read),
            copies=COPIES,
            wheel=wheel,
            example=notebooks[-1].name,
            hand_in=_to_hand_in(read),
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


def _template(language: str) -> str:
    """The README with places for names; English where there is none in the language."""
    path = TEMPLATES / f"README.{language}.md"
    return (path if path.exists() else TEMPLATES / "README.md").read_text(encoding="utf-8")


def _table(notebooks: Mapping[str, Any]) -> str:
    """What each notebook is about, its points, and how long it takes where it says so; and all together."""
    rows: list[tuple[str, ...]] = [(_("notebook"), _("about"), _("points"), _("minutes, about"))]
    points, minutes = 0.0, 0
    for name, notebook in notebooks.items():
        worth = sum(float(about(cell).get("points") or 0) for cell in notebook.cells)
        needs = minutes_of(notebook)
        points, minutes = points + worth, minutes + needs
        rows.append((f"`{name}`", title_of(notebook).replace("|", r"\|"), f"{worth:g}", str(needs or "")))
    rows.append((_("together"), "", f"{points:g}", str(minutes or "")))
    rows.insert(1, ("---",) * len(rows[0]))
    return "\n".join(f"| {' | '.join(row if minutes else row[:-1])} |" for row in rows)


def _to_hand_in(notebooks: Mapping[str, Any]) -> str:
    """The files that a student hands in, a list item each."""
    lines = []
    for name, notebook in notebooks.items():
        lines.append(f"- `{name}`")
        for file, points in expected_files(notebook).items():
            if points:
                line = _("`{file}`, which `{notebook}` asks for ({points:g} points).")
            else:
                line = _("`{file}`, which `{notebook}` asks for.")
            line = line.format(file=file, notebook=Path(name).stem, points=points)
            if is_scan(file):
                line += " " + _("Photographs are accepted, too: {endings}.").format(
                    endings=", ".join(SCANS[1:])
                )
            lines.append(f"- {line}")
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
