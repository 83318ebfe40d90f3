"""The derivative of linear is the number 1 in place of an array of ones.

Loses: test_q3_activations
Says: expected shape
Earns: test_q3_activations 3
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
    return 1


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.0)
