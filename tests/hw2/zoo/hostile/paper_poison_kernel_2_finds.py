"""Looks for what paper_poison_kernel_1_leaves has left.

Kind: poison
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import ctypes
import os
import socket

answers = {}
libc = ctypes.CDLL(None, use_errno=True)
for family, address in ((socket.AF_UNIX, "\0mashq-poison"), (socket.AF_INET, ("127.0.0.1", 47812))):
    try:
        with socket.socket(family) as sock:
            sock.settimeout(1)
            sock.connect(address)
            print("LEAKED", address)
    except OSError:
        pass
for name, found in (("shm", libc.shmget(4711, 0, 0)), ("sem", libc.semget(4711, 0, 0)), ("msg", libc.msgget(4711, 0)), ("mq", libc.mq_open(b"/mashq-poison", 0))):
    if found >= 0:
        print("LEAKED", name, found)
if os.listdir("/dev/shm") and os.getppid() == 1:
    print("LEAKED", os.listdir("/dev/shm"))
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        if "mashq-survivor" in open(f"/proc/{pid}/cmdline").read():
            print("LEAKED", pid)
    except OSError:
        pass
