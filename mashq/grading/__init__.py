"""Grading: from handed-in files to scores in nbgrader's gradebook.

Data flows through the folders: `intake` finds, reads and repairs what was handed in; `engine` plans and
shares out the work; `notebook` runs and judges one; `gradebook` records. `nbgrader_steps` puts the same into
`nbgrader autograde`.
"""

import mashq.quick_imports  # noqa: F401  # before nbformat
