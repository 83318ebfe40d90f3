"""A sigmoid by masks, slopes as whole numbers, and a loss with clipping and log1p."""
# %% q5_activations
def relu(a):
    result = a.copy()
    result[result < 0] = 0
    return result


def relu_derivative(a): return (np.sign(a) + 1) // 2


def sigmoid(a):
    result = np.empty_like(a, dtype=float)
    positive = a >= 0
    result[positive] = 1.0 / (1.0 + np.exp(-a[positive]))
    result[~positive] = np.exp(a[~positive]) / (1.0 + np.exp(a[~positive]))
    return result


def binary_cross_entropy(yhat, y, epsilon=1e-15):
    yhat = np.clip(yhat, epsilon, 1 - epsilon)
    return -(y * np.log(yhat) + (1 - y) * np.log1p(-yhat)).sum() / y.shape[0]
