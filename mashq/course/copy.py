"""A copy of one assignment as a course of its own, which touches nothing of the course that it comes from."""

from __future__ import annotations

import shutil
from pathlib import Path

from mashq.course.folder import CHECKS, STEPS, CourseFolder
from mashq.errors import CONFIG

CELL_TIMEOUT_S = 60  # shorter than a course's own, because of the endless loops in a zoo
# Written behind the real course's settings. All is set, because the user's own settings may set it, too.
OWN_SETTINGS = """
# The copy's own settings.
c.CourseDirectory.root = {folder!r}
c.CourseDirectory.db_url = "sqlite:///" + {folder!r} + "/gradebook.db"
for step in {steps}:
    setattr(c.CourseDirectory, step + "_directory", step)
c.CourseDirectory.directory_structure = "{{nbgrader_step}}/{{student_id}}/{{assignment_id}}"
c.Exchange.root = {folder!r} + "/exchange"
c.Translate.language = "en"
c.JudgeExecute.checks_directory = {checks!r}
c.JudgeExecute.allow_stand_in = True
c.JudgeExecute.timeout = {timeout}
"""


def copy_assignment(
    real: CourseFolder, assignment: str, folder: Path, cell_s: int | None = CELL_TIMEOUT_S
) -> CourseFolder:
    """Copy an assignment's sources and hidden checks, without the zoo, and the settings into an empty folder.

    cell_s : the time of a cell there

    Raises CourseError when the assignment has no sources.
    """
    real.require_source(assignment)
    checks = real.checks(assignment)
    own = OWN_SETTINGS.format(folder=str(folder.resolve()), steps=STEPS, checks=CHECKS, timeout=cell_s)
    file = real.home / CONFIG
    settings = file.read_text(encoding="utf-8") if file.is_file() else "c = get_config()\n"
    (folder / CONFIG).write_text(settings + own, encoding="utf-8")
    copy = CourseFolder(folder)
    shutil.copytree(real.source(assignment), copy.source(assignment))
    without_zoo = shutil.ignore_patterns(real.zoo(assignment).name)
    if checks.is_dir():
        shutil.copytree(checks, copy.checks(assignment), ignore=without_zoo)
    for catalogue in real.catalogues(assignment):
        place = copy.root / catalogue.relative_to(real.root)
        place.parent.mkdir(parents=True)
        shutil.copy(catalogue, place)
    return copy
