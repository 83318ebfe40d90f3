"""No reply of a notebook, however odd, makes a hidden check of hw2 stumble or earns its points.

A check that raises anything but AssertionError has no score and a person must look, so whoever answers with
rubbish must lose the points instead. Here rubbish answers every question of every check.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import itertools
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mashq import datasets
from mashq.judge import Student, wire
from mashq.judge.plugin import sentence_of
from mashq.judge.session.causes import Causes
from mashq.judge.wire import Opaque
from tests.support.commands import ROOT

FILES = sorted((ROOT / "tests" / "hw2").glob("test_*.py"))
LONGEST = 500  # characters of a sentence


def replies() -> dict[str, Any]:
    """Odd replies, by what they are."""
    rng = np.random.default_rng(0)
    nest: Any = 1.0
    for _ in range(36):
        nest = [nest]
    parts = [rng.random(shape) for shape in ((2, 3), (3, 1), (1, 3), (1, 1), (4, 10))]
    return {
        "None": None,
        "true": True,
        "zero": 0,
        "five": 5,
        "negative": -1.5,
        "half": 0.5,
        "nan": np.nan,
        "infinity": np.inf,
        "integer beyond all floats": 10**400,
        "empty text": "",
        "letter": "x",
        "bytes": list(b"0.5"),
        "empty list": [],
        "three numbers": [1, 2, 3],
        "three truths": (True, True, True),
        "ragged": [[1, 2], [3]],
        "nested": nest,
        "texts": ["a", "b"],
        "numbers as texts": ["0.5", "1", "2"],
        "nothing four times": [None] * 4,
        "nothing forty times": [None] * 40,
        "empty tuple": (),
        "empty dict": {},
        "letter to number": {"a": 1},
        "number to list": {1: [2], (): {}, None: []},
        "arrays by name": {"loss": parts[0], "model": parts[1], "accuracy": parts[3]},
        "names that checks know": dict.fromkeys(("model", "history", "output", "parameters", "answer"), 1),
        "set": {1, "x"},
        "no dimension": np.zeros(()),
        "no entry": np.zeros(0),
        "no rows": np.zeros((0, 10)),
        "one by one": np.full((1, 1), 0.5),
        "three": np.arange(3.0),
        "two by three": parts[0],
        "ten by ten": np.eye(10),
        "huge": np.full((4, 5), 1.7e308),
        "huge by four": [1.7e308 * np.sign(part - 0.5) for part in parts[:4]],
        "truths": np.ones((2, 3), bool),
        "bytes of numbers": np.arange(6, dtype=np.int8).reshape(2, 3),
        "half precision": np.full((3, 3), 6e4, np.float16),
        "beyond int64": np.array([2**64 - 1], np.uint64),
        "model": Opaque("torch.nn.modules.linear.Linear"),
        "two models": (Opaque("keras.Model"), Opaque("keras.Model")),
        "empty lists": ([], []),
        "two dicts": [{}, {}],
        "no entry seven times": [np.zeros(0)] * 7,
        "optimizer": ("Adam", np.zeros((2, 2)), "Adam"),
        "two arrays": parts[:2],
        "three arrays": parts[:3],
        "four arrays": tuple(parts[:4]),
        "five arrays": parts,
        "eight arrays": [parts[3]] * 8,
        "forty starts": [parts[:4]] * 40,
    }  # fmt: skip


REPLIES = {name: wire.decode(wire.encode(value)) for name, value in replies().items()}


class Rubbish:
    """Stands for the session of a notebook that gives its replies in turn, over and over.

    several : whether a question with several cases gets a reply for each, as an honest kernel would do it
    """

    def __init__(self, *values: Any, several: bool = True) -> None:
        self.remembered: dict[str, Any] = {}
        self.causes = Causes(None)
        self._turns = itertools.cycle(values)
        self._several = several

    def ask(self, request: dict[str, Any], _what: str, _timeout: float | None) -> dict[str, Any]:
        if request["do"] == "each" and self._several:
            return {"value": [next(self._turns) for _ in request["cases"]]}
        return {"value": next(self._turns)}


def rubbish() -> Iterator[tuple[str, Rubbish]]:
    """Each reply for ever, and each in turn with the next one."""
    names = list(REPLIES)
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        yield name, Rubbish(REPLIES[name])
        yield f"{name}, whatever the number of cases", Rubbish(REPLIES[name], several=False)
        yield f"{name} and {other}", Rubbish(REPLIES[name], REPLIES[other])


def load(path: Path) -> ModuleType:
    """A file of checks as the judge loads it: its assertions are not rewritten."""
    spec = importlib.util.spec_from_file_location(f"checks_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def checks() -> Iterator[Any]:
    """Every graded check with each set of its parameters."""
    for path in FILES:
        for name, check in vars(load(path)).items():
            marks = getattr(check, "pytestmark", [])
            if not any(mark.name == "grade" for mark in marks):
                continue
            several = [mark.args for mark in marks if mark.name == "parametrize"]
            for values in itertools.product(*(given for _, given in several)):
                arguments = dict(zip((argument for argument, _ in several), values, strict=True))
                title = "-".join([path.stem.split("_")[1], name, *map(str, values)])
                yield pytest.param(check, arguments, id=title)


def hold(check: Any, arguments: dict[str, Any], session: Any) -> str:
    """The sentence with which a check fails, as the student reads it; anything else goes through."""
    needed = inspect.signature(check).parameters
    if "rng" in needed:
        arguments = arguments | {"rng": np.random.default_rng(zlib.crc32(check.__name__.encode()))}
    assert set(needed) == {"student", *arguments}
    try:
        check(student=Student(session), **arguments)
    except AssertionError as error:
        said = error
    else:
        return ""
    assert sentence_of(said) == str(said), "the message has more than one line, or spaces around it"
    return str(said)


CHECKS = list(checks())


@pytest.fixture(scope="module", autouse=True)
def _data_is_read_once() -> Iterator[None]:
    """The checks load the hidden images anew each time, and here are thousands of times."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_hoda", "load_mnist"):
            patch.setattr(datasets, name, functools.cache(getattr(datasets, name)))
        yield


@pytest.mark.parametrize(("check", "arguments"), CHECKS)
def test_rubbish_fails_with_a_sentence(check: Any, arguments: dict[str, Any]) -> None:
    """Never another error, never a pass, and a line that a person can read."""
    for name, session in rubbish():
        sentence = hold(check, arguments, session)
        assert sentence, f"passes, where every answer is {name}"
        assert 10 < len(sentence) <= LONGEST, (name, sentence)
        assert "array(" not in sentence, (name, sentence)
        assert "object at 0x" not in sentence, (name, sentence)


def test_all_checks_are_held() -> None:
    """As many as the files have, so that none slips through the collection above."""
    graded = sum(path.read_text(encoding="utf-8").count("\n@pytest.mark.grade(") for path in FILES)
    assert graded > 0
    assert len({param.values[0] for param in CHECKS}) == graded
