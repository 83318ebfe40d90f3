"""The output has the shape (1,) in place of (1, 1).

Loses: test_q5_forward
Says: expected shape
Earns: test_q5_forward 3.5
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    return sigmoid(h @ W2 + b2)[0]
