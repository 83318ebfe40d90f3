"""What lies beside a notebook while it runs: the student's files and, over them, the instructor's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path, PurePath

from mashq.course.assignment import Assignment
from mashq.handed_in.beside import Beside, LeftOut, put_over


def read_beside(
    assignment: Assignment, beside: Beside, text: str, editable: Collection[str]
) -> tuple[dict[str, bytes], LeftOut]:
    """The files for a notebook with this text, and those left out.

    beside : what was handed in
    editable : names of the instructor's files that a student's may replace
    """
    files, left_out = beside.of(text)
    given = {
        path: data for path, data in assignment.given.items() if path not in files or path not in editable
    }
    together = put_over(files, given)
    folders = {str(parent) for name in together for parent in PurePath(name).parents}
    there = together.keys() | folders  # the student's own copy may be
    of_given = {name: why for name, why in assignment.given_left_out.items() if name not in there}
    return together, left_out | of_given


def own_folder(files: Collection[str], folder: Path, given: Collection[str]) -> Mapping[str, str]:
    """{name seen from the notebook's own folder: name} of the files below it, where that is another.

    folder : of the notebook, relative to what was handed in
    given : the instructor's files, whose places stay theirs
    """
    if folder == Path():
        return {}
    names = {
        str(PurePath(name).relative_to(folder)): name
        for name in files
        if PurePath(name).is_relative_to(folder)
    }
    return {name: other for name, other in names.items() if name not in given}
