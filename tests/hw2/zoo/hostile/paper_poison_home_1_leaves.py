"""Leaves code for the next submission in the home folder and in temporary ones: IPython, Keras, Matplotlib.

Kind: poison
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import tempfile

answers = {}
PLACES = ("~/.ipython/profile_default/startup/00-note.py", "~/.ipython/profile_default/ipython_config.py", "~/.keras/keras.json", "~/.config/matplotlib/matplotlibrc", "~/.cache/mashq/course/note", "~/.jupyter/note", "~/.bashrc", "~/.local/lib/python3.11/site-packages/usercustomize.py")
PLACES += ("/tmp/mashq-poison", "/var/tmp/mashq-poison", "/dev/shm/mashq-poison", "/scratch/mashq-poison", "/run/mashq-poison", "/work/mashq-poison", "../mashq-poison", "../../mashq-poison", "../../../mashq-poison", tempfile.gettempdir() + "/mashq-poison", os.environ.get("MPLCONFIGDIR", ".") + "/fontlist.json")
for place in PLACES:
    try:
        path = os.path.expanduser(place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write("# POISON\n")
    except OSError:
        pass
