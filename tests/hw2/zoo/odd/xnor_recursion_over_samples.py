"""A recursion walks through the samples of an epoch and through the layers of forward."""
# %% q5_forward
def through(v, *layers):
    if not layers:
        return v
    (W, b, f), *rest = layers
    return through(f(v @ W + b), *rest)


def forward(x, W1, W2, b1, b2):
    return through(x, (W1, b1, relu), (W2, b2, sigmoid))
# %% q5_train
def one_epoch(x, y, parameters, alpha):
    if len(x) == 0:
        return parameters
    return one_epoch(x[1:], y[1:], backprop(x[:1], *parameters, y[:1], alpha), alpha)


def train(x, y, epochs=500, alpha=0.1, seed=0):
    seeds = np.random.SeedSequence(seed).spawn(4)
    parameters = tuple(
        np.random.default_rng(s).random(shape) for s, shape in zip(seeds, ((2, 3), (3, 1), (1, 3), (1, 1)))
    )
    for epoch in range(epochs):
        parameters = one_epoch(x, y, parameters, alpha)
    return parameters
