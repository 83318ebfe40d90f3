r"""The parameters start between -1 and 1.

Loses: test_q5_train
Says: outside \[0, 1\)
"""
# %% q5_train
def train(x, y, epochs=500, alpha=0.1, seed=0):
    np.random.seed(seed)
    W1 = np.random.uniform(-1, 1, (2, 3))
    W2 = np.random.uniform(-1, 1, (3, 1))
    b1 = np.random.uniform(-1, 1, (1, 3))
    b2 = np.random.uniform(-1, 1, (1, 1))
    for epoch in range(epochs):
        for i in range(len(x)):
            W1, W2, b1, b2 = backprop(x[i : i + 1], W1, W2, b1, b2, y[i : i + 1], alpha)
    return W1, W2, b1, b2
