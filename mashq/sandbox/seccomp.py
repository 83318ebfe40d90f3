"""A system-call filter for the outer wall: what no notebook needs and what reaches far into the kernel.

Landlock and namespaces decide what files, processes and networks there are; this closes the side doors they
leave open: the kernel's keyrings and System V memory (which would outlive a submission), further user
namespaces, tracing, mounts, BPF, io_uring. Calls fail with EPERM; everything else is allowed.
"""

from __future__ import annotations

import errno
import platform
import struct

# numbers for (x86_64, aarch64): linux/arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
REFUSED: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
CLONE_NEWUSER = 0x10000000
AUDIT_ARCH = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# classic BPF, linux/bpf_common.h and linux/seccomp.h
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
X32 = 0x40000000  # x86_64's second table of system calls


def filter_program() -> bytes | None:
    """The filter as `bwrap --seccomp` reads it; None on a processor without a table here."""
    found = AUDIT_ARCH.get(platform.machine())
    if found is None:
        return None
    arch, column = found
    refuse, missing = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
    program = [
        _instruction(LOAD, ARCH),
        _instruction(JUMP_EQUAL, arch, true=1),
        _instruction(RETURN, KILL),
        _instruction(LOAD, NUMBER),
        _instruction(JUMP_AT_LEAST, X32, false=1),
        _instruction(RETURN, refuse),
    ]
    for numbers in REFUSED.values():
        program += [_instruction(JUMP_EQUAL, numbers[column], false=1), _instruction(RETURN, refuse)]
    # clone3 takes its flags from memory, which a filter cannot read; the C library then uses clone.
    program += [_instruction(JUMP_EQUAL, CLONE3[column], false=1), _instruction(RETURN, missing)]
    program += [
        _instruction(JUMP_EQUAL, CLONE[column], false=3),
        _instruction(LOAD, FIRST_ARGUMENT),
        _instruction(JUMP_ANY_BIT, CLONE_NEWUSER, false=1),
        _instruction(RETURN, refuse),
        _instruction(RETURN, ALLOW),
    ]
    return b"".join(program)


def _instruction(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    """One struct sock_filter; `true` and `false` say how many instructions to skip."""
    return struct.pack("=HBBI", code, true, false, value)
