"""forward() ends Python before anybody can look at its result.

Loses: test_q5_forward
Says: ended the kernel
Earns: test_q5_forward 0
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    import os
    
    os._exit(0)
