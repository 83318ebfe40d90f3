"""ReLU lets a hundredth of the negative half through, too little for the trainings to differ.

Loses: test_q3_activations
Says: relu.z. is z where z > 0 and 0 elsewhere
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    return np.where(z > 0, z, 0.01 * z)


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.01)
