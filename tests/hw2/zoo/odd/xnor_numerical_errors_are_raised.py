"""NumPy is told to raise errors in place of warnings, which this answer never causes."""
# %% before q5_activations
import warnings

np.seterr(over="raise", divide="raise", invalid="raise")
warnings.filterwarnings("error", category=RuntimeWarning)
# %% q5_activations
def relu(a): return np.clip(a, 0, np.inf)


def relu_derivative(a): return np.isin(np.sign(a), 1)


def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def binary_cross_entropy(yhat, y):
    tiny = np.finfo(float).tiny
    return float(np.mean(-y * np.log(yhat + tiny) - (1 - y) * np.log(1 - yhat + tiny)))
