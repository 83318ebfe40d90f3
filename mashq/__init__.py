"""mashq (مشق): autograded homework for a neural-networks course, on nbgrader.

Importing this package imports nothing else; see `mashq.datasets` and `mashq.plots` for what a
notebook uses, `mashq.judge` for writing hidden checks, `mashq.nbgrader_plugins` for a course's settings.
"""

__version__ = "0.2.0"
