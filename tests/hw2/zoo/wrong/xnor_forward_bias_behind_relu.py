"""The hidden biases are added behind the ReLU.

Loses: test_q5_forward
Says: print z1, a1, z2
Earns: test_q5_forward 2.5
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    h = relu(x @ W1) + b1
    return sigmoid(h @ W2 + b2)
