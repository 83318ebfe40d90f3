"""The output is printed and not returned.

Loses: test_q5_forward
Says: is a `return` missing
Earns: test_q5_forward 0
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1 + b1)
    print(sigmoid(h @ W2 + b2))
