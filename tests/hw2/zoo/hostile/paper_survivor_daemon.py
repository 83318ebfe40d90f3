"""A process in a session of its own, forked twice, goes on after the grading and writes to files.

Kind: survive
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import signal

answers = {}
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.execv("/bin/sh", ["mashq-survivor", "-c", "for i in 1 2 3 4 5 6 7 8 9; do date >> survived; date >> /dev/shm/survived; sleep 60; done"])
    os._exit(0)
