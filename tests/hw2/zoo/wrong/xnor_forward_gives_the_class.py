"""The output is rounded to the class 0 or 1.

Loses: test_q5_forward
Says: print z1, a1, z2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    return (sigmoid(h @ W2 + b2) > 0.5).astype(float)
