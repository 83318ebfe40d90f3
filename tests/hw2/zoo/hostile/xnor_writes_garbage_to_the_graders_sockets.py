"""forward() writes garbage, halves of messages and giant frames straight into the sockets to the grader.

Kind: network
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import os
import socket
import stat


def forward(x, W1, W2, b1, b2):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                with socket.socket(fileno=os.dup(fd)) as sock:
                    if sock.family == socket.AF_UNIX:
                        sock.setblocking(False)
                        sock.send(b"\x02" + b"\xff" * 8 + bytes(range(256)) * 16)
                        sock.send(b"\x06" + b"\x7f" * 8)
        except OSError:
            pass
    os._exit(0)
