"""Leaves things in Linux for the next submission: sockets, shared memory, semaphores, keys, queues, pipes.

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
server = socket.socket(socket.AF_UNIX)
server.bind("\0mashq-poison")
server.listen()
tcp = socket.socket()
tcp.bind(("127.0.0.1", 47812))
tcp.listen()
libc.shmget(4711, 4096, 0o1666)
libc.semget(4711, 1, 0o1666)
libc.msgget(4711, 0o1666)
libc.syscall(248, b"user", b"mashq-poison", b"POISON", 6, -4)
libc.mq_open(b"/mashq-poison", 0o102, 0o666, 0)
os.open("/dev/shm", os.O_RDONLY)
for act in (lambda: os.mkfifo("/dev/shm/mashq-poison"), lambda: os.umask(0), lambda: os.mkdir("/dev/shm/shut", 0)):
    try:
        act()
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    os.execv("/bin/sleep", ["mashq-survivor", "600"])  # holds the sockets open
