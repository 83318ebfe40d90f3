"""A name of before, which courses may have in nbgrader_config.py; see `mashq.nbgrader_plugins`."""

from mashq.nbgrader_plugins import of_old_name

__getattr__ = of_old_name(__name__)
