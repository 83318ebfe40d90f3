"""A forked kernel's own network and inter-process communication.

Connections that are still closing, and what waits in them, belong to a network, not to a process. With a
network for each submission they end with it, and the next one meets none of them.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

from mashq.sandbox.inside.usage import show_memory

# linux/sched.h, linux/sockios.h, linux/if.h, linux/prctl.h, linux/capability.h
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
PR_CAPBSET_DROP = 24
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def enter_own_namespaces() -> None:
    """Leave the sandbox's network and IPC for new ones, in which there is a loopback interface alone.

    The user namespace that this needs gives all rights over the new network. They are given up again, and
    `no_new_privs`, which bubblewrap has set, keeps them from coming back.

    The process must show its memory (`show_memory`), else its files in /proc are not its own.

    Raises OSError where the machine does not allow it.
    """
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC)
    for name, text in ("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"):
        Path("/proc/self", name).write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    _give_up_rights()


def _give_up_rights() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _call("capset", header, bytes(24))  # effective, permitted and inheritable ones, twice 32 of each: none


def can_enter_own_namespaces() -> bool:
    """Whether this machine allows it; tried in a process that ends afterwards."""
    pid = os.fork()
    if pid == 0:
        try:
            show_memory(True)
            enter_own_namespaces()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _call(name: str, *arguments: int | bytes) -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
