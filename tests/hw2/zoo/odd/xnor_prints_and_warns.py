"""Lines that are flushed at once, a progress bar on stderr, and a warning in every call."""
# %% q5_backprop
import sys
import warnings


def backprop(x, W1, W2, b1, b2, y, alpha):
    warnings.warn(f"one more step with alpha = {alpha}", stacklevel=2)
    z1 = x @ W1 + b1
    delta2 = forward(x, W1, W2, b1, b2) - y
    delta1 = delta2 @ W2.T * relu_derivative(z1)
    return W1 - alpha * x.T @ delta1, W2 - alpha * relu(z1).T @ delta2, b1 - alpha * delta1, b2 - alpha * delta2
# %% q5_train
def train(x, y, epochs=500, alpha=0.1, seed=0):
    rng = np.random.default_rng(seed)
    W1, W2, b1, b2 = rng.random((2, 3)), rng.random((3, 1)), rng.random((1, 3)), rng.random((1, 1))
    for epoch in range(1, epochs + 1):
        for i in range(len(x)):
            W1, W2, b1, b2 = backprop(x[i : i + 1], W1, W2, b1, b2, y[i : i + 1], alpha)
        if epoch % 10 == 0:
            print("epoch", epoch, "b2 =", b2.item(), flush=True)
            sys.stderr.write(f"\r[{'#' * (20 * epoch // epochs):20}] {epoch}/{epochs}")
            sys.stderr.flush()
    return W1, W2, b1, b2
