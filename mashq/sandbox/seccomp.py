"""System-call filters: what no notebook needs and what reaches far into the kernel or at the warm process.

Landlock and namespaces decide what files, processes and networks there are; this closes the side doors they
leave open: the kernel's keyrings and System V memory (which would outlive a submission), memory that no limit
counts, unusual kinds of sockets, further namespaces, tracing, mounts, BPF, io_uring. Calls fail
with EPERM or another error; everything else is allowed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# numbers for (x86_64, aarch64), from Linux: syscall_64.tbl and asm-generic/unistd.h
REFUSED: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "process_madvise": (440, 440), "syslog": (103, 116),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "io_setup": (206, 0),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106),
}  # fmt: skip
CLONE, CLONE3, MMAP, IOCTL, FCNTL = (56, 220), (435, 435), (9, 222), (16, 29), (72, 25)
SOCKET, SOCKETPAIR, SETPRIORITY, IOPRIO_SET = (41, 198), (53, 199), (141, 140), (251, 30)
KILL, PIDFD_OPEN, PIDFD_SEND_SIGNAL = (62, 129), (434, 434), (424, 424)
UNSHARE, SCHED_SETAFFINITY = (272, 97), (203, 122)
ABOUT_A_PROCESS = {  # these take a process id first
    "kill": KILL, "tkill": (200, 130), "tgkill": (234, 131), "pidfd_open": PIDFD_OPEN,
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "prlimit64": (302, 261),
    "sched_setaffinity": SCHED_SETAFFINITY, "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239),
}  # fmt: skip
NAMESPACES = 0x7E020000  # all CLONE_NEW* flags of clone
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS
F_SETOWN, F_SETOWN_EX = 8, 15  # who gets a descriptor's signals, which may be any signal
PRIO_PROCESS = 0
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
PROTOCOLS = (0, socket.IPPROTO_TCP, socket.IPPROTO_UDP)
AUDIT_ARCH = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# classic BPF, linux/bpf_common.h and linux/seccomp.h
LOAD, AND, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; arguments have 8 bytes
X32 = 0x40000000  # x86_64's second table of system calls
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


class Rule(NamedTuple):
    """Refuse a call, or only some values of one argument (its lower 32 bits)."""

    numbers: tuple[int, int]
    error: int = errno.EPERM
    argument: int = -1  # -1: whatever the arguments
    mask: int = 0xFFFFFFFF  # looked at are these bits of it
    values: tuple[int, ...] = ()  # refused are these
    others: bool = False  # no: all but these


def outer_rules() -> list[Rule]:
    """For all that runs inside the outer wall."""
    rules = [Rule(numbers) for numbers in REFUSED.values()]
    # clone3 takes its flags from memory, which a filter cannot read; the C library then uses clone.
    rules.append(Rule(CLONE3, errno.ENOSYS))
    rules.append(Rule(CLONE, argument=0, mask=NAMESPACES, values=(0,), others=True))
    # Memory without a file or a process to charge it to: kept though nobody has it mapped.
    rules.append(Rule(MMAP, argument=3, mask=SHARED_ANONYMOUS, values=(SHARED_ANONYMOUS,)))
    # ipykernel has a TCP socket of its own. EINVAL is what ZeroMQ takes for an answer where it asks Netlink.
    rules.append(Rule(SOCKET, errno.EINVAL, argument=0, values=FAMILIES, others=True))
    rules.append(Rule(SOCKET, errno.EINVAL, argument=2, values=PROTOCOLS, others=True))
    rules.append(Rule(SOCKETPAIR, errno.EINVAL, argument=0, values=FAMILIES, others=True))
    return rules


def guard_rules(pid: int, group: int) -> list[Rule]:
    """For a kernel, which has the namespaces that it needs.

    No signal to the process `pid` or its group, no limit or priority for it, no further namespaces, and no
    choice of cores.
    """
    rules = [Rule(numbers, argument=0, values=(pid,)) for numbers in ABOUT_A_PROCESS.values()]
    rules += [Rule(KILL, argument=0, values=tuple(-n & 0xFFFFFFFF for n in (1, group)))]
    rules += [Rule(FCNTL, argument=1, values=(F_SETOWN, F_SETOWN_EX))]
    rules += [Rule(SETPRIORITY, argument=0, values=(PRIO_PROCESS,), others=True)]
    rules += [Rule(SETPRIORITY, argument=1, values=(pid,)), Rule(IOPRIO_SET), Rule(PIDFD_SEND_SIGNAL)]
    rules.append(Rule(UNSHARE))
    rules.append(Rule(SCHED_SETAFFINITY, error=0))  # does nothing, and says that all is well
    # A kernel's connections belong to the grader's network: these requests would list its interfaces.
    rules.append(Rule(IOCTL, argument=1, mask=0xFF00, values=(0x8900,)))
    return rules


def filter_program(rules: Iterable[Rule] | None = None) -> bytes | None:
    """The rules (None: the outer ones) as `bwrap --seccomp` reads them; None on an unknown processor."""
    found = AUDIT_ARCH.get(platform.machine())
    if found is None:
        return None
    arch, column = found
    program = [
        _instruction(LOAD, ARCH),
        _instruction(JUMP_EQUAL, arch, true=1),
        _instruction(RETURN, KILL_PROCESS),
        _instruction(LOAD, NUMBER),
        _instruction(JUMP_AT_LEAST, X32, false=1),
        _instruction(RETURN, ERRNO | errno.EPERM),
    ]
    for rule in outer_rules() if rules is None else rules:
        program += _instructions(rule, rule.numbers[column])
    program.append(_instruction(RETURN, ALLOW))
    return b"".join(program)


def guard(pid: int, group: int) -> None:
    """Put this process, and all that it starts, under `guard_rules`; needs no_new_privs."""
    program = filter_program(guard_rules(pid, group))
    if program is None:
        return
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")


def _instructions(rule: Rule, number: int) -> Sequence[bytes]:
    refuse = _instruction(RETURN, ERRNO | rule.error)
    if rule.argument < 0:
        return [_instruction(JUMP_EQUAL, number, false=1), refuse]
    count = len(rule.values)
    listed = 0 if not rule.others else 1  # instructions between the last comparison and its two outcomes
    program = [_instruction(LOAD, FIRST_ARGUMENT + 8 * rule.argument), _instruction(AND, rule.mask)]
    for n, value in enumerate(rule.values):
        last = n == count - 1
        other = (1 - listed) if last else 0
        program.append(_instruction(JUMP_EQUAL, value, true=count - 1 - n + listed, false=other))
    program += [refuse, _instruction(LOAD, NUMBER)]
    return [_instruction(JUMP_EQUAL, number, false=len(program)), *program]


def _instruction(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    """One struct sock_filter; `true` and `false` say how many instructions to skip."""
    return struct.pack("=HBBI", code, true, false, value)
