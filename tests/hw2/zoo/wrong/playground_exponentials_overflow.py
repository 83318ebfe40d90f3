"""Sigmoid and tanh divide infinity by infinity far from zero.

Loses: test_q3_activations
Says: exp.1000. overflows
Earns: test_q3_activations 3.5
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))


def tanh(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.0)
