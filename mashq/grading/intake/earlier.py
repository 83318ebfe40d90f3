"""Which notebooks of a submission write files that another one reads, by the names that stand in them.

nbgrader runs the notebooks of a submission one after the other in one folder. Here each has a folder of its
own, so a notebook that reads what another wrote has that one run first (`notebook.earlier`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from mashq.course.assignment import Assignment
from mashq.grading.intake.receive import receive
from mashq.handed_in.parse import text_of

# In the text of a notebook's file, where quotation marks inside a string have a backslash. Any of them may
# begin a text or end the one before, so each is tried.
QUOTED = re.compile(r"""["'](?=([^"'\\\n:*?<>|]{1,200})\\?["'])""")
WRITTEN = re.compile(r"%%(?:writefile|file)\s+(?:-a\s+)?([^\s\"\\]+)")
IMPORTED = re.compile(r"\b(?:import|from)\s+(\w+)")
FILE = re.compile(r"[\w .()/-]*[\w)]\.[A-Za-z]\w{0,8}")
# In the metadata of every notebook; no names of files.
OF_JUPYTER = (".py",)


def writers(
    assignment: Assignment, notebook: str, text: str, handed_in: Callable[[], Mapping[str, bytes]]
) -> tuple[tuple[str, bytes, bytes], ...]:
    """The notebooks that run before one and name a file which it names, too; in the order of their names.

    text : the file of the notebook, as it was handed in
    handed_in : gives the files of all notebooks of the submission, {name: content}; not asked for nothing

    Of each: its name, the release, and what was handed in.
    """
    before = [name for name in sorted(assignment.release) if name < notebook]
    ours = {PurePosixPath(name).name for name in assignment.given} | {*OF_JUPYTER}
    texts = (assignment.release[notebook].decode(), text)
    read = {PurePosixPath(n).name for t in texts for n in QUOTED.findall(t) if FILE.fullmatch(n)} - ours
    modules = {f"{name}.py" for t in texts for name in IMPORTED.findall(t)} - ours
    if not before or not (read or modules):
        return ()
    there = handed_in()
    return tuple(
        (name, assignment.release[name], there[name])
        for name in before
        if name in there and _names(text_of(there[name]), read, modules)
    )


def _names(text: str, files: Collection[str], modules: Collection[str]) -> bool:
    quoted = {PurePosixPath(name).name for name in QUOTED.findall(text)}
    written = {PurePosixPath(name).name for name in WRITTEN.findall(text)}
    # np.savez("weights") writes weights.npz
    return any(name in quoted | written or PurePosixPath(name).stem in quoted for name in files) or any(
        name in written for name in modules
    )


def as_received(name: str, release: bytes, data: bytes) -> Any:
    """One of `writers` as it runs."""
    return receive(Path(f"{name}.ipynb"), data, nbformat.reads(release.decode(), as_version=4)).notebook
