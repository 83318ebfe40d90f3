"""The instructor's report on a graded assignment: one HTML file that works offline."""
