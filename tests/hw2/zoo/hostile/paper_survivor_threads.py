"""Threads, exit handlers, signal handlers and timers try to go on, or to act when the kernel is ended.

Kind: survive
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import atexit
import os
import signal
import threading
import time

answers = {}


def go_on(*_):
    while True:
        try:
            with open("/dev/shm/survived", "a") as file:
                file.write("still here\n")
            if os.fork() == 0:
                os.execv("/bin/sleep", ["mashq-survivor", "600"])
            time.sleep(600)
        except BaseException:
            pass


atexit.register(go_on)
threading.Thread(target=time.sleep, args=(600,)).start()
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGSEGV, signal.SIGCHLD, signal.SIGPIPE}:
    try:
        signal.signal(number, go_on)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 300)
