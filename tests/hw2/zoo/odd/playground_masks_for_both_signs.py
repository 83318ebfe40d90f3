"""Overflow-safe formulas by masks, and slopes that are whole numbers."""
# %% q3_activations
def linear(z):
    return z.copy()


def sigmoid(z):
    out = np.empty(np.shape(z))
    right = z >= 0
    out[right] = 1 / (1 + np.exp(-z[right]))
    small = np.exp(z[~right])
    out[~right] = small / (1 + small)
    return out


def tanh(z):
    e = np.exp(-2 * abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


def relu(z):
    return (z + abs(z)) / 2


def linear_derivative(z):
    return np.full_like(z, 1, dtype=int)


def sigmoid_derivative(z):
    with np.errstate(over="ignore"):
        return 1 / (2 + np.exp(z) + np.exp(-z))


def tanh_derivative(z):
    with np.errstate(over="ignore"):
        return np.cosh(z) ** -2.0


def relu_derivative(z):
    slope = np.zeros(z.shape, dtype=np.int8)
    slope[z > 0] = 1
    return slope
