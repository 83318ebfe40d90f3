"""What `nbgrader zip_collect` says of a download whose names its rule does not know."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin

from mashq.collect.names import MOODLE, read_name


class NameCollector(FileNameCollectorPlugin):
    """nbgrader's own collector, which also says whose names they are that it leaves out, once.

    It collects what nbgrader's does. Where it can collect nothing, because all names are another platform's,
    the command fails, which would end with "0 files collected" and exit code 0.
    """

    _said = False

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """What nbgrader asks for each file, see `FileNameCollectorPlugin`."""
        found: dict[str, Any] | None = super().collect(submitted_file)
        if not found and not self._said:
            self._say_whose_names_they_are()
        return found

    def _say_whose_names_they_are(self) -> None:
        self._said = True
        app = self.parent
        top = Path(app._format_collect_path(app.extracted_directory))
        files = [Path(place, name) for place, _, names in os.walk(top) for name in names]
        platforms = Counter(filter(None, (_platform(file.relative_to(top)) for file in files)))
        if not platforms:
            return
        platform = platforms.most_common(1)[0][0]
        archives = os.path.relpath(app._format_collect_path(app.archive_directory))
        instead = f"run `mashq collect {app.coursedir.assignment_id} {archives}/*`, which takes every file of"
        if platform == MOODLE:
            kinds = ", ".join(self.valid_ext)
            self.log.warning("zip_collect takes only files that end with %s; %s Moodle's", kinds, instead)
            return
        known = f"these names are {platform}'s, which the rule of zip_collect for names does not know"
        if any(self._fits(file) for file in files):
            self.log.error("%s: those files are left out; %s %s's", known, instead, platform)
        else:
            app.fail(f"{known}: nothing was collected; {instead} {platform}'s")

    def _fits(self, file: Path) -> bool:
        """Whether nbgrader's collector takes a file; itself, it would log each that it does not take."""
        return file.suffix in self.valid_ext and bool(re.match(self.named_regexp, str(file)))


def _platform(path: Path) -> str:
    """Whose the names are in a path below the folder of what was unpacked; empty where it is nobody's."""
    return next((name.platform for part in path.parts if (name := read_name(part))), "")
