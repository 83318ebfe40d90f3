"""The sigmoid is forgotten.

Loses: test_q5_forward
Says: value before the last step
Earns: test_q5_forward 2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    return h @ W2 + b2
