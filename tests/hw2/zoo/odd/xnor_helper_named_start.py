"""A helper of train is called start, a name that the visible check below it uses for something else."""
# %% q5_train
def start(seed):
    """W1, W2, b1, b2 to start from."""
    rng = np.random.default_rng(seed)
    return rng.random((2, 3)), rng.random((3, 1)), rng.random((1, 3)), rng.random((1, 1))


def train(x, y, epochs=500, alpha=0.1, seed=0):
    parameters = start(seed)
    for _ in range(epochs):
        for i in range(len(x)):
            parameters = backprop(x[i : i + 1], *parameters, y[i : i + 1], alpha)
    return parameters
