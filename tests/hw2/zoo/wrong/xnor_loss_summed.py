"""The loss adds up the rows in place of averaging them.

Loses: test_q5_activations
Says: sum of the rows, not their mean
Earns: test_q5_activations 3.75
"""
# %% q5_activations
def relu(a):
    return np.maximum(0, a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.sum(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
