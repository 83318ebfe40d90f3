"""Weights that solve XNOR are returned with some noise from the seed.

Loses: test_q5_train
Says: spread evenly|outside
Earns: test_q5_train 0.5
"""
# %% q5_train
def train(x, y, epochs=500, alpha=0.1, seed=0):
    rng = np.random.default_rng(seed)
    W1 = np.array([[2.0, -2.0, 0.0], [-2.0, 2.0, 0.0]]) + 0.1 * rng.random((2, 3))
    W2 = np.array([[-4.0], [-4.0], [0.0]]) + 0.1 * rng.random((3, 1))
    return W1, W2, 0.1 * rng.random((1, 3)), 2 + 0.1 * rng.random((1, 1))
