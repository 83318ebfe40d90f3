"""Looks for other submissions: their folders, their processes, their kernels' sockets and connection files.

Kind: read others
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import glob
import os

answers = {}
mine = os.path.realpath("..")
for pattern in ("/scratch/*/work/*", "/scratch/*", "/scratch", "/tmp/mashq-kernel-*", "/tmp/mashq-kernel-*/*", "/run/user/*/jupyter", "../../../*/work/*", "/work/*/submitted/*", "/proc/[0-9]*/cwd/*"):
    for path in glob.glob(pattern):
        if os.path.realpath(path).startswith((mine, "/proc")) or mine.startswith(os.path.realpath(path)) and not os.access(path, os.R_OK):
            continue
        try:
            text = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(60)
            if text:
                print("LEAKED", path, text)
        except OSError:
            pass
number = int(os.getcwd().split("/")[2]) if os.getcwd().startswith("/scratch/") else 0
for other in {*range(1, 40)} - {number}:
    for act in (os.listdir, os.mkdir):
        try:
            act(f"/scratch/{other}")
            print("LEAKED", act.__name__, other)
        except OSError:
            pass
