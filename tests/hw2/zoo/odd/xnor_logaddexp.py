"""Sigmoid and loss by np.logaddexp, the loss from the log-odds and as an array of no axis."""
# %% q5_activations
def relu(a): return a * (a > 0)
def relu_derivative(a): return np.heaviside(a, 0.5)
def sigmoid(a): return np.exp(-np.logaddexp(0, -a))


def binary_cross_entropy(yhat, y):
    z = np.log(yhat / (1 - yhat))
    return np.array(np.average(np.logaddexp(0, z) - y * z))
