"""`mashq bundle`: one zip with all that a student needs for an assignment."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import mashq
from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.release.release import leaks
from mashq.release.wheel import student_wheel, zip_of
from mashq.student.released import CONTENTS, COPIES

README = """\
# {assignment}

Your notebooks: {notebooks}.
Work in those that lie beside this file. Leave the folder `{copies}` as it is: it holds the notebooks as they
were handed out, and `mashq validate` compares yours with them.

First unpack the zip file (in Windows: right click, *Extract All*). Then choose one of three ways to work.

## 1. JupyterLab on your computer

You need Python 3.11 or newer from https://www.python.org. Open a terminal in this folder. On Windows, type:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install "./{wheel}[student]"
    .venv\\Scripts\\jupyter lab

On macOS and Linux, type:

    python3 -m venv .venv
    .venv/bin/python -m pip install "./{wheel}[student]"
    .venv/bin/jupyter lab

The second line downloads several GB, since PyTorch and TensorFlow come with it. It is needed once; later, the
third line is enough.

## 2. Visual Studio Code

Install Python 3.11 or newer, VS Code, and in it the extensions *Python* and *Jupyter*.

1. *File → Open Folder*: this folder.
2. *Terminal → New Terminal*, and type the first two of the three lines above.
3. Open a notebook. Click *Select Kernel* at the top right, then *Python Environments*, then `.venv`.

*No module named 'torch'* or *'tensorflow'* means that another kernel runs: choose `.venv`.

## 3. Google Colab, with nothing installed

1. On https://colab.research.google.com choose *File → Upload notebook*, and one of the notebooks.
2. Click the folder symbol at the left and drop `{wheel}` there.
3. Run the first cell of the notebook. It installs the wheel; nothing else is needed.
4. To hand in, choose *File → Download → Download .ipynb*.

Colab forgets the wheel when it closes a session; do steps 2 and 3 again then.

## Before you hand in

On Windows:

    .venv\\Scripts\\mashq validate {example}

On macOS and Linux:

    .venv/bin/mashq validate {example}

It says whether the notebook can be graded: complete, no answer forgotten, runs from top to bottom, visible
checks pass. It names what is left to do. In Colab, put the downloaded notebook and the zip file into the
folder at the left, and run a cell with `!mashq validate {example} --release {assignment}.zip`
"""


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
    readme = README.format(
        assignment=assignment,
        notebooks=", ".join(f"`{name}`" for name in copies),
        copies=COPIES,
        wheel=wheel,
        example=notebooks[-1].name,
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


def _released(folder: Path) -> list[Path]:
    """The files of a release, without those that editors and systems leave behind."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(p.startswith((".", "__")) for p in path.relative_to(folder).parts)
        and path.suffix != ".pyc"
    )
