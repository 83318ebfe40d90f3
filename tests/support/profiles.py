"""How much the tests that make up their own inputs try: Hypothesis's profiles, all in this place.

`default` is for a person's machine, `ci` tries the same inputs in every run, and `quick` is for `make quick`:
`pytest --hypothesis-profile=quick`. The slow tests try more (`tests.support.fuzz`).
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("quick", settings.get_profile("default"), max_examples=10)


def load() -> None:
    """Use the profile for this machine; the option `--hypothesis-profile` comes later and counts more."""
    settings.load_profile("ci" if os.environ.get("CI") else "default")
