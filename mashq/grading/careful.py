"""nbgrader's own converters, kept from what they would do with a submission's files: follow links, copy all.

`nbgrader autograde` and `nbgrader generate_feedback` copy what lies beside the notebooks, whatever it is, and
end when a timestamp.txt holds no time. The settings of a course cannot name another converter, but they name
its exporter, which changes the converter that it belongs to.
"""

from __future__ import annotations

import types
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter

from mashq.course.folder import CourseFolder
from mashq.course.times import read_time
from mashq.grading.intake.copies import copy_files, files_below, handed_in_files, say_left_out
from mashq.language import one_line


class CarefulCopies(BaseConverter):
    """Copies as `mashq grade` does: within the limits, and no file that is not of the folder itself.

    In the order of classes it comes right before nbgrader's `BaseConverter`, whose part it takes over.
    """

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        ignore = [*self.coursedir.ignore, "*.ipynb"]
        ours: dict[str, Path] = {}
        grading = isinstance(self, Autograde)
        if grading:  # which puts the instructor's files over these
            given = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id))
            editable = self.exclude_overwriting.get(assignment_id, ())
            ours = {name: given / name for name in files_below(given, ignore) if name not in editable}
        # what was graded is within the limits, and has the instructor's files in it
        theirs, left_out = handed_in_files(source, ignore, ours, limited=grading)
        target.mkdir(parents=True, exist_ok=True)
        left_out |= copy_files(theirs, target, int(str(self.permissions), 8), lasting=False)
        for said in say_left_out(left_out):
            self.log.error("%s", one_line(f"student {student_id}: {said}"))


def be_careful(converter: Any) -> None:
    """Change one of nbgrader's converters, as described above; what is none of them is left as it is."""
    if not isinstance(converter, BaseConverter) or isinstance(converter, CarefulCopies):
        return
    kind = type(converter)
    converter.__class__ = types.new_class(f"Careful{kind.__name__}", (kind, CarefulCopies))
    zone = CourseFolder.of_converter(converter).exchange_zone

    def get_existing_timestamp(folder: str) -> datetime | None:
        time, doubt = read_time(Path(folder), zone)
        if doubt is not None:
            converter.log.error("%s", one_line(f"{folder}: {doubt}; it counts as not late"))
        return time

    converter.coursedir.get_existing_timestamp = get_existing_timestamp
