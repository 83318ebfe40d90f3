"""How much the tests that make up their own inputs try: a little in every run, a lot in the slow ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LITTLE, LOT = settings().max_examples, 3000  # as the profile says, and for the slow tests
BIG_INPUTS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

effort = pytest.mark.parametrize(
    "examples", [LITTLE, pytest.param(LOT, marks=pytest.mark.slow)], ids=["little", "lot"]
)


def holds(examples: int, body: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> None:
    """Call `body` with so many examples, one argument for each strategy."""
    settings(max_examples=examples, suppress_health_check=BIG_INPUTS)(given(*strategies)(body))()


# -- strategies -------------------------------------------------------------------------------------------

HALF = "\ud800"  # half of a surrogate pair, which JSON can carry and no file can
texts = st.text(max_size=20) | st.sampled_from(["", HALF, "two\nlines", "<b>", "a" * 3000, "\x00\x1b[1m"])
json_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from([10**400, -(10**30), 1e308])
)
json_values = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def nested(depth: int) -> Any:
    """Lists and dicts in each other, so many levels deep."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"x": value}
    return value
