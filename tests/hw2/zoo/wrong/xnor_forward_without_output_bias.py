"""The output's bias is left out.

Loses: test_q5_forward
Says: b2 has no effect
Earns: test_q5_forward 2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    return sigmoid(h @ W2)
