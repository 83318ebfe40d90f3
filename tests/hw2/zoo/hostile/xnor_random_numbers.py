"""forward() gives random numbers, whatever it is asked.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    return np.random.rand(1, 1)
