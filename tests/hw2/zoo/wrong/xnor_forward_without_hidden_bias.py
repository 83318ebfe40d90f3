"""The hidden biases are left out.

Loses: test_q5_forward
Says: b1 has no effect
Earns: test_q5_forward 2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1)
    return sigmoid(h @ W2 + b2)
