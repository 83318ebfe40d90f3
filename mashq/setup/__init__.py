"""What a course begins with, before there is one: a JupyterHub of its own, with a course folder."""
