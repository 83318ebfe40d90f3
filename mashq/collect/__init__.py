"""`mashq collect`: what a learning platform gives for download, as nbgrader's folders in submitted/.

`names` knows how the platforms name files, `sources` lists what is in a download, `unpack` brings one
student's files to the disk, `arrange` gives them their names, `attempts` says which version counts, `place`
exchanges the student's folder, and `run` does all this for a class.
"""

import mashq.quick_imports  # noqa: F401  # before nbformat
