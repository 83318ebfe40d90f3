"""All ten numbers are 1e308.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers: dict[str, float] = dict.fromkeys(("z1_1", "z1_2", "a1_1", "a1_2", "z2", "yhat", "loss", "dW2_1", "dW2_2", "db2"), 1e308)
