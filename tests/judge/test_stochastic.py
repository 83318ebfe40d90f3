"""Checks of stochastic work bound how often a right solution fails them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mashq.errors import CheckError, NoAnswerError, StudentError
from mashq.judge import statistical, threshold
from mashq.judge.stochastic import FALSE_FAILURE, failure_of_threshold, failure_of_trials

pytestmark = pytest.mark.quick


def test_the_probability_of_missing_a_count_is_the_binomial_sum() -> None:
    """P(X < 8) for 20 trials at 0.86, summed by hand."""
    by_hand = sum(math.comb(20, k) * 0.86**k * 0.14 ** (20 - k) for k in range(8))
    assert failure_of_trials(20, 8, 0.86) == pytest.approx(by_hand, rel=1e-9)


def test_the_probability_of_missing_a_bar_agrees_with_simulation() -> None:
    """Mean and spread are estimated from few runs, and that uncertainty counts."""
    rng = np.random.default_rng(0)
    runs, trials = 6, 200_000
    seen = rng.normal(size=(trials, runs))
    new = rng.normal(size=trials)
    share = np.mean(new < seen.mean(1) - 2 * seen.std(1, ddof=1))
    assert failure_of_threshold(at_least=-2, mean=0, sd=1, runs=runs) == pytest.approx(share, rel=0.05)


def test_a_check_that_is_too_strict_does_not_load() -> None:
    """The refusal says how often a right solution would fail."""
    with pytest.raises(CheckError, match=r"with probability 0\.79"):
        statistical(trials=20, at_least=19, pass_rate=0.86)(lambda seed: None)
    with pytest.raises(CheckError, match="Lower the threshold"):
        threshold("accuracy", at_least=0.95, mean=0.96, sd=0.01, runs=20)(lambda: 0.96)


def test_enough_good_seeds_pass_and_too_few_fail() -> None:
    """The count of good seeds decides, not any single one."""

    @statistical(trials=20, at_least=8, pass_rate=0.86)
    def lucky(good: int, seed: int) -> None:
        assert seed % 20 < good, f"seed {seed} went wrong"

    lucky(8)
    with pytest.raises(
        StudentError, match=r"^7 of 20 runs .* and 8 must; the last failure: seed 19 went wrong"
    ):
        lucky(7)
    with pytest.raises(
        StudentError,
        match=r"^0 of 13 runs .* 8 of 20 must, so the other 7 were not run; .* seed 12 went wrong",
    ):
        lucky(0)
    assert getattr(lucky, FALSE_FAILURE) < 1e-6


def test_a_hanging_call_ends_the_trials() -> None:
    """Twenty seeds of an endless loop are not waited for."""
    seen = []

    @statistical(trials=20, at_least=8, pass_rate=0.86)
    def check(seed: int) -> None:
        seen.append(seed)
        raise NoAnswerError("train() did not finish")

    with pytest.raises(NoAnswerError):
        check()
    assert seen == [0]


def test_a_figure_below_its_bar_fails_and_nan_is_below() -> None:
    """The student reads the figure and the bar."""

    @threshold("accuracy on hidden images", at_least=0.85, mean=0.9, sd=0.005, runs=40)
    def check(figure: float) -> float:
        return figure

    check(0.86)
    with pytest.raises(StudentError, match=r"accuracy on hidden images: 0\.84, and at least 0.85 is needed"):
        check(0.84)
    with pytest.raises(StudentError):
        check(float("nan"))
