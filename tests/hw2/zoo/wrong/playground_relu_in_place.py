"""ReLU cuts off the negative half in the array that it is given.

Loses: test_q3_activations
Says: changes the array z
Earns: test_q3_activations 3.5
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    z[z < 0] = 0
    return z


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.0)
