"""Notebooks that run before another one of the same submission, for the files that they write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from mashq.errors import StudentError
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession
from mashq.judge.student import Student
from mashq.sandbox import Files, Kernels

MOST_MB, MOST_FILES = 48, 2000  # that are handed on; a message from a kernel may have 64 MB

# In the student's process: the files of the folder that are not as they were. `known` has their digests.
CHANGED = """
import hashlib, os
import numpy
found, room = {}, most_mb * 2**20
for place, folders, names in os.walk("."):
    for name in names:
        path = os.path.relpath(os.path.join(place, name), ".").replace(os.sep, "/")
        if os.path.islink(path) or not os.path.isfile(path) or len(found) >= most_files:
            continue
        with open(path, "rb") as file:
            data = file.read(room + 1)
        if len(data) <= room and known.get(path) != hashlib.sha256(data).hexdigest():
            found[path], room = numpy.frombuffer(data, numpy.uint8), room - len(data)
found
"""


def run_earlier(
    notebooks: Sequence[Any], folder: str, files: Files, source: Kernels, limits: Limits
) -> dict[str, bytes]:
    """`files`, and what these notebooks make of them when they run one after the other.

    notebooks : as received, not trusted
    folder : the name of the folder that they run in
    """
    now = dict(files)
    for notebook in notebooks:
        with NotebookSession(notebook, now, limits, source, False, folder) as session:
            session.run_until("")
            now |= _changed(session, now)
    return now


def _changed(session: NotebookSession, files: Files) -> dict[str, bytes]:
    """The files that a notebook wrote; none where its kernel does not say."""
    known = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with suppress(StudentError):
        limits = {"most_mb": MOST_MB, "most_files": MOST_FILES}
        found = Student(session).eval(CHANGED, known=known, **limits)
        if isinstance(found, dict):
            return {
                name: data.tobytes()
                for name, data in found.items()
                if isinstance(name, str) and isinstance(data, np.ndarray)
            }
    return {}
