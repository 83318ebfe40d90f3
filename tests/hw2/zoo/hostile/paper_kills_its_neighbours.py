"""Kills, stops and slows every process that it can see, the warm one first, each by its number.

Kind: survive
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import resource
import signal

answers = {}
neighbours = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
if os.getppid() == 1 and os.geteuid() != 0 and len(neighbours) < 12:  # only in a sandbox
    for pid in neighbours:
        for act, *rest in ((os.kill, pid, signal.SIGSTOP), (os.kill, pid, signal.SIGKILL), (os.kill, -pid, signal.SIGKILL), (os.setpriority, 0, pid, 19), (os.sched_setaffinity, pid, {0}), (resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, 3))):
            try:
                act(*rest)
                print("LEAKED", act.__name__, pid)
            except (OSError, ValueError):
                pass
