"""The input is that of the worked example, whatever x is.

Loses: test_q5_forward
Says: same output for different samples
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x_example @ W1 + b1)
    return sigmoid(h @ W2 + b2)
