"""The whole answer stands in the cell of the first exercise; the other cells only say so."""
# %% q5_activations
relu = lambda a: np.maximum(a, 0)
relu_derivative = lambda a: 1.0 * (a > 0)
sigmoid = lambda a: np.tanh(a / 2) / 2 + 0.5
binary_cross_entropy = lambda yhat, y: -np.mean(np.log(np.abs(y + yhat - 1)))


def forward(x, W1, W2, b1, b2): return sigmoid(relu(x @ W1 + b1) @ W2 + b2)


def backprop(x, W1, W2, b1, b2, y, alpha):
    on = (z := x @ W1 + b1) > 0
    delta = forward(x, W1, W2, b1, b2) - y
    return (
        W1 - alpha * x.T @ (delta @ W2.T * on), W2 - alpha * (z * on).T @ delta,
        b1 - alpha * (delta @ W2.T * on), b2 - alpha * delta,
    )


def train(x, y, epochs=500, alpha=0.1, seed=0):
    np.random.seed(seed)
    p = tuple(np.random.random_sample(s) for s in ((2, 3), (3, 1), (1, 3), (1, 1)))
    for _ in range(epochs):
        for i in range(len(x)): p = backprop(x[i : i + 1], *p, y[i : i + 1], alpha)
    return p
# %% q5_forward
# see above
# %% q5_backprop
print("backprop is defined above:", backprop)
# %% q5_train
...
