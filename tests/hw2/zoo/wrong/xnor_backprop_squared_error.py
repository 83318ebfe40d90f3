"""The output's delta keeps yhat (1 - yhat), as for the squared error.

Loses: test_q5_backprop
Says: b2 is wrong after one step
"""
# %% q5_backprop
def backprop(x, W1, W2, b1, b2, y, alpha):
    z1 = x @ W1 + b1
    h = relu(z1)
    yhat = sigmoid(h @ W2 + b2)

    delta2 = (yhat - y) * yhat * (1 - yhat)
    delta1 = (delta2 @ W2.T) * relu_derivative(z1)
    dW1, dW2, db1, db2 = x.T @ delta1, h.T @ delta2, delta1, delta2

    return W1 - alpha * dW1, W2 - alpha * dW2, b1 - alpha * db1, b2 - alpha * db2
