"""Leaves more files, links and closed folders than can be cleared away quickly.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os

answers = {}
for n in range(12_000):
    open(f"{n}", "w").close()
os.mkfifo("pipe")
os.chmod(".", 0)
