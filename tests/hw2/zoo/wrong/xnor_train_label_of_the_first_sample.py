"""All samples get the label of the first one.

Loses: test_q5_train
Says: with its own label
"""
# %% q5_train
def train(x, y, epochs=500, alpha=0.1, seed=0):
    np.random.seed(seed)
    W1 = np.random.rand(2, 3)
    W2 = np.random.rand(3, 1)
    b1 = np.random.rand(1, 3)
    b2 = np.random.rand(1, 1)
    for epoch in range(epochs):
        for i in range(len(x)):
            W1, W2, b1, b2 = backprop(x[i : i + 1], W1, W2, b1, b2, y[0:1], alpha)
    return W1, W2, b1, b2
