"""What `nbgrader zip_collect` unpacks, by the rules of `mashq collect`.

Each file lies at its student's, and all is bounded. nbgrader's own way unpacks archives in archives without a
bound, follows what tar archives say of places, and ends at the first damaged one; and it asks names that a
student gave whose a file is.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbgrader.plugins.zipcollect import ExtractorPlugin

from mashq.collect.arrange import arrange
from mashq.collect.names import MOODLE
from mashq.collect.nbgrader.zip_collect import NameCollector
from mashq.collect.sources import Entry, gather
from mashq.collect.unpack import Unpacker
from mashq.course.folder import CourseFolder
from mashq.language import one_line


class CarefulExtractor(ExtractorPlugin):
    """Lays the files of Moodle's students out as `extracted/ID/PATH`, for `NameCollector`.

    Where a course has a rule of its own for names, which may ask for nbgrader's places, nbgrader's own way.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """What nbgrader asks for, see `ExtractorPlugin`."""
        collector = self.parent.collector_plugin_inst
        if not (isinstance(collector, NameCollector) and collector.has_shipped_rule):
            super().extract(archive_path, extracted_path)
            return
        collector.laid_out = True
        with ExitStack() as opened:
            entries, strays = gather(sorted(Path(archive_path).iterdir()), None, opened)
            for stray in strays:
                self._say(f"{stray.where}: {stray.why}; it was left out")
            students = defaultdict(list)
            for entry in entries:
                if entry.named.platform == MOODLE:
                    students[entry.named.student].append(entry)
            self._say_whose_the_others_are(entries, collector)
            course = CourseFolder.of_converter(self.parent)
            names = course.notebooks(self.parent.coursedir.assignment_id)
            spelled = {f"{name}.ipynb".casefold(): f"{name}.ipynb" for name in names}
            for student, own in sorted(students.items()):
                if student.isdecimal():
                    self._lay_out(student, own, spelled, Path(extracted_path))
                else:
                    self._say(f"{student} has no number of Moodle's: left out")

    def _lay_out(
        self, student: str, entries: list[Entry], spelled: Mapping[str, str], extracted: Path
    ) -> None:
        with tempfile.TemporaryDirectory(prefix=".", dir=extracted) as pool:
            done = Unpacker(Path(pool)).unpack(entries)
            files, notes = arrange(done.items, spelled, numbered=False)
            for said in [*done.problems, *done.notes, *notes]:
                self._say(f"student {student}: {said}")
            for path, content in files.items():
                target = extracted / student / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(content, target)

    def _say_whose_the_others_are(self, entries: list[Entry], collector: NameCollector) -> None:
        platforms = Counter(entry.named.platform for entry in entries)
        others = [platform for platform, _ in platforms.most_common() if platform != MOODLE]
        if others:
            collector.say_other_names(others[0], some=MOODLE in platforms)

    def _say(self, text: Any) -> None:
        self.log.error("%s", one_line(str(text)))
