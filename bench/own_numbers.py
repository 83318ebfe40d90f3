"""Whether the networks of q1 (`mashq.own_numbers.training_step`) are fair: equally hard, tame, told apart.

    python bench/own_numbers.py            # all networks, and the classes that identities make of them
    python bench/own_numbers.py --search   # prints other tables of 16 rows that would do

The first ends with exit code 1 when a network has a fault.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from mashq.own_numbers.training_step import ARRANGEMENTS, OFF, ON, OUTPUT, Network, arranged, network

Row = tuple[float, float, float]

ASKED = ("z1_1", "z1_2", "a1_1", "a1_2", "z2", "yhat", "loss", "db2", "dW2_1", "dW2_2")
ROWS = 16
SMALLEST = 0.02  # of a result: nothing that looks like zero, and three digits at least
TOLERANCE, SHARE = 0.001, 0.01  # by which the hidden checks forgive
IDENTITIES, CLASS = 20_000, 100


def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + math.exp(-z))


def results(net: Network) -> dict[str, float]:
    """All results of the step, by name, in the order of the calculation."""
    found: dict[str, float] = {}
    for j in (0, 1):
        found[f"z1_{j + 1}"] = net.x[0] * net.W1[0][j] + net.x[1] * net.W1[1][j] + net.b1[j]
    for j in (1, 2):
        found[f"a1_{j}"] = sigmoid(found[f"z1_{j}"])
    found["z2"] = found["a1_1"] * net.W2[0] + found["a1_2"] * net.W2[1] + net.b2
    found["yhat"] = sigmoid(found["z2"])
    found["loss"] = -math.log(found["yhat"])  # the label is 1
    found["db2"] = found["yhat"] - net.y
    for j in (1, 2):
        found[f"dW2_{j}"] = found["db2"] * found[f"a1_{j}"]
    for j in (1, 2):
        slope = found[f"a1_{j}"] * (1 - found[f"a1_{j}"])
        found[f"db1_{j}"] = found["db2"] * net.W2[j - 1] * slope
    for i, j in itertools.product((1, 2), repeat=2):
        found[f"dW1_{i}{j}"] = net.x[i - 1] * found[f"db1_{j}"]
    before = {"b2": net.b2}
    for j in (1, 2):
        before |= {f"b1_{j}": net.b1[j - 1], f"W2_{j}": net.W2[j - 1]}
        before |= {f"W1_{i}{j}": net.W1[i - 1][j - 1] for i in (1, 2)}
    return found | {f"new {name}": value - net.alpha * found[f"d{name}"] for name, value in before.items()}


def mistakes(net: Network, right: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """(result, what a typical slip makes of it), for slips that must not look right."""
    v = right
    yield "z1_1", net.x[0] * net.W1[0][0] + net.x[1] * net.W1[0][1] + net.b1[0]  # rows for columns
    yield "z1_2", net.x[0] * net.W1[1][0] + net.x[1] * net.W1[1][1] + net.b1[1]
    for j in (1, 2):
        z, a, weight = v[f"z1_{j}"], v[f"a1_{j}"], net.W2[j - 1]
        yield f"z1_{j}", z - net.b1[j - 1]
        yield from ((f"a1_{j}", slip) for slip in (z, math.tanh(z), sigmoid(-z)))
        yield "z2", v["z2"] - 2 * a * weight  # a sign lost
        yield from ((f"dW2_{j}", slip) for slip in (-v[f"dW2_{j}"], v["db2"] * z, v["db2"] * weight, a))
    yield "z2", v["z2"] - net.b2
    yield "z2", v["z1_1"] * net.W2[0] + v["z1_2"] * net.W2[1] + net.b2
    yield from (("yhat", slip) for slip in (v["z2"], math.tanh(v["z2"]), sigmoid(-v["z2"])))
    losses = (v["loss"] / math.log(2), v["loss"] / math.log(10), -math.log(1 - v["yhat"]))
    yield from (("loss", slip) for slip in (*losses, v["db2"] ** 2, v["db2"] ** 2 / 2))
    yield from (("db2", slip) for slip in (-v["db2"], net.alpha * v["db2"], v["db2"] * v["yhat"] ** 2))


def faults(net: Network) -> list[str]:
    """Why a network is not fair to whoever has it; empty for all that are drawn."""
    found, right = [], results(net)
    if min(abs(value) for name, value in right.items() if not name.startswith("new")) < SMALLEST:
        found.append("a result is close to zero")
    if any(not 0.1 < right[name] < 0.9 for name in ("a1_1", "a1_2", "yhat")):
        found.append("a sigmoid saturates")
    if len({round(value, 4) for value in right.values()}) < len(right):
        found.append("two results are equal to four decimals")
    if any(_alike(right[a], right[b]) for a, b in itertools.combinations(ASKED, 2)):
        found.append("two of the ten numbers are within the tolerance of the checks")
    if any(abs(100 * right[name] - round(100 * right[name])) < 0.03 for name in ("z2", "yhat")):
        found.append("a result that is right looks as if it were rounded to two decimals")
    found += [
        f"a mistake in {name} looks right" for name, slip in mistakes(net, right) if _alike(slip, right[name])
    ]
    return found


def hardness(net: Network) -> tuple[int, ...]:
    """What makes the calculation work: signs, digits, the side of each sigmoid; equal for all networks."""
    weights, right = (*net.W1[0], *net.W1[1]), results(net)
    given = (*net.x, *weights, *net.b1, *net.W2, net.b2)
    return (
        *(sum(value < 0 for value in values) for values in (net.x, weights, net.b1, net.W2, [net.b2])),
        sum(round(value, 1) == value for value in given),
        *sorted(abs(int(value)) for value in net.x),
        sum(right[f"a1_{j}"] > 0.5 for j in (1, 2)),
        *(right[name] < 0 for name in ("z2", "db2", "dW2_1", "dW2_2")),
        sum(right[f"db1_{j}"] < 0 for j in (1, 2)),
    )


def rounded_by_hand(net: Network, decimals: int = 4) -> dict[str, float]:
    """The ten numbers of somebody who rounds after each step and goes on with what is on the page."""
    v: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        v[name] = round(value, decimals)

    for j in (1, 2):
        note(f"z1_{j}", net.x[0] * net.W1[0][j - 1] + net.x[1] * net.W1[1][j - 1] + net.b1[j - 1])
        note(f"a1_{j}", sigmoid(v[f"z1_{j}"]))
    note("z2", v["a1_1"] * net.W2[0] + v["a1_2"] * net.W2[1] + net.b2)
    note("yhat", sigmoid(v["z2"]))
    note("loss", -math.log(v["yhat"]))
    note("db2", v["yhat"] - net.y)
    for j in (1, 2):
        note(f"dW2_{j}", v["db2"] * v[f"a1_{j}"])
    return v


def all_networks() -> Iterator[Network]:
    """Each network that can be drawn."""
    for rows in itertools.product(ON, OFF, OUTPUT, ARRANGEMENTS):
        yield arranged("", *rows)


def _alike(a: float, b: float) -> bool:
    return abs(a - b) <= 2 * max(TOLERANCE, SHARE * abs(b))


def main() -> int:
    """Print what was found."""
    found: Counter[str] = Counter()
    hard: Counter[tuple[int, ...]] = Counter()
    rounding, count = 0.0, 0
    for net in all_networks():
        count += 1
        found.update(faults(net))
        hard[hardness(net)] += 1
        right = results(net)
        rounding = max(rounding, *(abs(value - right[name]) for name, value in rounded_by_hand(net).items()))
    print(f"{count} networks; {sum(found.values())} faults; {len(hard)} kind(s) of hardness")
    for fault, times in found.most_common():
        print(f"  {times:6}  {fault}")
    print(f"rounding to four decimals after each step moves a number by {rounding:.5f} at most")

    drawn = Counter(
        (n.x, n.W1, n.b1, n.W2, n.b2) for n in (network(98_000_000 + i) for i in range(IDENTITIES))
    )
    print(f"{IDENTITIES} identities: {len(drawn)} networks, at most {max(drawn.values())} students share one")
    alone = (1 - 1 / count) ** (CLASS - 1)
    print(f"in a class of {CLASS}, {100 * alone:.1f} % of the students share their network with nobody")
    return int(bool(found) or len(hard) > 1)


def search() -> None:
    """Print tables of ROWS rows of which every combination is without a fault."""
    tenths = [k / 10 for k in range(1, 10)]

    def units(sign: int) -> list[Row]:
        rows = itertools.product(tenths, tenths, tenths[:5])
        return [(sign * a, sign * b, sign * c) for a, b, c in rows if len({a, b, c}) == 3]

    outputs = [
        (a, -b, -c) for a, b, c in itertools.product(tenths, tenths, tenths[:6]) if len({a, b, c}) == 3
    ]
    for seed in itertools.count():
        pools: list[list[Row]] = [units(1), units(-1), outputs[:]]
        random.Random(seed).shuffle(pools[0])
        random.Random(seed).shuffle(pools[1])
        random.Random(seed).shuffle(pools[2])
        tables: list[list[Row]] = [[], [], []]
        while any(pools) and min(map(len, tables)) < ROWS:
            k = min((k for k in range(3) if pools[k]), key=lambda k: len(tables[k]))
            row = pools[k].pop()
            others = [tables[i] or [(ON, OFF, OUTPUT)[i][0]] if i != k else [row] for i in range(3)]
            if all(_fits(*rows) for rows in itertools.product(*others)):
                tables[k].append(row)
        if min(map(len, tables)) >= ROWS:
            print("\n".join(str(sorted(table[:ROWS])) for table in tables))
            return


def _fits(on: Row, off: Row, output: Row) -> bool:
    nets = [arranged("", on, off, output, arrangement) for arrangement in ARRANGEMENTS]
    reference = hardness(arranged("", ON[0], OFF[0], OUTPUT[0], ARRANGEMENTS[0]))
    return all(hardness(net) == reference and not faults(net) for net in nets)


if __name__ == "__main__":
    if sys.argv[1:] == ["--search"]:
        search()
    else:
        sys.exit(main())
