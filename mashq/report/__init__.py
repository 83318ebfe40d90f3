"""The instructor's report on a graded assignment: one HTML file that works offline."""

from mashq.report.page import write_report

__all__ = ["write_report"]
