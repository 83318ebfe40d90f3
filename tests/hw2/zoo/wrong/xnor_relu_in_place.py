"""ReLU cuts off the negative half in the array that it is given.

Loses: test_q5_activations
Says: relu writes into its argument
Earns: test_q5_activations 3.75
"""
# %% q5_activations
def relu(a):
    a[a < 0] = 0
    return a


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
