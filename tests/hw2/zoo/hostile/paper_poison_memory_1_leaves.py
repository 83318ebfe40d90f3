"""Leaves changes for the next submission in the process: NumPy, modules, builtins, the environment, its text.

Kind: poison
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import builtins
import ctypes
import os
import sys

answers = {}
MARK = "POISON-" + "in-memory" * 3
np.mean = np.pi = MARK
builtins.POISON = MARK
os.environ["POISON"] = MARK
sys.modules["poison"] = sys
sys.path.insert(0, MARK)
keep = [(MARK * 1000).encode() for _ in range(1000)]
ctypes.CDLL(None).mlockall(3)
ctypes.c_int.from_address(id(257) + 24).value = 258  # the number 257, where Python keeps it
