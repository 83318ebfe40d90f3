"""W1 is reshaped and transposed until the shapes fit.

Loses: test_q5_forward
Says: print z1, a1, z2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1.reshape(3, 2).T + b1)
    return sigmoid(h @ W2 + b2)
