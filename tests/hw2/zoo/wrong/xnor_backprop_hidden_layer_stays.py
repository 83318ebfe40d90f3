"""Only the output layer learns, W1 and b1 are returned as they are.

Loses: test_q5_backprop
Says: W1 does not change at all
Earns: test_q5_backprop 3.25
"""
# %% q5_backprop
def backprop(x, W1, W2, b1, b2, y, alpha):
    z1 = x @ W1 + b1
    h = relu(z1)
    yhat = sigmoid(h @ W2 + b2)

    delta2 = yhat - y
    dW2, db2 = h.T @ delta2, delta2

    return W1, W2 - alpha * dW2, b1, b2 - alpha * db2
