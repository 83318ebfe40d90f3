"""The hidden units have a sigmoid in place of the ReLU.

Loses: test_q5_forward
Says: print z1, a1, z2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = sigmoid(x @ W1 + b1)
    return sigmoid(h @ W2 + b2)
