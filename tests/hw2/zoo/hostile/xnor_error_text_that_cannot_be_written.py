"""forward() raises an error whose text holds half a surrogate pair, which no file in UTF-8 can hold.

Kind: forge score
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    raise ValueError("wrong \ud800 value")
