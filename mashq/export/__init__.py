"""Grades for learning platforms: nbgrader's CSV, Canvas, Moodle, Gradescope."""

from mashq.export.moodle import IDENTITIES
from mashq.export.write import FORMATS, Exported, ExportOptions, export_grades

__all__ = ["FORMATS", "IDENTITIES", "ExportOptions", "Exported", "export_grades"]
