"""The output has a ReLU in place of the sigmoid.

Loses: test_q5_forward
Says: expected a number between 0 and 1
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    return relu(h @ W2 + b2)
