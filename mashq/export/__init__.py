"""Grades for learning platforms: nbgrader's CSV, Canvas, Moodle, Gradescope."""
