"""The loss is the squared error.

Loses: test_q5_activations
Says: binary_cross_entropy.*wrong value
Earns: test_q5_activations 3
"""
# %% q5_activations
def relu(a):
    return np.maximum(0, a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return np.mean((yhat - y) ** 2)
