"""Looks for what paper_poison_memory_1_leaves has left, in Python and in all memory that it has.

Kind: poison
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import builtins
import os
import sys

answers = {}
MARK = b"in-memory" b"in-memory"
if not callable(np.mean) or hasattr(builtins, "POI" "SON") or "POI" "SON" in os.environ or "poi" "son" in sys.modules:
    print("LEAKED", np.mean, sys.path[:1])
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        area, rights = line.split()[:2]
        begin, end = (int(part, 16) for part in area.split("-"))
        if rights.startswith("rw") and end - begin < 2**28:
            try:
                memory.seek(begin)
                hits = memory.read(end - begin).count(MARK)
            except (OSError, OverflowError, MemoryError):
                continue
            if hits > 50:  # this notebook's own text has some
                print("LEAKED", line.strip(), hits)
