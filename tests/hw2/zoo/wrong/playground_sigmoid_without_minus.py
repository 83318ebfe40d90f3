"""The minus sign in the exponent of the sigmoid is forgotten.

Loses: test_q3_activations, test_q3_experiments
Says: mind the sign of z
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(z))


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
    return np.where(z > 0, 1.0, 0.0)
