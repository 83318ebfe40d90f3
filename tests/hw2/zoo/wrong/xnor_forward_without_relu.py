"""The ReLU is forgotten, so the network is linear.

Loses: test_q5_forward
Says: should be off take part
Earns: test_q5_forward 2
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = x @ W1 + b1
    return sigmoid(h @ W2 + b2)
