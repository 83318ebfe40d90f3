"""Reads memory, arguments, folders and descriptors of every other process that it can see.

Kind: read others
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os

answers = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for name in ("mem", "maps", "environ", "fd", "cwd", "root", "map_files"):
        path = f"/proc/{pid}/{name}"
        try:
            print("LEAKED", path, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(40))
        except (OSError, OverflowError):
            pass
    command = open(f"/proc/{pid}/cmdline").read().split("\0")
    if "mashq.sandbox.inside" not in command and command != [""]:
        print("LEAKED", pid, command[:6])
