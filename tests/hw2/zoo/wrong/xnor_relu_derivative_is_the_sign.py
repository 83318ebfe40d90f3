"""The derivative of ReLU is -1 for negative entries.

Loses: test_q5_activations
Says: slope of relu
"""
# %% q5_activations
def relu(a):
    return np.maximum(0, a)


def relu_derivative(a):
    return np.sign(a)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
