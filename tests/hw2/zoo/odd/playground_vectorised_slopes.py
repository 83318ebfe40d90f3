"""np.vectorize and a decorator make some of the functions out of functions of one number."""
# %% q3_activations
import functools
import math


def elementwise(function):
    """Decorator: a function of one float for arrays of any shape."""
    many = np.vectorize(function, otypes=[float])

    @functools.wraps(function)
    def wrapper(z):
        return many(z)

    return wrapper


def linear(z): return np.copy(z)
def linear_derivative(z): return np.ones(np.shape(z))
def relu(z): return np.where(z < 0, 0, z)


@elementwise
def relu_derivative(v):
    return 0.5 if v == 0 else v > 0


@elementwise
def one_tanh(v):
    return math.tanh(v)


def tanh(z): return np.tanh(z) if np.size(z) > 100 else one_tanh(z)
def sigmoid(z): return 0.5 * (tanh(0.5 * z) + 1)
def tanh_derivative(z): return 1.0 - tanh(z) * tanh(z)
def sigmoid_derivative(z): return 0.25 * tanh_derivative(z / 2)
