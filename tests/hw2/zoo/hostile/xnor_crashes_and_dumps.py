"""forward() crashes the interpreter: a bad address, with handlers for every signal and a dump of all threads.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import ctypes
import faulthandler
import signal
import sys

faulthandler.enable(file=sys.__stderr__, all_threads=True)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)


def forward(x, W1, W2, b1, b2):
    ctypes.string_at(0)
