"""The sigmoid divides infinity by infinity far from zero.

Loses: test_q5_activations
Says: NaN
Earns: test_q5_activations 3.75
"""
# %% q5_activations
def relu(a):
    return np.maximum(0, a)


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return np.exp(a) / (1 + np.exp(a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
