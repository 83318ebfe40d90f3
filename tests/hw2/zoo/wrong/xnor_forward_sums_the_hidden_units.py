"""The hidden units are multiplied with W2 by broadcasting, and the bias is added three times.

Loses: test_q5_forward
Says: print z1, a1, z2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    z2 = np.sum(h * W2.T + b2)
    return sigmoid(z2).reshape(1, 1)
