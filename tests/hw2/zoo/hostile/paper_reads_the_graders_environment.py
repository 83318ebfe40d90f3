"""Looks for the grader's secrets in every environment that it can read.

Kind: read checks
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import glob
import os

answers = {}
if "MASHQ_CANARY" in os.environ:
    print("LEAKED", os.environ["MASHQ_CANARY"])
for name in ("environ", "mem", "auxv", "maps"):
    for path in glob.glob(f"/proc/[0-9]*/{name}"):
        try:
            text = open(path, "rb").read(100_000)
        except (OSError, OverflowError):
            continue
        if path.split("/")[2] != str(os.getpid()) and text:
            print("LEAKED", path, text[:40])
        if b"MASHQ_" b"CANARY=" in text:
            print("LEAKED", path, text[text.index(b"CANARY=") :][:40])
