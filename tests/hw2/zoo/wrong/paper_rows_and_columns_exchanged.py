"""W1 is read with rows and columns exchanged; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: rows and columns of W1
Earns: test_q1_numbers 4
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 1.2000
answers["z1_2"] = 0.1000
answers["a1_1"] = 0.7685
answers["a1_2"] = 0.5250
answers["z2"] = -0.3357
answers["yhat"] = 0.4168
answers["loss"] = 0.8750
answers["dW2_1"] = -0.4482
answers["dW2_2"] = -0.3061
answers["db2"] = -0.5832
