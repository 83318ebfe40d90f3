"""Grades for learning platforms: nbgrader's CSV, Canvas, Moodle, Gradescope."""

from mashq.export.moodle import IDENTITIES
from mashq.export.write import FORMATS, Wanted, Written, export_grades

__all__ = ["FORMATS", "IDENTITIES", "Wanted", "Written", "export_grades"]
