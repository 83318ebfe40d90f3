"""What lies beside a notebook, as the grader will see it: files that it names, and other versions of it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mashq.cells import id_of, is_solution, known_cells, likeness, text
from mashq.exercises import listed
from mashq.handed_in.beside import MAX_FILES, MAX_MB, Code, look, over_the_limits
from mashq.handed_in.expected import SCANS, expected_files, in_place_of, is_scan
from mashq.language import gettext as _
from mashq.problems import Sentence
from mashq.student.findings import Finding
from mashq.student.released import SAME

MOST = 20  # other notebooks that are looked into
MOST_NAMES = 5  # in a sentence
LARGE_MB = 50
PDF = b"%PDF-"
MAGIC = re.compile(r"^([ \t]*)[%!?].*", re.MULTILINE)  # of IPython


def check_files(notebook: Any, folder: Path) -> Iterator[Finding]:
    """Whether the files that a notebook names will be there when it runs for grading."""
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    seen = look(folder)
    code = Code("\n".join(sources))
    too_much = over_the_limits(seen.left_out)  # a person is asked then, whether code names them or not
    for name, why in seen.left_out.items():
        if name not in too_much and code.names(name):
            yield _not_there(name, why)
    for why in dict.fromkeys(too_much.values()):
        those = sorted(name for name, other in too_much.items() if other == why)
        yield _not_there(listed(those[:MOST_NAMES]) + ("…" if len(those) > MOST_NAMES else ""), why)
    names = {name.casefold(): name for name in (*seen.files, *seen.notebooks)}
    for literal in dict.fromkeys(literal for source in sources for literal in _literals(source)):
        here = literal.replace("\\", "/").removeprefix("./")
        found = names.get(here.casefold())
        if found is not None and found not in (literal, literal.removeprefix("./")):
            says = _("{file} is called {name} here; where it is graded, no other spelling finds it")
            advice = _("Write {name} in the code.").format(name=found)
            yield Finding("to do", "files", says.format(file=literal, name=found), advice)
        elif found is None and _is_elsewhere(literal, folder):
            says = _("{file} is not in the folder of the notebook, and will not be there when it is graded")
            advice = _("Put it beside the notebook, hand it in, and write its name without the folder.")
            yield Finding("to do", "files", says.format(file=literal), advice)


def _not_there(names: str, why: Sentence) -> Finding:
    says = _("{file} will not be there when the notebook is graded: {why}")
    advice = _("All files beside a notebook may be {count}, and have {size} MB together.")
    advice = advice.format(count=MAX_FILES, size=MAX_MB)
    return Finding("to do", "files", says.format(file=names, why=why.said()), advice)


def check_expected(notebook: Any, folder: Path) -> Iterator[Finding]:
    """Whether the files are there that the notebook asks for beside it, such as a scan.

    notebook : the released one, where it is at hand: its cells say which
    """
    there = look(folder).files
    for name, points in expected_files(notebook).items():
        worth = _("It is worth {points:g} points.").format(points=points) if points else ""
        instead = in_place_of(name, there)
        if name in there:
            yield _of_expected(name, folder / name)
        elif instead:
            says = _("{file} is not there; graders are shown {names} in its place")
            advice = _("If that is not your {file}, put it into the folder of the notebook.").format(
                file=name
            )
            yield Finding("note", "files", says.format(file=name, names=listed(instead)), advice)
        else:
            says = _("{file} is not in the folder of the notebook")
            advice = _("Put it there, under this name, and hand it in with the notebook.")
            photographs = _("Photographs are accepted, too: {endings}.")
            kinds = photographs.format(endings=", ".join(SCANS[1:])) if is_scan(name) else ""
            said = " ".join(filter(None, (advice, worth, kinds)))
            yield Finding("to do", "files", says.format(file=name), said)


def _of_expected(name: str, path: Path) -> Finding:
    """What is to be said about a file that is there; whether it can be read is for its owner to see."""
    with path.open("rb") as file:
        start = file.read(5)
    if not start:
        return Finding(
            "to do", "files", _("{file} is empty").format(file=name), _("Save or export it again.")
        )
    if path.suffix.lower() == ".pdf" and start != PDF:
        advice = _("Export or print it as PDF; another name alone does not make it one.")
        return Finding("to do", "files", _("{file} is no PDF").format(file=name), advice)
    size = path.stat().st_size / 1e6
    there = _("{file} is there, {size:.2f} MB; open it once to see that it can be read")
    return Finding("ok", "files", there.format(file=name, size=size))


def _literals(source: str) -> Iterator[str]:
    """The texts in a cell's code that may be names of files."""
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 300:
            yield node.value


def _is_elsewhere(literal: str, folder: Path) -> bool:
    """Whether a text names a file of the student's outside the folder of the notebook."""
    path = Path(literal)
    if not (path.is_absolute() or ".." in path.parts or literal.startswith("~")):
        return False
    try:
        found = (folder / path.expanduser()).resolve()
        return found.is_file() and not found.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # no name of a file after all
        return False


def check_versions(notebook: Any, release: Any | None, path: Path) -> Iterator[Finding]:
    """Whether another notebook in the same folder answers the same exercises in another way."""
    answers = _answers(notebook, release or notebook)
    others = []
    for other in sorted(path.resolve().parent.glob("*.ipynb"))[:MOST]:
        if other.name == path.name or other.stat().st_size > LARGE_MB * 2**20:
            continue
        try:
            read = json.loads(other.read_text(encoding="utf-8-sig"))
            for cell in read["cells"]:
                cell["source"] = "".join(cell["source"])
            if likeness(read, release or notebook) < SAME:
                continue
            given = _answers(read, release or notebook)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue  # no notebook of an assignment
        if any(answer not in (answers.get(name), None) for name, answer in given.items()):
            others.append(other.name)
    if others:
        says = _("other answers to the same exercises are in {names}").format(names=listed(others))
        advice = _("Hand in one of them: of several, a person must choose, and your points wait.")
        yield Finding("note", "files", says, advice)


def _answers(notebook: Any, release: Any) -> dict[str, str | None]:
    """The answers of a notebook by id; None for one that is as it was released."""
    released = {name: text(cell) for name, cell in known_cells(release).items() if is_solution(cell)}
    return {
        id_of(cell): None if release is not notebook and text(cell) == released[id_of(cell)] else text(cell)
        for cell in notebook["cells"]
        if id_of(cell) in released
    }
