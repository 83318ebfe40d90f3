"""All numbers are rounded to one decimal.

Loses: test_q1_numbers
Says: decimals
Earns: test_q1_numbers 1
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3
answers["z1_2"] = -0.9
answers["a1_1"] = 0.6
answers["a1_2"] = 0.3
answers["z2"] = -0.3
answers["yhat"] = 0.4
answers["loss"] = 0.8
answers["dW2_1"] = -0.3
answers["dW2_2"] = -0.2
answers["db2"] = -0.6
