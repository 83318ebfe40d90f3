r"""ReLU takes the minimum in place of the maximum.

Loses: test_q5_activations
Says: relu\(z\).*negative
"""
# %% q5_activations
def relu(a):
    return np.minimum(0, a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
