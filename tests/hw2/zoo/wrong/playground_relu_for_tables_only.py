"""ReLU loops over rows and columns, so only arrays with two axes work.

Loses: test_q3_activations, test_q3_experiments
Says: relu.* raised IndexError: .*in the line
"""
# %% q3_activations
def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    result = np.zeros(z.shape)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            result[i, j] = max(0, z[i, j])
    return result


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    return np.where(z > 0, 1.0, 0.0)
