"""ReLU loops over the first row, so it works for shapes such as (1, 3) only.

Loses: test_q5_activations
Says: relu
"""
# %% q5_activations
def relu(a):
    result = np.zeros((1, a.shape[1]))
    for j in range(a.shape[1]):
        result[0, j] = max(0, a[0, j])
    return result


def relu_derivative(a):
    return np.where(a > 0, 1.0, 0.0)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
