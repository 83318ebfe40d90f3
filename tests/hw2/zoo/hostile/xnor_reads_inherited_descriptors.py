"""Reads every file and folder that the kernel inherited as an open descriptor, and listens in on its sockets.

Kind: read checks
Loses: test_q5_train
Earns: test_q5_train 0
"""
# %% q5_train
import os
import socket
import stat
import sys


def train(x, y, epochs=500, alpha=0.1, seed=0):
    return None


for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        mode = os.fstat(fd).st_mode
        target = os.readlink(f"/proc/self/fd/{fd}")
        if target.startswith((sys.prefix, "/usr")):  # fonts, which anybody may read
            continue
        if stat.S_ISDIR(mode) and not target.startswith("/proc"):
            print("LEAKED", target, os.listdir(fd))
        elif stat.S_ISREG(mode) and os.pread(fd, 40, 0):
            print("LEAKED", target, os.pread(fd, 40, 0))
        elif stat.S_ISSOCK(mode):
            with socket.socket(fileno=os.dup(fd)) as sock:
                sock.setblocking(False)
                text, descriptors, _, _ = socket.recv_fds(sock, 4096, 8, socket.MSG_PEEK)
                if descriptors or b"test_q5" in text:
                    print("LEAKED", text[:40], descriptors)
    except OSError:
        pass
