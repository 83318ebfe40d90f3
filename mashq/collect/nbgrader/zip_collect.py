"""Whose a file is for `nbgrader zip_collect`, and what it says of names that its rule does not know."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin

from mashq.collect.names import MOODLE, read_name
from mashq.nbgrader_plugins import MOODLE_NAMES


class NameCollector(FileNameCollectorPlugin):
    """nbgrader's own collector, which also says whose names they are that it leaves out, once.

    With the rule that mashq ships it asks no name of a file, but the folder in which `CarefulExtractor` has
    put it. Where it can collect nothing, because all names are another platform's, the command fails, which
    would end with "0 files collected" and exit code 0.

    laid_out : whether `CarefulExtractor` has done so
    """

    laid_out = False
    _said = False

    @property
    def has_shipped_rule(self) -> bool:
        """Whether the course has not set another rule for names."""
        return bool(self.named_regexp == MOODLE_NAMES)

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """What nbgrader asks for each file, see `FileNameCollectorPlugin`."""
        if self.laid_out:
            file = Path(submitted_file)
            if file.suffix in self.valid_ext:
                student, *path = file.relative_to(self._top).parts
                return {"student_id": student, "file_id": "/".join(path)}
            self._say_what_is_taken(MOODLE)
            return None
        found: dict[str, Any] | None = super().collect(submitted_file)
        if not found and not self._said:
            self._say_whose_names_they_are()
        return found

    def say_other_names(self, platform: str, some: bool) -> None:
        """Say that names are another platform's; the command ends, unless some are Moodle's."""
        known = f"these names are {platform}'s, which the rule of zip_collect for names does not know"
        if some:
            self.log.error("%s: those files are left out; %s %s's", known, self._instead(), platform)
        else:
            self.parent.fail(f"{known}: nothing was collected; {self._instead()} {platform}'s")

    @property
    def _top(self) -> Path:
        return Path(self.parent._format_collect_path(self.parent.extracted_directory))

    def _instead(self) -> str:
        app = self.parent
        archives = os.path.relpath(app._format_collect_path(app.archive_directory))
        return f"run `mashq collect {app.coursedir.assignment_id} {archives}/*`, which takes every file of"

    def _say_what_is_taken(self, platform: str) -> None:
        if not self._said:
            self._said = True
            kinds = ", ".join(self.valid_ext)
            said = "zip_collect takes only files that end with %s; %s %s's"
            self.log.warning(said, kinds, self._instead(), platform)

    def _say_whose_names_they_are(self) -> None:
        top = self._top
        files = [Path(place, name) for place, _, names in os.walk(top) for name in names]
        platforms = Counter(filter(None, (_platform(file.relative_to(top)) for file in files)))
        platform = platforms.most_common(1)[0][0] if platforms else ""
        if platform == MOODLE:
            self._say_what_is_taken(platform)
        self._said = True
        if platform not in ("", MOODLE):
            self.say_other_names(platform, some=any(self._fits(file) for file in files))

    def _fits(self, file: Path) -> bool:
        """Whether nbgrader's collector takes a file; itself, it would log each that it does not take."""
        return file.suffix in self.valid_ext and bool(re.match(self.named_regexp, str(file)))


def _platform(path: Path) -> str:
    """Whose the names are in a path below the folder of what was unpacked; empty where it is nobody's."""
    return next((name.platform for part in path.parts if (name := read_name(part))), "")
