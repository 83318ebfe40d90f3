"""Workers of a Dask cluster that is running already."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from mashq.errors import CourseError, MachineError
from mashq.grading.workers.worker import data_of, versions, why_not_isolated

CONNECT_S = 20
WORKERS_LOOK_S = 5.0  # between two looks for workers
NO_WORKERS_S = 180.0  # until it is said that there are none
SETTINGS = {"distributed.comm.timeouts.connect": f"{CONNECT_S}s"}


@contextmanager
def cluster_workers(
    scheduler: str, assignment: str, isolation: str, expected: Mapping[str, str]
) -> Iterator[ClusterWorkers]:
    """Join a cluster whose workers can grade.

    scheduler : its address, "tls://host:8786"
    assignment : its name, for messages
    isolation : the walls that the workers must have, see `mashq.sandbox`
    expected : `versions()` of this machine, which the workers must have, too

    Raises CourseError when there is no such scheduler, or when a worker cannot grade as this machine would.
    """
    import dask

    with dask.config.set(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        client = _join(scheduler)
        try:
            _check_workers(client, scheduler, isolation, expected)
            yield ClusterWorkers(client, scheduler, assignment)
        finally:
            with suppress(Exception):
                client.close(timeout=1)


class ClusterWorkers:
    """The workers of a cluster.

    client : of Dask, connected
    scheduler : its address
    assignment : its name, for messages
    """

    def __init__(self, client: Any, scheduler: str, assignment: str) -> None:
        self._client, self._scheduler, self._assignment = client, scheduler, assignment
        self._seen = self._looked = time.monotonic()
        self._waits = False  # for workers; that was said

    @property
    def at_once(self) -> int:
        """How many notebooks they grade at the same time, now."""
        return max(1, sum(int(worker["nthreads"]) for worker in _workers_of(self._client).values()))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False)

    def require(self, say: Callable[[str], None]) -> None:
        """See that the scheduler is there, and say once when it has no workers any more.

        Raises MachineError when the scheduler is gone.
        """
        if self._client.status in ("closed", "closing"):
            raise MachineError(
                f"the Dask scheduler {self._scheduler} is gone; what was graded is recorded. Start it again, "
                f"then `mashq grade {self._assignment}` goes on."
            )
        now = time.monotonic()
        if now < self._looked + WORKERS_LOOK_S:
            return
        self._looked = now
        if _workers_of(self._client):
            self._seen, self._waits = now, False
        elif now - self._seen > NO_WORKERS_S and not self._waits:
            self._waits = True  # a queue may bring others; only a person knows how long that takes
            say(
                f"the Dask scheduler {self._scheduler} has no workers any more; waiting for others. Ctrl-C "
                "ends the command, and what was graded is recorded"
            )


def _workers_of(client: Any) -> Mapping[str, Any]:
    """The workers that the scheduler knows, by address; none for a client that is just being closed."""
    workers: Mapping[str, Any] = client.scheduler_info(n_workers=-1).get("workers", {})
    return workers


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
    if not _workers_of(client):
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
