"""Records of a dataclass, a cache, progress on stderr, a plot; results hold NumPy scalars and more than asked."""
# %% before q3_experiments
import sys
import warnings
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product


@dataclass
class Record:
    accuracy: np.ndarray
    epochs_to_90: np.int64 | None
    curve: list


@cache
def trained(dataset, activation):
    sys.stderr.write(f"\r{dataset:>8} {activation:>8}")
    sys.stderr.flush()
    return train(dataset, activation)


def record_of(run):
    curve = np.array(run["accuracy"])
    if not (curve >= 0.9).any():
        warnings.warn("90 % was never reached")
        return Record(np.array(curve[-1]), None, run["accuracy"])
    return Record(curve[-1:], np.argmax(curve >= 0.9) + 1, run["accuracy"])
# %% q3_experiments
runs, results = defaultdict(dict), defaultdict(dict)
for pair in product(datasets.PLAYGROUND, ACTIVATIONS):
    runs[pair[0]][pair[1]] = trained(*pair)
    results[pair[0]][pair[1]] = asdict(record_of(trained(*pair)))
# %% q3_experiments
low = [d for d in results if results[d]["linear"]["accuracy"] < 0.9]
best = {d: max(float(np.squeeze(row["accuracy"])) for row in results[d].values()) for d in results}
plt.bar(list(best), list(best.values()))
plt.title("best accuracy")
plt.show()
# %% q3_experiments
findings = {
    "linear_fails_on": np.array(low),
    "linearly_separable": np.str_(*set(results).difference(low)),
    "sooner_on_circle": ("tanh",),
    "unsolved_by_all": frozenset({min(best, key=best.get)}),
}
print(findings)
