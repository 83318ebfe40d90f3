"""Uses up all threads and open files that it may have, and keeps them.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import resource
import socket
import threading

answers = {}
keep = []
if os.getppid() == 1 and resource.getrlimit(resource.RLIMIT_NPROC)[0] < 1000:  # only in a sandbox
    try:
        threading.stack_size(65536)
        for _ in range(2000):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
    except (RuntimeError, MemoryError):
        pass
    try:
        while True:
            keep += [open("/dev/null"), *socket.socketpair()]
    except OSError:
        pass
