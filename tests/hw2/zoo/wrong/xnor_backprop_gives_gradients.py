"""The gradients are returned in place of the new parameters.

Loses: test_q5_backprop
Says: far from the old one|changes the parameters even with alpha = 0
"""
# %% q5_backprop
def backprop(x, W1, W2, b1, b2, y, alpha):
    z1 = x @ W1 + b1
    h = relu(z1)
    yhat = sigmoid(h @ W2 + b2)

    delta2 = yhat - y
    delta1 = (delta2 @ W2.T) * relu_derivative(z1)
    dW1, dW2, db1, db2 = x.T @ delta1, h.T @ delta2, delta1, delta2

    return dW1, dW2, db1, db2
