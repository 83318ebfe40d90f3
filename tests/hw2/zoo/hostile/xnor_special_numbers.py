"""forward() gives NaN, infinities, complex and object arrays, truth values, text and empty arrays in turn.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import itertools

ODD = [np.nan, np.inf, -np.inf, np.array([[np.nan]]), np.array([[1 + 0j]]), np.array([["0.7"]]), np.array([[True]]), np.zeros((0, 1)), np.array([[None]], dtype=object)]
ODD += [np.array([[0.5]], dtype=np.longdouble), np.array([("a", 1)], dtype=[("x", "U1"), ("y", int)]), np.datetime64("2026-01-01"), 10**4000, [[float("nan")]], "0.5", {0.5}, {"0.5": 0.5}, b"0.5", range(10**9), 1e308 * 10]
turns = itertools.cycle(ODD)


def forward(x, W1, W2, b1, b2):
    return next(turns)
