"""The weighted sum is added into b1, which so changes.

Loses: test_q5_forward
Says: changes its argument b1
Earns: test_q5_forward 3.5
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    b1 += x @ W1
    h = relu(b1)
    return sigmoid(h @ W2 + b2)
