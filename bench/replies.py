"""How the hidden checks take replies that are nearly right: which of them fail in place of the student.

    python bench/replies.py                                   # every check, 1,000 replies each
    python bench/replies.py --replies 100000 --seconds 100000 --notebook q5_xnor
    python bench/replies.py --check test_train_learns_xnor --seconds 60

A check that raises anything but AssertionError leaves its cell without a score, for a person to look at; who
answers with rubbish must lose the points instead. The reference is run here, in this process and without a
kernel, and answers each check once; then some of its replies are changed: a part is exchanged, left out,
doubled or turned into what nobody expects. Printed is each kind of error with a seed that shows it again; the
exit code is 1 where there was one. Trained notebooks (q3, q4, q6) take a minute to start.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import math
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from mashq import datasets
from mashq.cells import id_of
from mashq.judge import agent, wire
from mashq.judge.session.causes import Causes
from mashq.zoo.answers import Answer, answered

Checks = dict[str, list[tuple[str, Any, dict[str, Any]]]]  # {grade_id: [(title, check, its arguments)]}
ROOT = Path(__file__).parents[1]
SLOW_S = 5.0  # a check that a reply keeps longer than this is listed, too


# -- what is exchanged for a part of a reply --------------------------------------------------------------


def odd_values() -> list[Any]:
    """Values that no check asks for, each as it crosses from a notebook."""
    deep: Any = 1.0
    for _ in range(30):
        deep = [deep]
    made = [
        None, True, False, 0, 1, -1, 2**63, -(10**400), 10**4000, 0.5, -0.0, 1e308, -1e308, 5e-324,
        math.nan, math.inf, -math.inf, "", "x", "nan", "0.5", "\ud800", "\x1b[1m", "a" * 20_000, b"0.5",
        [], (), {}, set(), [[]], [None], {"": None}, {(): 1, None: 2, 1.5: 3}, {1, "x"}, deep,
        [[1, 2], [3]], [1, "a", None], ["0.5"] * 3, list(range(3000)), wire.Opaque("torch.nn.Linear"), 1 + 2j,
        np.zeros(()), np.zeros(0), np.zeros((0, 10)), np.zeros((10, 0)), np.full((1, 1), math.nan),
        np.full((2, 3), 1e308), np.full((3, 3), 6e4, np.float16), np.ones((2, 3), bool),
        np.arange(6, dtype=np.int8), np.array([2**64 - 1], np.uint64), np.eye(10), np.zeros((1,) * 20),
        np.array([1, "a", None], object), np.array([1j]), np.datetime64("2026-01-01"), np.array("2026", "M8"),
        np.ones(2, "f4,i4"), np.array([b"a"]), np.array(["a"]), np.longdouble("1e1000"),
    ]  # fmt: skip
    crossed = []
    for value in made:
        with contextlib.suppress(wire.WireError):
            crossed.append(wire.decode(wire.encode(value)))
    return crossed


ODD = odd_values()
DTYPES = ("?", "i1", "u1", "i8", "u8", "f2", "f4", "f8")
SPECIAL = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0.0, -1.0, 1e20)


def parts_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value has parts, as ways from the top down."""
    yield place
    if isinstance(value, (list, tuple)):
        for index, part in enumerate(value[:60]):
            yield from parts_of(part, (*place, index))
    elif isinstance(value, dict):
        for key in list(value)[:60]:
            yield from parts_of(value[key], (*place, key))


def changed(value: Any, place: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of a value in which one part is changed."""
    if not place:
        return change(value)
    here, *below = place
    if isinstance(value, dict):
        return {key: changed(v, tuple(below), change) if key == here else v for key, v in value.items()}
    return type(value)(changed(v, tuple(below), change) if i == here else v for i, v in enumerate(value))


def change_of(part: Any, chance: random.Random) -> Any:
    """Something else in place of a part."""
    if chance.random() < 0.35:
        return chance.choice(ODD)
    if isinstance(part, np.ndarray):
        return array_changed(part, chance)
    if isinstance(part, (list, tuple)):
        items = list(part)
        ways = (
            lambda: items[:-1],
            lambda: [*items, items[-1] if items else None],
            lambda: chance.sample(items, len(items)),
            lambda: [chance.choice(ODD)] * len(items),
            lambda: dict(enumerate(items)),
            lambda: items * 3,
        )
        made = chance.choice(ways)()
        return tuple(made) if isinstance(part, tuple) and isinstance(made, list) else made
    if isinstance(part, dict):
        key = chance.choice([*part, None])
        if chance.random() < 0.5:
            return {k: v for k, v in part.items() if k != key}
        return part | {chance.choice([key, 1, "", None, ("a",), 2.5]): chance.choice(ODD)}
    if isinstance(part, (bool, int, float)):
        return chance.choice([-part, part + 1, part * 1e308, str(part), [part], np.array(part), *SPECIAL])
    return chance.choice(ODD)


def array_changed(array: np.ndarray[Any, Any], chance: random.Random) -> Any:
    """The same numbers in another type or shape, fewer, more, or some of them special."""
    way = chance.randrange(8)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if way == 0:
            return array.astype(chance.choice(DTYPES))
        if way == 1:
            shapes = [(-1,), (1, *array.shape), (*array.shape, 1), array.shape[::-1]]
            return array.reshape(chance.choice(shapes))
        if way == 2 and array.ndim:
            return array[: chance.randrange(len(array) + 1)]
        if way == 3 and array.ndim:
            return np.concatenate([array, array])
        if way == 4:
            return array.tolist()
        if way == 5:
            return array * chance.choice(SPECIAL)
        if array.size and array.dtype.kind == "f":
            array = array.copy()
            array.flat[chance.randrange(array.size)] = chance.choice(SPECIAL)
    return array


# -- the reference, which answers first -------------------------------------------------------------------


class Answers:
    """Stands for the session of a notebook: asks its namespace, or gives replies that were heard before."""

    notebook: Any = None

    def __init__(self, namespace: dict[str, Any], heard: dict[bytes, Any]) -> None:
        self.remembered: dict[str, Any] = {}
        self.own: dict[str, Any] = {}
        self.causes = Causes(self.notebook)
        self._namespace, self._heard = namespace, heard
        self.chance: random.Random | None = None  # None: as they are
        self.left = 0  # replies that are still to be changed

    def cause_of(self, _name: str) -> None:
        return None

    def ask(self, request: dict[str, Any], _what: str, _timeout: float | None) -> dict[str, Any]:
        key = b"".join(wire.encode(request))
        value = self._heard.get(key)
        if value is None:
            if self.chance is not None and len(self._heard) > 400:
                return {"error": {"type": "ValueError", "message": "no more", "line": "", "function": ""}}
            value = self._heard[key] = self._answer(request)
        chance = self.chance
        if chance is not None and "value" in value and self.left and chance.random() < 0.6:
            self.left -= 1
            place = chance.choice(list(parts_of(value["value"])))
            value = changed(value, ("value", *place), lambda part: change_of(part, chance))
            try:  # as a message
                value = wire.decode(wire.encode(value))
            except wire.WireError as error:
                return {"unreadable": str(error)}
        return value

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            asked = wire.decode(wire.encode(request), tensors=True)
            with contextlib.redirect_stdout(io.StringIO()):
                answer: dict[str, Any] = wire.decode(
                    wire.encode({"value": agent.answer(self._namespace, asked)})
                )
                return answer
        except agent.MissingNameError as error:
            return {"missing": str(error)}
        except Exception as error:
            return {"error": agent.describe(error)}


def run_reference(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The namespace of the reference after each test cell, {grade_id: namespace}, in their order."""
    release = nbformat.read(ROOT / "release" / "hw2" / f"{name}.ipynb", as_version=4)
    source = nbformat.read(ROOT / "source" / "hw2" / f"{name}.ipynb", as_version=4)
    namespace: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    for cell in answered(release, source, Answer("reference", "")).cells:
        if cell.cell_type != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):  # pictures may fail
            exec(compile(cell.source, "<cell>", "exec"), namespace)
        yield id_of(cell), namespace


# -- the run ----------------------------------------------------------------------------------------------


def try_replies(
    title: str,
    hold: Callable[[Any], str],
    answers: Callable[[], Answers],
    replies: int,
    seconds: float,
) -> Counter[str]:
    """Hold a check against changed replies; what it raised, and what kept it long."""
    found: Counter[str] = Counter()
    begun, tried, passed = time.monotonic(), 0, 0
    for seed in range(replies):
        if time.monotonic() - begun > seconds:
            break
        session, tried = answers(), tried + 1
        session.chance = random.Random(f"{title} {seed}")
        session.left = session.chance.choice([1, 1, 2, 5, 1000])
        one = time.monotonic()
        try:
            passed += not hold(session)
        except AssertionError as error:  # a sentence that no student should read
            found[f"{title}: a message that is no sentence: {str(error)[:80]!r}"] += 1
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if frame.filename.startswith(str(ROOT))][-1]
            kind = f"{type(error).__name__}: {str(error)[:70]}"
            if not found:
                kind += f" (first with seed {seed})"
            line = f"{Path(own.filename).name}:{own.lineno} {own.line}"
            found[f"{title}: {kind.splitlines()[0]} at {line}"] += 1
        if time.monotonic() - one > SLOW_S:
            found[f"{title}: takes {time.monotonic() - one:.0f} s with seed {seed}"] += 1
    took = time.monotonic() - begun
    print(f"{title}: {tried:,} replies, {passed:,} made no difference, {took:.0f} s", flush=True)
    return found


def try_notebook(notebook: str, checks: Checks, hold: Any, replies: int, seconds: float) -> Counter[str]:
    """Hold the checks of one notebook against changed replies."""
    found: Counter[str] = Counter()
    agent.encode, agent.decode, agent.WireError = wire.encode, wire.decode, wire.WireError  # type: ignore[attr-defined]
    for grade_id, namespace in run_reference(notebook):
        for title, check, arguments in checks.get(grade_id, []):
            heard: dict[bytes, Any] = {}
            if right := hold(check, arguments, Answers(namespace, heard)):
                print(f"{title}: the reference fails here, {right}", flush=True)
            found += try_replies(
                title,
                functools.partial(hold, check, arguments),
                functools.partial(Answers, namespace, heard),
                replies,
                seconds,
            )
    return found


def main() -> int:
    """Run the checks that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--notebook", action="append", help="only this notebook; can be given again")
    parser.add_argument("--check", default="", help="only checks with this in their names")
    parser.add_argument("--replies", type=int, default=1000, help="changed replies for each check")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each check at most")
    parsed = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.test_checks import CHECKS, hold  # with its tests beside it

    os.environ.setdefault("MPLBACKEND", "agg")
    for name in ("load_hoda", "load_mnist"):
        setattr(datasets, name, functools.cache(getattr(datasets, name)))
    checks: Checks = {}
    for param in CHECKS:
        check, arguments = param.values[:2]
        marks = [mark for mark in check.pytestmark if mark.name == "grade"]
        if parsed.check in str(param.id):
            checks.setdefault(marks[0].args[0], []).append((str(param.id), check, arguments))
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path in sorted((ROOT / "tests" / "hw2").glob("test_*.py")):
            notebook = path.stem.removeprefix("test_")
            if parsed.notebook and notebook not in parsed.notebook:
                continue
            found += try_notebook(notebook, checks, hold, parsed.replies, parsed.seconds)
    for line, times in found.most_common():
        print(f"{times} times: {line}")
    print(f"{len(found)} kinds of replies made a check fail" if found else "no reply made a check fail")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
