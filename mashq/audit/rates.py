"""How often the reference fails the checks that chance has a part in.

Checks with `@statistical` have many cheap trials: they are run here, again and again, each time with trial
seeds of their own. Checks with `@threshold` cost a whole training: of them, the record of earlier runs is
read (`mashq.audit.seeds`).
"""

from __future__ import annotations

import functools
import inspect
import statistics
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from mashq.audit.seeds import SeedRun
from mashq.errors import CheckError
from mashq.judge.results import Outcome
from mashq.judge.session import NotebookSession
from mashq.judge.stochastic import (
    FALSE_FAILURE,
    THRESHOLD,
    TRIALS,
    failure_of_threshold,
    failure_of_trials,
    statistical,
)
from mashq.judge.student import Student
from mashq.zoo.files import load_module

CONFIDENCE = 0.95
Check = Callable[..., Any]


@dataclass(frozen=True)
class Chance:
    """A check that chance has a part in, and the runs of the reference."""

    notebook: str
    check: str
    stated: float  # P(a right solution fails), as the check states it
    runs: int = 0
    failures: int = 0
    how: str = ""  # where the runs come from
    derived: float | None = None  # P(a right solution fails), from the trials or the values of these runs

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper-Pearson interval of the false-failure rate."""
        return clopper_pearson(self.failures, self.runs) if self.runs else (0.0, 1.0)

    @property
    def miss(self) -> str:
        """A sentence when the runs contradict what the check states; else nothing."""
        low, high = self.interval
        if not self.runs or self.stated >= low:
            return ""
        return (
            f"{self.check} failed the reference in {self.failures} of {self.runs} runs, a rate of "
            f"{low:.2g} to {high:.2g}, and states {self.stated:.1g}"
        )


def clopper_pearson(events: int, runs: int) -> tuple[float, float]:
    """The exact interval of a probability, at 95 % confidence."""
    from scipy.stats import binomtest

    interval = binomtest(events, runs).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


def checks_of_chance(check_file: Path) -> dict[str, Check]:
    """The checks of a file that state a false-failure probability, by name."""
    members = vars(load_module(check_file))
    return {name: check for name, check in members.items() if hasattr(check, FALSE_FAILURE)}


def measure(check_file: Path, notebook: Path, runs: int, workers: int) -> list[Chance]:
    """Run the `@statistical` checks of a notebook on its reference.

    notebook : the source notebook; it is trusted, and run without walls
    runs : how often each check is run, with other trial seeds and other random numbers each time
    """
    checks = {name: c for name, c in checks_of_chance(check_file).items() if _settings(c) is not None}
    if not checks or not runs:
        return []
    numbers = np.array_split(np.arange(runs), min(runs, workers))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        run = functools.partial(_run_checks, check_file, notebook)
        try:
            parts = list(pool.map(run, [part.tolist() for part in numbers]))
        except KeyboardInterrupt:
            for worker in active_children():  # the pool would wait until their checks are through
                worker.kill()
            raise
    found = []
    for name, check in checks.items():
        outcomes = [outcome for part in parts for outcome in part[name]]
        found.append(_chance(notebook.stem, name, check, outcomes))
    return found


def from_record(check_file: Path, notebook: str, recorded: Sequence[SeedRun]) -> list[Chance]:
    """The `@threshold` checks of a notebook, from the recorded runs of its reference, stand-in data apart."""
    found = []
    for name, check in checks_of_chance(check_file).items():
        if _settings(check) is not None:
            continue
        by_data: dict[str, list[SeedRun]] = defaultdict(list)
        for run in recorded:
            if run.notebook == notebook and name in run.outcomes:
                by_data["stand-in data" if run.stand_ins else "real data"].append(run)
        found += [_of_runs(notebook, name, check, runs, data) for data, runs in sorted(by_data.items())]
        if not by_data:
            found.append(Chance(notebook, name, getattr(check, FALSE_FAILURE), how="no run is recorded"))
    return found


def _of_runs(notebook: str, name: str, check: Check, runs: Sequence[SeedRun], data: str) -> Chance:
    values = [run.measured[name] for run in runs if name in run.measured]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    how = f"recorded, {data}"
    if values:
        how += f"; mean {statistics.mean(values):.4f}, sd {spread:.4f}, least {min(values):.4f}"
    at_least = getattr(check, THRESHOLD)
    return Chance(
        notebook,
        name,
        getattr(check, FALSE_FAILURE),
        runs=len(runs),
        failures=sum(run.outcomes[name] != Outcome.PASSED for run in runs),
        how=how,
        derived=failure_of_threshold(at_least, statistics.mean(values), spread, len(values))
        if spread
        else None,
    )


def _chance(
    notebook: str, name: str, check: Check, outcomes: Sequence[tuple[bool, Sequence[bool]]]
) -> Chance:
    trials, at_least = _settings(check) or (1, 1)
    # So many trials every run makes, however it goes: what follows is a sample of fixed size.
    sure = min(at_least, trials - at_least + 1)
    counted = [passed for _, each in outcomes for passed in each[:sure]]
    least = clopper_pearson(sum(counted), len(counted))[0]
    return Chance(
        notebook,
        name,
        getattr(check, FALSE_FAILURE),
        runs=len(outcomes),
        failures=sum(not passed for passed, _ in outcomes),
        how=f"run here; a trial passes in {sum(counted)} of {len(counted)}",
        derived=failure_of_trials(trials, at_least, least),
    )


def _run_checks(check_file: Path, notebook: Path, numbers: Sequence[int]) -> dict[str, list[Any]]:
    """For each check, of each run: whether it passed, and which of its trials did."""
    outcomes: dict[str, list[Any]] = defaultdict(list)
    checks = checks_of_chance(check_file)
    with NotebookSession(nbformat.read(notebook, as_version=4), run_all=False) as session:
        for name, check in checks.items():
            settings = _settings(check)
            if settings is None:
                continue
            (grade_id,) = (mark.args[0] for mark in vars(check)["pytestmark"] if mark.name == "grade")
            session.run_until(grade_id)
            for number in numbers:
                trials: list[bool] = []
                moved = statistical(*settings, pass_rate=1.0)(_moved(check, number * settings[0], trials))
                rng = np.random.default_rng([zlib.crc32(name.encode()), number])
                try:
                    _call(moved, student=Student(session), rng=rng)
                except AssertionError:
                    outcomes[name].append((False, trials))
                else:
                    outcomes[name].append((True, trials))
    return outcomes


def _settings(check: Check) -> tuple[int, int] | None:
    """(trials, at_least) of a check with `@statistical`; None for another."""
    return getattr(check, TRIALS, None)


def _moved(check: Check, first: int, trials: list[bool]) -> Check:
    """One trial of a check, with seeds that begin at `first`; notes in `trials` whether it passed."""
    trial: Check = inspect.unwrap(check)

    @functools.wraps(trial)
    def run(*args: Any, seed: int, **kwargs: Any) -> None:
        trials.append(False)
        trial(*args, seed=first + seed, **kwargs)
        trials[-1] = True

    return run


def _call(check: Check, **fixtures: Any) -> None:
    wanted = list(inspect.signature(check).parameters)
    unknown = set(wanted) - fixtures.keys()
    if unknown:
        raise CheckError(
            f"{check.__name__} asks for {', '.join(sorted(unknown))}; the audit can give only student and rng"
        )
    check(**{name: fixtures[name] for name in wanted})
