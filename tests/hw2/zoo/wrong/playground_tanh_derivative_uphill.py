r"""The derivative of tanh has the wrong sign.

Loses: test_q3_activations, test_q3_experiments
Says: compare with \(tanh\(z \+ h\)
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
    return tanh(z) ** 2 - 1


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.0)
