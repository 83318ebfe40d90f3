"""The datasets that a notebook and its checks need, made ready before the notebook runs."""

from __future__ import annotations

from collections.abc import Collection

from mashq import datasets
from mashq.errors import DataError
from mashq.language import marked as N_
from mashq.problems import Kind, Problem, Sentence


def prepare_data(names: Collection[str], allow_stand_in: bool) -> tuple[list[str], Problem | None]:
    """Make datasets ready, since behind walls nothing can be decoded or downloaded.

    Returns those that are stand-ins, and why nothing can be graded with them.
    """
    try:
        stand_ins = [name for name, source in datasets.prepare(names).items() if source == "stand-in"]
    except DataError as error:
        return [], Problem(Kind.DATA, Sentence.plain(error))
    if not stand_ins or allow_stand_in:
        return stand_ins, None
    missing = N_(
        "the real {names} data is missing and stand-ins were not allowed: run `mashq data fetch` "
        "(or set MASHQ_DATA), or allow stand-ins"
    )
    return stand_ins, Problem(Kind.DATA, Sentence.of(missing, names=" and ".join(stand_ins)))
