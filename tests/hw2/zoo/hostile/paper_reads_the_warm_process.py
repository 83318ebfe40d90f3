"""Reaches into the process that the kernel was forked from: memory, descriptors, ptrace, process_vm_readv.

Kind: read checks
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import ctypes
import os
import sys

answers = {}
libc = ctypes.CDLL(None, use_errno=True)
for pid in {1, os.getppid()} if os.getppid() == 1 else ():
    for name in ("environ", "mem", "maps", "fd", "fdinfo", "root", "cwd", "syscall", "stack", "pagemap"):
        path = f"/proc/{pid}/{name}"
        try:
            print("LEAKED", path, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(40))
        except (OSError, OverflowError):
            pass
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        room = ctypes.create_string_buffer(64)
        here = (ctypes.c_size_t * 2)(ctypes.addressof(room), 64)
        there = (ctypes.c_size_t * 2)(id(answers), 64)
        if libc.syscall(310, pid, here, 1, there, 1, 0) > 0:
            print("LEAKED", room.raw[:20])
        for name, call in {"ptrace": (101, 16, pid, 0, 0), "pidfd_open": (434, pid, 0), "kcmp": (312, os.getpid(), pid, 0, 0, 0)}.items():
            if libc.syscall(*map(ctypes.c_long, call)) >= 0:
                print("LEAKED", name, "of process", pid)
