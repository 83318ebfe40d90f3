"""Forks, in every process that comes of it, until it may not any more.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import resource
import time

answers = {}
if os.getppid() == 1 and resource.getrlimit(resource.RLIMIT_NPROC)[0] < 1000:  # only in a sandbox
    first, end = os.getpid(), time.monotonic() + 3
    while time.monotonic() < end:
        try:
            os.fork()
        except OSError:
            time.sleep(0.05)
    if os.getpid() != first:
        os._exit(0)
