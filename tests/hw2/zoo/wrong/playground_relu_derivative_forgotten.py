"""The derivative of ReLU is 1 everywhere, as if it had no corner.

Loses: test_q3_activations, test_q3_experiments
Says: slope of relu is that of the branch
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    return np.maximum(0, z)


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.ones_like(z)
