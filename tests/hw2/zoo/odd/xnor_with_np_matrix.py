"""np.matrix, whose * is the matrix product, in forward and backprop; some results are matrices."""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    x, W1, W2, b1, b2 = map(np.asmatrix, (x, W1, W2, b1, b2))
    return sigmoid(relu(x * W1 + b1) * W2 + b2)
# %% q5_backprop
def backprop(x, W1, W2, b1, b2, y, alpha):
    X, M1, M2, c1 = np.matrix(x), np.matrix(W1), np.matrix(W2), np.matrix(b1)
    z1 = X * M1 + c1
    d2 = forward(x, W1, W2, b1, b2) - y
    d1 = np.multiply(d2 * M2.T, relu_derivative(z1))
    return M1 - alpha * X.T * d1, M2 - alpha * relu(z1).T * d2, np.asarray(c1 - alpha * d1), (b2 - alpha * d2).A
