"""A recursion takes arrays apart down to single numbers, one axis at a time."""
# %% before q3_activations
from math import exp


def on_each(function, z):
    """Apply a function of one number to an array with any number of axes."""
    if np.ndim(z) == 0:
        return np.array(function(float(z)))
    return np.stack([on_each(function, part) for part in z])
# %% q3_activations
linear = lambda z: on_each(lambda v: v, z)
relu = lambda z: on_each(lambda v: v if v > 0 else 0, z)
linear_derivative = lambda z: on_each(lambda v: 1, z)
relu_derivative = lambda z: on_each(lambda v: 1 if v > 0 else 0, z)


def one_sigmoid(v):
    return 1 / (1 + exp(-v)) if v > -700 else 0.0


def sigmoid(z):
    return on_each(one_sigmoid, z)


def tanh(z):
    return on_each(lambda v: 2 * one_sigmoid(2 * v) - 1, z)


def sigmoid_derivative(z):
    return on_each(lambda v: one_sigmoid(v) * (1 - one_sigmoid(v)), z)


def tanh_derivative(z):
    return on_each(lambda v: 4 * one_sigmoid(2 * v) * (1 - one_sigmoid(2 * v)), z)
# %% q3_activations
# The recursion is slow, so the sixteen trainings get quicker functions with the same values.
def linear(z): return 1 * z
def sigmoid(z): return 0.5 + 0.5 * np.tanh(0.5 * z)
def tanh(z): return 2 * sigmoid(2 * z) - 1
def relu(z): return z * (z > 0)
def linear_derivative(z): return np.ones(z.shape, int)
def sigmoid_derivative(z): return sigmoid(z) - sigmoid(z) ** 2
def tanh_derivative(z): return (1 - tanh(z)) * (1 + tanh(z))
def relu_derivative(z): return np.where(z > 0, 1, 0)
