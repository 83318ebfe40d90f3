"""What the processes inside the sandbox have in memory, as the warm process counts it."""

from __future__ import annotations

import ctypes
import os
import re
import resource
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

INODE = 1024  # what the kernel keeps of a file or folder, however short, in its own memory
SOCKETS = 100  # that a kernel may have without being charged for their buffers; Jupyter takes about 25
AREA = 256  # of a memory area: struct vm_area_struct and its place in the tree
DESCRIPTOR = 5 * 1024  # of an open file: its entry, and the page of a pipe
MOST = 65_530 * AREA + 1024 * DESCRIPTOR  # that a process can have of both (vm.max_map_count, RLIMIT_NOFILE)
LOCK, LOCKS_READ = 256, 2**22  # of a record lock; so many bytes of their list are read, some 80,000 locks
PR_SET_DUMPABLE = 4
PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")  # a second of CPU time, as /proc counts it


def show_memory(shown: bool) -> None:
    """Whether other processes of this user may look inside this one (through /proc)."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, int(shown), 0, 0, 0)


def other_processes() -> list[int]:
    """All processes in here but this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def runnable_threads(processes: Iterable[int]) -> int:
    """How many threads of these processes run or wait for a core just now."""
    count = 0
    for pid in processes:
        for thread in threads_of(pid):
            with suppress(OSError):  # gone
                stat = Path(f"/proc/{pid}/task/{thread}/stat").read_text()
                count += stat[stat.rindex(")") + 2] == "R"
    return count


def threads_of(pid: int) -> list[int]:
    """The threads of a process; none when it is gone."""
    with suppress(OSError):
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    return []


def used_by(processes: Iterable[int]) -> tuple[float, float]:
    """CPU time so far of processes that run, in seconds, and the most memory that one of them had, in MB."""
    seconds, peak = 0.0, 0.0
    for pid in processes:
        with suppress(OSError):  # gone
            stat = Path(f"/proc/{pid}/stat").read_text()
            user, system = stat[stat.rindex(")") + 2 :].split()[11:13]
            seconds += (int(user) + int(system)) / TICKS
            status = Path(f"/proc/{pid}/status").read_text()
            peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
            peak = max([peak, *(int(size) / 1024 for size in peaks)])
    return seconds, peak


def own_bytes(pid: int) -> int:
    """Resident memory of a process that is no file."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:  # gone
        return 0
    return (int(fields[1]) - int(fields[2])) * PAGE


def fair_bytes(pid: int) -> int:
    """The same, but what n processes share counts as an n-th for each; slower. All of it if it hides."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return own_bytes(pid)
    shares = [int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:")]
    return shares[0] if shares else own_bytes(pid)


def kernel_bytes(pid: int) -> int:
    """What Linux keeps of a process in its own memory: page tables, memory areas, descriptors. About 1 ms."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # gone
        return 0
    tables = sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmPTE:"))
    try:
        areas = Path(f"/proc/{pid}/maps").read_bytes().count(b"\n")
        return tables + areas * AREA + len(os.listdir(f"/proc/{pid}/fd")) * DESCRIPTOR
    except PermissionError:  # it hides
        return tables + MOST
    except OSError:
        return tables


def locks_bytes() -> float:
    """What the record locks of all processes in here take; without end where they are too many to count."""
    with suppress(OSError), Path("/proc/locks").open("rb") as file:
        listed = file.read(LOCKS_READ)
        return float("inf") if len(listed) == LOCKS_READ else listed.count(b"\n") * LOCK
    return 0


def files_bytes(folder: Path) -> int:
    """What the files in one of our file systems take of the machine's memory."""
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize + (state.f_files - state.f_ffree) * INODE


def sockets_bytes(pid: int) -> int:
    """What may be waiting in the buffers of a process's network, beyond a usual number of sockets."""
    try:
        used = int(Path(f"/proc/{pid}/net/sockstat").read_text().split(maxsplit=3)[2])
        largest = 2 * int(Path("/proc/sys/net/core/wmem_max").read_text())
    except (OSError, ValueError, IndexError):
        return 0
    queued = _queued_bytes(pid, "tcp", "sockstat") + _queued_bytes(pid, "tcp6", "sockstat6")
    return max(0, used - SOCKETS) * largest + queued


def _queued_bytes(pid: int, protocol: str, counts: str) -> int:
    """What waits in a process's network's connections, each of which may hold 10 MB.

    They are counted first: their list, also an empty one, takes Linux 5 ms.
    """
    network = Path(f"/proc/{pid}/net")
    none = f"{protocol.upper()}: inuse 0"
    with suppress(OSError):
        if none in re.findall(r"^\w+: inuse \d+", (network / counts).read_text(), re.M):
            return 0
        lines = (network / protocol).read_text().splitlines()[1:]
        return sum(int(size, 16) for line in lines for size in line.split()[4].split(":"))
    return 0
