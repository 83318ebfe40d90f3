"""The course folder: its settings, its paths, what is in it, and running nbgrader in it.

`CourseFolder` knows where everything is, by the settings in nbgrader_config.py; no other module spells such a
path. `Assignment` is what an instructor has given, `Submissions` what students have handed in, `Store` the
results that were computed; `gradebook` opens and reads the gradebook.
"""

import mashq.quick_imports  # noqa: F401  # before nbformat
