r"""The sigmoid is rounded to two decimals.

Loses: test_q5_activations
Says: sigmoid\(z\).*negative entries and positive entries
"""
# %% q5_activations
def relu(a):
    return np.maximum(0, a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return np.round(1 / (1 + np.exp(-a)), 2)


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
