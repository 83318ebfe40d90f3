"""A small Dask cluster on this machine, for tests in which workers stay or run in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import LocalCluster


@contextmanager
def small_cluster(workers: int, processes: bool = True) -> Iterator[str]:
    """The address of its scheduler.

    workers : how many, each for one notebook at a time
    processes : whether each is a process; else a thread of this one
    """
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=processes,
        protocol="tcp://",
        host="127.0.0.1",
        memory_limit=0,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    ) as cluster:
        yield str(cluster.scheduler_address)
