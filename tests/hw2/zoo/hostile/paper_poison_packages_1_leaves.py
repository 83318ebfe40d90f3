"""Leaves code for the next submission in the installed packages: .pth files, caches, modules, sitecustomize.

Kind: poison
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import importlib.util
import os
import sys
import sysconfig

import mashq
import matplotlib

answers = {}
if os.geteuid() != 0:  # only where walls have taken root away
    for folder in {*sys.path, sysconfig.get_path("purelib"), os.path.dirname(mashq.__file__), os.path.dirname(np.__file__), matplotlib.get_cachedir(), sys.prefix}:
        for name in ("note.pth", "sitecustomize.py", "usercustomize.py", "note.py", "__pycache__/note.pyc"):
            try:
                with open(os.path.join(folder or ".", name), "a") as file:
                    file.write("# POISON\n")
            except OSError:
                pass
    for path in (np.__file__, mashq.__file__, importlib.util.cache_from_source(np.__file__)):
        try:
            os.chmod(path, 0o666)
            with open(path, "ab") as file:
                file.write(b"# POISON\n")
        except OSError:
            pass
