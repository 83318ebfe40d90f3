"""Writes without end, by print, by descriptor, as pictures and as updates of them.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os

answers = {}
while True:
    print("five of five points " * 5000)
    os.write(1, b"passed " * 5000)
    display({"text/html": "<b>passed</b>" * 5000}, raw=True, display_id="x")
# %% after q1_numbers
print("x" * 90_000_000, end="")
