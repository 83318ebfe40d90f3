"""The random start comes from SHA-256 of the seed, remembered by functools.cache and handed out as copies."""
# %% q5_train
import functools
import hashlib


@functools.cache
def uniform(seed, place):
    """A number in [0, 1) that depends on both arguments."""
    digest = hashlib.sha256(f"{seed}/{place}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def train(x, y, epochs=500, alpha=0.1, seed=0, *, shapes={"W1": (2, 3), "W2": (3, 1), "b1": (1, 3), "b2": (1, 1)}):
    start = {}
    for name, (rows, columns) in shapes.items():
        start[name] = np.array([[uniform(seed, (name, i, j)) for j in range(columns)] for i in range(rows)])
    parameters = tuple(start.values())
    for k in range(epochs * len(x)):
        i = k % len(x)
        parameters = backprop(x[i : i + 1], *parameters, y[i : i + 1], alpha)
    return parameters
