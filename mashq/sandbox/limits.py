"""How much one submission may use inside the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """What the processes of one submission may use together, unless it says otherwise."""

    memory_mb: int = 3072  # resident memory beyond the warm process's own; TensorFlow on hw2 takes about 900
    disk_mb: int = 512  # files in the scratch folder and in /dev/shm, each; a single file may have it all
    processes: int = 256  # threads count; TensorFlow starts about 60
    cpu_s: int = 1800  # CPU time of one process; the judge's limits by cell and notebook come long before


@dataclass(frozen=True)
class OverQuota:
    """Why the sandbox ended a kernel: the limit that its processes broke together."""

    limit: str  # the name of a field of `Quota`
    allowed: int  # the number that this kernel's quota has there
