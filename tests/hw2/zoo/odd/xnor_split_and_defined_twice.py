"""Cells are split in two, a helper comes after the function that needs it, equal functions are defined again."""
# %% q5_activations
def relu(a): return np.maximum(0, a)


def relu_derivative(a): return (a > 0).astype(int)
# %% q5_activations
def sigmoid(a): return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y): return (-y * np.log(yhat) - (1 - y) * np.log(1 - yhat)).mean()
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    return sigmoid(layer(relu(layer(x, W1, b1)), W2, b2))
# %% after q5_forward
def layer(v, W, b):
    return np.tensordot(v, W, axes=1) + b
# %% before q5_backprop
# so that this cell runs by itself
import numpy as np

relu = lambda a: (abs(a) + a) * 0.5
sigmoid = lambda a: 1 / (1 + np.exp(np.clip(-a, None, 700)))
# %% q5_train
def thirteen_numbers(seed):
    rng = np.random.default_rng(seed=seed)
    return rng.random((2, 3)), rng.random((3, 1)), rng.random((1, 3)), rng.random((1, 1))
# %% q5_train
def train(x, y, epochs=500, alpha=0.1, seed=0):
    p = thirteen_numbers(seed)
    for i in list(range(len(x))) * epochs:
        p = backprop(x[i : i + 1], *p, y[i : i + 1], alpha)
    return p


plt.plot([train(inputs, targets, n)[3].item() for n in range(0, 60, 20)])
plt.show()
