"""Grading: from handed-in files to scores in nbgrader's gradebook.

Data flows `intake → repair → run and judge → score cell → gradebook`; see `exporter.py` and
`preprocessors.py` for where each step sits in `nbgrader autograde`.
"""

import mashq.quick_imports  # noqa: F401  # before nbformat
