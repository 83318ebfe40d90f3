"""The hidden layer's delta lacks the derivative of the ReLU."""
# %% q5_backprop
def backprop(
    x: np.ndarray, W1: np.ndarray, W2: np.ndarray, b1: np.ndarray, b2: np.ndarray, y: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parameters after one SGD step on one sample.

    x : (1, 2);  W1 : (2, 3);  W2 : (3, 1);  b1 : (1, 3);  b2 : (1, 1);  y : (1, 1);  alpha : learning rate
    returns new arrays W1, W2, b1, b2 of the same shapes; the arguments stay as they are
    """
    # 1. forward pass: z1, h, yhat
    # 2. delta of the output, (1, 1)
    # 3. delta of the hidden layer, (1, 3)
    # 4. gradients of W1, W2, b1, b2
    # 5. the four updated parameters
    z1 = x @ W1 + b1
    h = relu(z1)
    yhat = sigmoid(h @ W2 + b2)

    delta2 = yhat - y
    delta1 = (delta2 @ W2.T)
    dW1, dW2, db1, db2 = x.T @ delta1, h.T @ delta2, delta1, delta2

    return W1 - alpha * dW1, W2 - alpha * dW2, b1 - alpha * db1, b2 - alpha * db2
