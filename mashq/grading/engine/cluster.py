"""Workers: a Dask cluster of this machine's cores, or one that is running already."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from mashq.errors import CourseError, MachineError
from mashq.grading import signals
from mashq.grading.engine.worker import data_of, versions, why_not_isolated
from mashq.grading.signals import held
from mashq.temporary.folders import remove_leftovers

CONNECT_S = 20
# A worker is one process with one thread: one notebook at a time, its kernel in a sandbox.
LOCAL = {
    "threads_per_worker": 1,
    "processes": True,
    "memory_limit": 0,  # the sandbox limits what student code takes; Dask would pause and kill workers
    "dashboard_address": "127.0.0.1:0",  # any free port: another run may have the usual one
    "scheduler_kwargs": {"dashboard": False},
    # Whoever reaches a worker can have it run code: TLS, with a key that is made for this run, in memory.
    "security": True,
    "silence_logs": logging.CRITICAL,
}
SETTINGS = {
    "distributed.scheduler.allowed-failures": 3,  # workers that may die under a task before it is given up
    # A worker that died is started again, however long that takes on a busy machine. Dask's own setting
    # gives it up for good after 15 s.
    "distributed.deploy.lost-worker-timeout": "1 day",
    "distributed.comm.timeouts.connect": f"{CONNECT_S}s",
    "distributed.worker.multiprocessing-method": "spawn",
    "distributed.worker.preload": [signals.__name__],  # its `dask_setup`
    "distributed.worker.profile.enabled": False,  # looks at the worker's stack a hundred times a second
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.low-level-log-length": 0,  # events of every task, kept for nobody
    "distributed.admin.log-length": 100,
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.scheduler.http.routes": [],  # pages for whoever asks, about what runs
    "distributed.worker.http.routes": [],
}


@contextmanager
def connect(
    scheduler: str | None, workers: int, isolation: str, expected: Mapping[str, str]
) -> Iterator[Any]:
    """A Dask client whose workers can grade; what was started for it ends with the block.

    Workers of this machine speak TLS; other users of it can neither listen nor join.

    scheduler : address of a running one, "tls://host:8786"; None starts workers on this machine
    workers : how many to start
    isolation : the walls that the workers must have, see `mashq.sandbox`
    expected : `versions()` of this machine, which those of a running cluster must have, too

    Raises CourseError when there is no such scheduler, or when a worker cannot grade as this machine would,
    MachineError when the workers of this machine do not start.
    """
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        if scheduler is None:
            try:
                with _nothing_left_of_a_failed_start():
                    cluster = LocalCluster(n_workers=workers, host="127.0.0.1", **LOCAL)
                    client = Client(cluster, set_as_default=False)
            except (OSError, TimeoutError, RuntimeError, ImportError) as error:
                raise MachineError(
                    f"the {workers} workers did not start ({error}); run the command again, with fewer "
                    "--workers if this machine is busy"
                ) from error
        else:
            cluster = None
            client = _join(scheduler)
        try:
            if cluster is None:
                _check_workers(client, scheduler or "", isolation, expected)
            yield client
        finally:
            with held():  # a second Ctrl-C would leave workers behind
                _close(client, cluster)


def _close(client: Any, cluster: Any) -> None:
    """End the connection, and the workers of this machine with their folders."""
    if cluster is not None:
        # it would log each connection that ends, and no longer keeps quiet once the cluster is closed
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        _kill_workers(cluster)
    with suppress(Exception):
        client.close(timeout=1)
    if cluster is not None:
        with suppress(Exception):
            cluster.close(timeout=5)
        remove_leftovers()


@contextmanager
def _nothing_left_of_a_failed_start() -> Iterator[None]:
    """When a start fails, or the user stops it, end the workers that had been started.

    Dask would try to close such a cluster when Python exits, and fail with a traceback.
    """
    from distributed.deploy.spec import close_clusters

    before = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        atexit.unregister(close_clusters)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it would log all that waited for them
        for worker in set(multiprocessing.active_children()) - before:
            worker.kill()
        raise


def _kill_workers(cluster: Any) -> None:
    """End the workers of this machine at once: their results are here, and their sandboxes end with them.

    Dask would wait for seconds until each has finished its notebook.
    """
    for nanny in cluster.workers.values():
        with suppress(Exception):
            nanny.close_gracefully()  # or it would start another worker
            if nanny.pid is not None:
                os.kill(nanny.pid, signal.SIGKILL)


def _join(scheduler: str) -> Any:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=f"{CONNECT_S}s", set_as_default=False)
    except TypeError as error:  # what Dask says of an address for TLS when it has no certificates
        raise CourseError(
            f"{scheduler} needs certificates ({error}); set the variables DASK_DISTRIBUTED__COMM__TLS__... "
            "that docs/cluster.md names, then run the command again"
        ) from None
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(
            f"there is no Dask scheduler at {scheduler} ({error}); start one with `dask scheduler` and "
            f"workers with `dask worker {scheduler} --nthreads 1`"
        ) from None
    with suppress(Exception):
        client.wait_for_workers(1, timeout=CONNECT_S)
    if not client.scheduler_info(n_workers=-1)["workers"]:
        client.close()
        raise CourseError(
            f"the scheduler at {scheduler} has no workers; start some: `dask worker {scheduler} --nthreads 1`"
        )
    return client


def _check_workers(client: Any, scheduler: str, isolation: str, expected: Mapping[str, str]) -> None:
    """Every worker must give the grades that this machine would give."""
    try:
        theirs: Mapping[str, Mapping[str, str]] = client.run(versions, data_of(expected))
        missing: Mapping[str, str] = client.run(why_not_isolated, isolation)
    except Exception as error:
        raise CourseError(
            f"the workers of {scheduler} cannot grade ({type(error).__name__}: {error}); install the same "
            "mashq there: pip install 'mashq[grade]'"
        ) from None
    problems = [
        f"{address}: {name} is {found.get(name)}, here {value}"
        for address, found in theirs.items()
        for name, value in expected.items()
        if found.get(name) != value
    ]
    problems += [f"{address}: {why}" for address, why in missing.items() if why]
    if problems:
        raise CourseError(
            "grades would differ between machines:\n  " + "\n  ".join(problems[:20]) + "\n"
            "Install the same versions everywhere; `mashq data fetch` gets the data, `mashq doctor` shows "
            "the walls."
        )


def notebooks_at_once(client: Any) -> int:
    """How many notebooks the workers of a cluster grade at the same time."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return max(1, sum(int(worker["nthreads"]) for worker in workers))
