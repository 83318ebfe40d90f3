"""How much a graded notebook may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one graded run of one notebook.

    The student's code holds a worker for `notebook_s + calls_s` at most, and a little longer where the last
    cell or the last call does not heed an interrupt (`clock.GRACE_S`, then the kernel is killed).
    """

    cell_s: float = 120  # time of one cell (see `FairClock`); the heaviest cell of hw2 takes about 10 s
    # Wall time of all cells together; those that run again after a kernel died count once more.
    notebook_s: float = 600
    call_s: float = 30  # time of one call from a check, unless the check asks for another (see `FairClock`)
    calls_s: float = 600  # wall time of all calls together
    startup_s: float = 120  # a kernel that takes longer to start is a fault of the machine
    output_kb: int = 1024  # printed text and pictures kept of one cell; the rest is cut off
    restarts: int = 10  # how often a dead kernel is started again for the cells that remain
