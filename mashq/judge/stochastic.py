"""Checks of stochastic work that say, and bound, how often a right solution would fail them.

`@statistical` is for many cheap trials of which some must succeed; `@threshold` for one expensive value that
must reach a threshold. Both compute the probability that a right solution fails from what right solutions
reached, and refuse to load when it is above one in a million.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

from mashq.errors import CheckError, NoAnswerError, StudentError
from mashq.language import gettext as _

TOLERATED = 1e-6
FALSE_FAILURE = "mashq_false_failure"  # attribute of a check: P(a right solution fails it)
TRIALS = "mashq_trials"  # attribute of a `@statistical` check: (trials, at_least)
THRESHOLD = "mashq_threshold"  # attribute of a `@threshold` check: at_least
MEASURED = "mashq_measured"  # attribute of a check after a run: the value it measured

Check = Callable[..., Any]


def failure_of_trials(trials: int, at_least: int, pass_rate: float) -> float:
    """P(X < at_least) for X binomial(trials, pass_rate): how often a right solution misses the count."""
    from scipy.stats import binom

    return float(binom.cdf(at_least - 1, trials, pass_rate))


def failure_of_threshold(at_least: float, mean: float, sd: float, runs: int) -> float:
    """P(a new value falls below the threshold), given mean and standard deviation of `runs` measured ones.

    The value is taken as normal with unknown mean and variance, so the difference of a new one from the
    mean, over sd * sqrt(1 + 1/runs), has Student's t distribution with runs - 1 degrees of freedom
    (the prediction interval for one future observation).
    """
    from scipy.stats import t

    return float(t.cdf((at_least - mean) / (sd * math.sqrt(1 + 1 / runs)), runs - 1))


def _admit(check: Check, probability: float) -> None:
    if probability > TOLERATED:
        raise CheckError(
            f"{check.__name__}: a right solution would fail with probability {probability:.2g}, more than "
            f"{TOLERATED:g}. Lower the threshold, or allow more trials."
        )


def statistical(trials: int, at_least: int, pass_rate: float) -> Callable[[Check], Check]:
    """Run a check for many seeds; it passes when enough of the trials do.

    trials : how often the check runs, with the argument `seed` = 0, 1, ...
    at_least : how many trials must pass
    pass_rate : measured share of right solutions that pass one trial

    Raises CheckError at load when P(a right solution misses the count) exceeds one in a million.
    """

    def decorate(check: Check) -> Check:
        probability = failure_of_trials(trials, at_least, pass_rate)
        _admit(check, probability)

        @functools.wraps(check)
        def run(*args: Any, **kwargs: Any) -> None:
            setattr(run, MEASURED, None)  # not that of an earlier notebook
            passed, failures = 0, []
            for seed in range(trials):
                try:
                    check(*args, seed=seed, **kwargs)
                except NoAnswerError:
                    raise  # not a matter of luck, and another seed may take as long again
                except AssertionError as error:
                    failures.append(str(error))
                    if trials - len(failures) < at_least:
                        break
                else:
                    passed += 1
                    if passed == at_least:
                        break
            setattr(run, MEASURED, passed)
            if passed < at_least:
                runs, reason = passed + len(failures), failures[-1].split("\nassert ")[0]
                template = (
                    _(
                        "{passed} of {runs} runs with different seeds went well, and {at_least} of {trials} "
                        "must, so the other {left} were not run; the last failure: {reason}"
                    )
                    if runs < trials
                    else _(
                        "{passed} of {trials} runs with different seeds went well, and {at_least} must; "
                        "the last failure: {reason}"
                    )
                )
                counts = {"passed": passed, "runs": runs, "trials": trials, "left": trials - runs}
                raise StudentError(template.format(**counts, at_least=at_least, reason=reason))

        setattr(run, TRIALS, (trials, at_least))
        return _without(run, check, "seed", probability)

    return decorate


def threshold(name: str, at_least: float, mean: float, sd: float, runs: int) -> Callable[[Check], Check]:
    """The check returns a measured value, which must reach a threshold.

    name : what the value is, for the student ("accuracy on hidden images"); it is translated when a check
        fails, so mark it for translators with `N_`
    at_least : the threshold
    mean, sd, runs : mean and standard deviation of the value over `runs` measured right solutions

    Raises CheckError at load when P(a right solution falls below the threshold) exceeds one in a million.
    """

    def decorate(check: Check) -> Check:
        probability = failure_of_threshold(at_least, mean, sd, runs)
        _admit(check, probability)

        @functools.wraps(check)
        def run(*args: Any, **kwargs: Any) -> None:
            setattr(run, MEASURED, None)
            measured = float(check(*args, **kwargs))
            setattr(run, MEASURED, measured)
            if not measured >= at_least:
                template = _("{name}: {measured:.4g}, and at least {at_least:g} is needed")
                raise StudentError(template.format(name=_(name), measured=measured, at_least=at_least))

        setattr(run, THRESHOLD, at_least)
        return _without(run, check, None, probability)

    return decorate


def _without(run: Check, check: Check, argument: str | None, probability: float) -> Check:
    """Hide the trial's argument from pytest, which would look for a fixture of that name."""
    signature = inspect.signature(check)
    kept = [p for p in signature.parameters.values() if p.name != argument]
    run.__signature__ = signature.replace(parameters=kept, return_annotation=None)  # type: ignore[attr-defined]
    setattr(run, FALSE_FAILURE, probability)
    return run
