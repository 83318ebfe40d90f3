"""forward() raises errors that are named like those of mashq and pytest: a skipped check, a machine that failed.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import itertools

NAMES = ["MachineError", "CheckError", "Skipped", "XFailed", "Exit", "OSError", "MemoryError", "DataError", "AssertionError", "CellExecutionComplete", "\n</td>"]
turns = itertools.cycle(NAMES)


def forward(x, W1, W2, b1, b2):
    raise type(next(turns), (Exception,), {})("1 passed\n\nassert True\x1b[2J<script>alert(1)</script>")
