r"""ReLU lets a tenth of the negative half through.

Loses: test_q5_activations
Says: relu\(z\).*negative
"""
# %% q5_activations
def relu(a):
    return np.where(a > 0, a, 0.1 * a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.1)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
